//! Rows whose time is over are deleted, a bounded number at a time.

use chrono::TimeDelta;
use symbolon_storage::StorageResult;

use crate::broker::Broker;

/// Ended sessions are kept this long for the person's own list.
const KEEP_SESSIONS: TimeDelta = TimeDelta::days(30);
const AT_ONCE: i64 = 1000;
/// Transactions of recorded sign-ins in one run: as many can come in a minute.
const TURNS: usize = 20;

pub(super) async fn run(broker: &Broker) -> StorageResult<()> {
    let now = broker.clock.now();
    let swept = broker
        .database
        .write(move |conn| conn.operator().sweep_expired(now, KEEP_SESSIONS, AT_ONCE))
        .await?;
    tracing::debug!(?swept, "swept expired rows");
    for _ in 0..TURNS {
        let forget = broker
            .database
            .write(move |conn| conn.operator().delete_expired_recordings(now, AT_ONCE));
        let gone = forget.await?;
        tracing::debug!(gone, "forgot recorded sign-ins");
        if i64::try_from(gone).unwrap_or(AT_ONCE) < AT_ONCE {
            break;
        }
    }
    Ok(())
}
