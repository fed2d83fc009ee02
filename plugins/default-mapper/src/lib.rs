//! The bundled mapping plugin: attribute rows and group rows, edited as JSON.
//!
//! Owns: the rules ([`rules`]), what they say about one sign-in ([`map`]) and what is wrong with
//! them ([`check`]). Knows nothing of tenants, users or the role catalogue: the host checks those.
//! The format is documented in `docs/src/reference/mapping-rules.md`.

mod check;
mod map;
pub mod rules;

use symbolon_plugin_sdk::{
    Description, Diagnostic, Failure, MappingDecision, MappingPlugin, MappingRequest,
};

/// The bundled plugin.
pub struct DefaultMapper;

symbolon_plugin_sdk::export_plugin!(DefaultMapper);

impl MappingPlugin for DefaultMapper {
    type Rules = rules::Rules;

    fn describe() -> Description {
        Description {
            name: "default-mapper".to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            summary: "Copies claims to user fields and grants roles by group.".to_owned(),
            config_schema: include_str!("../schema/rules.schema.json").to_owned(),
            example_config: include_str!("../schema/example.json").to_owned(),
        }
    }

    fn check(config: &serde_json::Value) -> Vec<Diagnostic> {
        check::check(config)
    }

    fn map(rules: &Self::Rules, request: &MappingRequest) -> Result<MappingDecision, Failure> {
        map::map(rules, request)
    }
}
