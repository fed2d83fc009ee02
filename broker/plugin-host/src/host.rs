//! The public face: inspect and load a component, ask it, call it.

mod load;
mod map;

use std::sync::Arc;

use cpu_time::ThreadTime;
use symbolon_contract::{Description, PluginDigest, TenantId};
use wasmtime::Engine;

use crate::bundled;
use crate::cache::Cache;
use crate::class::Class;
use crate::compile::Compiler;
use crate::engine::{Ticker, engine};
use crate::error::{CallError, HostError};
use crate::limits::Limits;
use crate::module::Module;
use crate::options::HostOptions;
use crate::prepared::PreparedConfigs;
use crate::queue::{Queue, Turn};

/// Runs mapping plugins. One per process; clones share it.
#[derive(Clone)]
pub struct PluginHost {
    inner: Arc<Inner>,
}

struct Inner {
    engine: Engine,
    standard: Limits,
    large: Limits,
    compiler: Compiler,
    modules: Cache,
    prepared: PreparedConfigs,
    queue: Queue,
    _ticker: Ticker,
}

impl PluginHost {
    /// Starts the engine and its clock, with compilation in this process and no cache folder. Loads
    /// nothing (WP-74).
    ///
    /// # Errors
    /// [`HostError`] when the machine cannot run wasmtime.
    pub fn start(limits: Limits) -> Result<Self, HostError> {
        Self::with(HostOptions { limits, ..HostOptions::default() })
    }

    /// Starts a host as the options say. Loads nothing (WP-74).
    ///
    /// # Errors
    /// [`HostError`] when the machine cannot run wasmtime or the cache folder cannot be used.
    pub fn with(options: HostOptions) -> Result<Self, HostError> {
        let HostOptions { limits, large, compile, cache } = options;
        let engine = engine()?;
        let inner = Inner {
            _ticker: Ticker::start(&engine)?,
            compiler: Compiler::new(&engine, compile, cache, &limits)?,
            modules: Cache::new(limits.loaded_modules),
            prepared: PreparedConfigs::new(&limits),
            queue: Queue::new(&limits),
            engine,
            large: large.unwrap_or_else(|| limits.large()),
            standard: limits,
        };
        Ok(Self { inner: Arc::new(inner) })
    }

    /// The limits of the standard class, to be shown beside what a plugin uses (WP-57).
    #[must_use]
    pub fn limits(&self) -> &Limits {
        self.limits_of(Class::Standard)
    }

    /// The limits of a class.
    #[must_use]
    pub fn limits_of(&self, class: Class) -> &Limits {
        self.inner.limits(class)
    }

    /// The plugin that comes with the broker, and its digest.
    #[must_use]
    pub fn bundled() -> (&'static PluginDigest, &'static [u8]) {
        bundled::bundled()
    }

    /// The name of a component: the SHA-256 of its bytes.
    #[must_use]
    pub fn digest_of(bytes: &[u8]) -> PluginDigest {
        bundled::digest_of(bytes)
    }

    /// Whether a plugin can be called without loading it.
    #[must_use]
    pub fn is_loaded(&self, digest: &PluginDigest) -> bool {
        self.inner.modules.get(digest).is_some()
    }

    /// How many compiled plugins are in memory; all tenants share one per digest (WP-42).
    #[must_use]
    pub fn loaded_modules(&self) -> usize {
        self.inner.modules.len()
    }

    /// What a loaded plugin says about itself.
    ///
    /// # Errors
    /// [`CallError::NotLoaded`].
    pub async fn describe(&self, digest: &PluginDigest) -> Result<Description, CallError> {
        Ok(self.loaded(digest)?.description.clone())
    }

    /// A hostile plugin may burn all its fuel, so calls leave the async workers (WP-39).
    async fn call<T: Send + 'static>(
        &self,
        tenant: &TenantId,
        digest: &PluginDigest,
        work: impl FnOnce(&Module, &Inner) -> Result<T, CallError> + Send + 'static,
    ) -> Result<T, CallError> {
        let module = self.loaded(digest)?;
        let turn = self.inner.queue.turn(tenant).await?;
        self.run(module, turn, work).await
    }

    async fn run<T: Send + 'static>(
        &self,
        module: Arc<Module>,
        turn: Turn,
        work: impl FnOnce(&Module, &Inner) -> Result<T, CallError> + Send + 'static,
    ) -> Result<T, CallError> {
        let host = self.clone();
        #[expect(clippy::disallowed_methods, reason = "synchronous wasm behind the queue (AX-1)")]
        let done = tokio::task::spawn_blocking(move || {
            let start = ThreadTime::try_now();
            let done = work(&module, &host.inner);
            // The clock on the wall would charge a tenant for the others' work.
            turn.charge(start.and_then(|start| start.try_elapsed()).unwrap_or_default());
            done
        });
        done.await.map_err(|error| CallError::Host(error.to_string()))?
    }

    fn loaded(&self, digest: &PluginDigest) -> Result<Arc<Module>, CallError> {
        self.inner.modules.get(digest).ok_or_else(|| CallError::NotLoaded(digest.clone()))
    }
}

impl Inner {
    fn limits(&self, class: Class) -> &Limits {
        match class {
            Class::Standard => &self.standard,
            Class::Large => &self.large,
        }
    }
}
