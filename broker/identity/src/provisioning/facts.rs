//! What the decision looks at.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use symbolon_contract::{ConnectorId, Mapping, UserId};

use crate::policy::UserStanding;

/// Who the upstream says it is, for ever: never an e-mail, never a user name (L-1, L-2).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdentityKey {
    /// The connector that verified the statement.
    pub connector: ConnectorId,
    /// The verified issuer.
    pub issuer: String,
    /// The issuer-scoped subject.
    pub subject: String,
}

/// The profile that the mapping produced. `None` leaves a field alone, an empty text clears it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MappedUser {
    /// Display e-mail.
    pub email: Option<String>,
    /// Whether the upstream proved this very e-mail, in the same document (P-9), and is trusted to.
    pub email_verified: bool,
    /// Name to show.
    pub display_name: Option<String>,
    /// Name typed at the upstream.
    pub username: Option<String>,
    /// Further fields, for example `department`.
    pub metadata: BTreeMap<String, String>,
}

/// A reserved or unknown field of a mapping, kept for the audit trail.
pub type UnknownField = String;

impl MappedUser {
    /// Reads the fields of a mapping; the second part names the fields that nobody knows.
    #[must_use]
    pub fn from_mapping(
        mapping: &Mapping,
        verified_email: Option<&str>,
    ) -> (Self, Vec<UnknownField>) {
        let mut user = Self::default();
        let mut unknown = Vec::new();
        for field in &mapping.fields {
            let value = field.values.first().cloned().unwrap_or_default();
            match field.name.as_str() {
                "email" => user.email = Some(value),
                "display_name" => user.display_name = Some(value),
                "username" => user.username = Some(value),
                name => match name.strip_prefix("metadata.") {
                    Some(key) if !key.is_empty() => {
                        user.metadata.insert(key.to_owned(), value);
                    }
                    _ => unknown.push(name.to_owned()),
                },
            }
        }
        user.email_verified = match (&user.email, verified_email) {
            (Some(mapped), Some(verified)) => normalise_email(mapped) == normalise_email(verified),
            _ => false,
        };
        (user, unknown)
    }
}

/// A user found by the identity key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LinkedUser {
    /// The user.
    pub id: UserId,
    /// The user's standing.
    pub standing: UserStanding,
}

/// Another user of the tenant with the same e-mail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EmailMatch {
    /// The user.
    pub id: UserId,
    /// The user's standing.
    pub standing: UserStanding,
    /// Whether the address was ever proved for that user.
    pub email_verified: bool,
    /// Whether the user already has an upstream identity.
    pub has_identity: bool,
    /// Whether the user holds a role that a mapping may not grant.
    pub privileged: bool,
}

/// What the tenant has proved about the e-mail's domain.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct DomainTrust {
    /// The tenant proved that it owns the domain.
    pub owned_by_tenant: bool,
    /// The domain is assigned to this connector.
    pub assigned_to_connector: bool,
}

/// Everything that bears on the decision.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProvisioningFacts {
    /// Who came.
    pub identity: IdentityKey,
    /// The user linked to that identity, if any.
    pub linked: Option<LinkedUser>,
    /// Other users with the mapped e-mail.
    pub same_email: Vec<EmailMatch>,
    /// Standing of the mapped e-mail's domain.
    pub domain: DomainTrust,
    /// The mapped profile.
    pub mapped: MappedUser,
}

/// What to do when a new person brings an e-mail that somebody already has (L-3, L-9).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum SameEmail {
    /// Refuse and explain.
    #[default]
    Refuse,
    /// Keep two users apart.
    SeparateUser,
}

/// The connector's choices.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ProvisioningPolicy {
    /// Create users on first sign-in (N3: default false).
    pub auto_provision: bool,
    /// Link to an existing user by e-mail, where all conditions of L-4 hold.
    pub link_by_email: bool,
    /// What to do about an e-mail that is taken.
    pub same_email: SameEmail,
    /// Refuse people for whom the mapping yields no e-mail.
    pub require_email: bool,
    /// Domains that people of this connector may come from; empty means any (E5).
    pub email_domains: Vec<String>,
}

/// E-mail addresses compare without case and surrounding blanks; nothing else is folded.
#[must_use]
pub fn normalise_email(email: &str) -> String {
    email.trim().to_lowercase()
}

/// The domain behind the only `@`; `None` for anything that is not one address (C19).
#[must_use]
pub fn email_domain(email: &str) -> Option<String> {
    let normalised = normalise_email(email);
    let (local, domain) = normalised.split_once('@')?;
    let plain = |c: char| !c.is_whitespace() && !c.is_control();
    let valid = !local.is_empty()
        && !domain.is_empty()
        && !domain.contains('@')
        && normalised.chars().all(plain);
    valid.then(|| domain.to_owned())
}
