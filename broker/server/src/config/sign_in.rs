//! `[sign_in]`: how long the steps of one sign-in stay valid.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::human_duration::HumanDuration;
use super::problems::Problems;

/// How long the steps of one sign-in stay valid.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct SignInSettings {
    /// From the application's request to the answer of the upstream.
    pub attempt_lifetime: HumanDuration,
    /// How long an authorization code can be redeemed (RFC 6749, section 4.1.2: at most 10m).
    pub code_lifetime: HumanDuration,
}

impl Default for SignInSettings {
    fn default() -> Self {
        Self {
            attempt_lifetime: HumanDuration::from_secs(15 * 60),
            code_lifetime: HumanDuration::from_secs(60),
        }
    }
}

impl SignInSettings {
    pub(super) fn validate(&self, problems: &mut Problems) {
        let between = |value: HumanDuration, low: u64, high: u64| {
            (HumanDuration::from_secs(low)..=HumanDuration::from_secs(high)).contains(&value)
        };
        problems.require(
            between(self.attempt_lifetime, 60, 86_400),
            "sign_in.attempt_lifetime",
            "must be between 1m and 24h",
        );
        problems.require(
            between(self.code_lifetime, 1, 600),
            "sign_in.code_lifetime",
            "must be between 1s and 10m",
        );
    }
}
