//! Two versions on recorded sign-ins (ADV-2): what would change, before anything does.

use std::time::Instant;

use symbolon_contract::ConnectorId;

use super::runnable;
use crate::admin::AdminError;
use crate::broker::Broker;
use crate::mapping::{Replay, ReplayReport, ReplayedSignIn};
use crate::tenants::TenantRecord;
use crate::traces::{RecordedInput, RecordedInputs};

/// Recorded sign-ins of one replay at most.
pub const MOST_REPLAYED: usize = 10_000;

/// Asks two versions about the newest recorded sign-ins of a connector and tells who gains or loses what.
///
/// # Errors
/// [`AdminError::NotFound`], a plugin that cannot be asked at all, and those of the database.
pub async fn replay_mapping(
    broker: &Broker,
    tenant: &TenantRecord,
    connector: &ConnectorId,
    (from, to, most): (i32, i32, usize),
) -> Result<ReplayReport, AdminError> {
    let target = super::connector_mapping(broker, &tenant.id, connector).await?;
    let from = runnable(broker, &tenant.id, (&target, from)).await?;
    let to = runnable(broker, &tenant.id, (&target, to)).await?;
    let started = Instant::now();
    let mut replay = Replay::between(from, to, broker.plugins.limits().fuel);
    let most = most.min(MOST_REPLAYED);
    let mut recorded = RecordedInputs::newest(broker, &tenant.id, connector, most).await?;
    loop {
        let page = recorded.next_page(broker).await?;
        if page.is_empty() {
            break;
        }
        replay.feed(broker, &tenant.id, page.into_iter().map(replayed).collect()).await?;
    }
    let took = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
    Ok(replay.finish(took))
}

fn replayed(recorded: RecordedInput) -> ReplayedSignIn {
    let RecordedInput { facts, input } = recorded;
    ReplayedSignIn { id: facts.id, user: facts.user, at: facts.at, input }
}
