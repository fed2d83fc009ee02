//! One whole sign-in, as an application and its person's browser see it.

use aws_lc_rs::digest;
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde_json::Value;
use url::Url;
use url::form_urlencoded::byte_serialize;

use crate::form::saml_form;
use crate::grants::ask;
use crate::http::{Browser, HttpError, Request};

const MOST_REDIRECTS: usize = 15;

/// What does not change from one sign-in to the next.
#[derive(Clone, Debug)]
pub struct Target {
    /// The broker's authorization endpoint.
    pub authorize: Url,
    /// The broker's token endpoint.
    pub token: Url,
    /// The application's id.
    pub client_id: String,
    /// The application's secret.
    pub client_secret: Option<String>,
    /// The application's redirect URI.
    pub redirect_uri: String,
    /// The scopes.
    pub scope: String,
    /// More parameters of the authorization request.
    pub parameters: Vec<(String, String)>,
}

/// Why a sign-in failed; the texts are the kinds of the report.
#[derive(Debug, thiserror::Error)]
pub enum SignInError {
    /// No answer.
    #[error("no answer: {0}")]
    Http(#[from] HttpError),
    /// A page where a redirect should be.
    #[error("status {status} at {path} {reason}")]
    Page {
        /// The status.
        status: u16,
        /// Where, with the query left out.
        path: String,
        /// The broker's reason code, if its page has one.
        reason: String,
    },
    /// A redirect to something that is no URL, or too many of them.
    #[error("redirects lead nowhere")]
    Lost,
    /// The broker answered the application with an OAuth error.
    #[error("broker refused: {0}")]
    Refused(String),
    /// The token endpoint refused.
    #[error("token endpoint: status {0} {1}")]
    Token(u16, String),
    /// The state or the nonce is not ours, or there is no ID token.
    #[error("the answer is not for this request: {0}")]
    NotOurs(&'static str),
}

/// What is kept of a sign-in.
#[derive(Debug)]
pub struct SignedIn {
    /// The refresh token, if one came.
    pub refresh_token: Option<String>,
}

/// Signs one person in; a fresh browser each time.
///
/// # Errors
/// See [`SignInError`].
pub async fn sign_in(
    browser: &mut Browser,
    target: &Target,
    login_hint: &str,
) -> Result<SignedIn, SignInError> {
    browser.forget();
    let (state, nonce, verifier) = (random_word(), random_word(), random_word());
    let challenge = digest::digest(&digest::SHA256, verifier.as_bytes());
    let challenge = URL_SAFE_NO_PAD.encode(challenge.as_ref());
    let mut address = target.authorize.clone();
    address
        .query_pairs_mut()
        .append_pair("response_type", "code")
        .append_pair("client_id", &target.client_id)
        .append_pair("redirect_uri", &target.redirect_uri)
        .append_pair("scope", &target.scope)
        .append_pair("state", &state)
        .append_pair("nonce", &nonce)
        .append_pair("code_challenge", &challenge)
        .append_pair("code_challenge_method", "S256")
        .append_pair("login_hint", login_hint)
        .extend_pairs(&target.parameters);
    let answer = follow(browser, address, &target.redirect_uri).await?;
    let field = |name: &str| {
        answer.query_pairs().find(|(found, _)| found == name).map(|(_, value)| value.into_owned())
    };
    if let Some(error) = field("error") {
        return Err(SignInError::Refused(error));
    }
    if field("state") != Some(state) {
        return Err(SignInError::NotOurs("state"));
    }
    let code = field("code").ok_or(SignInError::NotOurs("no code"))?;
    redeem(browser, target, (&code, &verifier), &nonce).await
}

/// Follows redirects, and pages that send a browser on by themselves, until one leads to the application.
async fn follow(
    browser: &mut Browser,
    mut url: Url,
    redirect_uri: &str,
) -> Result<Url, SignInError> {
    let mut posted: Option<String> = None;
    for _ in 0..MOST_REDIRECTS {
        let request = Request { url: &url, form: posted.as_deref(), authorization: None };
        let answer = browser.send(&request).await?;
        let next = match (answer.status, answer.location) {
            (300..=399, location) => location.map(|to| (to, None)),
            (200, _) => sent_on(&answer.body),
            _ => None,
        };
        let Some((location, form)) = next else {
            return Err(SignInError::Page {
                status: answer.status,
                path: url.path().to_owned(),
                reason: reason_code(&answer.body),
            });
        };
        posted = form;
        url = url.join(&location).map_err(|_| SignInError::Lost)?;
        if url.as_str().starts_with(redirect_uri) {
            return Ok(url);
        }
    }
    Err(SignInError::Lost)
}

/// Where a page leads without a person: by a refresh, or by a form with a SAML message.
fn sent_on(body: &[u8]) -> Option<(String, Option<String>)> {
    let refresh = refresh_target(body).map(|to| (to, None));
    refresh.or_else(|| saml_form(body).map(|form| (form.target, Some(form.body))))
}

async fn redeem(
    browser: &mut Browser,
    target: &Target,
    (code, verifier): (&str, &str),
    nonce: &str,
) -> Result<SignedIn, SignInError> {
    let form = [
        ("grant_type", "authorization_code"),
        ("code", code),
        ("redirect_uri", &target.redirect_uri),
        ("code_verifier", verifier),
    ];
    let tokens = ask(browser, target, &form).await?;
    let text = |name: &str| tokens.get(name).and_then(Value::as_str);
    let claims = text("id_token")
        .and_then(|token| token.split('.').nth(1))
        .and_then(|claims| URL_SAFE_NO_PAD.decode(claims).ok())
        .and_then(|claims| serde_json::from_slice::<Value>(&claims).ok())
        .ok_or(SignInError::NotOurs("no ID token"))?;
    if claims.get("nonce").and_then(Value::as_str) == Some(nonce) {
        Ok(SignedIn { refresh_token: text("refresh_token").map(str::to_owned) })
    } else {
        Err(SignInError::NotOurs("nonce"))
    }
}

/// Both halves are form-encoded first (RFC 6749 section 2.3.1).
pub(crate) fn basic(client_id: &str, secret: &str) -> String {
    let encode = |text: &str| byte_serialize(text.as_bytes()).collect::<String>();
    format!("Basic {}", STANDARD.encode(format!("{}:{}", encode(client_id), encode(secret))))
}

/// Where a page sends a browser on by itself: `<meta http-equiv="refresh" content="0; url=...">`.
fn refresh_target(body: &[u8]) -> Option<String> {
    let body = String::from_utf8_lossy(body);
    let (_, rest) = body.split_once("http-equiv=\"refresh\"")?;
    let (_, rest) = rest.split_once("content=\"")?;
    let (content, _) = rest.split_once('"')?;
    let (_, target) = content.split_once('=')?;
    Some(target.replace("&amp;", "&").replace("&#x3D;", "="))
}

/// The text of the element `reason-code`, which Symbolon's error pages have.
fn reason_code(body: &[u8]) -> String {
    let body = String::from_utf8_lossy(body);
    body.split_once("id=\"reason-code\"")
        .and_then(|(_, rest)| rest.split_once('>'))
        .and_then(|(_, rest)| rest.split_once('<'))
        .map(|(text, _)| text.trim().to_owned())
        .unwrap_or_default()
}

fn random_word() -> String {
    let mut bytes = [0_u8; 32];
    // A constant word would fail every sign-in after the first: seen at once.
    let _ = aws_lc_rs::rand::fill(&mut bytes);
    URL_SAFE_NO_PAD.encode(bytes)
}

#[cfg(test)]
mod tests {
    use symbolon_testkit::provider::AutomaticSignIn;
    use symbolon_testkit::{
        FakeProvider, FakeSamlIdp, Misbehaviour, ProviderUser, RegisteredClient,
        ServiceProviderEntry,
    };
    use url::Url;

    use super::{Target, sign_in};
    use crate::http::Browser;

    const CALLBACK: &str = "http://127.0.0.1:9/callback";

    fn provider_and_target() -> (FakeProvider, Target) {
        let provider = FakeProvider::builder()
            .user(ProviderUser::new("user-0").email("user0@load.example"))
            .client(RegisteredClient::new("app", "secret").redirect_uri(CALLBACK))
            .automatic(AutomaticSignIn::InTurn)
            .start()
            .unwrap();
        let target = Target {
            authorize: Url::parse(&format!("{}/authorize", provider.url())).unwrap(),
            token: Url::parse(&format!("{}/token", provider.url())).unwrap(),
            client_id: "app".to_owned(),
            client_secret: Some("secret".to_owned()),
            redirect_uri: CALLBACK.to_owned(),
            scope: "openid".to_owned(),
            parameters: Vec::new(),
        };
        (provider, target)
    }

    #[tokio::test]
    async fn a_sign_in_is_whole_and_the_connection_is_kept() {
        let (provider, target) = provider_and_target();
        let mut browser = Browser::default();
        for _ in 0..3 {
            sign_in(&mut browser, &target, "user0@load.example").await.unwrap();
        }
        assert_eq!(provider.hits("token"), 3);
    }

    #[test]
    fn a_page_that_sends_on_is_followed() {
        let page = br#"<head><meta http-equiv="refresh" content="0; url=/t/a/callback?x=1&amp;y=2"></head>"#;
        assert_eq!(super::refresh_target(page).as_deref(), Some("/t/a/callback?x=1&y=2"));
        assert_eq!(super::refresh_target(b"<p>nothing</p>"), None);
    }

    #[tokio::test]
    async fn a_form_with_a_saml_message_is_posted_on() {
        let idp = FakeSamlIdp::builder()
            .user(ProviderUser::new("user-0").email("user0@load.example"))
            .automatic(AutomaticSignIn::InTurn)
            .start()
            .unwrap();
        // Its own logout endpoint stands for a broker: it refuses the response, but it was sent.
        idp.register(ServiceProviderEntry::new("sp", &idp.slo_url()));
        let start = Url::parse(&idp.start_url("sp", "user-0")).unwrap();
        let error = super::follow(&mut Browser::default(), start, CALLBACK).await.unwrap_err();
        assert_eq!(error.to_string(), "status 400 at /slo ");
        assert_eq!(idp.hits("slo"), 1);
    }

    #[tokio::test]
    async fn what_goes_wrong_is_named() {
        let cases = [
            (
                Misbehaviour::AuthorizeError("server_error".to_owned()),
                "broker refused: server_error",
            ),
            (Misbehaviour::TokenEndpoint500, "token endpoint: status 500 "),
            (Misbehaviour::TokenEndpointInvalidClient, "token endpoint: status 401 invalid_client"),
            (Misbehaviour::WrongNonce, "the answer is not for this request: nonce"),
            (Misbehaviour::NoIdToken, "the answer is not for this request: no ID token"),
        ];
        let (provider, target) = provider_and_target();
        let mut browser = Browser::default();
        for (fault, kind) in cases {
            provider.misbehave(fault).unwrap();
            let error = sign_in(&mut browser, &target, "nobody").await.unwrap_err();
            assert_eq!(error.to_string(), kind);
            provider.behave();
        }
        provider.sign_in_automatically(AutomaticSignIn::Off);
        let error = sign_in(&mut browser, &target, "nobody").await.unwrap_err();
        assert_eq!(error.to_string(), "status 200 at /authorize ");
    }
}
