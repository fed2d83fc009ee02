//! Logout messages that applications did not take yet go out again. There is no lease: each message is claimed by
//! whoever sends it, so that two nodes share the work.

use crate::broker::Broker;
use crate::logout;

/// Sends what is due. Failures are logged; the next call tries again.
pub async fn run(broker: &Broker) {
    match logout::deliver_due(broker).await {
        Ok(0) => {}
        Ok(count) => tracing::debug!(count, "logout messages were due"),
        Err(error) => tracing::warn!(%error, "jobs: logout messages were not sent"),
    }
}
