//! A document of somebody else's, read through: one fetches and all share it, it is refreshed at a pace,
//! and the last good one serves on while it cannot be read (E-70, C22, DY-12).
//!
//! Owns: when to ask again. Does not own: what is fetched, or how (the caller brings the fetch). It is
//! the cache of one node; any other can build it anew.

use std::fmt::Display;
use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use chrono::{DateTime, TimeDelta, Utc};
use tokio::sync::Mutex;

use crate::clock::Clock;

#[cfg(test)]
pub(crate) mod testing;

/// How often a document is asked for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Pace {
    /// It is read anew after this long.
    pub(crate) lifetime: TimeDelta,
    /// Who misses something in it has it read anew at most this often.
    pub(crate) forced: TimeDelta,
    /// While it cannot be read, an old one is refreshed at most this often.
    pub(crate) retry: TimeDelta,
    /// While there is none to serve, a failure is everybody's answer for this long.
    pub(crate) failure: TimeDelta,
    /// An old one serves on up to this age.
    pub(crate) oldest: TimeDelta,
}

/// A failure that everybody gets who waited for the same fetch.
pub(crate) trait SharedFailure: Display {
    /// The same failure once more.
    fn again(&self) -> Self;
}

/// A document and when it was asked for.
#[derive(Debug)]
pub(crate) struct Fetched<T, E> {
    // One lock: whoever holds it fetches, everybody else waits and finds the result.
    state: Mutex<State<T, E>>,
    /// How many fetches failed with nothing to serve: who waited for one of them shares its failure.
    failures: AtomicU64,
}

#[derive(Debug)]
struct State<T, E> {
    current: Option<(Arc<T>, DateTime<Utc>)>,
    forced_at: Option<DateTime<Utc>>,
    /// When a refresh of an old document last failed: nobody waits for the next try before its time.
    failed_at: Option<DateTime<Utc>>,
    /// Why and when the last fetch failed with nothing to serve.
    failure: Option<(E, DateTime<Utc>)>,
}

impl<T, E> Default for Fetched<T, E> {
    fn default() -> Self {
        let state = State { current: None, forced_at: None, failed_at: None, failure: None };
        Self { state: Mutex::new(state), failures: AtomicU64::new(0) }
    }
}

impl<T, E: SharedFailure> Fetched<T, E> {
    /// The document as known, fetched when there is none or it is old.
    ///
    /// # Errors
    /// Those of the fetch, where there is nothing to serve.
    pub(crate) async fn current(
        &self,
        (pace, clock): (&Pace, &dyn Clock),
        fetch: impl Future<Output = Result<T, E>>,
    ) -> Result<Arc<T>, E> {
        let before = self.failures.load(Ordering::Acquire);
        let mut state = self.state.lock().await;
        let now = clock.now();
        let waits = state.failed_at.is_some_and(|at| now - at < pace.retry);
        match state.current.clone() {
            Some((known, at)) if now - at < pace.lifetime => Ok(known),
            Some((known, at)) if now - at < pace.oldest => {
                if waits {
                    return Ok(known);
                }
                match fetch.await {
                    Ok(document) => Ok(state.keep(document, now)),
                    Err(error) => {
                        tracing::warn!(%error, "not refreshed, what was last known serves on");
                        state.failed_at = Some(now);
                        Ok(known)
                    }
                }
            }
            _ => {
                let waited = self.failures.load(Ordering::Acquire) != before;
                if let Some((failure, at)) = &state.failure
                    && (waited || now - *at < pace.failure)
                {
                    return Err(failure.again());
                }
                let fetched = fetch.await;
                if let Err(error) = &fetched {
                    state.failure = Some((error.again(), now));
                    self.failures.fetch_add(1, Ordering::Release);
                }
                fetched.map(|document| state.keep(document, now))
            }
        }
    }

    /// A document newer than `seen`, for who misses something in it; `None` while it is too early to ask.
    ///
    /// # Errors
    /// Those of the fetch.
    pub(crate) async fn newer_than(
        &self,
        seen: &Arc<T>,
        (pace, clock): (&Pace, &dyn Clock),
        fetch: impl Future<Output = Result<T, E>>,
    ) -> Result<Option<Arc<T>>, E> {
        let mut state = self.state.lock().await;
        if let Some((known, _)) = &state.current
            && !Arc::ptr_eq(known, seen)
        {
            return Ok(Some(Arc::clone(known)));
        }
        let now = clock.now();
        if state.forced_at.is_some_and(|at| now - at < pace.forced) {
            return Ok(None);
        }
        state.forced_at = Some(now);
        let document = fetch.await?;
        Ok(Some(state.keep(document, now)))
    }
}

impl<T, E> State<T, E> {
    fn keep(&mut self, document: T, at: DateTime<Utc>) -> Arc<T> {
        let document = Arc::new(document);
        self.current = Some((Arc::clone(&document), at));
        self.failure = None;
        document
    }
}
