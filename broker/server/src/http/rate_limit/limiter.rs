//! One limit: how often each of its callers may ask.

use std::num::NonZeroU32;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use governor::clock::Clock as _;
use governor::middleware::NoOpMiddleware;
use governor::{Quota, RateLimiter};

use super::clock::ForwardClock;
use super::store::{BoundedStore, MOST};
use crate::config::Rate;

/// Callers that have asked nothing for so long that they may ask all again are forgotten this often.
const FORGET_EVERY: u64 = 60;

/// How long to wait before the next try.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RetryAfter(Duration);

impl RetryAfter {
    /// Whole seconds, at least one (RFC 9110 10.2.3).
    #[must_use]
    pub fn seconds(self) -> u64 {
        let begun = u64::from(self.0.subsec_nanos() > 0);
        self.0.as_secs().saturating_add(begun).max(1)
    }
}

type Inner = RateLimiter<u64, BoundedStore, ForwardClock, NoOpMiddleware<Duration>>;

/// One limit.
#[derive(Debug)]
pub(super) struct Limiter {
    inner: Inner,
    most: usize,
    forgot_at: AtomicU64,
}

impl Limiter {
    /// None when the rate is switched off.
    pub(super) fn new(rate: Rate, clock: ForwardClock) -> Option<Self> {
        Self::with_room(rate, clock, MOST)
    }

    pub(super) fn with_room(rate: Rate, clock: ForwardClock, most: usize) -> Option<Self> {
        let per_minute = NonZeroU32::new(rate.per_minute)?;
        let burst = rate.burst.and_then(NonZeroU32::new).unwrap_or(per_minute);
        let quota = Quota::per_minute(per_minute).allow_burst(burst);
        let inner = RateLimiter::new(quota, BoundedStore::new(most), clock);
        Some(Self { inner, most, forgot_at: AtomicU64::new(0) })
    }

    /// Counts a request of a caller.
    pub(super) fn check(&self, caller: u64) -> Result<(), RetryAfter> {
        self.forget();
        let counted = self.inner.check_key(&caller);
        counted.map_err(|until| RetryAfter(until.wait_time_from(self.inner.clock().now())))
    }

    /// Forgets callers now and then; more often when there is no room left.
    fn forget(&self) {
        let now = self.inner.clock().now().as_secs();
        let passed = now.saturating_sub(self.forgot_at.load(Ordering::Relaxed));
        if passed >= FORGET_EVERY || passed >= 1 && self.inner.len() >= self.most {
            self.forgot_at.store(now, Ordering::Relaxed);
            self.inner.retain_recent();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use chrono::TimeDelta;
    use symbolon_identity::clock::ManualClock;

    use super::*;

    fn limiter(rate: Rate, most: usize) -> (ManualClock, Limiter) {
        let wall = ManualClock::default();
        let clock = ForwardClock::new(Arc::new(wall.clone()));
        (wall, Limiter::with_room(rate, clock, most).unwrap())
    }

    fn allowed(limiter: &Limiter, caller: u64) -> usize {
        (0..100).take_while(|_| limiter.check(caller).is_ok()).count()
    }

    #[test]
    fn h07_a_burst_passes_then_the_rate_counts_and_callers_do_not_share() {
        let (wall, limiter) = limiter(Rate { per_minute: 6, burst: Some(3) }, 10);
        assert_eq!(allowed(&limiter, 1), 3);
        assert_eq!(limiter.check(1).unwrap_err().seconds(), 10);
        assert_eq!(allowed(&limiter, 2), 3, "another caller");
        wall.advance(TimeDelta::seconds(20));
        assert_eq!(allowed(&limiter, 1), 2);
        wall.advance(TimeDelta::hours(1));
        assert_eq!(allowed(&limiter, 1), 3, "no more than a burst is saved up");
    }

    #[test]
    fn h07_without_a_burst_a_minutes_worth_passes_and_zero_is_no_limit() {
        let (_, limiter) = limiter(Rate { per_minute: 7, burst: None }, 10);
        assert_eq!(allowed(&limiter, 1), 7);
        let clock = ForwardClock::new(Arc::new(ManualClock::default()));
        assert!(Limiter::new(Rate { per_minute: 0, burst: Some(3) }, clock).is_none());
    }

    #[test]
    fn h07_memory_is_bounded_and_the_crowd_is_limited_as_well() {
        let (wall, limiter) = limiter(Rate { per_minute: 1, burst: Some(1) }, 50);
        let passed = (0..100_000).filter(|one| limiter.check(one * 7_919 + 5).is_ok()).count();
        assert!(limiter.inner.len() <= 50 + 1_024, "{}", limiter.inner.len());
        assert!(passed <= 50 + 1_024, "{passed}");
        wall.advance(TimeDelta::hours(1));
        assert!(limiter.check(4_711).is_ok());
        assert_eq!(limiter.inner.len(), 1, "the others are forgotten");
    }
}
