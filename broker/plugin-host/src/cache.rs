//! Compiled plugins by digest: shared by all tenants (WP-42), least recently used goes first (WP-43).

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use symbolon_contract::PluginDigest;
use tokio::sync::OnceCell;

use crate::error::LoadError;
use crate::module::Module;

/// An evicted module lives on in the calls that use it.
pub(crate) struct Cache {
    capacity: usize,
    inner: Mutex<Inner>,
}

#[derive(Default)]
struct Inner {
    clock: u64,
    loaded: HashMap<PluginDigest, Entry>,
    loading: HashMap<PluginDigest, Arc<OnceCell<Arc<Module>>>>,
}

struct Entry {
    module: Arc<Module>,
    used: u64,
}

impl Cache {
    pub(crate) fn new(capacity: usize) -> Self {
        Self { capacity: capacity.max(1), inner: Mutex::default() }
    }

    pub(crate) fn get(&self, digest: &PluginDigest) -> Option<Arc<Module>> {
        self.with(|inner| {
            inner.clock += 1;
            let now = inner.clock;
            let entry = inner.loaded.get_mut(digest)?;
            entry.used = now;
            Some(Arc::clone(&entry.module))
        })
    }

    pub(crate) fn len(&self) -> usize {
        self.with(|inner| inner.loaded.len())
    }

    /// Puts another form of a module in its place, for calls that start from now on.
    pub(crate) fn replace(&self, digest: &PluginDigest, module: &Arc<Module>) {
        self.with(|inner| inner.insert(digest, module, self.capacity));
    }

    /// Builds a module once, however many ask for it at the same time.
    pub(crate) async fn get_or_build(
        &self,
        digest: &PluginDigest,
        build: impl AsyncFnOnce() -> Result<Module, LoadError>,
    ) -> Result<Arc<Module>, LoadError> {
        if let Some(module) = self.get(digest) {
            return Ok(module);
        }
        let cell = self.with(|inner| Arc::clone(inner.loading.entry(digest.clone()).or_default()));
        let built = cell.get_or_try_init(async || build().await.map(Arc::new)).await.cloned();
        self.with(|inner| {
            if let Ok(module) = &built {
                inner.insert(digest, module, self.capacity);
                inner.loading.remove(digest);
            } else if Arc::strong_count(&cell) <= 2 {
                // Only this caller and the map: nobody else waits for another try.
                inner.loading.remove(digest);
            }
        });
        built
    }

    fn with<T>(&self, work: impl FnOnce(&mut Inner) -> T) -> T {
        // Nothing panics while the lock is held, so a poisoned map is still a good one.
        work(&mut self.inner.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Inner {
    fn insert(&mut self, digest: &PluginDigest, module: &Arc<Module>, capacity: usize) {
        self.clock += 1;
        let entry = Entry { module: Arc::clone(module), used: self.clock };
        self.loaded.insert(digest.clone(), entry);
        while self.loaded.len() > capacity {
            let oldest = self.loaded.iter().min_by_key(|(_, entry)| entry.used);
            let Some(oldest) = oldest.map(|(digest, _)| digest.clone()) else {
                return;
            };
            self.loaded.remove(&oldest);
        }
    }
}
