//! Calls of a loaded plugin.

use symbolon_contract::{Diagnostic, MappingRequest, PluginDigest, TenantId};

use super::{Inner, PluginHost};
use crate::call::CallReport;
use crate::error::CallError;
use crate::input;
use crate::module::Module;
use crate::prepared::Key;
use crate::queue::Purpose;

/// Requests of a batch that run in one turn: sign-ins of the tenant get theirs in between.
const SLICE: usize = 32;

impl PluginHost {
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
        input::check_config(config, self.limits())?;
        let config = config.to_owned();
        self.call(tenant, digest, move |module, inner| {
            module.caller(&inner.engine, inner.limits(module.class)).check_config(&config)
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
        input::check_config(config, self.limits())?;
        input::check_request(&request, self.limits())?;
        let work = Work::new(digest, config);
        let report =
            self.call(tenant, digest, move |module, inner| work.map(module, inner, request)).await;
        match &report {
            Ok(report) => tracing::debug!(
                %tenant, %digest, fuel = report.fuel_used, memory = report.peak_memory,
                micros = report.duration.as_micros(), "plugin call"
            ),
            Err(error) => tracing::warn!(%tenant, %digest, %error, "plugin call failed"),
        }
        report
    }

    /// Maps many sign-ins, for a replay: each in a fresh instance, the answers in the order of the
    /// requests. It waits for its turns as long as it takes; drop it to stop.
    ///
    /// # Errors
    /// [`CallError`] when the plugin is not loaded (any more) or the configuration is too big. What goes
    /// wrong with one request stands in its place.
    pub async fn map_batch(
        &self,
        tenant: &TenantId,
        digest: &PluginDigest,
        config: &str,
        requests: Vec<MappingRequest>,
    ) -> Result<Vec<Result<CallReport, CallError>>, CallError> {
        input::check_config(config, self.limits())?;
        let module = self.loaded(digest)?;
        let work = Work::new(digest, config);
        let mut reports = Vec::with_capacity(requests.len());
        let mut requests = requests.into_iter();
        loop {
            let slice: Vec<MappingRequest> = requests.by_ref().take(SLICE).collect();
            if slice.is_empty() {
                return Ok(reports);
            }
            let turn = self.inner.queue.patient_turn(tenant, Purpose::Batch).await?;
            let work = work.clone();
            let mapped = self.run(module.clone(), turn, move |module, inner| {
                Ok(slice.into_iter().map(|one| work.checked_map(module, inner, one)).collect())
            });
            let mapped: Vec<_> = mapped.await?;
            reports.extend(mapped);
        }
    }
}

/// A plugin's name and a configuration, on their way to another thread.
#[derive(Clone)]
struct Work {
    key: Key,
    config: std::sync::Arc<str>,
}

impl Work {
    fn new(digest: &PluginDigest, config: &str) -> Self {
        Self { key: Key::of(digest, config), config: config.into() }
    }

    fn checked_map(
        &self,
        module: &Module,
        inner: &Inner,
        request: MappingRequest,
    ) -> Result<CallReport, CallError> {
        input::check_request(&request, inner.limits(module.class))?;
        self.map(module, inner, request)
    }

    /// The plugin's prepared form of the configuration, if it has one, saves reading it each time.
    fn map(
        &self,
        module: &Module,
        inner: &Inner,
        request: MappingRequest,
    ) -> Result<CallReport, CallError> {
        let caller = module.caller(&inner.engine, inner.limits(module.class));
        if !caller.prepares() {
            return caller.map_login(&self.config, request);
        }
        if let Some(prepared) = inner.prepared.get(&self.key) {
            return caller.map_prepared(&prepared, request);
        }
        let prepared = caller.prepare(&self.config)?;
        let bytes = prepared.bytes.into();
        inner.prepared.keep(self.key.clone(), std::sync::Arc::clone(&bytes));
        let mut report = caller.map_prepared(&bytes, request)?;
        report.prepare_fuel = Some(prepared.fuel);
        report.duration += prepared.duration;
        Ok(report)
    }
}
