//! WIT `symbolon:mapping@1.x` and its conversion to and from the contract's types (WP-25, WP-30).

use symbolon_contract as contract;

mod bindings {
    wasmtime::component::bindgen!({
        path: "../../schemas/wit/symbolon-mapping-1.0.0",
        world: "mapping-plugin",
    });
}

pub(crate) use bindings::MappingPlugin;
pub(crate) use bindings::MappingPluginPre;
use bindings::exports::symbolon::mapping::mapper as wit;
use bindings::symbolon::mapping::types::Attribute;

pub(crate) fn request(request: contract::MappingRequest) -> wit::MappingRequest {
    wit::MappingRequest {
        purpose: request.purpose,
        connector: request.connector,
        kind: request.kind,
        issuer: request.issuer,
        subject: request.subject,
        now: request.now,
        attributes: request
            .attributes
            .into_iter()
            .map(|one| Attribute { name: one.name, values: one.values })
            .collect(),
        claims_json: request.claims_json,
        groups: request.groups,
        groups_complete: request.groups_complete,
        extra: request.extra,
    }
}

pub(crate) fn decision(decision: wit::MappingDecision) -> contract::MappingDecision {
    match decision {
        wit::MappingDecision::Deny(denial) => contract::MappingDecision::Deny(contract::Denial {
            code: denial.code,
            message: denial.message,
        }),
        wit::MappingDecision::Allow(allowed) => {
            contract::MappingDecision::Allow(contract::Mapping {
                fields: allowed
                    .fields
                    .into_iter()
                    .map(|one| contract::Field { name: one.name, values: one.values })
                    .collect(),
                grants: allowed
                    .grants
                    .into_iter()
                    .map(|one| contract::Grant { role: one.role, because: one.because })
                    .collect(),
                notes: allowed.notes,
            })
        }
    }
}

pub(crate) fn failure(failure: wit::Failure) -> contract::Failure {
    contract::Failure { code: failure.code, message: failure.message, path: failure.path }
}

/// An unknown severity is shown as information (WP-24).
pub(crate) fn diagnostic(diagnostic: wit::Diagnostic) -> contract::Diagnostic {
    let severity = match diagnostic.severity.as_str() {
        "error" => contract::Severity::Error,
        "warning" => contract::Severity::Warning,
        _ => contract::Severity::Info,
    };
    contract::Diagnostic { severity, path: diagnostic.path, message: diagnostic.message }
}

pub(crate) fn description(description: wit::Description) -> contract::Description {
    contract::Description {
        name: description.name,
        version: description.version,
        summary: description.summary,
        config_schema: description.config_schema,
        example_config: description.example_config,
    }
}
