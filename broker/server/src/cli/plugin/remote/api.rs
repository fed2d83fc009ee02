//! Calls of the admin API: by the same guarded way out as the broker's own, with a key from a file.

use std::time::Duration;

use anyhow::{Context, bail};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use http::Method;
use http::header::{CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use ipnet::IpNet;
use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use symbolon_identity::outgoing::{OutgoingHttp, OutgoingRequest, OutgoingSettings};
use url::Url;

use crate::cli::arguments::Remote;
use crate::cli::files;

/// The author names the server, so it may be in the author's own network; anywhere else it is https.
const OWN_NETWORKS: [&str; 6] =
    ["127.0.0.0/8", "::1/128", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7"];

/// A component of the large class takes half a minute to compile, ten thousand sign-ins to replay a few.
const PATIENCE: Duration = Duration::from_secs(300);

/// A replay names five hundred people.
const LONGEST_ANSWER: usize = 16 << 20;

/// The mapping of one target on a server.
pub(super) struct Api {
    http: OutgoingHttp,
    tenant: String,
    mapping: String,
    key: SecretString,
    of_connector: bool,
}

/// Why a call was refused (RFC 9457).
#[derive(Deserialize)]
struct Problem {
    reason: String,
    detail: String,
    fix: String,
    trace_id: String,
    #[serde(default)]
    problems: Vec<String>,
}

impl Api {
    pub(super) fn open(remote: &Remote) -> anyhow::Result<Self> {
        let allow_private: Result<Vec<IpNet>, _> =
            OWN_NETWORKS.into_iter().map(str::parse).collect();
        let http = OutgoingHttp::new(OutgoingSettings {
            allow_private: allow_private?,
            timeout: PATIENCE,
            max_response_bytes: LONGEST_ANSWER,
            ..OutgoingSettings::default()
        })?;
        let server = remote.server.as_str().trim_end_matches('/');
        let tenant = format!("{server}/api/v1/tenants/{}", remote.tenant);
        let mapping = match (&remote.of.connector, &remote.of.application) {
            (Some(connector), _) => format!("{tenant}/connectors/{connector}/mapping"),
            (None, Some(application)) => format!("{tenant}/applications/{application}/mapping"),
            (None, None) => bail!("--connector or --application: whose mapping?"),
        };
        let key = files::read_secret(&remote.key_file)?;
        Ok(Self { http, tenant, mapping, key, of_connector: remote.of.connector.is_some() })
    }

    /// Whether it is the mapping of what comes in.
    pub(super) fn is_of_connector(&self) -> bool {
        self.of_connector
    }

    /// Asks below the mapping.
    pub(super) async fn get<T: DeserializeOwned>(&self, path: &str) -> anyhow::Result<T> {
        self.call(OutgoingRequest::get_json(self.below(path)?)).await
    }

    /// Does something below the mapping.
    pub(super) async fn post<T: DeserializeOwned>(
        &self,
        path: &str,
        body: Option<Value>,
    ) -> anyhow::Result<T> {
        self.send(Method::POST, path, body).await
    }

    /// Sets something below the mapping.
    pub(super) async fn put<T: DeserializeOwned>(
        &self,
        path: &str,
        body: Value,
    ) -> anyhow::Result<T> {
        self.send(Method::PUT, path, Some(body)).await
    }

    /// Uploads a component.
    pub(super) async fn upload(
        &self,
        component: Vec<u8>,
        signature: Option<String>,
    ) -> anyhow::Result<Value> {
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/wasm"));
        if let Some(text) = signature {
            let value = HeaderValue::try_from(BASE64_STANDARD.encode(text))?;
            headers.insert(HeaderName::from_static("plugin-signature"), value);
        }
        let url = Url::parse(&format!("{}/plugins", self.tenant))?;
        let (method, body) = (Method::POST, Some(component));
        self.call(OutgoingRequest { method, headers, body, ..OutgoingRequest::get_json(url) }).await
    }

    fn below(&self, path: &str) -> anyhow::Result<Url> {
        Ok(Url::parse(&format!("{}{path}", self.mapping))?)
    }

    async fn send<T: DeserializeOwned>(
        &self,
        method: Method,
        path: &str,
        body: Option<Value>,
    ) -> anyhow::Result<T> {
        let json = HeaderValue::from_static("application/json");
        let headers = body.iter().map(|_| (CONTENT_TYPE, json.clone())).collect();
        let body = body.map(|body| body.to_string().into_bytes());
        let request = OutgoingRequest::get_json(self.below(path)?);
        self.call(OutgoingRequest { method, headers, body, ..request }).await
    }

    async fn call<T: DeserializeOwned>(&self, request: OutgoingRequest) -> anyhow::Result<T> {
        let address = request.url.clone();
        let bearer = format!("Bearer {}", self.key.expose_secret());
        let request = request.with_secret_header("authorization", bearer.into());
        let answer = self.http.send(request).await?;
        if answer.status.is_success() {
            return answer.json().with_context(|| format!("{address} gave no answer of ours"));
        }
        match answer.json::<Problem>() {
            Ok(problem) => bail!("{}", told(&problem)),
            Err(_) => bail!(
                "{address} answered {}; is the admin API of a Symbolon server there?",
                answer.status
            ),
        }
    }
}

fn told(problem: &Problem) -> String {
    let Problem { reason, detail, fix, trace_id, problems } = problem;
    let listed: String = problems.iter().map(|one| format!("\n  {one}")).collect();
    format!("{reason}: {detail}{listed}\n{fix}\ntrace: {trace_id}")
}
