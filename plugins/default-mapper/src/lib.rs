//! The bundled mapping plugin: attribute rows, role rows and denials, each a table row or a CEL expression.
//!
//! Owns: the rules as an admin writes them ([`rules`]), their form for the machine ([`plan`]), what they say
//! about one sign-in (`map`), and what is wrong with them (`check`). `cel` is the only place that knows the
//! CEL crate. Knows nothing of tenants, users or the role catalogue: the host checks those.
//! The format is documented in `docs/src/reference/mapping-rules.md`.

pub mod cel;
mod check;
mod claims;
mod groups;
mod map;
pub mod plan;
pub mod rules;
mod text;

use symbolon_plugin_sdk::{
    Description, Diagnostic, Failure, MappingDecision, MappingPlugin, MappingRequest,
    PreparedPlugin,
};

use crate::plan::Plan;

/// The bundled plugin.
pub struct DefaultMapper;

symbolon_plugin_sdk::export_prepared_plugin!(DefaultMapper);

impl MappingPlugin for DefaultMapper {
    type Rules = rules::Rules;

    fn describe() -> Description {
        Description {
            name: "default-mapper".to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            summary: "Copies claims to user fields, grants roles by group, refuses by condition; any row may be \
                      a CEL expression."
                .to_owned(),
            config_schema: include_str!("../schema/rules.schema.json").to_owned(),
            example_config: include_str!("../schema/example.json").to_owned(),
        }
    }

    fn check(config: &serde_json::Value) -> Vec<Diagnostic> {
        check::check(config)
    }

    fn map(rules: &Self::Rules, request: &MappingRequest) -> Result<MappingDecision, Failure> {
        let plan = Plan::of(rules)?;
        let decision = map::map(&plan, request);
        map::leave(plan);
        decision
    }
}

impl PreparedPlugin for DefaultMapper {
    fn prepare(rules: &Self::Rules) -> Result<Vec<u8>, Failure> {
        Ok(Plan::of(rules)?.encode())
    }

    fn map_prepared(prepared: &[u8], request: &MappingRequest) -> Result<MappingDecision, Failure> {
        let plan = Plan::decode(prepared)?;
        let decision = map::map(&plan, request);
        map::leave(plan);
        decision
    }
}
