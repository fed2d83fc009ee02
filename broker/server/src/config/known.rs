//! Which sections and keys exist, read off the generated schema so that it cannot fall behind.

use std::collections::BTreeMap;

use serde_json::Value;

/// The form of a key's value, as far as environment variables need it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum KeyForm {
    /// One value.
    Single,
    /// Several values, separated by commas in an environment variable.
    List,
    /// Values under names of the operator's (`[secrets.keys]`).
    Names,
    /// Values under known names (`[http.tls]`).
    Fields(BTreeMap<String, KeyForm>),
    /// Such groups under names of the operator's (`[entra.clouds.NAME]`).
    Groups(BTreeMap<String, KeyForm>),
}

/// Sections, and the keys of each.
pub(super) struct KnownKeys(BTreeMap<String, BTreeMap<String, KeyForm>>);

impl KnownKeys {
    pub(super) fn of(schema: &Value) -> Self {
        let sections = properties(schema).map(|(section, value)| (section.clone(), fields(value)));
        Self(sections.collect())
    }

    pub(super) fn sections(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }

    pub(super) fn keys(&self, section: &str) -> impl Iterator<Item = &str> {
        self.0.get(section).into_iter().flat_map(|keys| keys.keys().map(String::as_str))
    }

    pub(super) fn form(&self, section: &str, key: &str) -> Option<&KeyForm> {
        self.0.get(section)?.get(key)
    }
}

fn properties(schema: &Value) -> impl Iterator<Item = (&String, &Value)> {
    schema.get("properties").and_then(Value::as_object).into_iter().flatten()
}

fn fields(schema: &Value) -> BTreeMap<String, KeyForm> {
    properties(schema).map(|(key, value)| (key.clone(), form(value))).collect()
}

fn form(schema: &Value) -> KeyForm {
    match schema.get("type").and_then(Value::as_str) {
        Some("array") => KeyForm::List,
        Some("object") if schema.get("properties").is_some() => KeyForm::Fields(fields(schema)),
        Some("object") => match schema.get("additionalProperties").map(fields) {
            Some(group) if !group.is_empty() => KeyForm::Groups(group),
            _ => KeyForm::Names,
        },
        _ => KeyForm::Single,
    }
}

/// `, did you mean "…"?` with the likeliest name as `show` writes it; without a likely one, all names.
pub(super) fn suggestion<'a>(
    written: &str,
    names: impl Iterator<Item = &'a str>,
    show: impl Fn(&str) -> String,
) -> String {
    let names: Vec<&str> = names.collect();
    let closest = names
        .iter()
        .map(|name| (strsim::jaro_winkler(written, name), name))
        .filter(|(likeness, _)| *likeness >= 0.75)
        .max_by(|(a, _), (b, _)| a.total_cmp(b));
    match closest {
        Some((_, name)) => format!(", did you mean \"{}\"?", show(name)),
        None => format!(" (known: {})", names.join(", ")),
    }
}
