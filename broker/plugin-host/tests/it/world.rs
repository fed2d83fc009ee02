//! Hosts, requests and the committed components.

use std::sync::Arc;
use std::time::Duration;

use serde_json::json;
use symbolon_contract::{Mapping, MappingDecision, MappingRequest, PluginDigest, TenantId};
use symbolon_plugin_host::{CallError, CallReport, Limits, PluginHost};

pub(crate) const MISBEHAVING: &[u8] = include_bytes!("../../../../plugins/dist/misbehaving.wasm");

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

/// A host with the misbehaving plugin loaded.
pub(crate) struct World {
    pub(crate) host: PluginHost,
    pub(crate) digest: PluginDigest,
}

impl World {
    pub(crate) async fn with(limits: Limits) -> Self {
        let host = PluginHost::start(limits).unwrap();
        let digest = host.load(Arc::from(MISBEHAVING)).await.unwrap();
        Self { host, digest }
    }

    pub(crate) async fn call(&self, subject: &str) -> Result<CallReport, CallError> {
        self.host.map_login(&tenant(), &self.digest, "{}", request(subject)).await
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
