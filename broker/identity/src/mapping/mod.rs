//! The customer's rules: builds the plugin's request, runs the active version, judges the decision.
//!
//! Owns: when the plugin is called, what it is told, which of its decisions count, and what follows from
//! failures. Does not own: wasm (`plugin-host`), the identity key (computed before the call; no output field
//! can change it, WP-93) or what happens to the user (`provisioning`).
//! A *target* (a connector, or an application) has versions: a plugin and its configuration.
//!
//! | file | holds |
//! |---|---|
//! | `input`, `request`, `groups` | what is asked, and how much of it a plugin is told |
//! | `rulebook`, `released` | what of a decision counts: for a user, for an application's claims |
//! | `active`, `ready`, `ask` | the version that decides, its module, one question |
//! | `run`, `consequences`, `last_known`, `shadow` | a sign-in: failures counted, policy, the version beside |
//! | `verdict` | decisions compared |
//! | `trial`, `samples`, `case`, `cases` | a version is tried before it counts |
//! | `replay` | two versions are asked about recorded sign-ins |
//! | `policy`, `defaults` | what a tenant chooses; the first rules of a connector |

mod active;
mod ask;
mod case;
pub(crate) mod cases;
mod consequences;
mod defaults;
mod error;
mod groups;
mod input;
mod last_known;
mod policy;
mod ready;
mod released;
mod replay;
mod request;
mod rulebook;
mod run;
mod samples;
mod shadow;
#[cfg(test)]
mod tests;
mod trial;
mod verdict;

pub(crate) use active::{active_mapping, policy_of, rulebook};
pub(crate) use ask::{Purpose, ask};
pub use case::{CaseLogin, MappingCase};
pub use consequences::QUARANTINE_AFTER;
pub use defaults::default_rules;
pub use error::MappingError;
pub use input::MappingInput;
pub use policy::{MappingPolicy, OnFailure, UnknownRole};
pub(crate) use ready::ready;
pub(crate) use released::{ClaimKind, claim_name, is_claim_name, kind_of, write as write_released};
pub use replay::{PersonDifference, ReplayReport};
pub(crate) use replay::{Replay, ReplayedSignIn};
pub(crate) use rulebook::Rulebook;
pub(crate) use run::{preview, release, run};
pub(crate) use trial::try_version;
pub use trial::{CaseResult, SampleResult, TrialError, TrialReport};
pub use verdict::{Difference, FieldDifference, Verdict, difference};

use symbolon_contract::{Mapping, PluginDigest, ReasonCode};
use symbolon_storage::MappingVersion;

/// A judged decision and which version made it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MappingOutcome {
    /// What the plugin allows; every grant is in the tenant's catalogue.
    pub mapping: Mapping,
    /// The plugin.
    pub plugin: PluginDigest,
    /// The version of its configuration.
    pub version: i32,
    /// Whether the plugin said so now.
    pub answered: Answered,
    /// What was left out or done instead, for the audit trail.
    pub remarks: Vec<String>,
    /// Fuel used.
    pub fuel: u64,
}

/// Where an outcome comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answered {
    /// The plugin decided now.
    Now,
    /// The plugin failed, and the person keeps fields and roles of the last good mapping (WP-88).
    LastKnown {
        /// How it failed.
        because: ReasonCode,
    },
}

impl MappingOutcome {
    /// Leaves everything as it is.
    fn nothing_new(version: &MappingVersion) -> Self {
        Self {
            mapping: Mapping::default(),
            plugin: version.plugin_digest.clone(),
            version: version.version,
            answered: Answered::Now,
            remarks: Vec::new(),
            fuel: 0,
        }
    }
}
