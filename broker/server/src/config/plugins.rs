//! `[plugins]`: what one call of a mapping plugin may use, where compiled ones are kept, whose are taken.

use std::path::PathBuf;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use symbolon_identity::broker::PluginRules;
use symbolon_identity::plugins::TrustedKey;

use super::human_duration::HumanDuration;
use super::problems::Problems;

/// Mapping plugins: what one call may use, where compiled ones are kept, and whose uploads are taken.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct PluginSettings {
    /// Instructions, as the engine counts them.
    pub fuel: u64,
    /// Linear memory, all memories of the plugin together.
    pub memory_bytes: usize,
    /// The clock's backstop for what fuel does not see.
    pub timeout: HumanDuration,
    /// Calls at once on this node; twice the processor cores when absent.
    pub concurrent_calls: Option<usize>,
    /// Calls at once of one tenant, so that none can slow the others.
    pub concurrent_calls_per_tenant: usize,
    /// A folder for compiled plugins, so that a restart does not compile them again. It is made with mode
    /// 0700; nobody else may write to it. Nothing is kept when absent.
    pub cache_folder: Option<PathBuf>,
    /// Take only uploads with a minisign signature by a key of `trusted_keys`.
    pub require_signature: bool,
    /// Public keys in minisign's form, for example the second line of `minisign.pub`.
    pub trusted_keys: Vec<String>,
}

impl Default for PluginSettings {
    fn default() -> Self {
        Self {
            fuel: 50_000_000,
            memory_bytes: 16 * 1_048_576,
            timeout: HumanDuration::from_millis(250),
            concurrent_calls: None,
            concurrent_calls_per_tenant: 4,
            cache_folder: None,
            require_signature: false,
            trusted_keys: Vec::new(),
        }
    }
}

impl PluginSettings {
    /// The rules for uploads. Keys that are none were refused when the settings were checked.
    #[must_use]
    pub fn rules(&self) -> PluginRules {
        PluginRules {
            require_signature: self.require_signature,
            trusted_keys: self
                .trusted_keys
                .iter()
                .filter_map(|key| TrustedKey::parse(key).ok())
                .collect(),
        }
    }

    pub(super) fn validate(&self, problems: &mut Problems) {
        problems.require(
            (1_000_000..=1_000_000_000).contains(&self.fuel),
            "plugins.fuel",
            "must be between 1000000 and 1000000000",
        );
        problems.require(
            (2 * 1_048_576..=32 * 1_048_576).contains(&self.memory_bytes),
            "plugins.memory_bytes",
            "must be between 2097152 (2 MiB) and 33554432 (32 MiB)",
        );
        let timeout = HumanDuration::from_millis(10)..=HumanDuration::from_secs(5);
        problems.require(
            timeout.contains(&self.timeout),
            "plugins.timeout",
            "must be between 10ms and 5s",
        );
        problems.require(
            self.concurrent_calls_per_tenant >= 1,
            "plugins.concurrent_calls_per_tenant",
            "must be at least 1",
        );
        problems.require(
            self.concurrent_calls.is_none_or(|calls| calls >= self.concurrent_calls_per_tenant),
            "plugins.concurrent_calls",
            "must be at least plugins.concurrent_calls_per_tenant",
        );
        problems.require(
            self.trusted_keys.iter().all(|key| TrustedKey::parse(key).is_ok()),
            "plugins.trusted_keys",
            "each must be a minisign public key",
        );
        problems.require(
            !self.require_signature || !self.trusted_keys.is_empty(),
            "plugins.require_signature",
            "needs at least one key in plugins.trusted_keys",
        );
    }
}
