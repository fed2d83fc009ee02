//! The wasm shell: WIT bindings and their conversion to and from the contract's types.

use crate::{Failure, MappingDecision, MappingPlugin, MappingRequest, Severity};

wit_bindgen::generate!({
    path: "../../schemas/wit/symbolon-mapping-1.0.0",
    world: "mapping-plugin",
    pub_export_macro: true,
});

use exports::symbolon::mapping::mapper as wit_mapper;
use symbolon::mapping::types as wit;

/// Names the plugin that a component exports.
pub trait Plugin {
    /// The plugin's logic.
    type Inner: MappingPlugin;
}

impl<P: Plugin> wit_mapper::Guest for P {
    fn describe() -> wit::Description {
        let own = P::Inner::describe();
        wit::Description {
            name: own.name,
            version: own.version,
            summary: own.summary,
            config_schema: own.config_schema,
            example_config: own.example_config,
        }
    }

    fn check_config(plugin_config: String) -> Vec<wit::Diagnostic> {
        let found = crate::check_config::<P::Inner>(&plugin_config);
        found
            .into_iter()
            .map(|one| wit::Diagnostic {
                severity: severity(one.severity).to_owned(),
                path: one.path,
                message: one.message,
            })
            .collect()
    }

    fn map_login(
        plugin_config: String,
        request: wit::MappingRequest,
    ) -> Result<wit::MappingDecision, wit::Failure> {
        crate::map_login::<P::Inner>(&plugin_config, &request_from(request))
            .map(decision)
            .map_err(
                |Failure {
                     code,
                     message,
                     path,
                 }| wit::Failure {
                    code,
                    message,
                    path,
                },
            )
    }
}

fn severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Info => "info",
    }
}

fn request_from(request: wit::MappingRequest) -> MappingRequest {
    MappingRequest {
        purpose: request.purpose,
        connector: request.connector,
        kind: request.kind,
        issuer: request.issuer,
        subject: request.subject,
        now: request.now,
        attributes: request
            .attributes
            .into_iter()
            .map(|one| crate::Attribute {
                name: one.name,
                values: one.values,
            })
            .collect(),
        claims_json: request.claims_json,
        groups: request.groups,
        groups_complete: request.groups_complete,
        extra: request.extra,
    }
}

fn decision(decision: MappingDecision) -> wit::MappingDecision {
    match decision {
        MappingDecision::Deny(crate::Denial { code, message }) => {
            wit::MappingDecision::Deny(wit::Denial { code, message })
        }
        MappingDecision::Allow(allowed) => wit::MappingDecision::Allow(wit::Mapping {
            fields: allowed
                .fields
                .into_iter()
                .map(|one| wit::Field {
                    name: one.name,
                    values: one.values,
                })
                .collect(),
            grants: allowed
                .grants
                .into_iter()
                .map(|one| wit::Grant {
                    role: one.role,
                    because: one.because,
                })
                .collect(),
            notes: allowed.notes,
        }),
    }
}
