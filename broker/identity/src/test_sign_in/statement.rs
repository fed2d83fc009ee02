//! What the upstream said, as an admin may see it: no token, long values cut.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::OptionalClaim;
use super::optional_claims;
use crate::claims::saml::groups_name;
use crate::claims::{group_list_at, is_overage, is_stated, string_list_at};
use crate::connectors::{Assertion, ConnectorSettings};

/// Longer values are cut.
const LONGEST: usize = 300;

/// Claims that tie a token to one trip and tell an admin nothing.
const UNSHOWN: [&str; 4] = ["nonce", "at_hash", "c_hash", "rh"];

/// A name and a value, as text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ShownClaim {
    /// Its name.
    pub name: String,
    /// Its value; lists and objects as JSON.
    pub value: String,
}

/// What became of the `groups` claim (B13).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", tag = "state")]
pub enum GroupsClaim {
    /// There is none.
    Absent,
    /// The connector's settings name no claim with groups.
    Unread,
    /// The token lists them.
    Present {
        /// How many.
        count: usize,
    },
    /// There are too many for the token.
    Overage {
        /// How many Microsoft Graph listed, if it was asked.
        resolved: Option<usize>,
    },
}

impl GroupsClaim {
    /// In the words of the document: absent, overage, present (n).
    #[must_use]
    pub fn in_words(self) -> String {
        match self {
            Self::Absent => "absent".to_owned(),
            Self::Unread => "not read: the connector names no claim with groups".to_owned(),
            Self::Present { count } => format!("present ({count})"),
            Self::Overage { resolved: Some(count) } => {
                format!("overage: too many for the token; Microsoft Graph lists {count}")
            }
            Self::Overage { resolved: None } => {
                "overage: too many for the token, and they were not asked for".to_owned()
            }
        }
    }
}

/// A verified statement of the upstream.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Statement {
    /// The verified issuer.
    pub issuer: String,
    /// The person, for ever.
    pub subject: String,
    /// What came, by name.
    pub claims: Vec<ShownClaim>,
    /// What became of the groups.
    pub groups: GroupsClaim,
    /// Roles that the person has in the directory itself (`wids`), never mixed with groups (B14).
    pub directory_roles: Vec<String>,
    /// For kind `entra`: claims that must be switched on at Microsoft.
    pub optional_claims: Vec<OptionalClaim>,
}

impl Statement {
    /// What may be shown of an assertion.
    #[must_use]
    pub fn of(assertion: &Assertion, settings: &ConnectorSettings) -> Self {
        let claims = &assertion.claims;
        let groups = groups(assertion, settings);
        let shown = claims.iter().filter(|(name, _)| !UNSHOWN.contains(&name.as_str()));
        Self {
            issuer: assertion.issuer.clone(),
            subject: assertion.subject.clone(),
            claims: shown
                .map(|(name, value)| ShownClaim { name: name.clone(), value: shown_text(value) })
                .collect(),
            groups,
            directory_roles: string_list_at(claims, "wids"),
            optional_claims: match settings {
                ConnectorSettings::Entra(_) => {
                    optional_claims::of(claims, groups != GroupsClaim::Absent)
                }
                ConnectorSettings::Oidc(_) | ConnectorSettings::Saml(_) => Vec::new(),
            },
        }
    }
}

fn groups(assertion: &Assertion, settings: &ConnectorSettings) -> GroupsClaim {
    let claims = &assertion.claims;
    let name = match settings {
        ConnectorSettings::Oidc(oidc) => oidc.claims.groups.clone(),
        ConnectorSettings::Entra(_) => "groups".to_owned(),
        ConnectorSettings::Saml(saml) => groups_name(saml, claims),
    };
    let name = name.as_str();
    if let Some(asked) = &assertion.groups_to_remember {
        return GroupsClaim::Overage { resolved: Some(asked.ids.len()) };
    }
    match group_list_at(claims, name).len() {
        _ if name.is_empty() => GroupsClaim::Unread,
        _ if is_overage(claims, name) => GroupsClaim::Overage { resolved: None },
        0 if !is_stated(claims, name) => GroupsClaim::Absent,
        count => GroupsClaim::Present { count },
    }
}

/// A value as text: cut, without control characters, and never a token.
pub(crate) fn shown_text(value: &Value) -> String {
    let text = match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    if text.contains("eyJ") && text.matches('.').count() >= 2 {
        return "(a token, not shown)".to_owned();
    }
    let mut clean: String = text.chars().filter(|c| !c.is_control()).collect();
    if let Some((end, _)) = clean.char_indices().nth(LONGEST) {
        clean.truncate(end);
        clean.push('…');
    }
    clean
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn feat_n34_values_are_cut_and_tokens_are_not_shown() {
        assert_eq!(shown_text(&json!("a\u{7}b")), "ab");
        assert_eq!(shown_text(&json!(["x", 1])), r#"["x",1]"#);
        assert_eq!(shown_text(&json!("é".repeat(1000))).chars().count(), LONGEST + 1);
        assert_eq!(shown_text(&json!("eyJhbGciOi.eyJzdWIi.c2ln")), "(a token, not shown)");
        assert_eq!(shown_text(&json!({ "t": "eyJhbGciOi.eyJzdWIi.c2ln" })), "(a token, not shown)");
    }

    #[test]
    fn feat_b13_the_groups_claim_in_words() {
        let words = [
            GroupsClaim::Absent,
            GroupsClaim::Present { count: 2 },
            GroupsClaim::Overage { resolved: Some(250) },
        ]
        .map(GroupsClaim::in_words);
        assert_eq!(words[0], "absent");
        assert_eq!(words[1], "present (2)");
        assert!(words[2].starts_with("overage") && words[2].contains("250"), "{}", words[2]);
    }
}
