//! The public face: load a component, ask it, call it.

use std::sync::Arc;

use symbolon_contract::{Description, Diagnostic, MappingRequest, PluginDigest, TenantId};
use tokio::sync::Semaphore;
use wasmtime::Engine;

use crate::cache::Cache;
use crate::call::CallReport;
use crate::engine::{Ticker, engine};
use crate::error::{CallError, HostError, LoadError};
use crate::limits::Limits;
use crate::module::Module;
use crate::queue::Queue;
use crate::{bundled, input};

/// Runs mapping plugins. One per process; clones share it.
#[derive(Clone)]
pub struct PluginHost {
    inner: Arc<Inner>,
}

struct Inner {
    engine: Engine,
    limits: Limits,
    modules: Cache,
    queue: Queue,
    loads: Arc<Semaphore>,
    _ticker: Ticker,
}

impl PluginHost {
    /// Starts the engine and its clock. Loads nothing (WP-74).
    ///
    /// # Errors
    /// [`HostError`] when the machine cannot run wasmtime.
    pub fn start(limits: Limits) -> Result<Self, HostError> {
        let engine = engine()?;
        let inner = Inner {
            _ticker: Ticker::start(&engine)?,
            modules: Cache::new(limits.loaded_modules),
            queue: Queue::new(&limits),
            loads: Arc::new(Semaphore::new(limits.concurrent_loads.max(1))),
            engine,
            limits,
        };
        Ok(Self { inner: Arc::new(inner) })
    }

    /// The limits in force, to be shown beside what a plugin uses (WP-57).
    #[must_use]
    pub fn limits(&self) -> &Limits {
        &self.inner.limits
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

    /// Checks, compiles and tries a component. Loading it again is cheap, and many callers at once
    /// share one compilation.
    ///
    /// # Errors
    /// [`LoadError`] says what is wrong with the component.
    pub async fn load(&self, bytes: Arc<[u8]>) -> Result<PluginDigest, LoadError> {
        let (seen, limit) = (bytes.len(), self.inner.limits.max_component_bytes);
        if seen > limit {
            return Err(LoadError::TooLarge { seen, limit });
        }
        let digest = Self::digest_of(&bytes);
        let build = async || self.build(bytes).await;
        self.inner.modules.get_or_build(&digest, build).await?;
        Ok(digest)
    }

    async fn build(&self, bytes: Arc<[u8]>) -> Result<Module, LoadError> {
        let loads = Arc::clone(&self.inner.loads);
        let turn = loads.acquire_owned().await.map_err(|_| LoadError::Stopped)?;
        let host = self.clone();
        #[expect(
            clippy::disallowed_methods,
            reason = "compiling takes from 0.1 s to seconds of CPU"
        )]
        let built = tokio::task::spawn_blocking(move || {
            // Kept until the work is done, also if nobody waits for it any more.
            let _turn = turn;
            Module::build(&host.inner.engine, &host.inner.limits, &bytes)
        });
        built.await.map_err(|_| LoadError::Stopped)?
    }

    /// What a loaded plugin says about itself.
    ///
    /// # Errors
    /// [`CallError::NotLoaded`].
    pub async fn describe(&self, digest: &PluginDigest) -> Result<Description, CallError> {
        Ok(self.loaded(digest)?.description.clone())
    }

    /// Asks a plugin what is wrong with a configuration.
    ///
    /// # Errors
    /// [`CallError`] when the plugin does not answer.
    pub async fn check_config(
        &self,
        tenant: &TenantId,
        digest: &PluginDigest,
        config: &str,
    ) -> Result<Vec<Diagnostic>, CallError> {
        input::check_config(config, &self.inner.limits)?;
        let config = config.to_owned();
        self.call(tenant, digest, move |module, inner| {
            module.caller(&inner.engine, &inner.limits).check_config(&config)
        })
        .await
    }

    /// Maps one sign-in in a fresh instance. The decision's strings and counts are checked here; that
    /// its roles exist is for the caller to check.
    ///
    /// # Errors
    /// [`CallError`]: there is no decision, and no default takes its place.
    pub async fn map_login(
        &self,
        tenant: &TenantId,
        digest: &PluginDigest,
        config: &str,
        request: MappingRequest,
    ) -> Result<CallReport, CallError> {
        input::check_config(config, &self.inner.limits)?;
        input::check_request(&request, &self.inner.limits)?;
        let config = config.to_owned();
        let report = self
            .call(tenant, digest, move |module, inner| {
                module.caller(&inner.engine, &inner.limits).map_login(&config, request)
            })
            .await;
        match &report {
            Ok(report) => tracing::debug!(
                %tenant, %digest, fuel = report.fuel_used, memory = report.peak_memory,
                micros = report.duration.as_micros(), "plugin call"
            ),
            Err(error) => tracing::warn!(%tenant, %digest, %error, "plugin call failed"),
        }
        report
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
        let host = self.clone();
        #[expect(clippy::disallowed_methods, reason = "synchronous wasm behind the queue (AX-1)")]
        let done = tokio::task::spawn_blocking(move || {
            let _turn = turn;
            work(&module, &host.inner)
        });
        done.await.map_err(|error| CallError::Host(error.to_string()))?
    }

    fn loaded(&self, digest: &PluginDigest) -> Result<Arc<Module>, CallError> {
        self.inner.modules.get(digest).ok_or_else(|| CallError::NotLoaded(digest.clone()))
    }
}
