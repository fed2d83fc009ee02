//! Browser and upstream do not send each other round in circles: after three failed round trips in five
//! minutes the person sees the last reason instead of another redirect (E-80).

use chrono::TimeDelta;
use symbolon_contract::ReasonCode;
use symbolon_storage::{StorageError, StorageResult, TenantRows};

use super::LoginError;
use super::attempt::{LoginAttempt, browser_hash};
use crate::broker::{Broker, Visit};
use crate::tenants::TenantRecord;

const WITHIN: TimeDelta = TimeDelta::minutes(5);
const TRIPS: i64 = 3;

/// Refuses to send the browser upstream once more.
pub(super) async fn check(
    broker: &Broker,
    tenant: &TenantRecord,
    visit: &Visit,
) -> Result<(), LoginError> {
    let Some(browser) = &visit.login_cookie else {
        return Ok(());
    };
    let (tenant, browser) = (tenant.id.clone(), browser_hash(browser));
    let since = broker.clock.now() - WITHIN;
    let last = broker
        .database
        .read(move |conn| {
            let mut rows = conn.tenant(&tenant);
            if rows.login_attempts().recent_failures(&browser, since)? < TRIPS {
                return Ok(None);
            }
            rows.login_attempts().last_failed(&browser, since)?.map(LoginAttempt::parse).transpose()
        })
        .await?;
    match last {
        None => Ok(()),
        Some(attempt) => {
            Err(LoginError::Loop(attempt.last_failure.unwrap_or(ReasonCode::AttemptUnknown)))
        }
    }
}

/// A round trip failed.
pub(super) fn note(
    rows: &mut TenantRows<'_>,
    attempt: &str,
    reason: ReasonCode,
) -> StorageResult<()> {
    if let Some(mut found) = LoginAttempt::find(rows, attempt)? {
        found.last_failure = Some(reason);
        let stage = found.stage.clone();
        match found.advance(rows, stage) {
            // Somebody moved it meanwhile; the count is what matters.
            Ok(()) | Err(StorageError::StaleVersion) => {}
            Err(error) => return Err(error),
        }
        rows.login_attempts().note_failure(attempt)?;
    }
    Ok(())
}
