//! A plugin in this process, checked and compiled as the server does it.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Context;
use symbolon_contract::{Description, Diagnostic, MappingRequest, PluginDigest, TenantId};
use symbolon_identity::plugins::{
    CallError, CallReport, Class, Inspection, Limits, LoadError, PluginHost,
};

use crate::cli::files;

/// Whose queue the calls of an author wait in.
const AUTHOR: &str = "author";

/// One loaded plugin.
pub(super) struct LoadedPlugin {
    host: PluginHost,
    tenant: TenantId,
    digest: PluginDigest,
    class: Class,
    bytes: Arc<[u8]>,
    pub(super) description: Description,
}

impl LoadedPlugin {
    /// Reads, checks, compiles and tries a component, in the smallest class that holds it.
    pub(super) async fn open(path: &Path) -> anyhow::Result<Self> {
        let bytes: Arc<[u8]> = read(path)?.into();
        let host = PluginHost::start(Limits::default())?;
        let mut class = host.class_needed(&bytes);
        let mut loaded = host.load_as(Arc::clone(&bytes), class).await;
        // What a plugin allocates while it runs shows only in the trial.
        if class == Class::Standard && matches!(&loaded, Err(error) if wants_memory(error)) {
            class = Class::Large;
            loaded = host.load_as(Arc::clone(&bytes), class).await;
        }
        let loaded = loaded.map_err(refused).with_context(|| path.display().to_string())?;
        let tenant = TenantId::parse(AUTHOR)?;
        let (digest, description) = (loaded.digest, loaded.description);
        Ok(Self { host, tenant, digest, class, bytes, description })
    }

    /// What the bytes say.
    pub(super) fn inspection(&self) -> anyhow::Result<Inspection> {
        self.host.inspect(&self.bytes, self.class).map_err(refused)
    }

    /// The limits that its calls run under.
    pub(super) fn limits(&self) -> &Limits {
        self.host.limits_of(self.class)
    }

    /// The given configuration, or the plugin's own example.
    pub(super) fn rules(&self, path: Option<PathBuf>) -> anyhow::Result<String> {
        match path {
            Some(path) => files::read_text(&path),
            None => Ok(self.description.example_config.clone()),
        }
    }

    /// What the plugin finds wrong with a configuration.
    pub(super) async fn check(&self, config: &str) -> Result<Vec<Diagnostic>, CallError> {
        self.host.check_config(&self.tenant, &self.digest, config).await
    }

    /// Maps one sign-in.
    pub(super) async fn map(
        &self,
        config: &str,
        request: MappingRequest,
    ) -> Result<CallReport, CallError> {
        self.host.map_login(&self.tenant, &self.digest, config, request).await
    }
}

/// The bytes of a file.
pub(super) fn read(path: &Path) -> anyhow::Result<Vec<u8>> {
    std::fs::read(path).with_context(|| format!("{} cannot be read", path.display()))
}

/// Why a component is refused, with the catalogue's code and, for an import, what it comes from.
#[expect(clippy::needless_pass_by_value, reason = "stands in map_err")]
pub(super) fn refused(error: LoadError) -> anyhow::Error {
    let code = error.reason();
    let hint = match &error {
        LoadError::Import(name) => super::encode::cause_of_import(name),
        LoadError::NotAComponent => {
            Some("a core module becomes one by `symbolon plugin build FILE`")
        }
        _ => None,
    };
    let text = hint.map_or_else(|| error.to_string(), |hint| format!("{error}\n  {hint}"));
    anyhow::Error::msg(format!("{code}: {text}"))
}

fn wants_memory(error: &LoadError) -> bool {
    matches!(error, LoadError::Trial(CallError::MemoryLimit { .. } | CallError::NotInstantiable(_)))
}
