//! `[sessions]`: how long a person stays signed in at the broker.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::human_duration::HumanDuration;
use super::problems::Problems;

/// How long a person stays signed in at the broker.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct SessionSettings {
    /// A session ends when it was not used for so long.
    pub idle: HumanDuration,
    /// A session ends so long after the sign-in, used or not.
    pub absolute: HumanDuration,
}

impl Default for SessionSettings {
    fn default() -> Self {
        Self {
            idle: HumanDuration::from_secs(8 * 3600),
            absolute: HumanDuration::from_secs(24 * 3600),
        }
    }
}

impl SessionSettings {
    pub(super) fn validate(&self, problems: &mut Problems) {
        problems.require(
            self.idle >= HumanDuration::from_secs(60),
            "sessions.idle",
            "must be at least 1m",
        );
        problems.require(
            self.idle <= self.absolute,
            "sessions.idle",
            "must not be longer than sessions.absolute",
        );
        problems.require(
            self.absolute <= HumanDuration::from_secs(90 * 86_400),
            "sessions.absolute",
            "must be at most 90d",
        );
    }
}
