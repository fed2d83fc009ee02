//! The configuration: what an admin fills in. Its form is drawn from `rules.schema.json`.

use std::collections::BTreeMap;

use serde_json::Value;
use symbolon_plugin_sdk::{Diagnostic, Severity, diagnostic};

const KEYS: [&str; 3] = ["admin_group", "contractor_domain", "departments"];

/// The checked configuration.
pub struct Rules {
    /// Role by department.
    pub departments: BTreeMap<String, String>,
    /// Mail domain of contractors.
    pub contractor_domain: Option<String>,
    /// Object id of the group whose members are admins.
    pub admin_group: Option<String>,
}

impl<'de> serde::Deserialize<'de> for Rules {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let config = Value::deserialize(from)?;
        match check(&config)
            .into_iter()
            .find(|one| one.severity == Severity::Error)
        {
            None => Ok(Self::read(&config)),
            Some(wrong) => {
                let Diagnostic { path, message, .. } = wrong;
                Err(serde::de::Error::custom(format!("{path}: {message}")))
            }
        }
    }
}

impl Rules {
    fn read(config: &Value) -> Self {
        let text = |key: &str| config.get(key).and_then(Value::as_str).map(str::to_owned);
        let table = config.get("departments").and_then(Value::as_object);
        let row = |(department, role): (&String, &Value)| {
            Some((department.clone(), role.as_str()?.to_owned()))
        };
        Self {
            departments: table.into_iter().flatten().filter_map(row).collect(),
            contractor_domain: text("contractor_domain"),
            admin_group: text("admin_group"),
        }
    }
}

/// Every finding at once, each at its JSON pointer.
pub(crate) fn check(config: &Value) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    let mut error = |path: String, message: &str| {
        found.push(diagnostic(Severity::Error, &path, message));
    };
    let Value::Object(config) = config else {
        error(String::new(), "the rules must be a JSON object");
        return found;
    };
    for key in config.keys().filter(|key| !KEYS.contains(&key.as_str())) {
        error(
            pointer("", key),
            "unknown key; known are admin_group, contractor_domain, departments",
        );
    }
    match config.get("departments") {
        None => {}
        Some(Value::Object(rows)) => {
            for (department, role) in rows {
                let at = pointer("/departments", department);
                if !is_line(department) {
                    error(
                        at.clone(),
                        "a department must be one line without spaces around it",
                    );
                }
                if !role.as_str().is_some_and(is_role) {
                    error(
                        at,
                        "not a role name: 1 to 64 characters of a-z, A-Z, 0-9, '.', '_', ':' or '-'",
                    );
                }
            }
        }
        Some(_) => error(
            "/departments".to_owned(),
            "must be a table of department and role",
        ),
    }
    if config
        .get("contractor_domain")
        .is_some_and(|one| !one.as_str().is_some_and(is_domain))
    {
        error(
            "/contractor_domain".to_owned(),
            "must be a domain without @, such as partner.example",
        );
    }
    match config.get("admin_group") {
        Some(group) if group.as_str().is_some_and(is_id) => {}
        Some(_) => error(
            "/admin_group".to_owned(),
            "must be the object id of a group",
        ),
        None => found.push(diagnostic(
            Severity::Info,
            "/admin_group",
            "is not set, so that nobody becomes admin",
        )),
    }
    found
}

fn pointer(parent: &str, key: &str) -> String {
    format!("{parent}/{}", key.replace('~', "~0").replace('/', "~1"))
}

fn is_line(text: &str) -> bool {
    !text.is_empty()
        && text.trim_matches(' ') == text
        && !text.bytes().any(|byte| byte.is_ascii_control())
}

fn is_role(text: &str) -> bool {
    is_word(text, "._:-")
}

fn is_domain(text: &str) -> bool {
    is_word(text, ".-")
}

fn is_id(text: &str) -> bool {
    is_word(text, "-")
}

fn is_word(text: &str, also: &str) -> bool {
    (1..=64).contains(&text.len())
        && text
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || also.contains(c))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn all_findings_come_at_once_each_at_its_place() {
        let config = json!({
            "admin_group": 7, "contractor_domain": "@partner.example", "seats": 3,
            "departments": {"Retail": "a b", " Sales": "store", "R/D": null},
        });
        let found: Vec<String> = check(&config).into_iter().map(|one| one.path).collect();
        let expected = [
            "/seats",
            "/departments/ Sales",
            "/departments/R~1D",
            "/departments/Retail",
            "/contractor_domain",
            "/admin_group",
        ];
        assert_eq!(found, expected);
        assert!(serde_json::from_value::<Rules>(config).is_err());
    }

    #[test]
    fn the_example_is_clean_and_the_schema_knows_the_same_keys() {
        let example: Value = serde_json::from_str(include_str!("../cases/config.json")).unwrap();
        assert_eq!(check(&example), Vec::new());
        let schema: Value = serde_json::from_str(include_str!("../rules.schema.json")).unwrap();
        let keys: Vec<&String> = schema["properties"].as_object().unwrap().keys().collect();
        assert_eq!(keys, KEYS);
    }
}
