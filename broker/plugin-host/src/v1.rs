//! WIT `symbolon:mapping@1.x` and its conversion to and from the contract's types (WP-25, WP-30).

use symbolon_contract as contract;
use wasmtime::component::{Component, InstancePre, Linker};
use wasmtime::{Engine, Store};

mod bindings {
    // The newest 1.x: wasmtime looks exports up by compatible version, so it serves all of 1.x.
    wasmtime::component::bindgen!({
        path: "../../schemas/wit/symbolon-mapping-1.1.0",
        world: "prepared-plugin",
    });
}

pub(crate) use bindings::exports::symbolon::mapping::mapper::Guest as Mapper;
pub(crate) use bindings::exports::symbolon::mapping::prepared::Guest as PreparedMapper;
use bindings::exports::symbolon::mapping::{mapper as wit, prepared};
use bindings::symbolon::mapping::types::Attribute;
pub(crate) use bindings::symbolon::mapping::types::{Failure, MappingDecision as Decision};

use crate::call::Guest;

/// A linked component and where its functions are.
#[derive(Clone)]
pub(crate) struct Plugin {
    linked: InstancePre<Guest>,
    mapper: wit::GuestIndices,
    prepared: Option<prepared::GuestIndices>,
}

impl Plugin {
    /// Finds the functions by name. Their types are compared at each instantiation only (WP-32).
    pub(crate) fn link(
        engine: &Engine,
        component: &Component,
        prepares: bool,
    ) -> wasmtime::Result<Self> {
        let linked = Linker::new(engine).instantiate_pre(component)?;
        let mapper = wit::GuestIndices::new(&linked)?;
        let prepared = if prepares { Some(prepared::GuestIndices::new(&linked)?) } else { None };
        Ok(Self { linked, mapper, prepared })
    }

    pub(crate) fn prepares(&self) -> bool {
        self.prepared.is_some()
    }

    pub(crate) fn mapper(&self, store: &mut Store<Guest>) -> wasmtime::Result<Mapper> {
        let instance = self.linked.instantiate(&mut *store)?;
        self.mapper.load(store, &instance)
    }

    pub(crate) fn prepared(&self, store: &mut Store<Guest>) -> wasmtime::Result<PreparedMapper> {
        let instance = self.linked.instantiate(&mut *store)?;
        let indices = self.prepared.as_ref();
        indices.ok_or_else(|| wasmtime::format_err!("no prepared mapper"))?.load(store, &instance)
    }
}

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
