//! A session ends, and what hangs on it.

use chrono::{DateTime, Utc};
use symbolon_contract::SessionId;
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
