//! Once an hour: of each connector no more recorded sign-ins stay than its tenant wants, and none where recording
//! is off. Tenants are walked in pages; only those with too many cost a transaction.

use chrono::TimeDelta;
use symbolon_contract::{ConnectorId, TenantId};
use symbolon_storage::{Connection, StorageResult};

use crate::admin::{AdminError, list_tenants};
use crate::broker::Broker;
use crate::tenants::{RecordingKeep, TenantRecord};

const PAGE: i64 = 200;
const EVERY: TimeDelta = TimeDelta::hours(1);

pub(super) async fn run(broker: &Broker) -> Result<(), AdminError> {
    if !is_due(broker).await? {
        return Ok(());
    }
    let mut after = None;
    loop {
        let page = list_tenants(broker, after, PAGE).await?;
        after = page.last().map(|tenant| tenant.id.clone());
        if after.is_none() {
            return Ok(());
        }
        for (tenant, connector, keep) in too_many(broker, page).await? {
            let trim = broker
                .database
                .write(move |conn| conn.tenant(&tenant).recorded_sign_ins().trim(&connector, keep));
            let gone = trim.await?;
            tracing::debug!(gone, "forgot the oldest recorded sign-ins of a connector");
        }
    }
}

/// Nobody holds the lease twice: it stands for the hour.
async fn is_due(broker: &Broker) -> StorageResult<bool> {
    let (holder, now) = (broker.ids.new_row_id(), broker.clock.now());
    broker
        .database
        .write(move |conn| conn.operator().take_lease("trim_recordings", &holder, now, now + EVERY))
        .await
}

async fn too_many(
    broker: &Broker,
    page: Vec<TenantRecord>,
) -> StorageResult<Vec<(TenantId, ConnectorId, i64)>> {
    let look = move |conn: &mut Connection| {
        let mut found = Vec::new();
        for tenant in page {
            let recording = &tenant.settings.recording;
            let keep = match recording.keep {
                RecordingKeep::Off => 0,
                RecordingKeep::Redacted | RecordingKeep::Full => i64::from(recording.most),
            };
            let mut rows = conn.tenant(&tenant.id);
            for connector in rows.connectors().list()? {
                if rows.recorded_sign_ins().count(&connector.id)? > keep {
                    found.push((tenant.id.clone(), connector.id, keep));
                }
            }
        }
        Ok(found)
    };
    broker.database.read(look).await
}
