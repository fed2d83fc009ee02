//! Cases: a sign-in, a configuration, and what is expected of them. Each is a folder with `login.json` and
//! `expected.json`; `config.json` lies beside it, or in the folder of all cases.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use symbolon_contract::{Attribute, MappingRequest};
use symbolon_identity::plugins::{CallError, CallReport};

use super::loaded::LoadedPlugin;

/// One case.
pub(super) struct Case {
    pub(super) name: String,
    pub(super) config: String,
    pub(super) request: MappingRequest,
    pub(super) expected: Option<Value>,
    /// Where `expected.json` is, or would be.
    pub(super) expected_path: PathBuf,
}

/// `login.json`. Everything may be left out; what is derived cannot be given.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Login {
    connector: String,
    kind: String,
    issuer: String,
    subject: String,
    now: u64,
    claims: Map<String, Value>,
    groups: Vec<String>,
    groups_complete: bool,
    extra: Map<String, Value>,
}

impl Default for Login {
    fn default() -> Self {
        Self {
            connector: "example".into(),
            kind: "oidc".into(),
            issuer: "https://issuer.example".into(),
            subject: "subject".into(),
            now: 1_750_000_000,
            claims: Map::new(),
            groups: Vec::new(),
            groups_complete: true,
            extra: Map::new(),
        }
    }
}

/// Every case of a folder, in the order of their names.
pub(super) fn read_all(folder: &Path, plugin: &LoadedPlugin) -> anyhow::Result<Vec<Case>> {
    let entries = fs::read_dir(folder)
        .with_context(|| format!("{} cannot be read", folder.display()))?
        .collect::<Result<Vec<_>, _>>()?;
    let mut folders: Vec<PathBuf> = entries.iter().map(fs::DirEntry::path).collect();
    folders.retain(|path| path.join("login.json").is_file());
    folders.sort();
    if folder.join("login.json").is_file() {
        folders.insert(0, folder.to_owned());
    }
    if folders.is_empty() {
        bail!("{} holds no case: no folder with a login.json", folder.display());
    }
    let common = folder.join("config.json");
    let default = plugin.rules(common.is_file().then_some(common))?;
    folders.iter().map(|path| read(path, &default)).collect()
}

fn read(folder: &Path, default: &str) -> anyhow::Result<Case> {
    let name = folder.file_name().unwrap_or(folder.as_os_str()).to_string_lossy().into_owned();
    let text = |file: &str| {
        let path = folder.join(file);
        path.is_file()
            .then(|| fs::read_to_string(&path).with_context(|| path.display().to_string()))
            .transpose()
    };
    let login = text("login.json")?.unwrap_or_default();
    let expected = text("expected.json")?
        .map(|text| serde_json::from_str(&text))
        .transpose()
        .with_context(|| format!("{name}/expected.json"))?;
    Ok(Case {
        config: text("config.json")?.unwrap_or_else(|| default.to_owned()),
        request: request(&login).with_context(|| format!("{name}/login.json"))?,
        expected,
        expected_path: folder.join("expected.json"),
        name,
    })
}

/// The request that a `login.json` stands for.
pub(super) fn request(login: &str) -> anyhow::Result<MappingRequest> {
    let login: Login = serde_json::from_str(login)?;
    let text = |value: Value| match value {
        Value::String(text) => text,
        other => other.to_string(),
    };
    Ok(MappingRequest {
        purpose: "preview".into(),
        connector: login.connector,
        kind: login.kind,
        issuer: login.issuer,
        subject: login.subject,
        now: login.now,
        attributes: login.claims.iter().filter_map(|(name, value)| flat(name, value)).collect(),
        claims_json: Value::Object(login.claims).to_string(),
        groups: login.groups,
        groups_complete: login.groups_complete,
        extra: login.extra.into_iter().map(|(name, value)| (name, text(value))).collect(),
    })
}

/// The flat view holds scalars and lists of scalars, as at a real sign-in; objects are in the JSON only.
fn flat(name: &str, value: &Value) -> Option<Attribute> {
    let values = match value {
        Value::Array(values) => values.iter().map(scalar).collect::<Option<Vec<_>>>()?,
        single => vec![scalar(single)?],
    };
    Some(Attribute { name: name.to_owned(), values })
}

fn scalar(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(flag) => Some(flag.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

/// What happened, as `expected.json` says it.
pub(super) fn outcome(done: &Result<CallReport, CallError>) -> anyhow::Result<Value> {
    Ok(match done {
        Ok(report) => serde_json::to_value(&report.decision)?,
        Err(CallError::Failed(failure)) => json!({ "failure": { "code": failure.code } }),
        Err(error) => json!({ "stopped": { "reason": error.reason().as_str() } }),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wp120_a_login_may_leave_everything_out() {
        let request = request("{}").unwrap();
        assert_eq!((request.purpose.as_str(), request.kind.as_str()), ("preview", "oidc"));
        assert_eq!((request.claims_json.as_str(), request.groups_complete), ("{}", true));
        assert!(request.attributes.is_empty() && request.extra.is_empty());
    }

    #[test]
    fn wp120_a_login_has_the_flat_view_of_a_real_sign_in() {
        let login = r#"{ "claims": { "a": "x", "n": 1, "l": ["y", true], "o": {}, "m": [[]], "z": null },
                         "extra": { "guest": true, "b": "post" } }"#;
        let request = request(login).unwrap();
        let flat: Vec<(&str, String)> = request
            .attributes
            .iter()
            .map(|one| (one.name.as_str(), one.values.join("|")))
            .collect();
        assert_eq!(flat, [("a", "x".into()), ("l", "y|true".into()), ("n", "1".to_owned())]);
        let extra = [("b".to_owned(), "post".to_owned()), ("guest".to_owned(), "true".to_owned())];
        assert_eq!(request.extra, extra);
    }

    #[test]
    fn wp120_a_misspelt_key_is_no_sign_in() {
        let error = request(r#"{ "claim": {} }"#).unwrap_err().to_string();
        assert!(error.contains("claim"), "{error}");
    }
}
