//! What a tenant chooses for the day on which its plugin fails. There is no open choice (WP-11, WP-87).

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How failures of a mapping are answered; one for each connector.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct MappingPolicy {
    /// What happens when the plugin gives no decision.
    pub on_failure: OnFailure,
    /// How long after a person's last good mapping `last_known` may answer, in hours (1 to 720).
    pub last_known_hours: u32,
    /// What happens to a granted role that the catalogue does not hold.
    pub unknown_role: UnknownRole,
}

/// What happens when the plugin gives no decision.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum OnFailure {
    /// Nobody gets in.
    #[default]
    Closed,
    /// People who are known keep the fields and roles of their last mapping for a while; new ones are refused.
    LastKnown,
}

/// What happens to a granted role that the catalogue does not hold (WP-94).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum UnknownRole {
    /// The sign-in is refused.
    #[default]
    Refuse,
    /// The role is left out, and the audit trail says so.
    Drop,
}

/// The longest time that `last_known` may answer.
const MOST_HOURS: u32 = 30 * 24;

impl Default for MappingPolicy {
    fn default() -> Self {
        Self {
            on_failure: OnFailure::default(),
            last_known_hours: 24,
            unknown_role: UnknownRole::default(),
        }
    }
}

impl MappingPolicy {
    /// Everything that is wrong with it.
    #[must_use]
    pub fn problems(&self) -> Vec<String> {
        if (1..=MOST_HOURS).contains(&self.last_known_hours) {
            return Vec::new();
        }
        vec![format!("last_known_hours: must be between 1 and {MOST_HOURS}")]
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn wp87_closed_is_the_default_and_open_does_not_exist() {
        let policy: MappingPolicy = serde_json::from_value(json!({})).unwrap();
        assert_eq!(policy, MappingPolicy::default());
        assert_eq!(policy.on_failure, OnFailure::Closed);
        assert!(serde_json::from_value::<MappingPolicy>(json!({ "on_failure": "open" })).is_err());
        assert!(serde_json::from_value::<MappingPolicy>(json!({ "unknown": 1 })).is_err());
    }

    #[test]
    fn wp88_the_last_known_mapping_is_bounded() {
        for (hours, fine) in [(0, false), (1, true), (720, true), (721, false)] {
            let policy = MappingPolicy { last_known_hours: hours, ..MappingPolicy::default() };
            assert_eq!(policy.problems().is_empty(), fine, "{hours}");
        }
    }
}
