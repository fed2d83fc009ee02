//! `[plugins]`: what one call of a mapping plugin may use.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::human_duration::HumanDuration;
use super::problems::Problems;

/// What one call of a mapping plugin may use.
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
}

impl Default for PluginSettings {
    fn default() -> Self {
        Self {
            fuel: 50_000_000,
            memory_bytes: 16 * 1_048_576,
            timeout: HumanDuration::from_millis(250),
            concurrent_calls: None,
            concurrent_calls_per_tenant: 4,
        }
    }
}

impl PluginSettings {
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
    }
}
