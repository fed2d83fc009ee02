//! One call: a fresh store and instance with all limits set, dropped afterwards (WP-4, WP-38).

use std::time::{Duration, Instant};

use symbolon_contract::{Description, Diagnostic, MappingDecision, MappingRequest};
use wasmtime::{Engine, Store, Trap};

use crate::engine::ticks;
use crate::error::CallError;
use crate::limiter::MemoryLimiter;
use crate::limits::Limits;
use crate::output;
use crate::v1::{self, Mapper, Plugin, PreparedMapper};

/// A decision and what it cost.
#[derive(Debug, Clone)]
pub struct CallReport {
    /// What the plugin decided; strings and counts are checked, roles are not.
    pub decision: MappingDecision,
    /// Fuel that the mapping used, comparable between machines of one release (WP-61).
    pub fuel_used: u64,
    /// Fuel that it may use.
    pub fuel_limit: u64,
    /// Fuel for preparing the configuration, in the one call that had to.
    pub prepare_fuel: Option<u64>,
    /// Linear memory in bytes.
    pub peak_memory: usize,
    /// Wall-clock time of the call, without waiting for its turn.
    pub duration: Duration,
}

impl CallReport {
    /// The share of the fuel limit that the mapping used; warn from 0.5 (WP-58).
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "a share for people, not an amount")]
    pub fn fuel_ratio(&self) -> f64 {
        self.fuel_used as f64 / (self.fuel_limit.max(1)) as f64
    }
}

/// A configuration in the form that its plugin asked to get back.
pub(crate) struct Prepared {
    pub(crate) bytes: Vec<u8>,
    pub(crate) fuel: u64,
    pub(crate) duration: Duration,
}

/// What a store of ours holds.
pub(crate) struct Guest {
    limiter: MemoryLimiter,
    hostcall_fuel: usize,
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
    pub(crate) plugin: &'a Plugin,
}

type WitDecision = Result<v1::Decision, v1::Failure>;

impl Caller<'_> {
    pub(crate) fn prepares(&self) -> bool {
        self.plugin.prepares()
    }

    pub(crate) fn describe(&self) -> Result<Description, CallError> {
        let answer = self.run_mapper(|mapper, store| mapper.call_describe(store))?;
        output::description(v1::description(answer.value), &self.limits.output)
    }

    pub(crate) fn check_config(&self, config: &str) -> Result<Vec<Diagnostic>, CallError> {
        let answer = self.run_mapper(|mapper, store| mapper.call_check_config(store, config))?;
        let diagnostics = answer.value.into_iter().map(v1::diagnostic).collect();
        output::diagnostics(diagnostics, &self.limits.output)
    }

    pub(crate) fn map_login(
        &self,
        config: &str,
        request: MappingRequest,
    ) -> Result<CallReport, CallError> {
        let request = v1::request(request);
        let map = |mapper: &Mapper, store: &mut Store<Guest>| {
            mapper.call_map_login(store, config, &request)
        };
        self.report(self.run_mapper(map)?)
    }

    pub(crate) fn prepare(&self, config: &str) -> Result<Prepared, CallError> {
        let prepare =
            |mapper: &PreparedMapper, store: &mut Store<Guest>| mapper.call_prepare(store, config);
        let answer = self.run_prepared(prepare, self.limits.prepared_bytes_each)?;
        let bytes = answer.value.map_err(|failure| self.failed(failure))?;
        Ok(Prepared { bytes, fuel: answer.fuel_used, duration: answer.duration })
    }

    pub(crate) fn map_prepared(
        &self,
        prepared: &[u8],
        request: MappingRequest,
    ) -> Result<CallReport, CallError> {
        let request = v1::request(request);
        let map = |mapper: &PreparedMapper, store: &mut Store<Guest>| {
            mapper.call_map_prepared(store, prepared, &request)
        };
        self.report(self.run_prepared(map, self.limits.hostcall_fuel)?)
    }

    fn report(&self, answer: Answer<WitDecision>) -> Result<CallReport, CallError> {
        let decision = answer.value.map(v1::decision).map_err(|failure| self.failed(failure))?;
        output::check_decision(&decision, &self.limits.output)?;
        Ok(CallReport {
            decision,
            fuel_used: answer.fuel_used,
            fuel_limit: self.limits.fuel,
            prepare_fuel: None,
            peak_memory: answer.peak_memory,
            duration: answer.duration,
        })
    }

    fn failed(&self, failure: v1::Failure) -> CallError {
        CallError::Failed(output::failure(v1::failure(failure), &self.limits.output))
    }

    fn run_mapper<T>(
        &self,
        work: impl FnOnce(&Mapper, &mut Store<Guest>) -> wasmtime::Result<T>,
    ) -> Result<Answer<T>, CallError> {
        self.run(self.limits.hostcall_fuel, |store| self.plugin.mapper(store), work)
    }

    fn run_prepared<T>(
        &self,
        work: impl FnOnce(&PreparedMapper, &mut Store<Guest>) -> wasmtime::Result<T>,
        hostcall_fuel: usize,
    ) -> Result<Answer<T>, CallError> {
        self.run(hostcall_fuel, |store| self.plugin.prepared(store), work)
    }

    fn run<G, T>(
        &self,
        hostcall_fuel: usize,
        instantiate: impl FnOnce(&mut Store<Guest>) -> wasmtime::Result<G>,
        work: impl FnOnce(&G, &mut Store<Guest>) -> wasmtime::Result<T>,
    ) -> Result<Answer<T>, CallError> {
        let started = Instant::now();
        let limits = self.limits;
        let guest = Guest { limiter: MemoryLimiter::new(limits), hostcall_fuel };
        let mut store = Store::new(self.engine, guest);
        store.limiter(|guest| &mut guest.limiter);
        store.set_hostcall_fuel(hostcall_fuel);
        store.set_epoch_deadline(ticks(limits.epoch_timeout));
        store.set_fuel(limits.fuel).map_err(|error| CallError::Host(error.to_string()))?;

        let guest = instantiate(&mut store).map_err(|error| {
            limit_of(&error, &store, limits).unwrap_or_else(|| {
                CallError::NotInstantiable(output::cleaned(&format!("{error:#}"), 500))
            })
        })?;
        let value = work(&guest, &mut store).map_err(|error| {
            limit_of(&error, &store, limits).unwrap_or_else(|| {
                let why = format!("does not follow the interface: {}", error.root_cause());
                CallError::OutputRefused {
                    field: "answer".to_owned(),
                    why: output::cleaned(&why, 500),
                }
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
            Some(CallError::OutputTooLarge { limit: store.data().hostcall_fuel })
        }
        None => None,
    }
}
