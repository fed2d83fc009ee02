//! `[outgoing]`: what the broker may call, and how long it waits.

use std::path::PathBuf;

use ipnet::IpNet;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::human_duration::HumanDuration;
use super::networks;
use super::problems::Problems;

/// What the broker may call, and how long it waits.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct OutgoingSettings {
    /// Private, loopback or link-local networks that connectors may call all the same.
    #[serde(deserialize_with = "networks::deserialize")]
    #[schemars(with = "Vec<String>")]
    pub allow_private: Vec<IpNet>,
    /// A PEM file with further certification authorities.
    pub extra_ca_file: Option<PathBuf>,
    /// Longest wait for a connection.
    pub connect_timeout: HumanDuration,
    /// Longest wait for a whole answer.
    pub timeout: HumanDuration,
    /// Largest answer that is read.
    pub max_response_bytes: usize,
}

impl Default for OutgoingSettings {
    fn default() -> Self {
        Self {
            allow_private: Vec::new(),
            extra_ca_file: None,
            connect_timeout: HumanDuration::from_secs(3),
            timeout: HumanDuration::from_secs(10),
            max_response_bytes: 1_048_576,
        }
    }
}

impl OutgoingSettings {
    pub(super) fn validate(&self, problems: &mut Problems) {
        problems.require(
            !self.connect_timeout.as_duration().is_zero() && self.connect_timeout <= self.timeout,
            "outgoing.connect_timeout",
            "must be longer than nothing and not longer than outgoing.timeout",
        );
        problems.require(
            self.timeout <= HumanDuration::from_secs(60),
            "outgoing.timeout",
            "must be at most 1m: a person is waiting",
        );
        problems.require(
            (4_096..=67_108_864).contains(&self.max_response_bytes),
            "outgoing.max_response_bytes",
            "must be between 4096 and 67108864",
        );
    }
}
