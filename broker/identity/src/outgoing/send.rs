//! The client itself: two reqwest clients, one for `https` and one for `http` to listed addresses.

use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

use http::header::{ACCEPT, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue, LOCATION};
use ipnet::IpNet;
use reqwest::{Certificate, Client, Response, redirect};
use secrecy::{ExposeSecret as _, SecretString};
use url::Url;

use super::address::AddressRules;
use super::error::OutgoingError;
use super::message::{OutgoingRequest, OutgoingResponse};
use super::resolver::{Demand, GuardedResolver, Lookup, Refusal, SystemLookup};
use super::url_rules;

/// What the operator decides about outgoing requests.
#[derive(Debug, Clone)]
pub struct OutgoingSettings {
    /// Networks that may be reached although they are private; the only ones that plain `http` reaches.
    pub allow_private: Vec<IpNet>,
    /// Additional certificate authorities as PEM, beside those of the system.
    pub extra_ca_pem: Option<Vec<u8>>,
    /// Time for name resolution, connection and TLS together.
    pub connect_timeout: Duration,
    /// Time for the whole exchange.
    pub timeout: Duration,
    /// Longest accepted body.
    pub max_response_bytes: usize,
}

impl Default for OutgoingSettings {
    fn default() -> Self {
        Self {
            allow_private: Vec::new(),
            extra_ca_pem: None,
            connect_timeout: Duration::from_secs(5),
            timeout: Duration::from_secs(10),
            max_response_bytes: 1024 * 1024,
        }
    }
}

/// Sends requests to the outside, and only there. Clones share their connections.
#[derive(Debug, Clone)]
pub struct OutgoingHttp {
    rules: Arc<AddressRules>,
    secure: Client,
    plain: Client,
    timeout: Duration,
    max_response_bytes: usize,
}

impl OutgoingHttp {
    /// A client that resolves names as the operating system does.
    ///
    /// # Errors
    /// [`OutgoingError::Setup`] when the extra CA file cannot be read.
    pub fn new(settings: OutgoingSettings) -> Result<Self, OutgoingError> {
        Self::with_lookup(settings, &(Arc::new(SystemLookup) as Arc<dyn Lookup>))
    }

    /// A client with another name resolution. The address rules apply to its answers all the same.
    ///
    /// # Errors
    /// [`OutgoingError::Setup`] when the extra CA file cannot be read.
    pub fn with_lookup(
        settings: OutgoingSettings,
        lookup: &Arc<dyn Lookup>,
    ) -> Result<Self, OutgoingError> {
        let rules = Arc::new(AddressRules::new(settings.allow_private));
        let resolver = |demand| GuardedResolver {
            lookup: Arc::clone(lookup),
            rules: Arc::clone(&rules),
            demand,
        };
        let authorities =
            settings.extra_ca_pem.as_deref().map_or(Ok(Vec::new()), read_authorities)?;
        let connect = settings.connect_timeout;
        let secure = build_secure(&resolver(Demand::PublicOrListed), &authorities, connect)?;
        let plain = client_builder(resolver(Demand::Listed), connect)
            .tls_certs_only([])
            .build()
            .map_err(setup_failed)?;
        let OutgoingSettings { timeout, max_response_bytes, .. } = settings;
        Ok(Self { rules, secure, plain, timeout, max_response_bytes })
    }

    /// Checks what a URL alone gives away (scheme, credentials, port, literal address), for use when
    /// settings are saved. Names are judged on sending, after they are resolved.
    ///
    /// # Errors
    /// The rule that the URL breaks.
    pub fn check_url(&self, url: &Url) -> Result<(), OutgoingError> {
        url_rules::check(url, &self.rules)
    }

    /// Sends one request and reads the whole answer. Any status is an answer, except a redirect.
    ///
    /// # Errors
    /// Refused by our rules, not reached, too slow, too long, or redirected.
    pub async fn send(&self, request: OutgoingRequest) -> Result<OutgoingResponse, OutgoingError> {
        self.check_url(&request.url)?;
        let host = url_rules::host_text(&request.url);
        tokio::time::timeout(self.timeout, self.exchange(request, &host))
            .await
            .unwrap_or(Err(OutgoingError::TimedOut { host }))
    }

    async fn exchange(
        &self,
        request: OutgoingRequest,
        host: &str,
    ) -> Result<OutgoingResponse, OutgoingError> {
        let OutgoingRequest { method, url, mut headers, secret_headers, body, accept } = request;
        headers.insert(ACCEPT, HeaderValue::from_static(accept));
        for (name, value) in secret_headers {
            let (name, value) = secret_header(name, &value, host)?;
            headers.insert(name, value);
        }
        let client = if url.scheme() == "https" { &self.secure } else { &self.plain };
        let mut sending = client.request(method, url.clone()).headers(headers);
        if let Some(body) = body {
            sending = sending.body(body);
        }
        let mut response = sending.send().await.map_err(|error| not_sent(&error, host))?;
        self.refuse_redirect(&response, &url)?;
        let body = self.read_capped(&mut response, host).await?;
        let headers = std::mem::take(response.headers_mut());
        let content_type = media_type(&headers);
        Ok(OutgoingResponse { status: response.status(), content_type, body, headers })
    }

