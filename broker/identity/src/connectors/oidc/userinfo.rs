//! Further claims from UserInfo (OpenID Core 5.3), and the assertion that leaves.

use secrecy::ExposeSecret;
use serde_json::{Map, Value};
use symbolon_contract::ReasonCode;

use super::Provider;
use super::discovery::ProviderDocument;
use super::groups;
use super::settings::{TrustEmail, UserinfoUse};
use super::token_request::Tokens;
use super::verify::VerifiedToken;
use crate::claims::{string_list_at, text_at};
use crate::connectors::{Assertion, ConnectorError};
use crate::outgoing::OutgoingRequest;

/// Claims of the token itself, which UserInfo never replaces.
pub(super) const PROTOCOL_CLAIMS: [&str; 14] = [
    "iss",
    "sub",
    "aud",
    "exp",
    "iat",
    "nbf",
    "jti",
    "azp",
    "nonce",
    "auth_time",
    "acr",
    "amr",
    "sid",
    "at_hash",
];

impl Provider<'_> {
    /// Merges UserInfo as the settings say and turns the claims into an assertion.
    pub(super) async fn assertion(
        &self,
        document: &ProviderDocument,
        verified: VerifiedToken,
        tokens: &Tokens,
    ) -> Result<Assertion, ConnectorError> {
        let mut claims = verified.payload;
        let mut email_from_token = claims.contains_key("email");
        if let Some(further) = self.userinfo(document, tokens, &claims).await? {
            if further.contains_key("email") && self.settings.userinfo == UserinfoUse::Override {
                email_from_token = false;
            }
            let stated = groups::stated(&claims, &further, self.settings);
            merge(&mut claims, further, self.settings.userinfo, email_from_token);
            groups::put(&mut claims, stated, &self.settings.claims.groups);
        }
        let text = |name: &str| text_at(&claims, name);
        Ok(Assertion {
            issuer: document.issuer.clone(),
            subject: text(&self.settings.claims.subject).unwrap_or_default(),
            email_proved: self.settings.trust_email == TrustEmail::WhenVerified
                && is_true(claims.get("email_verified")),
            auth_time: claims
                .get("auth_time")
                .and_then(Value::as_i64)
                .and_then(|seconds| chrono::DateTime::from_timestamp(seconds, 0)),
            acr: text("acr"),
            amr: string_list_at(&claims, "amr"),
            upstream_sid: text("sid"),
            upstream_subject: None,
            logout_hint: None,
            warnings: groups::warning(&claims, self.settings).into_iter().collect(),
            groups_to_remember: None,
            groups_are_old: false,
            logout_subject: None,
            session_ends_at: None,
            once: None,
            checks: Vec::new(),
            claims,
        })
    }

    async fn userinfo(
        &self,
        document: &ProviderDocument,
        tokens: &Tokens,
        claims: &Map<String, Value>,
    ) -> Result<Option<Map<String, Value>>, ConnectorError> {
        if self.settings.userinfo == UserinfoUse::Off {
            return Ok(None);
        }
        let (Some(endpoint), Some(token)) = (&document.userinfo_endpoint, &tokens.access_token)
        else {
            return Ok(None);
        };
        let bearer = format!("Bearer {}", token.expose_secret());
        let request = OutgoingRequest::get_json(endpoint.clone())
            .with_secret_header("authorization", bearer.into());
        let response =
            self.upstreams.http.send(request).await.map_err(|source| ConnectorError::Fetch {
                what: "UserInfo",
                reason: ReasonCode::OidcUserinfoError,
                source,
            })?;
        let unusable = |problem: String| ConnectorError::Document {
            what: "UserInfo",
            reason: ReasonCode::OidcUserinfoError,
            problem,
        };
        if response.status != 200 {
            return Err(unusable(format!("the answer has status {}", response.status)));
        }
        let further: Map<String, Value> = serde_json::from_slice(&response.body)
            .map_err(|_| unusable("the answer is no JSON object".to_owned()))?;
        same_subject(claims, &further)?;
        Ok(Some(further))
    }
}

