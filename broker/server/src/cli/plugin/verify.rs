//! `symbolon plugin verify` (WP-122).

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context;
use serde_json::json;
use symbolon_identity::plugins::{PluginHost, TrustedKey, verify};

use super::loaded;
use crate::cli::{files, print};

pub(super) fn verify_file(
    plugin: &Path,
    signature: &Path,
    keys: &[PathBuf],
    json: bool,
) -> anyhow::Result<ExitCode> {
    let bytes = loaded::read(plugin)?;
    let signature = files::read_text(signature)?;
    let key = |path: &PathBuf| {
        TrustedKey::parse(&files::read_text(path)?).with_context(|| path.display().to_string())
    };
    let keys = keys.iter().map(key).collect::<anyhow::Result<Vec<_>>>()?;
    let signer = verify(&bytes, &signature, &keys)
        .map_err(|error| anyhow::Error::msg(format!("{}: {error}", error.reason())))?;
    let shown = json!({ "digest": PluginHost::digest_of(&bytes), "signed_by": signer });
    print::object(&shown, json);
    Ok(ExitCode::SUCCESS)
}
