//! Everything that is wrong with a configuration, at once, each at its JSON pointer and with its row in words.
//!
//! Here the shape and the table rows; `expressions` what is wrong with CEL; `rows` the three kinds of row.

mod expressions;
mod rows;

use std::collections::BTreeSet;

use serde::de::DeserializeOwned;
use serde_json::Value;
use symbolon_plugin_sdk::{Diagnostic, Severity, diagnostic};

use crate::rules::{AttributeRule, Rules, synced_target};
use expressions::Expressions;

const KEYS: [&str; 6] = [
    "attributes",
    "sync_fields",
    "assign_role_by_group",
    "group_roles",
    "default_role",
    "deny",
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
    let mut found = Findings::default();
    for key in config.keys().filter(|key| !KEYS.contains(&key.as_str())) {
        let pointer = format!("/{}", key.replace('~', "~0").replace('/', "~1"));
        found.error(
            &pointer,
            format!("unknown key `{key}`; known are {}", KEYS.join(", ")),
        );
    }
    let mut expressions = Expressions::default();
    if let Some(rows) = config.get("deny") {
        let rows = found.rows("deny", rows);
        rows::denials(&rows, &mut expressions, &mut found);
    }
    let attributes = config
        .get("attributes")
        .map(|rows| found.rows("attributes", rows));
    let attributes = attributes.unwrap_or_else(default_attributes);
    rows::attributes(&attributes, &mut expressions, &mut found);
    if let Some(rows) = config.get("sync_fields") {
        sync_fields(rows, &attributes, &mut found);
    }
    let switched_on = match config.get("assign_role_by_group") {
        None => false,
        Some(Value::Bool(on)) => *on,
        Some(_) => {
            found.error("/assign_role_by_group", "must be true or false");
            false
        }
    };
    let group_rows = config.get("group_roles");
    let group_rows = group_rows.map(|rows| found.rows("group_roles", rows));
    rows::roles(
        &group_rows.unwrap_or_default(),
        &mut expressions,
        &mut found,
    );
    rows::role_switch(switched_on, config.get("group_roles"), &mut found);
    match config.get("default_role") {
        None | Some(Value::Null) => {}
        Some(Value::String(role)) => found.role("/default_role", "default role", role),
        Some(_) => found.error("/default_role", "must be a role name or null"),
    }
    expressions.email_needs_proof(&mut found);
    found.0
}

/// What was found so far. The host takes 500.
#[derive(Default)]
struct Findings(Vec<Diagnostic>);

impl Findings {
    fn add(&mut self, severity: Severity, path: &str, message: impl Into<String>) {
        if self.0.len() < 200 {
            self.0.push(diagnostic(severity, path, message));
        }
    }

    fn error(&mut self, path: &str, message: impl Into<String>) {
        self.add(Severity::Error, path, message);
    }

    fn warning(&mut self, path: &str, message: impl Into<String>) {
        self.add(Severity::Warning, path, message);
    }

    fn role(&mut self, path: &str, name: &str, role: &str) {
        if !is_role(role) {
            self.error(
                path,
                format!(
                    "{name}: not a role name: 1 to 64 characters of a-z, A-Z, 0-9, '.', '_', ':' or '-'"
                ),
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
                Err(error) => {
                    self.error(
                        &format!("/{key}/{index}"),
                        format!("row {}: {error}", index + 1),
                    );
                }
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

fn sync_fields(names: &Value, attributes: &[(usize, AttributeRule)], found: &mut Findings) {
    let mut seen = BTreeSet::new();
    for (index, name) in found.rows::<String>("sync_fields", names) {
        let at = format!("/sync_fields/{index}");
        let target = synced_target(&name);
        if name.trim().is_empty() {
            found.error(&at, format!("entry {}: names no field", index + 1));
        } else if name != "*" && !attributes.iter().any(|(_, row)| row.to == target) {
            found.warning(&at, format!("{name}: no attribute row maps to {target}"));
        }
        if seen.contains(&name) {
            found.warning(&at, format!("{name}: is listed twice"));
        }
        seen.insert(name);
    }
}

#[cfg(test)]
mod tests;
