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
    revoke_and_name(rows, ended, now)
}

/// Ends the live sessions of a subject of an upstream, of the named sessions there or of all, with their access
/// tokens; says which and whose (SAML Core 3.7.1).
///
/// # Errors
/// Those of the database.
pub fn end_by_upstream_subject(
    rows: &mut TenantRows<'_>,
    subject: (&ConnectorId, &str),
    sids: &[String],
    now: DateTime<Utc>,
    why: &'static str,
) -> StorageResult<Vec<(SessionId, UserId)>> {
    let ended = rows.sessions().end_by_upstream_subject(subject, sids, now, why)?;
    revoke_and_name(rows, ended, now)
}

fn revoke_and_name(
    rows: &mut TenantRows<'_>,
    ended: Vec<SessionId>,
    now: DateTime<Utc>,
) -> StorageResult<Vec<(SessionId, UserId)>> {
    let mut whose = Vec::with_capacity(ended.len());
    for id in ended {
        rows.access_tokens().revoke_by_session(&id, now)?;
        whose.extend(rows.sessions().find(&id)?.map(|session| (session.id, session.user_id)));
    }
    Ok(whose)
}
