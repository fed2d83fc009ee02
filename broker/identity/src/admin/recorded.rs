//! Recorded sign-ins: how much is kept, what there is, and what happened at every stop of one (MP13, MP14).

use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;
use symbolon_contract::{ConnectorId, UserId};
use symbolon_storage::{RecordedFilter, RecordedSummary};

use super::{AdminCaller, AdminError, Change, read_connector};
use crate::broker::Broker;
use crate::mapping::MappingInput;
use crate::tenants::{RecordingKeep, RecordingSettings, TenantRecord};
use crate::traces::{
    RecordedFacts, RecordedInputs, RecordedOutcome, RecordedSignIn, TraceStep, facts, is_alive,
    open, steps,
};

/// Says what of people's sign-ins is kept. Where that is less than before, what is there is deleted: returns
/// how many records went.
///
/// # Errors
/// [`AdminError::Invalid`] with every problem, [`AdminError::NotFound`], and those of the database.
pub async fn set_recording(
    broker: &Broker,
    caller: &AdminCaller,
    tenant: &TenantRecord,
    settings: RecordingSettings,
) -> Result<usize, AdminError> {
    AdminError::unless_empty(settings.problems())?;
    let change = Change::by(broker, caller);
    let (id, now) = (tenant.id.clone(), broker.clock.now());
    broker
        .database
        .try_write(move |conn| {
            let row = conn.operator().tenant_by_id(&id)?;
            let mut row =
                row.ok_or_else(|| AdminError::NotFound { kind: "tenant", id: id.to_string() })?;
            let mut all = TenantRecord::try_from(row.clone())?.settings;
            let before = std::mem::replace(&mut all.recording, settings.clone());
            let expected = row.version;
            row.settings = json!(all);
            row.version = expected + 1;
            row.updated_at = now;
            conn.operator().update_tenant(&row, expected)?;
            let deleted = match before.keep.keeps_more_than(settings.keep) {
                true => conn.tenant(&id).recorded_sign_ins().delete_all()?,
                false => 0,
            };
            let what = ("tenant.recording_changed", "tenant", row.slug.as_str());
            let changes = json!([
                { "field": "recording", "from": before, "to": settings },
                { "field": "records_deleted", "to": deleted },
            ]);
            change.record(conn, &id, what, changes)?;
            Ok(deleted)
        })
        .await
}

/// Which records.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct RecordedQuery {
    /// Only those before this moment.
    pub before: Option<DateTime<Utc>>,
    /// Only those after this moment.
    pub after: Option<DateTime<Utc>>,
    /// Only those of this user.
    pub user: Option<UserId>,
    /// Only those that ended so: `signed_in` or `refused`.
    #[schemars(with = "Option<String>")]
    pub outcome: Option<RecordedOutcome>,
    /// At most so many, and never more than 1000.
    pub limit: Option<u32>,
}

/// Records of a connector, the newest first, without what is sealed.
///
/// # Errors
/// [`AdminError::NotFound`] and those of the database.
pub async fn list_recorded(
    broker: &Broker,
    tenant: &TenantRecord,
    connector: &ConnectorId,
    query: RecordedQuery,
) -> Result<Vec<RecordedFacts>, AdminError> {
    read_connector(broker, &tenant.id, connector).await?;
    let filter = RecordedFilter {
        before: query.before,
        after: query.after,
        user: query.user,
        outcome: query.outcome,
        limit: i64::from(query.limit.unwrap_or(100).clamp(1, 1000)),
    };
    let (id, connector, now) = (tenant.id.clone(), connector.clone(), broker.clock.now());
    let rows = broker
        .database
        .read(move |conn| conn.tenant(&id).recorded_sign_ins().list(&connector, &filter))
        .await?;
    Ok(rows.into_iter().filter(|row| is_alive(row.expires_at, now)).map(facts).collect())
}

/// A record, opened.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct OpenedRecord {
    /// What is known without opening it.
    pub facts: RecordedFacts,
    /// What was kept.
    pub content: RecordedSignIn,
    /// The same told stop by stop.
    pub steps: Vec<TraceStep>,
}

/// Opens a record. Where it holds personal data, the reading is audited.
///
/// # Errors
/// [`AdminError::NotFound`] also for an expired one, [`AdminError::Traces`], and those of the database.
pub async fn read_recorded(
    broker: &Broker,
    caller: &AdminCaller,
    tenant: &TenantRecord,
    id: &str,
) -> Result<OpenedRecord, AdminError> {
    let (of, wanted, now) = (tenant.id.clone(), id.to_owned(), broker.clock.now());
    let row = broker
        .database
        .read(move |conn| conn.tenant(&of).recorded_sign_ins().find(&wanted))
        .await?
        .filter(|row| is_alive(row.expires_at, now));
    let row =
        row.ok_or_else(|| AdminError::NotFound { kind: "recorded sign-in", id: id.to_owned() })?;
    let content = open(broker, &tenant.id, &row).await?;
    if content.keep == RecordingKeep::Full {
        let (change, of) = (Change::by(broker, caller), tenant.id.clone());
        let changes = json!([
            { "field": "user", "of": row.user_id },
            { "field": "trace", "of": row.trace_id },
        ]);
        let id = row.id.clone();
        broker
            .database
            .write(move |conn| {
                let what = ("recorded_sign_in.read", "recorded_sign_in", id.as_str());
                change.record(conn, &of, what, changes)
            })
            .await?;
    }
    let facts = facts(RecordedSummary {
        id: row.id,
        connector_id: row.connector_id,
        at: row.at,
        trace_id: row.trace_id,
        user_id: row.user_id,
        outcome: row.outcome,
        reason: row.reason,
        mapping_version: row.mapping_version,
        expires_at: row.expires_at,
    });
    Ok(OpenedRecord { facts, steps: steps(&content), content })
}

/// What the mapping was asked about in a recorded sign-in, to be kept as a test case or downloaded (WP-91): as
/// far as it was kept, so redacted like the record.
///
/// # Errors
/// As for [`read_recorded`].
pub async fn failing_input(
    broker: &Broker,
    caller: &AdminCaller,
    tenant: &TenantRecord,
    id: &str,
) -> Result<MappingInput, AdminError> {
    Ok(read_recorded(broker, caller, tenant, id).await?.content.input)
}

/// The newest records of a connector for a replay: ask the answer for one page after the other.
///
/// # Errors
/// [`AdminError::NotFound`] and those of the database.
pub async fn recorded_inputs(
    broker: &Broker,
    tenant: &TenantRecord,
    connector: &ConnectorId,
    limit: usize,
) -> Result<RecordedInputs, AdminError> {
    read_connector(broker, &tenant.id, connector).await?;
    Ok(RecordedInputs::newest(broker, &tenant.id, connector, limit).await?)
}
