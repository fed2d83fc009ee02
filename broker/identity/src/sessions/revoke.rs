//! A session ends, and what hangs on it.

use chrono::{DateTime, Utc};
use symbolon_contract::{ConnectorId, SessionId, UserId};
use symbolon_storage::{StorageResult, TenantRows};

/// Ends a session and revokes its access tokens. Says whether it was still open.
///
/// # Errors
/// Those of the database.
pub fn end(
    rows: &mut TenantRows<'_>,
    session: &SessionId,
    now: DateTime<Utc>,
    why: &'static str,
) -> StorageResult<bool> {
    rows.access_tokens().revoke_by_session(session, now)?;
    rows.sessions().end(session, now, why)
}

/// Ends the live sessions that stem from one session of an upstream, with their access tokens; says which
/// and whose. Another browser's session at the same upstream session ends too, this browser's own if it
/// stems from another one does not (E-61).
///
/// # Errors
/// Those of the database.
pub fn end_by_upstream_sid(
    rows: &mut TenantRows<'_>,
    (connector, sid): (&ConnectorId, &str),
    now: DateTime<Utc>,
    why: &'static str,
) -> StorageResult<Vec<(SessionId, UserId)>> {
    let ended = rows.sessions().end_by_upstream_sid(connector, sid, now, why)?;
    let mut whose = Vec::with_capacity(ended.len());
    for id in ended {
        rows.access_tokens().revoke_by_session(&id, now)?;
        whose.extend(rows.sessions().find(&id)?.map(|session| (session.id, session.user_id)));
    }
    Ok(whose)
}
