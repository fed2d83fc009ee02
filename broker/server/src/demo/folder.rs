//! The files of the demo: settings, secrets, rules, database. Kept where it was asked for, else temporary.

use std::path::{Path, PathBuf};

use anyhow::Context;
use base64::{Engine, engine::general_purpose::STANDARD};
use secrecy::SecretString;
use serde_json::Value;
use symbolon_identity::entropy::{Entropy, SystemEntropy, secret_text};
use symbolon_testkit::FakeEntra;

use crate::cli::{DemoArguments, write_secret};

/// A folder; dropping it removes a temporary one.
pub(super) struct Folder {
    path: PathBuf,
    is_temporary: bool,
}

impl Folder {
    /// The folder that was asked for, or a fresh one.
    pub(super) fn open(arguments: &DemoArguments) -> anyhow::Result<Self> {
        if let Some(given) = &arguments.data {
            std::fs::create_dir_all(given)
                .with_context(|| format!("{} cannot be made", given.display()))?;
            return Ok(Self { path: std::fs::canonicalize(given)?, is_temporary: false });
        }
        let name = format!("symbolon-demo-{}", secret_text(&SystemEntropy, 9));
        let path = std::env::temp_dir().join(name);
        std::fs::create_dir(&path)?;
        Ok(Self { path, is_temporary: true })
    }

    /// A file in it, which need not be there.
    pub(super) fn file(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }

    /// Written anew at each start: ports may be others.
    pub(super) fn write_settings(&self, port: u16, entra: &FakeEntra) -> anyhow::Result<PathBuf> {
        let file = self.file("symbolon.toml");
        let key_file = self.file("master.key");
        if !key_file.exists() {
            let mut key = [0; 32];
            SystemEntropy.fill(&mut key);
            write_secret(&key_file, &STANDARD.encode(key))?;
        }
        let settings = format!(
            "# Written by `symbolon demo`.\n\n\
             [http]\nlisten = \"127.0.0.1:{port}\"\npublic_url = \"http://127.0.0.1:{port}\"\n\n\
             [database]\nurl = \"sqlite:{database}\"\n\n\
             [secrets]\nactive = \"demo\"\n\n[secrets.keys]\ndemo_file = \"{key}\"\n\n\
             # The demo's upstreams are on this machine, where nothing is fetched from otherwise.\n\
             [outgoing]\nallow_private = [\"127.0.0.0/8\"]\n\n\
             # A mock of Microsoft Entra ID, beside Microsoft's own clouds.\n\
             [entra.clouds.mock]\nauthority = \"{authority}\"\ngraph = \"{graph}\"\n\n\
             [telemetry]\nfilter = \"warn\"\n",
            database = self.file("symbolon.sqlite").display(),
            key = key_file.display(),
            authority = entra.authority_url(),
            graph = entra.graph_url(),
        );
        std::fs::write(&file, settings)?;
        Ok(file)
    }

    /// A secret that stays the same from start to start.
    pub(super) fn kept_secret(&self, name: &str) -> anyhow::Result<SecretString> {
        let file = self.file(name);
        if !file.exists() {
            write_secret(&file, &secret_text(&SystemEntropy, 32))?;
        }
        Ok(std::fs::read_to_string(file)?.into())
    }

    /// Rules to edit; what was edited stays.
    pub(super) fn kept_rules(&self, name: &str, rules: &Value) -> anyhow::Result<PathBuf> {
        let file = self.file(name);
        if !file.exists() {
            write_rules(&file, rules)?;
        }
        Ok(file)
    }
}

/// Rules as an admin would edit them.
pub(super) fn write_rules(file: &Path, rules: &Value) -> anyhow::Result<()> {
    Ok(std::fs::write(file, format!("{rules:#}\n"))?)
}

impl Drop for Folder {
    fn drop(&mut self) {
        if self.is_temporary {
            // What cannot be removed lies in the system's folder for such things.
            drop(std::fs::remove_dir_all(&self.path));
        }
    }
}
