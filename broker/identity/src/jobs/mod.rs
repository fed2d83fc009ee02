//! Work that nobody waits for: leased, so that of many nodes one does it.
//!
//! Owns: [`run_due`], the list of jobs, and [`deliver_logouts`], which has a cadence of its own. Does not own: when it is called (`server`). Each job gets a file.

mod deliver_logouts;
mod rotate_keys;
mod sweep;
mod trim_recordings;
mod watch_connectors;

use chrono::TimeDelta;
use symbolon_storage::StorageResult;

use crate::broker::Broker;

pub use deliver_logouts::run as deliver_logouts;

/// How long a node may keep a lease without renewing it.
const LEASE: TimeDelta = TimeDelta::minutes(5);

/// Does what is due, if no other node does. Failures are logged; the next call tries again.
pub async fn run_due(broker: &Broker, node: &str) {
    match lease(broker, node).await {
        Ok(true) => {}
        Ok(false) => return,
        Err(error) => return tracing::warn!(%error, "jobs: no lease"),
    }
    if let Err(error) = sweep::run(broker).await {
        tracing::warn!(%error, "jobs: the sweep failed");
    }
    if let Err(error) = trim_recordings::run(broker).await {
        tracing::warn!(%error, "jobs: recorded sign-ins were not trimmed");
    }
    if let Err(error) = rotate_keys::run(broker).await {
        tracing::warn!(%error, "jobs: the key rotation failed");
    }
    if let Err(error) = watch_connectors::run(broker).await {
        tracing::warn!(%error, "jobs: the watch of connectors failed");
    }
}

async fn lease(broker: &Broker, node: &str) -> StorageResult<bool> {
    let (node, now) = (node.to_owned(), broker.clock.now());
    broker
        .database
        .write(move |conn| conn.operator().take_lease("jobs", &node, now, now + LEASE))
        .await
}
