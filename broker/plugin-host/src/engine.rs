//! The one engine of the process and the thread that moves its epoch.

use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::time::Duration;

use wasmtime::{Config, Engine};

use crate::error::HostError;

/// Length of one epoch tick (WP-40).
const TICK: Duration = Duration::from_millis(10);

/// Engine settings of WP-36. Everything that plugins do not need is off.
pub(crate) fn engine() -> Result<Engine, HostError> {
    build(true)
}

/// The engine of a process that compiles one component and ends: one thread, so that its limit of CPU
/// time is one of time, and a second core stays with those who sign in. Its code is the same.
pub(crate) fn compiler_engine() -> Result<Engine, HostError> {
    build(false)
}

fn build(parallel: bool) -> Result<Engine, HostError> {
    let mut config = Config::new();
    config
        .wasm_component_model(true)
        .consume_fuel(true)
        .epoch_interruption(true)
        .max_wasm_stack(512 << 10)
        .concurrency_support(false)
        .wasm_relaxed_simd(false)
        .wasm_memory64(false)
        .cranelift_nan_canonicalization(true)
        .wasm_backtrace_max_frames(None)
        .parallel_compilation(parallel);
    Engine::new(&config).map_err(|error| HostError::Engine(error.to_string()))
}

/// Moves the epoch until it is dropped. An OS thread, not a timer of the runtime: that one stalls or
/// bursts under load. It holds the engine weakly, so that it never keeps compiled code alive.
pub(crate) struct Ticker {
    _stop: Sender<()>,
}

impl Ticker {
    pub(crate) fn start(engine: &Engine) -> Result<Self, HostError> {
        let engine = engine.weak();
        let (stop, stopped) = channel::<()>();
        std::thread::Builder::new()
            .name("plugin-epoch".to_owned())
            .spawn(move || {
                while stopped.recv_timeout(TICK) == Err(RecvTimeoutError::Timeout) {
                    let Some(engine) = engine.upgrade() else {
                        return;
                    };
                    engine.increment_epoch();
                }
            })
            .map_err(|error| HostError::Thread(error.to_string()))?;
        Ok(Self { _stop: stop })
    }
}

/// The deadline that lets a call run at least this long.
pub(crate) fn ticks(timeout: Duration) -> u64 {
    let ticks = timeout.as_millis().div_ceil(TICK.as_millis()) + 1;
    u64::try_from(ticks).unwrap_or(u64::MAX)
}
