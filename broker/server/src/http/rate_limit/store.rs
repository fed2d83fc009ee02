//! Where `governor` keeps what it knows of each caller: in bounded memory.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use governor::nanos::Nanos;
use governor::state::StateStore;
use governor::state::keyed::ShrinkableKeyedStateStore;

/// Callers that are told apart. Those who come when it is full share the places of a crowd: they are
/// still limited, and nobody's memory grows.
pub(super) const MOST: usize = 100_000;

/// The places that callers share when there is no room.
const CROWD: u64 = 1_024;

/// Callers, each by the keyed hash of what tells it apart.
#[derive(Debug)]
pub(super) struct BoundedStore {
    most: usize,
    callers: Mutex<HashMap<u64, Nanos>>,
}

impl BoundedStore {
    pub(super) fn new(most: usize) -> Self {
        Self { most, callers: Mutex::default() }
    }

    fn callers(&self) -> MutexGuard<'_, HashMap<u64, Nanos>> {
        self.callers.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl StateStore for BoundedStore {
    type Key = u64;

    fn measure_and_replace<T, F, E>(&self, key: &u64, decide: F) -> Result<T, E>
    where
        F: Fn(Option<Nanos>) -> Result<(T, Nanos), E>,
    {
        let mut callers = self.callers();
        let own_place = callers.len() < self.most || callers.contains_key(key);
        let place = if own_place { *key } else { key % CROWD };
        let (answer, state) = decide(callers.get(&place).copied())?;
        callers.insert(place, state);
        Ok(answer)
    }
}

impl ShrinkableKeyedStateStore<u64> for BoundedStore {
    fn retain_recent(&self, drop_below: Nanos) {
        self.callers().retain(|_, state| *state >= drop_below);
    }

    fn len(&self) -> usize {
        self.callers().len()
    }

    fn is_empty(&self) -> bool {
        self.callers().is_empty()
    }
}
