//! The assertion that leaves: `tid` and `oid` are the person, everything else is display (K-1).

use serde_json::{Map, Value};

use super::clouds::Cloud;
use super::directory::DirectoryId;
use super::settings::{EntraSettings, EntraTrustEmail};
use crate::claims::{string_list_at, text_at};
use crate::connectors::Assertion;

/// The key of a person: the same for every app registration of the directory (E-20).
#[must_use]
pub fn subject(directory: &DirectoryId, object_id: &str) -> String {
    format!("{directory}|{}", object_id.to_ascii_lowercase())
}

pub(super) fn assertion(
    settings: &EntraSettings,
    cloud: &Cloud,
    directory: &DirectoryId,
    claims: Map<String, Value>,
) -> Assertion {
    let text = |name: &str| text_at(&claims, name);
    Assertion {
        issuer: cloud.issuer(directory.as_str()),
        subject: subject(directory, &text("oid").unwrap_or_default()),
        email_proved: settings.trust_email == EntraTrustEmail::WhenDomainVerified
            && domain_is_verified(claims.get("xms_edov")),
        auth_time: claims
            .get("auth_time")
            .and_then(Value::as_i64)
            .and_then(|seconds| chrono::DateTime::from_timestamp(seconds, 0)),
        acr: satisfied_context(settings, &claims),
        amr: string_list_at(&claims, "amr"),
        upstream_sid: text("sid"),
        upstream_subject: text("sub"),
        logout_hint: text("login_hint"),
        warnings: Vec::new(),
        groups_to_remember: None,
        groups_are_old: false,
        logout_subject: None,
        session_ends_at: None,
        once: None,
        checks: Vec::new(),
        claims,
    }
}

/// E-21: the claim comes as a boolean, a number or a text.
fn domain_is_verified(claim: Option<&Value>) -> bool {
    match claim {
        Some(Value::Bool(flag)) => *flag,
        Some(Value::Number(number)) => number.as_i64() == Some(1),
        Some(Value::String(text)) => text == "1" || text.eq_ignore_ascii_case("true"),
        _ => false,
    }
}

/// What applications are told as `acr`: their own word for a context that the token proves, else the
/// context that the connector requires. Never more than `acrs` says (K-12).
fn satisfied_context(settings: &EntraSettings, claims: &Map<String, Value>) -> Option<String> {
    let stated = string_list_at(claims, "acrs");
    let assurance = &settings.assurance;
    let named = assurance.contexts.iter().find(|(_, context)| stated.contains(*context));
    let required = assurance.required_context.as_ref().filter(|context| stated.contains(*context));
    named.map(|(name, _)| name.clone()).or_else(|| required.cloned())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn entra_e21_xms_edov_is_read_in_every_form_and_nothing_else_is() {
        for yes in [json!(true), json!(1), json!("1"), json!("true"), json!("True")] {
            assert!(domain_is_verified(Some(&yes)), "{yes}");
        }
        for no in [json!(false), json!(0), json!("yes"), json!(null), json!([true])] {
            assert!(!domain_is_verified(Some(&no)), "{no}");
        }
        assert!(!domain_is_verified(None));
    }

    #[test]
    fn entra_k12_no_assurance_is_claimed_that_the_token_does_not_prove() {
        let directory = DirectoryId::parse("11111111-2222-4333-8444-555555555555").unwrap();
        let mut settings = EntraSettings::new(directory, "x");
        settings.assurance.contexts.insert("urn:mfa".into(), "c1".into());
        settings.assurance.required_context = Some("c2".into());
        let acr = |claims: Value| satisfied_context(&settings, claims.as_object().unwrap());
        assert_eq!(acr(json!({ "acrs": ["c1", "c2"] })).as_deref(), Some("urn:mfa"));
        assert_eq!(acr(json!({ "acrs": ["c2"] })).as_deref(), Some("c2"));
        assert_eq!(acr(json!({ "acrs": "c1" })).as_deref(), Some("urn:mfa"));
        assert_eq!(acr(json!({ "amr": ["mfa"], "acr": "1" })), None);
    }
}
