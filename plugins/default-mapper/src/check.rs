//! Everything that is wrong with a configuration, at once, each at its JSON pointer.

use std::collections::BTreeSet;

use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use symbolon_plugin_sdk::{Diagnostic, Severity, diagnostic};

use crate::map::{comparable, one_line};
use crate::rules::{AttributeRule, GroupRole, Rules, is_target, synced_target};

const KEYS: [&str; 5] = [
    "attributes",
    "sync_fields",
    "assign_role_by_group",
    "group_roles",
    "default_role",
];

/// Checks a configuration.
pub(crate) fn check(config: &Value) -> Vec<Diagnostic> {
    let Value::Object(config) = config else {
        return vec![diagnostic(
            Severity::Error,
            "",
            "the rules must be a JSON object",
        )];
    };
    let mut found = Findings(Vec::new());
    for key in config.keys().filter(|key| !KEYS.contains(&key.as_str())) {
        let pointer = format!("/{}", key.replace('~', "~0").replace('/', "~1"));
        found.error(
            &pointer,
            format!("unknown key; known are {}", KEYS.join(", ")),
        );
    }
    let attributes = config
        .get("attributes")
        .map(|rows| found.rows("attributes", rows));
    let attributes = attributes.unwrap_or_else(default_attributes);
    check_attributes(&attributes, &mut found);
    if let Some(rows) = config.get("sync_fields") {
        check_sync_fields(rows, &attributes, &mut found);
    }
    check_groups(config, &mut found);
    match config.get("default_role") {
        None | Some(Value::Null) => {}
        Some(Value::String(role)) => found.role("/default_role", role),
        Some(_) => found.error("/default_role", "must be a role name or null"),
    }
    found.0
}

struct Findings(Vec<Diagnostic>);

impl Findings {
    fn error(&mut self, path: &str, message: impl Into<String>) {
        self.0.push(diagnostic(Severity::Error, path, message));
    }

    fn warning(&mut self, path: &str, message: impl Into<String>) {
        self.0.push(diagnostic(Severity::Warning, path, message));
    }

    fn role(&mut self, path: &str, role: &str) {
        if !is_role(role) {
            self.error(
                path,
                "not a role name: 1 to 64 characters of a-z, A-Z, 0-9, '.', '_', ':' or '-'",
            );
        }
    }

    /// The rows that parse, with their place; each that does not is one error.
    fn rows<T: DeserializeOwned>(&mut self, key: &str, rows: &Value) -> Vec<(usize, T)> {
        let Value::Array(rows) = rows else {
            self.error(&format!("/{key}"), "must be a list");
            return Vec::new();
        };
        let mut parsed = Vec::new();
        for (index, row) in rows.iter().enumerate() {
            match T::deserialize(row) {
                Ok(row) => parsed.push((index, row)),
                Err(error) => self.error(&format!("/{key}/{index}"), error.to_string()),
            }
        }
        parsed
    }
}

/// As the broker's `RoleName`; a test of the plugin host compares the two.
fn is_role(text: &str) -> bool {
    let allowed = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b':' | b'-');
    (1..=64).contains(&text.len()) && text.bytes().all(allowed)
}

fn default_attributes() -> Vec<(usize, AttributeRule)> {
    Rules::default()
        .attributes
        .into_iter()
        .enumerate()
        .collect()
}

fn check_attributes(rows: &[(usize, AttributeRule)], found: &mut Findings) {
    let mut seen = BTreeSet::new();
    for (index, row) in rows {
        let at = |member: &str| format!("/attributes/{index}/{member}");
        let from = row.from.alternatives();
        if from.is_empty() || from.iter().any(|one| one.trim().is_empty()) {
            found.error(&at("from"), "names no claim");
        }
        if !is_target(&row.to) {
            found.error(
                &at("to"),
                "unknown field; known are email, display_name, username and metadata.<name>",
            );
        } else if !seen.insert(row.to.as_str()) {
            found.warning(
                &at("to"),
                "an earlier row maps to the same field and wins if it has a value",
            );
        }
    }
}

fn check_sync_fields(names: &Value, attributes: &[(usize, AttributeRule)], found: &mut Findings) {
    let mut seen = BTreeSet::new();
    for (index, name) in found.rows::<String>("sync_fields", names) {
        let at = format!("/sync_fields/{index}");
        let target = synced_target(&name);
        if name.trim().is_empty() {
            found.error(&at, "names no field");
        } else if name != "*" && !attributes.iter().any(|(_, row)| row.to == target) {
            found.warning(&at, format!("no attribute row maps to {target}"));
        }
        if !seen.insert(name) {
            found.warning(&at, "is listed twice");
        }
    }
}

