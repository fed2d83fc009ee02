//! Microsoft's errors: the OAuth error, the AADSTS number, and what its support asks for (entra.md 3).

use std::fmt;

use serde_json::{Map, Value};
use symbolon_contract::ReasonCode;

use crate::connectors::error::shorten;
use crate::connectors::oidc::TokenRefusal;
use crate::connectors::{ConnectorError, UpstreamCallback};

/// An error of Microsoft's. Behaviour follows the OAuth error; the number only explains.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct EntraProblem {
    /// `error`, shortened.
    pub error: String,
    /// The first AADSTS number.
    pub number: Option<u32>,
    /// The first line of `error_description`: untrusted text, shortened.
    pub text: String,
    /// For Microsoft's support and the directory's sign-in log.
    pub correlation_id: Option<String>,
    /// For Microsoft's support.
    pub trace_id: Option<String>,
    /// Microsoft's time of the error.
    pub timestamp: Option<String>,
    /// A claims challenge: what the next request must ask for.
    pub(crate) challenge: Option<String>,
}

impl fmt::Display for EntraProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Microsoft says {}: {}", self.error, self.text)?;
        let ids = [
            ("correlation id", &self.correlation_id),
            ("trace id", &self.trace_id),
            ("at", &self.timestamp),
        ];
        for (name, value) in ids {
            if let Some(value) = value {
                write!(f, "; {name} {value}")?;
            }
        }
        Ok(())
    }
}

impl EntraProblem {
    /// The catalogue's code: by the number, else by the OAuth error.
    #[must_use]
    pub fn reason(&self) -> ReasonCode {
        if let Some(reason) = self.number.and_then(ReasonCode::from_aadsts) {
            return reason;
        }
        match self.error.as_str() {
            "access_denied" => ReasonCode::OidcAccessDenied,
            "consent_required" => ReasonCode::EntraConsentMissing,
            "interaction_required" | "login_required" => ReasonCode::EntraInteractionRequired,
            "temporarily_unavailable" => ReasonCode::EntraTemporarilyUnavailable,
            "invalid_client" | "unauthorized_client" => ReasonCode::OidcClientAuthenticationFailed,
            _ => ReasonCode::EntraUpstreamError,
        }
    }

    /// What the browser brought back, if it is an error.
    pub(crate) fn of_callback(callback: &UpstreamCallback) -> Option<Self> {
        let error = callback.single("error")?;
        let description = callback.single("error_description").unwrap_or_default();
        Some(Self::read(error, description, &Map::new()))
    }

    /// What the token endpoint answered.
    pub(crate) fn of_token_endpoint(refusal: &TokenRefusal) -> Self {
        let description = refusal.answer.get("error_description").and_then(Value::as_str);
        Self::read(&refusal.error, description.unwrap_or_default(), &refusal.answer)
    }

    fn read(error: &str, description: &str, more: &Map<String, Value>) -> Self {
        let member = |name: &str| more.get(name).and_then(Value::as_str).map(shorten);
        let listed = more.get("error_codes").and_then(|codes| codes.get(0)).and_then(Value::as_u64);
        let listed = listed.and_then(|code| u32::try_from(code).ok());
        // The ids stand in the text too, behind the sentence; on the way through a browser only there.
        let text = description.split(" Trace ID:").next().unwrap_or_default();
        Self {
            error: shorten(error),
            number: listed.or_else(|| number_in(description)),
            text: shorten(text.lines().next().unwrap_or_default()),
            correlation_id: member("correlation_id")
                .or_else(|| value_after(description, "Correlation ID: ")),
            trace_id: member("trace_id").or_else(|| value_after(description, "Trace ID: ")),
            timestamp: member("timestamp").or_else(|| timestamp_in(description)),
            challenge: more.get("claims").and_then(Value::as_str).and_then(challenge),
        }
    }
}

/// Turns the generic refusal of a token endpoint into Microsoft's.
pub(super) fn explained(error: ConnectorError) -> ConnectorError {
    match error {
        ConnectorError::TokenRefused(refusal) => {
            ConnectorError::Entra(Box::new(EntraProblem::of_token_endpoint(&refusal)))
        }
        // A directory that is not there is told in the place of its document (AADSTS90002).
        ConnectorError::Document { what, problem, .. } if number_in(&problem).is_some() => {
            ConnectorError::Entra(Box::new(EntraProblem {
                error: what.to_owned(),
                number: number_in(&problem),
                text: problem,
                ..EntraProblem::default()
            }))
        }
        other => other,
    }
}

/// The first `AADSTS` number in a text.
#[must_use]
pub(crate) fn number_in(text: &str) -> Option<u32> {
    let (_, rest) = text.split_once("AADSTS")?;
    let digits = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
    rest.get(..digits)?.parse().ok()
}

