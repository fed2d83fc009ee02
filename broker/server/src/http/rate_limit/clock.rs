//! The product's clock as `governor` reads one: it never goes back.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use chrono::{DateTime, Utc};
use governor::clock::Clock as GovernorClock;
use symbolon_identity::clock::Clock;

/// Adds up the steps forward of a wall clock. When that one is set back, nobody has to wait until it
/// has caught up.
#[derive(Clone)]
pub(super) struct ForwardClock {
    wall: Arc<dyn Clock>,
    seen: Arc<Mutex<(DateTime<Utc>, Duration)>>,
}

impl ForwardClock {
    pub(super) fn new(wall: Arc<dyn Clock>) -> Self {
        let seen = Arc::new(Mutex::new((wall.now(), Duration::ZERO)));
        Self { wall, seen }
    }
}

impl fmt::Debug for ForwardClock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("ForwardClock").field(&self.wall).finish()
    }
}

impl GovernorClock for ForwardClock {
    type Instant = Duration;

    fn now(&self) -> Duration {
        let now = self.wall.now();
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let (last, elapsed) = *seen;
        let elapsed = elapsed + (now - last).to_std().unwrap_or_default();
        *seen = (now, elapsed);
        elapsed
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;
    use symbolon_identity::clock::ManualClock;

    use super::*;

    #[test]
    fn a_clock_that_is_set_back_keeps_nobody_waiting() {
        let wall = ManualClock::default();
        let clock = ForwardClock::new(Arc::new(wall.clone()));
        wall.advance(TimeDelta::seconds(5));
        assert_eq!(clock.now(), Duration::from_secs(5));
        wall.advance(TimeDelta::hours(-1));
        assert_eq!(clock.now(), Duration::from_secs(5));
        wall.advance(TimeDelta::seconds(2));
        assert_eq!(clock.now(), Duration::from_secs(7));
    }
}
