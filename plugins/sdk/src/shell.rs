//! The wasm shell: the checked-in WIT bindings, and their conversion to and from the contract's types.

use crate::{Failure, MappingDecision, MappingPlugin, MappingRequest, PreparedPlugin, Severity};

#[expect(unsafe_code, missing_docs, reason = "generated, see plugins/bindgen")]
#[rustfmt::skip]
#[path = "bindings/mapping.rs"]
pub mod mapping;
#[expect(unsafe_code, missing_docs, reason = "generated, see plugins/bindgen")]
#[rustfmt::skip]
#[path = "bindings/prepared.rs"]
pub mod prepared;

use mapping::symbolon::mapping::types as wit;

/// Names the plugin that a component exports.
pub trait Plugin {
    /// The plugin's logic.
    type Inner: MappingPlugin;
}

/// Both worlds have the interface `mapper`.
macro_rules! mapper {
    ($world:ident) => {
        impl<P: Plugin> $world::exports::symbolon::mapping::mapper::Guest for P {
            fn describe() -> wit::Description {
                describe::<P::Inner>()
            }

            fn check_config(plugin_config: String) -> Vec<wit::Diagnostic> {
                check_config::<P::Inner>(&plugin_config)
            }

            fn map_login(
                plugin_config: String,
                request: wit::MappingRequest,
            ) -> Result<wit::MappingDecision, wit::Failure> {
                let request = request_from(request);
                let decision = answer(crate::map_login::<P::Inner>(&plugin_config, &request));
                leave((request, plugin_config));
                decision
            }
        }
    };
}
mapper!(mapping);
mapper!(prepared);

impl<P: Plugin<Inner: PreparedPlugin>> prepared::exports::symbolon::mapping::prepared::Guest for P {
    fn prepare(plugin_config: String) -> Result<Vec<u8>, wit::Failure> {
        crate::prepare::<P::Inner>(&plugin_config).map_err(failure)
    }

    fn map_prepared(
        prepared: Vec<u8>,
        request: wit::MappingRequest,
    ) -> Result<wit::MappingDecision, wit::Failure> {
        let request = request_from(request);
        let decision = answer(crate::map_prepared::<P::Inner>(&prepared, &request));
        leave((request, prepared));
        decision
    }
}

/// The instance ends with the call: giving back what it holds would be for nothing.
fn leave<T>(value: T) {
    core::mem::forget(value);
}

fn describe<P: MappingPlugin>() -> wit::Description {
    let own = P::describe();
    wit::Description {
        name: own.name,
        version: own.version,
        summary: own.summary,
        config_schema: own.config_schema,
        example_config: own.example_config,
    }
}

fn check_config<P: MappingPlugin>(config: &str) -> Vec<wit::Diagnostic> {
    let found = crate::check_config::<P>(config).into_iter();
    found
        .map(|one| wit::Diagnostic {
            severity: severity(one.severity).to_owned(),
            path: one.path,
            message: one.message,
        })
        .collect()
}

fn severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Info => "info",
    }
}

fn answer(result: Result<MappingDecision, Failure>) -> Result<wit::MappingDecision, wit::Failure> {
    result.map(decision).map_err(failure)
}

fn failure(failure: Failure) -> wit::Failure {
    wit::Failure {
        code: failure.code,
        message: failure.message,
        path: failure.path,
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
