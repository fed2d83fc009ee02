//! What the fuzz targets share: one host, a sign-in, and what must hold for everything that leaves a plugin.
//! The rules are written down here a second time on purpose: the host's own check is what is being tested.

pub mod answer;

use std::sync::Arc;
use std::time::Duration;

use symbolon_contract::{
    Diagnostic, Failure, MappingDecision, MappingRequest, PluginDigest, TenantId,
};
use symbolon_plugin_host::{CallError, CallReport, Limits, LoadError, PluginHost};
use tokio::runtime::Runtime;

/// Longest value of a decision (WP-53).
pub const VALUE: usize = 4 << 10;
/// Longest note (WP-53).
pub const NOTE: usize = 500;

/// A host and what is needed to ask it from a synchronous place.
pub struct Fuzzed {
    runtime: Runtime,
    tenant: TenantId,
    /// The host.
    pub host: PluginHost,
}

impl Fuzzed {
    /// The standard limits; the clock is generous, so that it meets only what fuel does not see.
    #[must_use]
    pub fn start() -> Self {
        let limits = Limits {
            epoch_timeout: Duration::from_secs(20),
            queue_wait: Duration::from_secs(60),
            loaded_modules: 4,
            ..Limits::default()
        };
        Self {
            runtime: tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap(),
            tenant: TenantId::parse("contoso").unwrap(),
            host: PluginHost::start(limits).unwrap(),
        }
    }

    /// Compiles and tries a component.
    pub fn load(&self, bytes: &[u8]) -> Result<PluginDigest, LoadError> {
        self.runtime.block_on(self.host.load(Arc::from(bytes)))
    }

    /// One sign-in.
    pub fn map(
        &self,
        digest: &PluginDigest,
        config: &str,
        request: MappingRequest,
    ) -> Result<CallReport, CallError> {
        self.runtime.block_on(self.host.map_login(&self.tenant, digest, config, request))
    }

    /// What the plugin says of a configuration.
    pub fn check(&self, digest: &PluginDigest, config: &str) -> Result<Vec<Diagnostic>, CallError> {
        self.runtime.block_on(self.host.check_config(&self.tenant, digest, config))
    }
}

/// A sign-in with a little of everything.
#[must_use]
pub fn request() -> MappingRequest {
    let text = include_str!("request.json");
    serde_json::from_str(text).unwrap()
}

/// C0, C1 and the bidi controls (WP-95).
#[must_use]
pub fn deceives(text: &str) -> bool {
    text.chars().any(|c| {
        let code = u32::from(c);
        code < 0x20
            || (0x7f..0xa0).contains(&code)
            || matches!(code, 0x61c | 0x200e | 0x200f | 0x202a..=0x202e | 0x2066..=0x2069)
    })
}

fn value(text: &str) -> bool {
    text.len() <= VALUE && !deceives(text)
}

/// Whether a decision may leave the host (WP-53, WP-93, WP-95).
#[must_use]
pub fn acceptable(decision: &MappingDecision) -> bool {
    let reserved = ["sub", "tenant_id", "email_verified", "subject", "issuer", "connector"];
    match decision {
        MappingDecision::Deny(denial) => value(&denial.code) && value(&denial.message),
        MappingDecision::Allow(mapping) => {
            mapping.fields.len() <= 100
                && mapping.grants.len() <= 500
                && mapping.notes.len() <= 50
                && mapping.fields.iter().all(|field| {
                    value(&field.name)
                        && !reserved.contains(&field.name.as_str())
                        && field.values.iter().all(|one| value(one))
                })
                && mapping.grants.iter().all(|grant| {
                    value(&grant.role) && value(grant.because.as_deref().unwrap_or_default())
                })
                && mapping.notes.iter().all(|note| note.len() <= NOTE && !deceives(note))
        }
    }
}

/// Panics unless the texts of a failure were cleaned and cut.
pub fn clean_failure(failure: &Failure) {
    let path = failure.path.as_deref().unwrap_or_default();
    for text in [failure.code.as_str(), failure.message.as_str(), path] {
        assert!(value(text), "{failure:?}");
    }
}

/// Panics unless all findings were cleaned and cut.
pub fn clean_findings(findings: &[Diagnostic]) {
    assert!(findings.len() <= 500, "{} findings", findings.len());
    for finding in findings {
        assert!(value(&finding.path) && value(&finding.message), "{finding:?}");
    }
}

/// Panics unless the call ended as calls may end, whatever the guest did. What a guest can do to itself (a
/// trap, a limit) is fine here.
pub fn clean_end(end: &Result<CallReport, CallError>) {
    match end {
        Ok(report) => assert!(acceptable(&report.decision), "{:?}", report.decision),
        Err(CallError::Failed(failure)) => clean_failure(failure),
        Err(error) => clean_error(error),
    }
}

/// Panics if an error is the host's own, or its text could forge a line.
pub fn clean_error(error: &CallError) {
    let text = error.to_string();
    assert!(!deceives(&text) && text.len() <= 3 * VALUE, "{text:?}");
    let own = matches!(
        error,
        CallError::Host(_) | CallError::TimedOut { .. } | CallError::Busy | CallError::NotLoaded(_)
    );
    assert!(!own, "{error:?}");
}
