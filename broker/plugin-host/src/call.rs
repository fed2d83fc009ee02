//! One call: a fresh store and instance with all limits set, dropped afterwards (WP-4, WP-38).

use std::time::{Duration, Instant};

use symbolon_contract::{Description, Diagnostic, MappingDecision, MappingRequest};
use wasmtime::{Engine, Store, Trap};

use crate::engine::ticks;
use crate::error::CallError;
use crate::limiter::MemoryLimiter;
use crate::limits::Limits;
use crate::output;
use crate::v1::{self, MappingPlugin, MappingPluginPre};

/// A decision and what it cost.
#[derive(Debug, Clone)]
pub struct CallReport {
    /// What the plugin decided; strings and counts are checked, roles are not.
    pub decision: MappingDecision,
    /// Fuel used, comparable between machines of one release (WP-61).
    pub fuel_used: u64,
    /// Linear memory in bytes.
    pub peak_memory: usize,
    /// Wall-clock time of the call, without waiting for its turn.
    pub duration: Duration,
}

/// What a store of ours holds.
pub(crate) struct Guest {
    limiter: MemoryLimiter,
}

struct Answer<T> {
    value: T,
    fuel_used: u64,
    peak_memory: usize,
    duration: Duration,
}

/// Everything a call needs besides its arguments.
pub(crate) struct Caller<'a> {
    pub(crate) engine: &'a Engine,
    pub(crate) limits: &'a Limits,
    pub(crate) plugin: &'a MappingPluginPre<Guest>,
}

impl Caller<'_> {
    pub(crate) fn describe(&self) -> Result<Description, CallError> {
        let answer =
            self.run(|plugin, store| plugin.symbolon_mapping_mapper().call_describe(store))?;
        output::description(v1::description(answer.value), &self.limits.output)
    }

    pub(crate) fn check_config(&self, config: &str) -> Result<Vec<Diagnostic>, CallError> {
        let answer = self.run(|plugin, store| {
            plugin.symbolon_mapping_mapper().call_check_config(store, config)
        })?;
        let diagnostics = answer.value.into_iter().map(v1::diagnostic).collect();
        output::diagnostics(diagnostics, &self.limits.output)
    }

    pub(crate) fn map_login(
        &self,
        config: &str,
        request: MappingRequest,
    ) -> Result<CallReport, CallError> {
        let request = v1::request(request);
        let answer = self.run(|plugin, store| {
            plugin.symbolon_mapping_mapper().call_map_login(store, config, &request)
        })?;
        let limits = &self.limits.output;
        let decision = answer
            .value
            .map(v1::decision)
            .map_err(|failure| CallError::Failed(output::failure(v1::failure(failure), limits)))?;
        output::check_decision(&decision, limits)?;
        Ok(CallReport {
            decision,
            fuel_used: answer.fuel_used,
            peak_memory: answer.peak_memory,
            duration: answer.duration,
        })
    }

    fn run<T>(
        &self,
        work: impl FnOnce(&MappingPlugin, &mut Store<Guest>) -> wasmtime::Result<T>,
    ) -> Result<Answer<T>, CallError> {
        let started = Instant::now();
        let limits = self.limits;
        let guest = Guest { limiter: MemoryLimiter::new(limits) };
        let mut store = Store::new(self.engine, guest);
        store.limiter(|guest| &mut guest.limiter);
        store.set_hostcall_fuel(limits.hostcall_fuel);
        store.set_epoch_deadline(ticks(limits.epoch_timeout));
        store.set_fuel(limits.fuel).map_err(|error| CallError::Host(error.to_string()))?;

        let plugin = self.plugin.instantiate(&mut store).map_err(|error| {
            limit_of(&error, &store, limits)
                .unwrap_or_else(|| CallError::NotInstantiable(format!("{error:#}")))
        })?;
        let value = work(&plugin, &mut store).map_err(|error| {
            limit_of(&error, &store, limits).unwrap_or_else(|| CallError::OutputRefused {
                field: "answer".to_owned(),
                why: format!("does not follow the interface: {}", error.root_cause()),
            })
        })?;
        let left = store.get_fuel().map_err(|error| CallError::Host(error.to_string()))?;
        Ok(Answer {
            value,
            fuel_used: limits.fuel.saturating_sub(left),
            peak_memory: store.data().limiter.peak(),
            duration: started.elapsed(),
        })
    }
}

/// The limit that was hit, or the crash. None if the error is neither.
fn limit_of(error: &wasmtime::Error, store: &Store<Guest>, limits: &Limits) -> Option<CallError> {
    let refused_memory = store.data().limiter.refused();
    match error.downcast_ref::<Trap>() {
        Some(Trap::OutOfFuel) => Some(CallError::OutOfFuel { limit: limits.fuel }),
        Some(Trap::Interrupt) => Some(CallError::TimedOut { limit: limits.epoch_timeout }),
        _ if refused_memory => Some(CallError::MemoryLimit { limit: limits.memory_bytes }),
        Some(trap) => Some(CallError::Trapped(trap.to_string())),
        // wasmtime keeps the type of this error to itself; a fixture test holds the text in place.
        None if error.root_cause().to_string().contains("too much data is being copied") => {
            Some(CallError::OutputTooLarge { limit: limits.hostcall_fuel })
        }
        None => None,
    }
}