fn check_groups(config: &Map<String, Value>, found: &mut Findings) {
    let switched_on = match config.get("assign_role_by_group") {
        None => false,
        Some(Value::Bool(on)) => *on,
        Some(_) => {
            found.error("/assign_role_by_group", "must be true or false");
            false
        }
    };
    let rows = config.get("group_roles");
    let rows: Vec<(usize, GroupRole)> = rows
        .map(|rows| found.rows("group_roles", rows))
        .unwrap_or_default();
    let mut seen = BTreeSet::new();
    for (index, row) in &rows {
        let at = format!("/group_roles/{index}");
        if row.group.trim().is_empty() {
            found.error(&format!("{at}/group"), "names no group");
        }
        found.role(&format!("{at}/role"), &row.role);
        // Both end up in the audit trail, where the host refuses such characters.
        if [&row.group, row.label.as_ref().unwrap_or(&row.group)]
            .iter()
            .any(|t| one_line(t) != **t)
        {
            found.error(
                &at,
                "group and label must be one line without surrounding or control characters",
            );
        }
        if !seen.insert((comparable(&row.group), row.role.as_str())) {
            found.warning(&at, "an earlier row grants the same role to the same group");
        }
    }
    if switched_on && rows.is_empty() {
        found.warning(
            "/group_roles",
            "is empty, so that everybody gets the default role",
        );
    }
    if !switched_on && !rows.is_empty() {
        let message = "are not used while assign_role_by_group is false";
        found
            .0
            .push(diagnostic(Severity::Info, "/group_roles", message));
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use symbolon_plugin_sdk::{MappingPlugin as _, check_config};

    use super::*;
    use crate::DefaultMapper;

    fn found(config: &Value) -> Vec<(Severity, String)> {
        let found = check_config::<DefaultMapper>(&config.to_string());
        found
            .into_iter()
            .map(|one| (one.severity, one.path))
            .collect()
    }

    #[test]
    fn wp24_all_findings_come_at_once_with_their_place() {
        let config = json!({
            "attributes": [
                {"from": "email", "to": "sub"}, {"from": [], "to": "email"},
                {"from": "x", "to": "email"}, {"from": "x"},
            ],
            "sync_fields": ["email", "email", "floor", ""],
            "assign_role_by_group": "yes",
            "group_roles": [
                {"group": " ", "role": "admin"}, {"group": "g", "role": "a b"},
                {"group": "h", "role": "admin"}, {"group": "h", "role": "admin"},
            ],
            "default_role": 7,
            "a/b": 1,
        });
        let seen = found(&config);
        let errors = [
            "/a~1b",
            "/attributes/3",
            "/attributes/0/to",
            "/attributes/1/from",
            "/sync_fields/3",
            "/assign_role_by_group",
            "/group_roles/0/group",
            "/group_roles/1/role",
            "/default_role",
        ];
        for path in errors {
            assert!(
                seen.contains(&(Severity::Error, path.to_owned())),
                "{path}: {seen:?}"
            );
        }
        for path in [
            "/attributes/2/to",
            "/sync_fields/1",
            "/sync_fields/2",
            "/group_roles/3",
        ] {
            assert!(
                seen.contains(&(Severity::Warning, path.to_owned())),
                "{path}: {seen:?}"
            );
        }
    }

    #[test]
    fn wp23_the_example_and_the_defaults_have_no_findings() {
        let example = DefaultMapper::describe().example_config;
        assert_eq!(check_config::<DefaultMapper>(&example), Vec::new());
        assert_eq!(found(&json!({})), Vec::new());
        let defaults = serde_json::to_value(Rules::default()).unwrap();
        assert_eq!(found(&defaults), Vec::new());
    }

    #[test]
    fn rows_that_are_not_used_are_mentioned() {
        let rows = json!([{"group": "g", "role": "admin"}]);
        let off = json!({"group_roles": rows});
        assert_eq!(found(&off), [(Severity::Info, "/group_roles".to_owned())]);
        let on = json!({"assign_role_by_group": true});
        assert_eq!(found(&on), [(Severity::Warning, "/group_roles".to_owned())]);
    }
}
