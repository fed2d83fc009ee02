//! `[limits]`: what one request, and the end of the process, may take.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::human_duration::HumanDuration;
use super::problems::Problems;

/// What one request, and the end of the process, may take.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct LimitSettings {
    /// Largest request body that is read; a SAML response with many groups needs room.
    pub request_bytes: usize,
    /// How long a caller may take to send its request head.
    pub request_timeout: HumanDuration,
    /// How long running requests may take to finish after a stop was asked for.
    pub shutdown_timeout: HumanDuration,
}

impl Default for LimitSettings {
    fn default() -> Self {
        Self {
            request_bytes: 524_288,
            request_timeout: HumanDuration::from_secs(10),
            shutdown_timeout: HumanDuration::from_secs(25),
        }
    }
}

impl LimitSettings {
    pub(super) fn validate(&self, problems: &mut Problems) {
        problems.require(
            (16_384..=16_777_216).contains(&self.request_bytes),
            "limits.request_bytes",
            "must be between 16384 and 16777216",
        );
        let request = HumanDuration::from_secs(1)..=HumanDuration::from_secs(120);
        problems.require(
            request.contains(&self.request_timeout),
            "limits.request_timeout",
            "must be between 1s and 2m",
        );
        problems.require(
            self.shutdown_timeout <= HumanDuration::from_secs(300),
            "limits.shutdown_timeout",
            "must be at most 5m",
        );
    }
}
