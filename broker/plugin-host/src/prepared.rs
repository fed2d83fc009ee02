//! Prepared configurations, in memory only: what a plugin made of a configuration once, so that it need
//! not read it at every sign-in (WIT 1.1). Bounded by number and bytes, least recently used goes first.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use aws_lc_rs::digest::{SHA256, digest};
use symbolon_contract::PluginDigest;

use crate::limits::Limits;

pub(crate) struct PreparedConfigs {
    most: usize,
    most_bytes: usize,
    inner: Mutex<Inner>,
}

/// A plugin and a configuration, both by hash.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(crate) struct Key {
    plugin: PluginDigest,
    config: [u8; 32],
}

#[derive(Default)]
struct Inner {
    clock: u64,
    bytes: usize,
    entries: HashMap<Key, Entry>,
}

struct Entry {
    prepared: Arc<[u8]>,
    used: u64,
}

impl Key {
    pub(crate) fn of(plugin: &PluginDigest, config: &str) -> Self {
        let hash = digest(&SHA256, config.as_bytes());
        let mut key = [0; 32];
        for (byte, hashed) in key.iter_mut().zip(hash.as_ref()) {
            *byte = *hashed;
        }
        Self { plugin: plugin.clone(), config: key }
    }
}

impl PreparedConfigs {
    pub(crate) fn new(limits: &Limits) -> Self {
        Self {
            most: limits.prepared_configs,
            most_bytes: limits.prepared_bytes,
            inner: Mutex::default(),
        }
    }

    pub(crate) fn get(&self, key: &Key) -> Option<Arc<[u8]>> {
        let mut inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        inner.clock += 1;
        let now = inner.clock;
        let entry = inner.entries.get_mut(key)?;
        entry.used = now;
        Some(Arc::clone(&entry.prepared))
    }

    /// Keeps it. Two calls that prepare the same at once give the same bytes; the later one stays.
    pub(crate) fn keep(&self, key: Key, prepared: Arc<[u8]>) {
        let mut inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        inner.clock += 1;
        let used = inner.clock;
        inner.bytes += prepared.len();
        if let Some(before) = inner.entries.insert(key, Entry { prepared, used }) {
            inner.bytes -= before.prepared.len();
        }
        while inner.entries.len() > self.most || inner.bytes > self.most_bytes {
            inner.drop_oldest();
        }
    }
}

impl Inner {
    fn drop_oldest(&mut self) {
        let oldest = self.entries.iter().min_by_key(|(_, entry)| entry.used);
        if let Some(key) = oldest.map(|(key, _)| key.clone())
            && let Some(entry) = self.entries.remove(&key)
        {
            self.bytes -= entry.prepared.len();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn configs(most: usize, most_bytes: usize) -> PreparedConfigs {
        let limits =
            Limits { prepared_configs: most, prepared_bytes: most_bytes, ..Limits::default() };
        PreparedConfigs::new(&limits)
    }

    fn key(config: &str) -> Key {
        Key::of(&PluginDigest::parse("a".repeat(64)).unwrap(), config)
    }

    fn held(configs: &PreparedConfigs, names: &[&str]) -> Vec<bool> {
        names.iter().map(|name| configs.get(&key(name)).is_some()).collect()
    }

    #[test]
    fn wp28_prepared_configurations_are_bounded_by_number_and_the_oldest_goes() {
        let configs = configs(2, 1_000);
        configs.keep(key("a"), Arc::from([1; 10]));
        configs.keep(key("b"), Arc::from([2; 10]));
        assert_eq!(configs.get(&key("a")).unwrap().as_ref(), [1; 10]);
        configs.keep(key("c"), Arc::from([3; 10]));
        assert_eq!(held(&configs, &["a", "b", "c"]), [true, false, true]);
    }

    #[test]
    fn wp28_prepared_configurations_are_bounded_by_bytes() {
        let configs = configs(100, 25);
        for name in ["a", "b", "b", "c"] {
            configs.keep(key(name), Arc::from([0; 10]));
        }
        assert_eq!(held(&configs, &["a", "b", "c"]), [false, true, true]);
        configs.keep(key("too big"), Arc::from([0; 26]));
        assert_eq!(held(&configs, &["b", "c", "too big"]), [false, false, false]);
    }
}
