//! Which sections and keys exist, read off the generated schema so that it cannot fall behind.

use std::collections::BTreeMap;

use serde_json::Value;

/// The form of a key's value, as far as environment variables need it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum KeyForm {
    /// One value.
    Single,
    /// Several values, separated by commas in an environment variable.
    List,
    /// Named values (`[secrets.keys]`).
    Table,
}

/// Sections, and the keys of each.
pub(super) struct KnownKeys(BTreeMap<String, BTreeMap<String, KeyForm>>);

impl KnownKeys {
    pub(super) fn of(schema: &Value) -> Self {
        let properties = |value: &Value| -> BTreeMap<String, Value> {
            let object = value.get("properties").and_then(Value::as_object);
            object.into_iter().flatten().map(|(key, value)| (key.clone(), value.clone())).collect()
        };
        let sections = properties(schema).into_iter().map(|(section, value)| {
            let keys = properties(&value).into_iter().map(|(key, value)| (key, form(&value)));
            (section, keys.collect())
        });
        Self(sections.collect())
    }

    pub(super) fn sections(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }

    pub(super) fn keys(&self, section: &str) -> impl Iterator<Item = &str> {
        self.0.get(section).into_iter().flat_map(|keys| keys.keys().map(String::as_str))
    }

    pub(super) fn form(&self, section: &str, key: &str) -> Option<KeyForm> {
        self.0.get(section)?.get(key).copied()
    }
}

fn form(schema: &Value) -> KeyForm {
    match schema.get("type").and_then(Value::as_str) {
        Some("array") => KeyForm::List,
        Some("object") => KeyForm::Table,
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
