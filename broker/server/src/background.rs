//! Calls the jobs that are due, until the server stops.

use std::time::Duration;

use symbolon_identity::{Broker, jobs};
use tokio::task::JoinHandle;
use tokio::time::{MissedTickBehavior, interval};

const EVERY: Duration = Duration::from_secs(60);

/// A running background task; it ends when dropped.
#[derive(Debug)]
pub struct Background(JoinHandle<()>);

impl Background {
    /// Starts it on the present runtime.
    #[must_use]
    pub fn start(broker: Broker) -> Self {
        let node = broker.ids.new_row_id();
        Self(tokio::spawn(async move {
            let mut tick = interval(EVERY);
            tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
            loop {
                tick.tick().await;
                jobs::run_due(&broker, &node).await;
            }
        }))
    }
}

impl Drop for Background {
    fn drop(&mut self) {
        self.0.abort();
    }
}
