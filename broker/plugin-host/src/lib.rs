//! Runs mapping plugins: the only owner of wasmtime.
//!
//! Owns: the engine, the check of uploaded bytes and signatures, compilation in a process of its own, the
//! cache folder, modules by digest, the limits of a call, the check of what a plugin says. Does not own:
//! which plugin a tenant has active, the role catalogue, failure policy, storage (`identity::mapping`).
//! `host` the public face · `options` its settings · `engine` settings and tick · `inspect` bytes before
//! compilation · `compile` native code · `module` a tried plugin · `cache` by digest · `queue` and
//! `allowance` who may run · `call` one fresh instance · `prepared` configurations read once · `output` what may leave a
//! plugin · `v1` WIT 1.x · `signature` minisign.

mod allowance;
mod bundled;
mod cache;
mod call;
mod class;
mod compile;
mod engine;
mod error;
mod host;
mod input;
mod inspect;
mod limiter;
mod limits;
mod module;
mod options;
mod output;
mod prepared;
mod queue;
mod signature;
mod v1;

pub use call::CallReport;
pub use class::Class;
pub use compile::{ChildLimits, compile_child};
pub use error::{CallError, HostError, LoadError};
pub use host::PluginHost;
pub use limits::{Limits, OutputLimits};
pub use options::{CacheFolder, Compile, HostOptions, Inspection, LoadSource, Loaded};
pub use signature::{KeyId, SignatureError, TrustedKey, verify};
