//! The protocol of a careful relying party: code flow with PKCE, state, nonce and RFC 9207.

use std::collections::BTreeMap;

use jsonwebtoken::jwk::JwkSet;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::verify::{Expected, ExpectedLogout, VerifyError, verify, verify_logout};
use super::{Registration, Shared, SignedIn};
use crate::values::{form_body, random_word, sha256_base64url};

/// Why a sign-in failed, from the application's point of view.
#[derive(Debug, thiserror::Error)]
pub(super) enum RelyingPartyError {
    #[error("this application is not registered at a broker yet")]
    NotRegistered,
    #[error("{address}: {problem}")]
    Unreachable { address: String, problem: String },
    #[error("discovery names the issuer {found}, not {expected}")]
    OtherIssuer { expected: String, found: String },
    #[error("this browser has no sign-in under way")]
    NoAttempt,
    #[error("the state is not the one that was sent")]
    WrongState,
    #[error("the answer comes from {0:?}, not from our broker (RFC 9207)")]
    WrongIss(Option<String>),
    #[error("the broker answered {code}: {description}")]
    Refused { code: String, description: String },
    #[error("the answer has no code")]
    NoCode,
    #[error(transparent)]
    IdToken(#[from] VerifyError),
    #[error("userinfo speaks of another person")]
    OtherSubject,
}

impl RelyingPartyError {
    /// A short word for pages and tests: the broker's own error code if there is one.
    pub(super) fn code(&self) -> &str {
        match self {
            Self::NotRegistered => "not_registered",
            Self::Unreachable { .. } => "unreachable",
            Self::OtherIssuer { .. } => "other_issuer",
            Self::NoAttempt => "no_attempt",
            Self::WrongState => "wrong_state",
            Self::WrongIss(_) => "wrong_iss",
            Self::Refused { code, .. } => code,
            Self::NoCode => "no_code",
            Self::IdToken(_) => "bad_id_token",
            Self::OtherSubject => "other_subject",
        }
    }
}

/// A sign-in under way.
#[derive(Clone, Debug)]
pub(super) struct Attempt {
    state: String,
    nonce: String,
    verifier: String,
}

#[derive(Deserialize)]
struct Discovery {
    issuer: String,
    authorization_endpoint: String,
    token_endpoint: String,
    jwks_uri: String,
    userinfo_endpoint: Option<String>,
    end_session_endpoint: Option<String>,
    #[serde(default)]
    authorization_response_iss_parameter_supported: bool,
}

#[derive(Deserialize)]
struct Tokens {
    access_token: String,
    id_token: String,
}

#[derive(Deserialize)]
struct TokenError {
    error: String,
    #[serde(default)]
    error_description: String,
}

/// Where to send the browser, and what to remember.
pub(super) async fn begin(
    shared: &Shared,
    extra: &BTreeMap<String, String>,
) -> Result<(String, Attempt), RelyingPartyError> {
    let (registration, discovery) = discover(shared).await?;
    let attempt = Attempt { state: random_word(), nonce: random_word(), verifier: random_word() };
    let redirect_uri = shared.redirect_uri();
    let challenge = sha256_base64url(&attempt.verifier);
    let mut fields = vec![
        ("response_type", "code"),
        ("client_id", &registration.client_id),
        ("redirect_uri", &redirect_uri),
        ("scope", &shared.scopes),
        ("state", &attempt.state),
        ("nonce", &attempt.nonce),
        ("code_challenge", &challenge),
        ("code_challenge_method", "S256"),
    ];
    fields.extend(extra.iter().map(|(name, value)| (name.as_str(), value.as_str())));
    let endpoint = &discovery.authorization_endpoint;
    let separator = if endpoint.contains('?') { '&' } else { '?' };
    Ok((format!("{endpoint}{separator}{}", form_body(fields)), attempt))
}

/// Takes the broker's answer and learns who the person is.
pub(super) async fn complete(
    shared: &Shared,
    attempt: Option<Attempt>,
    answer: &BTreeMap<String, String>,
) -> Result<SignedIn, RelyingPartyError> {
    let attempt = attempt.ok_or(RelyingPartyError::NoAttempt)?;
    if answer.get("state") != Some(&attempt.state) {
        return Err(RelyingPartyError::WrongState);
    }
    let (registration, discovery) = discover(shared).await?;
    let iss = answer.get("iss");
    let must_have_iss = discovery.authorization_response_iss_parameter_supported;
    if (iss.is_some() || must_have_iss) && iss != Some(&registration.issuer) {
        return Err(RelyingPartyError::WrongIss(iss.cloned()));
    }
    if let Some(code) = answer.get("error") {
        let description = answer.get("error_description").cloned().unwrap_or_default();
        return Err(RelyingPartyError::Refused { code: code.clone(), description });
    }
    let code = answer.get("code").ok_or(RelyingPartyError::NoCode)?;
    let tokens = redeem(shared, &registration, &discovery, (code, &attempt.verifier)).await?;
    let keys: JwkSet = get(shared, &discovery.jwks_uri, None).await?;
    let expected = Expected {
        issuer: &registration.issuer,
        client_id: &registration.client_id,
        nonce: &attempt.nonce,
        access_token: &tokens.access_token,
        now: (shared.clock)(),
    };
    let mut claims = verify(&tokens.id_token, &keys, &expected)?;
    if let Some(endpoint) = &discovery.userinfo_endpoint {
        let more: Map<String, Value> = get(shared, endpoint, Some(&tokens.access_token)).await?;
        if more.get("sub") != claims.get("sub") {
            return Err(RelyingPartyError::OtherSubject);
        }
        claims.extend(more);
    }
    Ok(SignedIn { claims, id_token: tokens.id_token })
}

/// Takes the broker's word that a session ended (OpenID Connect Back-Channel Logout 1.0, 2.6).
pub(super) async fn told_of_logout(
    shared: &Shared,
    token: &str,
) -> Result<Map<String, Value>, RelyingPartyError> {
    let (registration, discovery) = discover(shared).await?;
    let keys: JwkSet = get(shared, &discovery.jwks_uri, None).await?;
    let expected = ExpectedLogout {
        issuer: &registration.issuer,
        client_id: &registration.client_id,
        now: (shared.clock)(),
    };
    Ok(verify_logout(token, &keys, &expected)?)
}

/// The broker's own sign-out (OpenID Connect RP-Initiated Logout 1.0), if it has one.
pub(super) async fn end_session_address(
    shared: &Shared,
    person: Option<&SignedIn>,
) -> Option<String> {
    let (registration, discovery) = discover(shared).await.ok()?;
    let endpoint = discovery.end_session_endpoint?;
    let fields = form_body([
        ("client_id", registration.client_id.as_str()),
        ("id_token_hint", person?.id_token.as_str()),
        ("post_logout_redirect_uri", shared.url.as_str()),
    ]);
    Some(format!("{endpoint}?{fields}"))
}

async fn discover(shared: &Shared) -> Result<(Registration, Discovery), RelyingPartyError> {
    let registration =
        shared.with(|state| state.registration.clone()).ok_or(RelyingPartyError::NotRegistered)?;
    let address = format!("{}/.well-known/openid-configuration", registration.issuer);
    let discovery: Discovery = get(shared, &address, None).await?;
    if discovery.issuer != registration.issuer {
        return Err(RelyingPartyError::OtherIssuer {
            expected: registration.issuer,
            found: discovery.issuer,
        });
    }
    Ok((registration, discovery))
}

async fn redeem(
    shared: &Shared,
    registration: &Registration,
    discovery: &Discovery,
    (code, verifier): (&str, &str),
) -> Result<Tokens, RelyingPartyError> {
    let redirect_uri = shared.redirect_uri();
    let mut fields = vec![
        ("grant_type", "authorization_code"),
        ("code", code),
        ("redirect_uri", &redirect_uri),
        ("code_verifier", verifier),
    ];
    let mut sending = shared.sender.post(&discovery.token_endpoint);
    match &registration.client_secret {
        Some(secret) => {
            // Both halves are form-encoded first (RFC 6749 section 2.3.1).
            let encode = |text: &str| -> String {
                url::form_urlencoded::byte_serialize(text.as_bytes()).collect()
            };
            sending = sending.basic_auth(encode(&registration.client_id), Some(encode(secret)));
        }
        None => fields.push(("client_id", &registration.client_id)),
    }
    let sending =
        sending.header("Content-Type", "application/x-www-form-urlencoded").body(form_body(fields));
    let (status, body) = send(sending, &discovery.token_endpoint).await?;
    if status != 200 {
        let refusal = serde_json::from_str::<TokenError>(&body)
            .map_err(|_| unreachable_at(&discovery.token_endpoint, &format!("status {status}")))?;
        return Err(RelyingPartyError::Refused {
            code: refusal.error,
            description: refusal.error_description,
        });
    }
    serde_json::from_str(&body)
        .map_err(|error| unreachable_at(&discovery.token_endpoint, &error.to_string()))
}

async fn get<T: DeserializeOwned>(
    shared: &Shared,
    address: &str,
    bearer: Option<&str>,
) -> Result<T, RelyingPartyError> {
    let mut sending = shared.sender.get(address);
    if let Some(bearer) = bearer {
        sending = sending.bearer_auth(bearer);
    }
    let (status, body) = send(sending, address).await?;
    if status != 200 {
        return Err(unreachable_at(address, &format!("status {status}")));
    }
    serde_json::from_str(&body).map_err(|error| unreachable_at(address, &error.to_string()))
}

async fn send(
    sending: reqwest::RequestBuilder,
    address: &str,
) -> Result<(u16, String), RelyingPartyError> {
    let failed = |error: reqwest::Error| unreachable_at(address, &error.to_string());
    let answer = sending.send().await.map_err(failed)?;
    let status = answer.status().as_u16();
    Ok((status, answer.text().await.map_err(failed)?))
}

fn unreachable_at(address: &str, problem: &str) -> RelyingPartyError {
    RelyingPartyError::Unreachable { address: address.to_owned(), problem: problem.to_owned() }
}
