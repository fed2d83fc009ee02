//! How a host is set up, and what a load says.

use std::path::PathBuf;

use secrecy::SecretBox;
use serde::Serialize;
use symbolon_contract::{Description, PluginDigest};

use crate::class::Class;
use crate::limits::Limits;

/// Everything a host can be told. The default is the published limits, compilation in this process, no
/// cache: what a short-lived command wants.
#[derive(Debug, Default)]
pub struct HostOptions {
    /// The standard class, and what holds for the whole host (queues, modules in memory).
    pub limits: Limits,
    /// The large class; none means [`Limits::large`] of `limits`.
    pub large: Option<Limits>,
    /// Where components are compiled.
    pub compile: Compile,
    /// Where compiled components are kept over a restart.
    pub cache: Option<CacheFolder>,
}

/// Where a component is compiled.
#[derive(Debug, Clone, Default)]
pub enum Compile {
    /// In this process: for commands that an author runs on his own plugin.
    #[default]
    InProcess,
    /// In a process of its own with limits (WP-66): for whoever compiles what others upload.
    Child {
        /// The program to run (WP-68); it calls [`crate::compile_child`].
        executable: PathBuf,
        /// What makes it do so, for example the name of a hidden subcommand.
        arguments: Vec<String>,
    },
}

/// A folder of compiled components that nobody else may write to (WP-70).
#[derive(Debug)]
pub struct CacheFolder {
    /// Made with mode 0700 if it does not exist.
    pub path: PathBuf,
    /// Names the key, so that files of an older key are recognised and swept: a-z, A-Z, 0-9, `_`, `-`.
    pub key_name: String,
    /// Authenticates the files. It comes from the sealed keyring and is never printed.
    pub key: SecretBox<[u8; 32]>,
    /// All files together; the oldest go first.
    pub max_bytes: u64,
}

impl CacheFolder {
    /// A folder with the default cap of 1 GiB.
    #[must_use]
    pub fn new(path: PathBuf, key_name: String, key: SecretBox<[u8; 32]>) -> Self {
        Self { path, key_name, key, max_bytes: 1 << 30 }
    }
}

/// A plugin that can be called.
#[derive(Debug, Clone)]
pub struct Loaded {
    /// Names it in calls.
    pub digest: PluginDigest,
    /// What it says about itself.
    pub description: Description,
    /// Where its code came from.
    pub source: LoadSource,
}

/// Where the code of a plugin came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum LoadSource {
    /// It was loaded already.
    Memory,
    /// From the cache folder.
    Cache,
    /// It was compiled for this load.
    Compiled,
    /// It was compiled, because the file in the cache folder was damaged or not ours (WP-70). Somebody
    /// should look: write an audit event.
    CacheRejected,
}

/// What the bytes of a component say before anything compiles them (WP-77).
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Inspection {
    /// SHA-256 of the bytes.
    pub digest: PluginDigest,
    /// Their size.
    pub bytes: usize,
    /// Version of `symbolon:mapping` that it exports, for example `1.0.0` (WP-31).
    pub wit_version: String,
    /// Whether it exports `symbolon:mapping/prepared` too.
    pub prepared: bool,
    /// The class that it was checked against.
    pub class: Class,
    /// Functions of all its modules.
    pub functions: u32,
    /// Core modules.
    pub modules: u32,
    /// Linear memories.
    pub memories: u32,
    /// What these memories start with, in bytes.
    pub memory_bytes: u64,
    /// Tables.
    pub tables: u32,
    /// Imports; they hold types only, or the component would have been refused.
    pub imports: Vec<String>,
    /// Exports that the broker does not use; some toolchains leave them.
    pub extra_exports: Vec<String>,
}
