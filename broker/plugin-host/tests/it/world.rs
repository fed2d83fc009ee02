//! Hosts, requests and the committed components.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use secrecy::SecretBox;
use serde_json::json;
use symbolon_contract::{Mapping, MappingDecision, MappingRequest, PluginDigest, TenantId};
use symbolon_plugin_host::{CacheFolder, CallError, CallReport, HostOptions, Limits, PluginHost};

pub(crate) const MISBEHAVING: &[u8] = include_bytes!("../../../../plugins/dist/misbehaving.wasm");

/// A component of `tests/fixtures`, for what no toolchain would build.
pub(crate) fn fixture(name: &str) -> Arc<[u8]> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures");
    let text = std::fs::read_to_string(format!("{folder}/{name}.wat")).unwrap();
    // 4 MiB, where a fixture leaves it open.
    component(&text.replace("PAGES", "64"))
}

pub(crate) fn component(text: &str) -> Arc<[u8]> {
    wat::parse_str(text).unwrap().into()
}

/// The standard class. Only the clock is generous, so that a busy machine does not change the outcome.
pub(crate) fn limits() -> Limits {
    Limits { epoch_timeout: Duration::from_secs(60), ..Limits::default() }
}

pub(crate) fn tenant() -> TenantId {
    TenantId::parse("contoso").unwrap()
}

pub(crate) fn request(subject: &str) -> MappingRequest {
    MappingRequest {
        purpose: "login".to_owned(),
        connector: "entra".to_owned(),
        kind: "oidc".to_owned(),
        issuer: "https://issuer.example".to_owned(),
        subject: subject.to_owned(),
        now: 1_750_000_000,
        attributes: Vec::new(),
        claims_json: json!({"email": "adele@contoso.example", "name": "Adele"}).to_string(),
        groups: Vec::new(),
        groups_complete: true,
        extra: Vec::new(),
    }
}

/// A host for tests that are not about compiling: it keeps native code in cargo's folder for tests.
pub(crate) fn quick_host(limits: Limits) -> PluginHost {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join("plugin-host-cache");
    let key = SecretBox::new(Box::new([7; 32]));
    let cache = Some(CacheFolder::new(path, "tests".to_owned(), key));
    PluginHost::with(HostOptions { limits, cache, ..HostOptions::default() }).unwrap()
}

/// One call of a tenant that stands for any.
pub(crate) async fn call(
    host: &PluginHost,
    digest: &PluginDigest,
    config: &str,
    subject: &str,
) -> Result<CallReport, CallError> {
    host.map_login(&tenant(), digest, config, request(subject)).await
}

/// A host with the misbehaving plugin loaded.
pub(crate) struct World {
    pub(crate) host: PluginHost,
    pub(crate) digest: PluginDigest,
}

impl World {
    pub(crate) async fn with(limits: Limits) -> Self {
        let host = quick_host(limits);
        let digest = host.load(Arc::from(MISBEHAVING)).await.unwrap();
        Self { host, digest }
    }

    pub(crate) async fn call(&self, subject: &str) -> Result<CallReport, CallError> {
        call(&self.host, &self.digest, "{}", subject).await
    }

    /// What the call fails with; afterwards the next good call must work.
    pub(crate) async fn fails(&self, subject: &str) -> CallError {
        let error = self.call(subject).await.unwrap_err();
        assert_eq!(self.allowed("anybody").await.grants[0].role, "viewer", "after {subject}");
        error
    }

    pub(crate) async fn allowed(&self, subject: &str) -> Mapping {
        match self.call(subject).await.unwrap().decision {
            MappingDecision::Allow(mapping) => mapping,
            MappingDecision::Deny(denial) => panic!("denied: {denial:?}"),
        }
    }
}