    /// Says `BlockedAddress` when the redirect wanted inwards, so that an attack is named as one.
    fn refuse_redirect(&self, response: &Response, url: &Url) -> Result<(), OutgoingError> {
        let status = response.status();
        if !status.is_redirection() || status == http::StatusCode::NOT_MODIFIED {
            return Ok(());
        }
        let location = response.headers().get(LOCATION).and_then(|value| value.to_str().ok());
        if let Some(target) = location.and_then(|text| url.join(text).ok())
            && let Err(blocked @ OutgoingError::BlockedAddress { .. }) = self.check_url(&target)
        {
            return Err(blocked);
        }
        Err(OutgoingError::RedirectRefused { host: url_rules::host_text(url), status })
    }

    async fn read_capped(
        &self,
        response: &mut Response,
        host: &str,
    ) -> Result<Vec<u8>, OutgoingError> {
        let limit = self.max_response_bytes;
        let too_large = || OutgoingError::TooLarge { host: host.to_owned(), limit };
        let announced = response.content_length().unwrap_or(0);
        if usize::try_from(announced).map_or(true, |announced| announced > limit) {
            return Err(too_large());
        }
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(|error| not_sent(&error, host))? {
            if body.len() + chunk.len() > limit {
                return Err(too_large());
            }
            body.extend_from_slice(&chunk);
        }
        Ok(body)
    }
}

fn read_authorities(pem: &[u8]) -> Result<Vec<Certificate>, OutgoingError> {
    let found = Certificate::from_pem_bundle(pem).map_err(setup_failed)?;
    if found.is_empty() {
        let cause = "the extra CA file holds no PEM certificate".to_owned();
        return Err(OutgoingError::Setup { cause });
    }
    Ok(found)
}

/// With the system's certificate authorities where there are any. A machine without them still
/// starts: it reaches what the extra CA file and plain `http` allow, and says so in the log.
fn build_secure(
    resolver: &GuardedResolver,
    authorities: &[Certificate],
    connect_timeout: Duration,
) -> Result<Client, OutgoingError> {
    let builder = || client_builder(resolver.clone(), connect_timeout).https_only(true);
    builder().tls_certs_merge(authorities.to_vec()).build().or_else(|error| {
        tracing::warn!(
            cause = root_cause(&error),
            "no system certificate authorities: https fails"
        );
        builder().tls_certs_only(authorities.to_vec()).build().map_err(setup_failed)
    })
}

#[expect(clippy::disallowed_methods, reason = "the one place that builds HTTP clients")]
fn client_builder(resolver: GuardedResolver, connect_timeout: Duration) -> reqwest::ClientBuilder {
    Client::builder()
        .user_agent(concat!("Symbolon/", env!("CARGO_PKG_VERSION")))
        .redirect(redirect::Policy::none())
        .referer(false)
        .no_proxy()
        .connect_timeout(connect_timeout)
        .pool_idle_timeout(Duration::from_secs(30))
        .dns_resolver(resolver)
}

/// A secret that no header can hold must not travel in an error either: only the name is told.
fn secret_header(
    name: &'static str,
    value: &SecretString,
    host: &str,
) -> Result<(HeaderName, HeaderValue), OutgoingError> {
    let refused = || OutgoingError::Unreachable {
        host: host.to_owned(),
        cause: format!("the header {name} would hold characters that HTTP does not allow"),
    };
    let mut value = HeaderValue::from_str(value.expose_secret()).map_err(|_| refused())?;
    value.set_sensitive(true);
    Ok((HeaderName::from_bytes(name.as_bytes()).map_err(|_| refused())?, value))
}

fn media_type(headers: &HeaderMap) -> String {
    let value = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    value.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
}

fn not_sent(error: &reqwest::Error, host: &str) -> OutgoingError {
    let host = host.to_owned();
    match refusal_in(error) {
        Some(Refusal::Blocked) => return OutgoingError::BlockedAddress { host },
        Some(Refusal::PlainHttp) => {
            return OutgoingError::SchemeRefused { scheme: "http".to_owned(), host };
        }
        Some(Refusal::NoAddress) | None => {}
    }
    if error.is_timeout() {
        return OutgoingError::TimedOut { host };
    }
    OutgoingError::Unreachable { host, cause: root_cause(error) }
}

fn refusal_in(error: &reqwest::Error) -> Option<Refusal> {
    let mut next: Option<&(dyn Error + 'static)> = Some(error);
    while let Some(current) = next {
        if let Some(refusal) = current.downcast_ref::<Refusal>() {
            return Some(*refusal);
        }
        next = current.source();
    }
    None
}

/// The innermost cause: reqwest's own text repeats the URL with its query, this one does not.
fn root_cause(error: &reqwest::Error) -> String {
    let Some(mut cause) = error.source() else {
        return "the request failed".to_owned();
    };
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    cause.to_string()
}

#[expect(clippy::needless_pass_by_value, reason = "handed to map_err")]
fn setup_failed(error: reqwest::Error) -> OutgoingError {
    OutgoingError::Setup { cause: root_cause(&error) }
}
