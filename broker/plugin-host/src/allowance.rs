//! How much processor time a tenant's plugin calls may take before they wait behind everybody else's.
//!
//! Fuel bounds one call, turns bound how many run at once; neither stops a plugin that burns all its fuel at
//! every call from holding a core. A tenant over its allowance is served in the slow lane until it has paid.

use std::time::{Duration, Instant};

use crate::limits::Limits;

/// Debt does not grow without end: that is how long a tenant that behaves again stays in the slow lane,
/// in seconds' worth of what it gets.
const MOST_DEBT: f64 = 10.0;

/// One account, in seconds of processor time. Time is an argument.
#[derive(Debug)]
pub(crate) struct Allowance {
    most: f64,
    each_second: f64,
    left: f64,
    slow: bool,
    seen: Instant,
}

impl Allowance {
    pub(crate) fn new(limits: &Limits, now: Instant) -> Self {
        let most = limits.cpu_burst.as_secs_f64();
        let each_second = limits.cpu_per_second.as_secs_f64();
        Self { most, each_second, left: most, slow: false, seen: now }
    }

    /// What a call took.
    pub(crate) fn charge(&mut self, used: Duration, now: Instant) {
        self.pass(now);
        self.left = (self.left - used.as_secs_f64()).max(-MOST_DEBT * self.each_second);
        self.slow |= self.left < 0.0;
    }

    /// Whether the next call takes the slow lane. Once there, a tenant stays until half of its allowance is
    /// back, so that it does not come and go with every call.
    pub(crate) fn is_slow(&mut self, now: Instant) -> bool {
        self.pass(now);
        self.slow &= self.left < self.most / 2.0;
        self.slow
    }

    /// Nothing to remember: a new account would be the same.
    pub(crate) fn is_full(&mut self, now: Instant) -> bool {
        self.pass(now);
        self.left >= self.most
    }

    fn pass(&mut self, now: Instant) {
        let passed = now.saturating_duration_since(self.seen).as_secs_f64();
        self.seen = now;
        self.left = (self.left + passed * self.each_second).min(self.most);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MS: Duration = Duration::from_millis(1);

    fn allowance(now: Instant) -> Allowance {
        let limits = Limits { cpu_burst: 200 * MS, cpu_per_second: 100 * MS, ..Limits::default() };
        Allowance::new(&limits, now)
    }

    #[test]
    fn x10_many_cheap_calls_stay_in_the_fast_lane() {
        let start = Instant::now();
        let mut account = allowance(start);
        for call in 0..10_000_u32 {
            let now = start + 3 * MS * call;
            assert!(!account.is_slow(now), "call {call}");
            account.charge(MS / 4, now);
        }
    }

    #[test]
    fn x10_calls_that_burn_all_their_fuel_go_to_the_slow_lane_and_stay_there() {
        let start = Instant::now();
        let mut account = allowance(start);
        let slow = (0..1_000_u32).filter(|call| {
            let now = start + 40 * MS * *call;
            let slow = account.is_slow(now);
            account.charge(34 * MS, now);
            slow
        });
        assert!(slow.count() > 990, "all but the first few");
    }

    #[test]
    fn x10_debt_is_paid_in_time_and_never_takes_longer_than_that() {
        let start = Instant::now();
        let mut account = allowance(start);
        for _ in 0..1_000 {
            account.charge(34 * MS, start);
        }
        assert!(account.is_slow(start + 10_000 * MS), "half of the allowance is not back");
        assert!(!account.is_slow(start + 11_001 * MS));
        assert!(account.is_full(start + 12_001 * MS));
    }
}
