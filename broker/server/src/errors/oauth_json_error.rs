//! A refusal as JSON of RFC 6749 5.2, or with a bearer challenge (RFC 6750 3).

use std::fmt;

use actix_web::http::StatusCode;
use actix_web::http::header::{HeaderName, WWW_AUTHENTICATE};
use actix_web::{HttpResponse, ResponseError};
use serde_json::json;
use symbolon_contract::{ReasonCode, TraceId};
use symbolon_identity::downstream::oidc::proof_algorithms;
use symbolon_identity::login::Refused;

/// A refusal for an application.
#[derive(Debug)]
pub struct OauthJsonError {
    reason: ReasonCode,
    detail: String,
    trace: TraceId,
    challenge: Option<String>,
    nonce: Option<String>,
}

/// Tells the nonce of the next proof (RFC 9449 8, 9).
pub(crate) const DPOP_NONCE: HeaderName = HeaderName::from_static("dpop-nonce");

#[expect(clippy::boxed_local, reason = "refusals travel boxed and are handed over by map_err")]
impl OauthJsonError {
    /// For the token endpoint. A 401 names HTTP Basic, as RFC 6749 5.2 asks.
    #[must_use]
    pub fn token(refused: Box<Refused>) -> Self {
        let unauthorised = refused.reason.entry().status == 401;
        Self::new(*refused, unauthorised.then(|| "Basic realm=\"token\"".to_owned()))
    }

    /// For UserInfo. Whoever came with a bound token learns how it is used (RFC 9449 7.1).
    #[must_use]
    pub fn bearer(refused: Box<Refused>, as_dpop: bool) -> Self {
        let error = match refused.reason {
            ReasonCode::UserinfoTokenMissing => {
                return Self::new(*refused, Some("Bearer".to_owned()));
            }
            ReasonCode::UserinfoScopeMissing => "insufficient_scope",
            ReasonCode::UserinfoDpopProofInvalid => "invalid_dpop_proof",
            ReasonCode::UserinfoDpopNonceNeeded => "use_dpop_nonce",
            _ => "invalid_token",
        };
        let challenge = match as_dpop {
            true => format!("DPoP error=\"{error}\", algs=\"{}\"", proof_algorithms()),
            false => format!("Bearer error=\"{error}\""),
        };
        Self::new(*refused, Some(challenge))
    }

    /// For documents that an application reads.
    #[must_use]
    pub fn document(refused: Box<Refused>) -> Self {
        Self::new(*refused, None)
    }

    /// The same with a nonce for the next proof.
    #[must_use]
    pub(crate) fn with_nonce(self, nonce: Option<String>) -> Self {
        Self { nonce, ..self }
    }

    fn new(refused: Refused, challenge: Option<String>) -> Self {
        let (reason, detail) = (refused.reason, refused.detail);
        tracing::Span::current().record("reason", reason.as_str());
        tracing::info!(trace_id = %refused.trace, %reason, detail, "refused");
        Self { reason, detail, trace: refused.trace, challenge, nonce: None }
    }
}

impl fmt::Display for OauthJsonError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.reason)
    }
}

impl ResponseError for OauthJsonError {
    fn status_code(&self) -> StatusCode {
        StatusCode::from_u16(self.reason.entry().status).unwrap_or(StatusCode::BAD_REQUEST)
    }

    fn error_response(&self) -> HttpResponse {
        let entry = self.reason.entry();
        let internal = entry.status >= 500;
        let mut response = HttpResponse::build(self.status_code());
        if let Some(challenge) =
            self.challenge.as_deref().filter(|_| entry.status == 401 || entry.status == 403)
        {
            response.insert_header((WWW_AUTHENTICATE, challenge));
        }
        if let Some(nonce) = &self.nonce {
            response.insert_header((DPOP_NONCE, nonce.as_str()));
        }
        if entry.status == 503 {
            response.insert_header(("Retry-After", "1"));
        }
        response.json(json!({
            "error": entry.oauth_error.unwrap_or(if internal { "server_error" } else { "invalid_request" }),
            // The application's developer may read what was seen and expected; our own failures stay ours.
            "error_description": if internal { entry.person.to_owned() } else { printable(&self.detail) },
            "reason": self.reason,
            "trace_id": self.trace,
        }))
    }
}

/// In the characters that a description may have (RFC 6749 5.2, BC-03).
fn printable(text: &str) -> String {
    let one = |c: char| match c {
        '"' => '\'',
        '\\' => '/',
        ' '..='~' => c,
        _ => '?',
    };
    text.chars().map(one).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bc03_a_description_has_only_the_characters_that_it_may() {
        assert_eq!(printable("say \"no\" \\ né\n"), "say 'no' / n??");
    }
}
