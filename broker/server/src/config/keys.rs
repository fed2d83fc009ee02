//! `[keys]`: when the keys change that sign for tenants.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::human_duration::HumanDuration;
use super::problems::Problems;

/// As long as applications may keep the JWKS (its `Cache-Control`).
const CACHED: HumanDuration = HumanDuration::from_secs(3_600);
/// The longest life that an application's signed tokens may have, and the cache.
const SHORTEST_RETIREMENT: HumanDuration = HumanDuration::from_secs(25 * 3_600);
const LONGEST: HumanDuration = HumanDuration::from_secs(3_650 * 86_400);

/// When the keys change that sign for tenants. Each key is published, then signs, then stays published
/// until what it signed is over.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct KeySettings {
    /// How long a key signs.
    pub active_for: HumanDuration,
    /// How long a key is published before it signs. Applications may keep the JWKS for an hour.
    pub publish_before: HumanDuration,
    /// How long a key stays published after it signed. Signed tokens live for a day at most, and
    /// applications may keep the JWKS for an hour.
    pub retire_for: HumanDuration,
}

impl Default for KeySettings {
    fn default() -> Self {
        Self {
            active_for: HumanDuration::from_secs(90 * 86_400),
            publish_before: HumanDuration::from_secs(86_400),
            retire_for: HumanDuration::from_secs(2 * 86_400),
        }
    }
}

impl KeySettings {
    pub(super) fn validate(&self, problems: &mut Problems) {
        problems.require(
            self.publish_before >= CACHED,
            "keys.publish_before",
            "must be at least 1h: applications keep the JWKS for so long",
        );
        problems.require(
            self.active_for > self.publish_before && self.active_for <= LONGEST,
            "keys.active_for",
            "must be longer than keys.publish_before, and at most 3650d",
        );
        problems.require(
            (SHORTEST_RETIREMENT..=LONGEST).contains(&self.retire_for),
            "keys.retire_for",
            "must be between 25h and 3650d: tokens live for a day at most, and applications keep the \
             JWKS for an hour",
        );
    }
}