/// P-6 (OpenID Core 5.3.2): UserInfo speaks of the same person, or is not read at all.
fn same_subject(
    claims: &Map<String, Value>,
    further: &Map<String, Value>,
) -> Result<(), ConnectorError> {
    let (expected, seen) = (claims.get("sub"), further.get("sub"));
    if expected.is_some() && expected == seen {
        return Ok(());
    }
    Err(ConnectorError::token(
        ReasonCode::OidcUserinfoSubjectMismatch,
        "sub of UserInfo",
        seen.and_then(Value::as_str).unwrap_or("none"),
        expected.and_then(Value::as_str).unwrap_or("none"),
    ))
}

/// Merges, keeping `email` and `email_verified` from one document (P-9).
fn merge(
    claims: &mut Map<String, Value>,
    further: Map<String, Value>,
    how: UserinfoUse,
    email_from_token: bool,
) {
    let brings_email = further.contains_key("email");
    if brings_email && !email_from_token {
        claims.remove("email");
        claims.remove("email_verified");
    }
    for (name, value) in further {
        let about_email = name == "email" || name == "email_verified";
        if PROTOCOL_CLAIMS.contains(&name.as_str()) || (about_email && email_from_token) {
            continue;
        }
        if how == UserinfoUse::Override || !claims.contains_key(&name) {
            claims.insert(name, value);
        }
    }
    // A verdict without its address speaks of nothing.
    if !claims.contains_key("email") {
        claims.remove("email_verified");
    }
}

/// Only a real `true` counts (C19).
fn is_true(value: Option<&Value>) -> bool {
    value.and_then(Value::as_bool) == Some(true)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn object(value: Value) -> Map<String, Value> {
        match value {
            Value::Object(fields) => fields,
            other => panic!("{other} is no object"),
        }
    }

    #[test]
    fn p9_a_verdict_never_crosses_documents() {
        let mut claims = object(json!({"sub": "1", "email_verified": true}));
        merge(
            &mut claims,
            object(json!({"sub": "1", "email": "new@x.com"})),
            UserinfoUse::FillGaps,
            false,
        );
        assert_eq!(claims.get("email"), Some(&json!("new@x.com")));
        assert_eq!(claims.get("email_verified"), None);

        let mut claims = object(json!({"sub": "1", "email": "a@x.com"}));
        let further = json!({"sub": "1", "email": "b@x.com", "email_verified": true});
        merge(&mut claims, object(further), UserinfoUse::FillGaps, true);
        assert_eq!(claims.get("email"), Some(&json!("a@x.com")));
        assert_eq!(claims.get("email_verified"), None);
    }

    #[test]
    fn userinfo_never_replaces_protocol_claims() {
        let mut claims = object(json!({"sub": "1", "name": "A", "acr": "1"}));
        let further = json!({"sub": "1", "name": "B", "acr": "9", "nonce": "x", "groups": ["g"]});
        merge(&mut claims, object(further), UserinfoUse::Override, true);
        assert_eq!(
            Value::Object(claims),
            json!({"sub": "1", "name": "B", "acr": "1", "groups": ["g"]})
        );
    }

    #[test]
    fn p6_another_subject_is_refused() {
        let claims = object(json!({"sub": "1"}));
        for other in [json!({"sub": "2"}), json!({}), json!({"sub": 1})] {
            assert!(same_subject(&claims, &object(other)).is_err());
        }
        assert!(same_subject(&object(json!({})), &object(json!({}))).is_err());
    }

    #[test]
    fn neg_c19_only_a_real_true_counts() {
        for value in [json!("true"), json!(1), json!(false), json!(null)] {
            assert!(!is_true(Some(&value)));
        }
        assert!(is_true(Some(&json!(true))));
    }
}
