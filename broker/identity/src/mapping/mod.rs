//! The customer's rules: builds the plugin's request, runs the active version, checks the decision.
//!
//! Owns: when the plugin is called, what it is told and which of its grants count. Does not own: wasm
//! (`plugin-host`), the identity key (computed before the call; no output field can change it, WP-93)
//! or what happens to the user (`provisioning`). Versions, replay and shadow runs get their files here.

mod decision;
mod defaults;
mod error;
mod groups;
mod input;
mod request;
mod run;

pub use defaults::default_rules;
pub use error::MappingError;
pub use input::MappingInput;
pub(crate) use run::{active_mapping, ensure_loaded, run};

use symbolon_contract::{Mapping, PluginDigest};

/// A checked decision and which version made it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MappingOutcome {
    /// What the plugin allows; every grant is in the tenant's catalogue.
    pub mapping: Mapping,
    /// The plugin.
    pub plugin: PluginDigest,
    /// The version of its configuration.
    pub version: i32,
}
