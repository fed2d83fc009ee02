//! The rules as an admin writes them.

#[cfg(not(target_arch = "wasm32"))]
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Rules of the bundled mapping plugin. Every key is optional.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct Rules {
    /// Which claim becomes which user field.
    pub attributes: Vec<AttributeRule>,
    /// Which of the mapped fields are written at each sign-in: `email`, `name`, `username`, any other
    /// name means `metadata.<name>`, `*` means all.
    pub sync_fields: Vec<String>,
    /// Grant roles by `group_roles`. If it is off, everybody gets `default_role`.
    pub assign_role_by_group: bool,
    /// Every row whose group the person is in grants its role.
    pub group_roles: Vec<GroupRole>,
    /// The role of those whom no group row fits; null for none.
    pub default_role: Option<String>,
}

/// One attribute row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct AttributeRule {
    /// A claim, a dotted path into the claims, or alternatives of which the first that is not empty wins.
    pub from: Source,
    /// `email`, `display_name`, `username` or `metadata.<name>`.
    pub to: String,
}

/// Where a value comes from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(JsonSchema))]
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

/// One group row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct GroupRole {
    /// The group's id or name, exactly as the upstream sends it. GUIDs match in any letter case.
    pub group: String,
    /// What the audit trail calls the group; the group itself if it is left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    /// A role of the tenant's catalogue.
    pub role: String,
}

impl Default for Rules {
    fn default() -> Self {
        let row = |from: &str, to: &str| AttributeRule {
            from: Source::One(from.to_owned()),
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
