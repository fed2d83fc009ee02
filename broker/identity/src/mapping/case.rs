//! A saved case: a sign-in and what a version must say about it.

use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use symbolon_contract::{Claims, ConnectorId, InvalidId};
use symbolon_storage::{MappingTarget, MappingTargetKind};

use super::{MappingInput, Verdict};
use crate::claims::{group_list_at, text_at};

/// A sign-in that nobody made. Everything may be left out.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct CaseLogin {
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
    pub extra: Vec<(String, String)>,
    /// The plugin's clock.
    pub now: DateTime<Utc>,
}

impl Default for CaseLogin {
    fn default() -> Self {
        Self {
            kind: "oidc".to_owned(),
            issuer: "https://idp.example".to_owned(),
            subject: "somebody".to_owned(),
            claims: Map::new(),
            groups: Vec::new(),
            groups_complete: true,
            guest: false,
            extra: Vec::new(),
            now: DateTime::UNIX_EPOCH + chrono::TimeDelta::seconds(1_750_000_000),
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
    /// As the mapping of a target is asked about it.
    ///
    /// # Errors
    /// [`InvalidId`] when the case needs the name of a connector and the target has none that fits.
    pub fn input(&self, target: &MappingTarget) -> Result<MappingInput, InvalidId> {
        let stated = group_list_at(&self.claims, "groups");
        let connector = match target.kind {
            MappingTargetKind::Connector => ConnectorId::parse(target.id.clone())?,
            MappingTargetKind::Application => ConnectorId::parse("preview")?,
        };
        Ok(MappingInput {
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
            extra: self.extra.clone(),
            now: self.now,
        })
    }
}

impl From<&MappingInput> for CaseLogin {
    /// A recorded sign-in as a case.
    fn from(input: &MappingInput) -> Self {
        Self {
            kind: input.kind.clone(),
            issuer: input.issuer.clone(),
            subject: input.subject.clone(),
            claims: input.claims.raw.clone(),
            groups: input.claims.groups.clone(),
            groups_complete: input.claims.groups_complete,
            guest: input.guest,
            extra: input.extra.clone(),
            now: input.now,
        }
    }
}
