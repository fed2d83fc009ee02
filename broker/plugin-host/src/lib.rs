//! Runs mapping plugins: the only owner of wasmtime.
//!
//! Owns: the engine, the check of uploaded bytes, compiled modules by digest, the limits of a call and
//! the check of what a plugin says. Does not own: which plugin a tenant has active, the role
//! catalogue, failure policy, storage (`identity::mapping`).
//! `host` the public face · `engine` settings and tick · `inspect` bytes before compilation · `module`
//! compiled plugin · `cache` by digest · `queue` who may run · `call` one fresh instance · `output`
//! what may leave it · `v1` WIT 1.x. Compilation in a child process with an on-disk cache, and
//! signatures, will stand between `inspect` and `module` (wasm.md §8).

mod bundled;
mod cache;
mod call;
mod engine;
mod error;
mod host;
mod input;
mod inspect;
mod limiter;
mod limits;
mod module;
mod output;
mod queue;
mod v1;

pub use call::CallReport;
pub use error::{CallError, HostError, LoadError};
pub use host::PluginHost;
pub use limits::{Limits, OutputLimits};
