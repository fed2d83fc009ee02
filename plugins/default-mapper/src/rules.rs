//! The rules as an admin writes them.

use serde::{Deserialize, Serialize};
use symbolon_plugin_sdk::schemars::{self, JsonSchema};

/// Rules of the bundled mapping plugin. Every key is optional.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[schemars(title = "Mapping rules")]
pub struct Rules {
    /// Which claim, or which CEL expression, becomes which user field.
    #[schemars(title = "Attributes")]
    pub attributes: Vec<AttributeRule>,
    /// Which of the mapped fields are written at each sign-in: `email`, `name`, `username`, any other
    /// name means `metadata.<name>`, `*` means all.
    #[schemars(title = "Fields written at each sign-in")]
    pub sync_fields: Vec<String>,
    /// Grant roles by `group_roles`. If it is off, everybody gets `default_role`.
    #[schemars(title = "Grant roles by group or condition")]
    pub assign_role_by_group: bool,
    /// Every row whose group the person is in, or whose condition is true, grants its role.
    #[schemars(title = "Roles")]
    pub group_roles: Vec<GroupRole>,
    /// The role of those whom no row fits; null for none.
    #[schemars(title = "Default role")]
    pub default_role: Option<String>,
    /// The first row whose condition is true refuses the sign-in. Conditions that cannot be answered refuse too.
    #[schemars(title = "Refuse the sign-in when")]
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub deny: Vec<DenyRule>,
}

/// One attribute row: either `from` or `expression`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(title = "Attribute")]
pub struct AttributeRule {
    /// A claim, a dotted path into the claims, or alternatives of which the first that is not empty wins.
    #[schemars(title = "Claim", with = "Source")]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<Source>,
    /// A CEL expression instead of a claim, for example `claims.given_name + ' ' + claims.family_name`.
    #[schemars(title = "CEL expression", with = "String")]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expression: Option<String>,
    /// `email`, `display_name`, `username` or `metadata.<name>`.
    #[schemars(title = "User field")]
    pub to: String,
}

/// Where a value comes from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Source {
    /// One claim.
    One(String),
    /// Alternatives in order.
    FirstOf(Vec<String>),
}

impl Source {
    /// The alternatives in order.
    #[must_use]
    pub fn alternatives(&self) -> &[String] {
        match self {
            Self::One(one) => std::slice::from_ref(one),
            Self::FirstOf(all) => all,
        }
    }
}

/// One role row: either `group` or `when`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(title = "Role")]
pub struct GroupRole {
    /// The group's id or name, exactly as the upstream sends it. GUIDs match in any letter case.
    #[schemars(title = "Group", with = "String")]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group: Option<String>,
    /// A CEL condition instead of a group, for example `claims.department == 'Retail' && claims.acct == 0`.
    #[schemars(title = "CEL condition", with = "String")]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub when: Option<String>,
    /// What the audit trail calls the group or the condition.
    #[schemars(title = "Label", with = "String")]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    /// A role of the tenant's catalogue.
    #[schemars(title = "Role")]
    pub role: String,
}

/// One row that refuses a sign-in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(title = "Refusal")]
pub struct DenyRule {
    /// A CEL condition. A claim that it needs and that is missing refuses the sign-in as well.
    #[schemars(title = "CEL condition")]
    pub when: String,
    /// What the audit trail calls the refusal: a-z, 0-9, '_', '-' and '.'.
    #[schemars(title = "Code")]
    pub code: String,
    /// What the person reads.
    #[schemars(title = "Message")]
    pub message: String,
}

impl Default for Rules {
    fn default() -> Self {
        let row = |from: &str, to: &str| AttributeRule {
            from: Some(Source::One(from.to_owned())),
            expression: None,
            to: to.to_owned(),
        };
        Self {
            attributes: vec![
                row("email", "email"),
                row("name", "display_name"),
                row("preferred_username", "username"),
                row("department", "metadata.department"),
                row("jobTitle", "metadata.job_title"),
                row("officeLocation", "metadata.office"),
            ],
            sync_fields: vec!["email".to_owned(), "name".to_owned()],
            assign_role_by_group: false,
            group_roles: Vec::new(),
            default_role: Some("viewer".to_owned()),
            deny: Vec::new(),
        }
    }
}

/// The user field that a name in `sync_fields` means.
#[must_use]
pub fn synced_target(name: &str) -> String {
    match name {
        "email" | "username" => name.to_owned(),
        "name" => "display_name".to_owned(),
        other => format!("metadata.{other}"),
    }
}

/// Whether a rule may write to this user field.
#[must_use]
pub fn is_target(to: &str) -> bool {
    if let Some(name) = to.strip_prefix("metadata.") {
        return (1..=64).contains(&name.len())
            && name
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.'));
    }
    matches!(to, "email" | "display_name" | "username")
}
