//! Rows whose time is over are deleted, a bounded number at a time.

use chrono::TimeDelta;
use symbolon_storage::StorageResult;

use crate::broker::Broker;

/// Ended sessions are kept this long for the person's own list.
const KEEP_SESSIONS: TimeDelta = TimeDelta::days(30);
const AT_ONCE: i64 = 1000;

pub(super) async fn run(broker: &Broker) -> StorageResult<()> {
    let now = broker.clock.now();
    let swept = broker
        .database
        .write(move |conn| conn.operator().sweep_expired(now, KEEP_SESSIONS, AT_ONCE))
        .await?;
    tracing::debug!(?swept, "swept expired rows");
    Ok(())
}
