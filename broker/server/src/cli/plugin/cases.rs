//! Cases: a sign-in, a configuration, and what is expected of them. Each is a folder with `login.json` and
//! `expected.json`; `config.json` lies beside it, or in the folder of all cases.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use serde_json::{Value, json};
use symbolon_contract::MappingRequest;
use symbolon_identity::mapping::CaseLogin;
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
    Ok(serde_json::from_str::<CaseLogin>(login)?.request()?)
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
    fn wp120_a_misspelt_key_is_no_sign_in() {
        let error = request(r#"{ "claim": {} }"#).unwrap_err().to_string();
        assert!(error.contains("claim"), "{error}");
    }
}
