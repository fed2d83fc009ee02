//! A case: a sign-in that nobody made, and what a version must say about it.

use chrono::DateTime;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use symbolon_contract::{Claims, ConnectorId, InvalidId, MappingRequest};
use symbolon_storage::{MappingTarget, MappingTargetKind};

use super::{MappingInput, Purpose, Verdict, request};
use crate::claims::{group_list_at, text_at};

/// A sign-in that nobody made: the `login.json` of authors and the saved cases of admins are of this one form.
/// Everything may be left out.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct CaseLogin {
    /// The connector's id, where the case is not about a connector's own mapping.
    pub connector: String,
    /// The connector's kind: `oidc`, `entra`, `saml`, or `application`.
    pub kind: String,
    /// The issuer.
    pub issuer: String,
    /// The issuer-scoped subject.
    pub subject: String,
    /// The claims as the upstream would send them.
    pub claims: Map<String, Value>,
    /// Group identifiers; those of the claim `groups` when there are none here.
    pub groups: Vec<String>,
    /// False for a list that is known to be cut.
    pub groups_complete: bool,
    /// Whether the person is a guest of the upstream's directory.
    pub guest: bool,
    /// What else the plugin is told.
    pub extra: Map<String, Value>,
    /// The plugin's clock, in seconds since 1970.
    pub now: u32,
}

impl Default for CaseLogin {
    fn default() -> Self {
        Self {
            connector: "example".to_owned(),
            kind: "oidc".to_owned(),
            issuer: "https://issuer.example".to_owned(),
            subject: "subject".to_owned(),
            claims: Map::new(),
            groups: Vec::new(),
            groups_complete: true,
            guest: false,
            extra: Map::new(),
            now: 1_750_000_000,
        }
    }
}

/// A case with its expectation.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct MappingCase {
    /// What comes in.
    pub login: CaseLogin,
    /// What must come of it.
    pub expected: Verdict,
}

impl CaseLogin {
    /// The request of a plugin, as at a sign-in.
    ///
    /// # Errors
    /// [`InvalidId`] when the connector's id is none.
    pub fn request(&self) -> Result<MappingRequest, InvalidId> {
        let input = self.at(ConnectorId::parse(self.connector.clone())?);
        Ok(request::build(Purpose::Preview.as_str(), &input, &input.claims))
    }

    /// As the mapping of a target is asked about it.
    ///
    /// # Errors
    /// [`InvalidId`] when the connector's id is none.
    pub fn input(&self, target: &MappingTarget) -> Result<MappingInput, InvalidId> {
        let connector = match target.kind {
            MappingTargetKind::Connector => &target.id,
            MappingTargetKind::Application => &self.connector,
        };
        Ok(self.at(ConnectorId::parse(connector.clone())?))
    }

    fn at(&self, connector: ConnectorId) -> MappingInput {
        let stated = group_list_at(&self.claims, "groups");
        let text = |value: &Value| match value {
            Value::String(text) => text.clone(),
            other => other.to_string(),
        };
        MappingInput {
            connector,
            kind: self.kind.clone(),
            issuer: self.issuer.clone(),
            subject: self.subject.clone(),
            claims: Claims {
                email: text_at(&self.claims, "email"),
                email_verified: self.claims.get("email_verified") == Some(&Value::Bool(true)),
                name: text_at(&self.claims, "name"),
                preferred_username: text_at(&self.claims, "preferred_username"),
                groups: if self.groups.is_empty() { stated } else { self.groups.clone() },
                groups_complete: self.groups_complete,
                raw: self.claims.clone(),
            },
            guest: self.guest,
            extra: self.extra.iter().map(|(name, value)| (name.clone(), text(value))).collect(),
            now: DateTime::from_timestamp(i64::from(self.now), 0).unwrap_or(DateTime::UNIX_EPOCH),
        }
    }
}

impl From<&MappingInput> for CaseLogin {
    /// A recorded sign-in as a case.
    fn from(input: &MappingInput) -> Self {
        Self {
            connector: input.connector.to_string(),
            kind: input.kind.clone(),
            issuer: input.issuer.clone(),
            subject: input.subject.clone(),
            claims: input.claims.raw.clone(),
            groups: input.claims.groups.clone(),
            groups_complete: input.claims.groups_complete,
            guest: input.guest,
            extra: input.extra.iter().map(|(name, value)| (name.clone(), json!(value))).collect(),
            now: u32::try_from(input.now.timestamp()).unwrap_or_default(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::input;
    use super::*;

    #[test]
    fn wp91_a_recorded_sign_in_is_a_case_and_comes_back_as_it_was() {
        let mut input = input();
        input.extra = vec![("scope".into(), "openid".into())];
        let case: CaseLogin = serde_json::from_value(json!(CaseLogin::from(&input))).unwrap();
        let again = case.input(&MappingTarget::connector(&input.connector)).unwrap();
        assert_eq!(
            (again.claims.raw, again.claims.groups),
            (input.claims.raw, input.claims.groups)
        );
        assert_eq!((again.now, again.extra), (input.now, input.extra));
    }

    #[test]
    fn wp120_a_login_has_the_flat_view_of_a_real_sign_in() {
        let login = json!({
            "claims": { "a": "x", "n": 1, "l": ["y", true], "o": {}, "m": [[]], "z": null },
            "extra": { "guest": true, "b": "post" },
        });
        let login: CaseLogin = serde_json::from_value(login).unwrap();
        let request = login.request().unwrap();
        let flat: Vec<(&str, String)> = request
            .attributes
            .iter()
            .map(|one| (one.name.as_str(), one.values.join("|")))
            .collect();
        assert_eq!(flat, [("a", "x".into()), ("l", "y|true".into()), ("n", "1".to_owned())]);
        let extra = [("b".to_owned(), "post".to_owned()), ("guest".to_owned(), "true".to_owned())];
        assert_eq!(request.extra, extra);
    }
}