/// Ids are made of hexadecimal digits and hyphens; anything else ends them.
fn value_after(text: &str, label: &str) -> Option<String> {
    let (_, rest) = text.split_once(label)?;
    let id: String =
        rest.chars().take(36).take_while(|c| c.is_ascii_hexdigit() || *c == '-').collect();
    (!id.is_empty()).then_some(id)
}

fn timestamp_in(text: &str) -> Option<String> {
    let (_, rest) = text.split_once("Timestamp: ")?;
    let stamp: String =
        rest.chars().take(20).take_while(|c| c.is_ascii_digit() || "-: TZ.".contains(*c)).collect();
    (!stamp.is_empty()).then_some(stamp)
}

/// A challenge is JSON of a bounded size, or none.
fn challenge(text: &str) -> Option<String> {
    let object: Map<String, Value> = serde_json::from_str(text).ok()?;
    (text.len() <= 2048).then(|| Value::Object(object).to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "AADSTS7000222: The provided client secret keys for app 'x' are expired. \
        Trace ID: 0d1e5b2c-aaaa-4bbb-8ccc-1234567890ab Correlation ID: 5f8e1c22-1111-4222-8333-444455556666 \
        Timestamp: 2026-03-20 14:32:00Z";

    fn callback(pairs: &[(&str, &str)]) -> UpstreamCallback {
        UpstreamCallback::Query(
            pairs.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect(),
        )
    }

    #[test]
    fn entra_aadsts_the_number_and_the_ids_are_read_from_the_text() {
        let problem = EntraProblem::of_callback(&callback(&[
            ("error", "invalid_client"),
            ("error_description", TEXT),
        ]));
        let problem = problem.unwrap();
        assert_eq!(problem.number, Some(7_000_222));
        assert_eq!(problem.reason(), ReasonCode::EntraSecretExpired);
        assert_eq!(problem.correlation_id.as_deref(), Some("5f8e1c22-1111-4222-8333-444455556666"));
        assert_eq!(problem.timestamp.as_deref(), Some("2026-03-20 14:32:00Z"));
        assert!(problem.text.ends_with("are expired."), "{}", problem.text);
    }

    #[test]
    fn entra_aadsts_an_unknown_number_falls_back_to_the_oauth_error() {
        let read = |error: &str, text: &str| EntraProblem::read(error, text, &Map::new()).reason();
        assert_eq!(read("server_error", "AADSTS999999999: new"), ReasonCode::EntraUpstreamError);
        assert_eq!(read("access_denied", "no number"), ReasonCode::OidcAccessDenied);
        assert_eq!(read("login_required", ""), ReasonCode::EntraInteractionRequired);
        assert_eq!(read("consent_required", ""), ReasonCode::EntraConsentMissing);
        assert_eq!(read("x", "AADSTS"), ReasonCode::EntraUpstreamError);
        assert_eq!(read("x", "AADSTS99999999999999"), ReasonCode::EntraUpstreamError);
    }

    #[test]
    fn a_challenge_is_a_json_object_of_bounded_size() {
        let more = |claims: &str| {
            let mut members = Map::new();
            members.insert("claims".into(), Value::String(claims.into()));
            EntraProblem::read("interaction_required", "AADSTS50076: x", &members).challenge
        };
        assert!(more(r#"{"access_token":{"acrs":{"essential":true}}}"#).is_some());
        assert_eq!(more("no json"), None);
        assert_eq!(more(&format!("{{\"a\":\"{}\"}}", "x".repeat(3000))), None);
    }

    #[test]
    fn untrusted_text_is_cut_and_cleaned() {
        let long = format!("AADSTS1: {}\r\nSet-Cookie: x", "y".repeat(500));
        let problem = EntraProblem::read("e\u{0}rror", &long, &Map::new());
        assert!(problem.text.chars().count() <= 201 && !problem.text.contains("Cookie"));
        assert_eq!(problem.error, "error");
    }

    #[test]
    fn entra_aadsts_every_number_of_the_catalogue_finds_its_reason() {
        let mut seen = 0;
        for reason in ReasonCode::ALL {
            for number in reason.entry().aadsts {
                let text = format!("AADSTS{number}: What Microsoft says.");
                let mut members = Map::new();
                members.insert("error_codes".into(), serde_json::json!([number]));
                assert_eq!(EntraProblem::read("x", &text, &Map::new()).reason(), *reason);
                assert_eq!(EntraProblem::read("x", "no number", &members).reason(), *reason);
                seen += 1;
            }
        }
        assert!(seen > 85, "{seen}");
    }
}
