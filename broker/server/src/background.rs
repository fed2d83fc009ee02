//! Calls the jobs that are due, until the server stops.

use std::time::Duration;

use symbolon_identity::{Broker, jobs};
use tokio::task::JoinHandle;
use tokio::time::{Interval, MissedTickBehavior, interval};

const EVERY: Duration = Duration::from_secs(60);
/// Shorter than the first wait of a logout message that was not taken.
const LOGOUTS_EVERY: Duration = Duration::from_secs(5);

/// Running background tasks; they end when dropped.
#[derive(Debug)]
pub struct Background([JoinHandle<()>; 2]);

impl Background {
    /// Starts them on the present runtime.
    #[must_use]
    pub fn start(broker: Broker) -> Self {
        let node = broker.ids.new_row_id();
        let teller = broker.clone();
        let due = tokio::spawn(async move {
            let mut tick = ticks(EVERY);
            loop {
                tick.tick().await;
                jobs::run_due(&broker, &node).await;
            }
        });
        let logouts = tokio::spawn(async move {
            let mut tick = ticks(LOGOUTS_EVERY);
            loop {
                tick.tick().await;
                jobs::deliver_logouts(&teller).await;
            }
        });
        Self([due, logouts])
    }
}

impl Drop for Background {
    fn drop(&mut self) {
        self.0.iter().for_each(JoinHandle::abort);
    }
}

fn ticks(every: Duration) -> Interval {
    let mut ticks = interval(every);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    ticks
}
