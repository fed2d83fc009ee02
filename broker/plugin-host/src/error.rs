//! Every way in which a host, a load or a call can fail. None of these texts is for the person who signs in.

use std::time::Duration;

use symbolon_contract::{Failure, PluginDigest, ReasonCode};

/// The host cannot start.
#[derive(Debug, thiserror::Error)]
pub enum HostError {
    /// wasmtime refused the engine settings on this machine.
    #[error("the wasm engine does not start: {0}")]
    Engine(String),
    /// The folder for compiled components cannot be used.
    #[error("the plugin cache folder {path} cannot be used: {why}")]
    CacheFolder {
        /// The folder.
        path: String,
        /// Why.
        why: String,
    },
    /// The thread that keeps the time limit cannot be started.
    #[error("the plugin clock thread does not start: {0}")]
    Thread(String),
}

/// A component is refused.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// Bigger than allowed (WP-46).
    #[error("the component has {seen} bytes, at most {limit} are allowed")]
    TooLarge {
        /// Its size.
        seen: usize,
        /// The limit.
        limit: usize,
    },
    /// Native code that somebody compiled ahead (security P13).
    #[error("this is a precompiled module; upload the component itself")]
    Precompiled,
    /// A core module, or something else altogether.
    #[error("this is not a WebAssembly component")]
    NotAComponent,
    /// Damaged, or it uses a feature that plugins may not use (threads, gc, 64-bit memory, async).
    #[error("the component is not valid here: {0}")]
    Invalid(String),
    /// It wants something from the host (WP-18, security P4).
    #[error("the component imports `{0}`; plugins may not import anything")]
    Import(String),
    /// It is no mapping plugin.
    #[error("the component does not export symbolon:mapping/mapper")]
    NoMapper,
    /// It was built for another major version of the contract (WP-31).
    #[error("the component is built for symbolon:mapping@{0}; supported are 1.x")]
    UnsupportedVersion(String),
    /// It asks for strings in another encoding than UTF-8 (WP-26).
    #[error("the component asks for strings in another encoding than UTF-8")]
    StringEncoding,
    /// It has more parts than allowed (WP-77).
    #[error("the component has {seen} {what}, at most {limit} are allowed")]
    TooComplex {
        /// What was counted.
        what: &'static str,
        /// How many there are.
        seen: u32,
        /// The limit.
        limit: u32,
    },
    /// Its memories start bigger than a plugin may ever get (WP-49).
    #[error("the component declares {seen} bytes of memory, at most {limit} are allowed")]
    DeclaredMemory {
        /// What they start with together.
        seen: u64,
        /// The limit.
        limit: usize,
    },
    /// The compiler refused it.
    #[error("the component does not compile: {0}")]
    Compile(String),
    /// The process that compiles died or met its limits (WP-66).
    #[error("the compiler stopped: {why}")]
    CompilerStopped {
        /// How it ended.
        why: String,
    },
    /// The process that compiles cannot be started. This is no fault of the component.
    #[error("the compiler cannot be started: {0}")]
    CompilerMissing(String),
    /// Its mapper does not have the functions of the contract.
    #[error("the component does not fit symbolon:mapping: {0}")]
    Link(String),
    /// It compiled, but the trial call failed (WP-32).
    #[error("the plugin failed its trial call: {0}")]
    Trial(#[source] CallError),
    /// Its own example configuration does not pass its own check (WP-23).
    #[error("the plugin refuses its own example configuration: {0}")]
    ExampleConfig(String),
    /// The host is stopping.
    #[error("the plugin host is stopping")]
    Stopped,
}

/// A call failed. The sign-in is refused (or answered from the last known mapping, by policy).
#[derive(Debug, thiserror::Error)]
pub enum CallError {
    /// The digest is not among the loaded plugins: load it and call again.
    #[error("plugin {0} is not loaded")]
    NotLoaded(PluginDigest),
    /// The plugin said itself that it cannot decide.
    #[error("the plugin failed with code {}: {}", .0.code, .0.message)]
    Failed(Failure),
    /// It crashed: unreachable, out of bounds, stack.
    #[error("the plugin crashed: {0}")]
    Trapped(String),
    /// It computed too long (WP-47).
    #[error("the plugin used up its fuel of {limit}")]
    OutOfFuel {
        /// The limit.
        limit: u64,
    },
    /// It ran too long by the clock (WP-48).
    #[error("the plugin ran longer than {limit:?}")]
    TimedOut {
        /// The limit.
        limit: Duration,
    },
    /// It wanted more memory (WP-49).
    #[error("the plugin wanted more memory than {limit} bytes")]
    MemoryLimit {
        /// The limit.
        limit: usize,
    },
    /// It answered with more data than the host copies (WP-52).
    #[error("the plugin's answer is bigger than {limit} bytes")]
    OutputTooLarge {
        /// The limit.
        limit: usize,
    },
    /// Its answer breaks the contract (WP-53, WP-93, WP-95).
    #[error("the plugin's answer is refused: {field} {why}")]
    OutputRefused {
        /// What is wrong, for example `grants[3].role`.
        field: String,
        /// Why.
        why: String,
    },
    /// The sign-in is bigger than plugins accept (WP-50, WP-51).
    #[error("{seen} {what}, at most {limit} are passed to a plugin")]
    InputTooLarge {
        /// What was counted.
        what: &'static str,
        /// How much there is.
        seen: usize,
        /// The limit.
        limit: usize,
    },
    /// Too many calls at once; the tenant's own queue or the whole host is full.
    #[error("too many plugin calls at once")]
    Busy,
    /// It cannot be instantiated.
    #[error("the plugin cannot be started: {0}")]
    NotInstantiable(String),
    /// The host itself failed, not the plugin.
    #[error("the plugin host failed: {0}")]
    Host(String),
}

impl LoadError {
    /// The catalogue's code for a component that is refused.
    #[must_use]
    pub fn reason(&self) -> ReasonCode {
        match self {
            Self::Compile(_) | Self::CompilerStopped { .. } => ReasonCode::PluginCompileFailed,
            Self::CompilerMissing(_) => ReasonCode::ServerInternal,
            _ => ReasonCode::PluginNotLoadable,
        }
    }
}

impl CallError {
    /// The catalogue's code; each class of failure has its own (WP-91).
    #[must_use]
    pub fn reason(&self) -> ReasonCode {
        match self {
            Self::NotLoaded(_) | Self::NotInstantiable(_) => ReasonCode::PluginNotLoadable,
            Self::Failed(_) => ReasonCode::PluginFailed,
            Self::Trapped(_) => ReasonCode::PluginTrap,
            Self::OutOfFuel { .. } => ReasonCode::PluginFuelExhausted,
            Self::TimedOut { .. } => ReasonCode::PluginTimedOut,
            Self::MemoryLimit { .. } => ReasonCode::PluginMemoryLimit,
            Self::OutputTooLarge { .. } | Self::OutputRefused { .. } => {
                ReasonCode::PluginOutputRefused
            }
            Self::InputTooLarge { .. } => ReasonCode::PluginInputTooLarge,
            Self::Busy => ReasonCode::PluginBusy,
            Self::Host(_) => ReasonCode::ServerInternal,
        }
    }
}
