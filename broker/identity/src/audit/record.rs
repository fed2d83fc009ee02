//! An event becomes a row of its tenant's chain, inside the caller's transaction.

use aws_lc_rs::digest;
use chrono::{DateTime, SecondsFormat, Utc};
use serde_json::{Value, json};
use symbolon_contract::{TenantId, TraceId};
use symbolon_storage::{Audit, AuditEvent as Row, Connection, NewAuditEvent, StorageResult};

use super::event::{Actor, AuditEvent};
use crate::ids::IdSource;

/// What an event is written with besides itself.
#[derive(Debug, Clone)]
pub struct AuditContext {
    /// Where the rows' ids come from.
    pub ids: IdSource,
    /// When.
    pub now: DateTime<Utc>,
    /// The request.
    pub trace: TraceId,
    /// Who did it.
    pub actor: Actor,
}

/// Appends to a tenant's chain. Do it last in a transaction: it queues behind the tenant's other writers.
///
/// # Errors
/// Those of the database.
pub fn append(
    conn: &mut Connection,
    tenant: &TenantId,
    context: &AuditContext,
    event: &AuditEvent,
) -> StorageResult<()> {
    write(&mut conn.tenant(tenant).audit(), context, event)
}

/// Appends to the operator's chain: what concerns no tenant, or one that does not exist.
///
/// # Errors
/// Those of the database.
pub fn append_operator(
    conn: &mut Connection,
    context: &AuditContext,
    event: &AuditEvent,
) -> StorageResult<()> {
    write(&mut conn.operator().audit(), context, event)
}

fn write(audit: &mut Audit<'_>, context: &AuditContext, event: &AuditEvent) -> StorageResult<()> {
    audit.append(|seq, previous| {
        let mut row = NewAuditEvent {
            id: context.ids.new_row_id(),
            time: context.now,
            event_type: event.name().to_owned(),
            outcome: event.outcome().as_str().to_owned(),
            reason: event.reason().map(|reason| reason.to_string()),
            connector_id: event.connector().cloned(),
            application_id: event.application().cloned(),
            actor: json!(context.actor),
            target: json!(event.target()),
            details: event.details(context.now),
            trace_id: context.trace.clone(),
            session_id: event.session().cloned(),
            hash: String::new(),
        };
        row.hash = hash(seq, previous, &content(&row));
        row
    })?;
    Ok(())
}

/// The chain's link: what came before, the place and the content.
pub(super) fn hash(seq: i64, previous: &str, content: &Value) -> String {
    let text = format!("{previous}\n{seq}\n{content}");
    let digest = digest::digest(&digest::SHA256, text.as_bytes());
    digest.as_ref().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Everything but place and hashes. `serde_json` sorts the keys, so equal content is equal text.
fn content(row: &NewAuditEvent) -> Value {
    json!({
        "id": row.id,
        "time": stamp(row.time),
        "type": row.event_type,
        "outcome": row.outcome,
        "reason": row.reason,
        "connection": row.connector_id,
        "app": row.application_id,
        "actor": row.actor,
        "target": row.target,
        "details": row.details,
        "trace_id": row.trace_id,
        "session_id": row.session_id,
    })
}

/// The content of a stored row, as it was hashed.
pub(super) fn content_of(row: &Row) -> Value {
    content(&NewAuditEvent {
        id: row.id.clone(),
        time: row.time,
        event_type: row.event_type.clone(),
        outcome: row.outcome.clone(),
        reason: row.reason.clone(),
        connector_id: row.connector_id.clone(),
        application_id: row.application_id.clone(),
        actor: row.actor.clone(),
        target: row.target.clone(),
        details: row.details.clone(),
        trace_id: row.trace_id.clone(),
        session_id: row.session_id.clone(),
        hash: String::new(),
    })
}

/// The internal form of CV-AUDIT-1, for lists and exports.
#[must_use]
pub fn to_json(tenant: &str, row: &Row) -> Value {
    let mut json = content_of(row);
    if let Value::Object(fields) = &mut json {
        fields.insert("tenant".into(), json!(tenant));
        fields.insert("seq".into(), json!(row.seq));
        fields.insert("prev_hash".into(), json!(row.prev_hash));
        fields.insert("hash".into(), json!(row.hash));
    }
    json
}

fn stamp(time: DateTime<Utc>) -> String {
    time.to_rfc3339_opts(SecondsFormat::Millis, true)
}
