//! How a connector is, kept as one row: what the last look at it found, and what was warned of. The row is
//! compared and written in one transaction, so of two nodes that look at once only one tells the change.

use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use symbolon_contract::{ConnectorId, TenantId};
use symbolon_storage::{Connection, ConnectorHealth, HealthState, StorageResult};

use super::credentials::NextExpiry;
use crate::admin::Change;
use crate::connectors::ConnectionReport;

/// Days before the end on which it is warned of (N20), and the day itself.
pub(super) const WARNING_DAYS: [i64; 7] = [60, 30, 14, 7, 3, 1, 0];

/// What a look at a connector found.
pub(super) struct Finding {
    /// The checks.
    pub(super) report: ConnectionReport,
    /// The credential was tried.
    pub(super) credential_tried: bool,
    /// When it ends, as the upstream says, where it was asked.
    pub(super) upstream_says: Option<DateTime<Utc>>,
}

/// How a connector is that nobody looked at yet.
pub(super) fn unknown(id: &ConnectorId) -> ConnectorHealth {
    ConnectorHealth {
        connector_id: id.clone(),
        state: HealthState::Unknown,
        checked_at: None,
        report: None,
        credential_checked_at: None,
        credential_expires_at: None,
        warned_days: None,
        last_error: None,
        last_success_at: None,
    }
}

/// Keeps a finding; a change between connected and disconnected becomes an audit event.
pub(super) fn keep(
    conn: &mut Connection,
    (tenant, id): (&TenantId, &ConnectorId),
    (change, now): (&Change, DateTime<Utc>),
    finding: &Finding,
) -> StorageResult<()> {
    let known = conn.tenant(tenant).connector_health().find(id)?;
    let known = known.unwrap_or_else(|| unknown(id));
    let failure = finding.report.failure();
    let state = match failure {
        None => HealthState::Connected,
        Some(_) => HealthState::Disconnected,
    };
    let last_error = failure.map(|check| {
        let mut error = json!(check);
        if let Value::Object(fields) = &mut error {
            fields.insert("at".into(), json!(now));
        }
        error
    });
    let turned = state != known.state;
    conn.tenant(tenant).connector_health().put(&ConnectorHealth {
        state,
        checked_at: Some(now),
        report: Some(json!(finding.report)),
        credential_checked_at: match finding.credential_tried {
            true => Some(now),
            false => known.credential_checked_at,
        },
        credential_expires_at: finding.upstream_says.or(known.credential_expires_at),
        last_error: last_error.or(known.last_error),
        last_success_at: if failure.is_none() { Some(now) } else { known.last_success_at },
        ..known
    })?;
    if !turned {
        return Ok(());
    }
    let (name, because) = match failure {
        None => ("connector.connected", json!(null)),
        Some(check) => ("connector.disconnected", json!(check)),
    };
    tracing::info!(%tenant, connector = %id, name, "a connector's state changed");
    let changes = json!([
        { "field": "status", "from": known.state, "to": state },
        { "field": "because", "to": because },
    ]);
    change.record(conn, tenant, (name, "connector", id.as_str()), changes)
}

/// Warns of the end of the present credential, once for each of [`WARNING_DAYS`].
pub(super) fn warn_of_end(
    conn: &mut Connection,
    (tenant, id): (&TenantId, &ConnectorId),
    change: &Change,
    end: Option<&NextExpiry>,
) -> StorageResult<()> {
    let health = conn.tenant(tenant).connector_health().find(id)?;
    let mut health = health.unwrap_or_else(|| unknown(id));
    let due = end.and_then(|end| warning_due(end.days));
    if due == health.warned_days {
        return Ok(());
    }
    health.warned_days = due;
    conn.tenant(tenant).connector_health().put(&health)?;
    let (Some(end), Some(_)) = (end, due) else {
        return Ok(());
    };
    let NextExpiry { which, date, days, .. } = end;
    tracing::warn!(%tenant, connector = %id, which, %date, days, "a credential ends soon or has ended");
    let changes = json!({ "days": days, "ends_at": date, "which": which });
    let what = ("connector.credential_expiring", "connector", id.as_str());
    change.record(conn, tenant, what, changes)
}

/// The warning that belongs to so many days: the nearest one that is not over yet.
fn warning_due(days: i64) -> Option<i32> {
    let due = WARNING_DAYS.iter().rev().find(|one| days <= **one)?;
    i32::try_from(*due).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn feat_n20_the_warning_of_a_day_is_the_nearest_that_is_not_over() {
        let due = [61, 60, 59, 31, 30, 15, 14, 8, 7, 4, 3, 2, 1, 0, -5].map(warning_due);
        let expected = [60, 60, 60, 30, 30, 14, 14, 7, 7, 3, 3, 1, 0, 0].map(Some);
        assert_eq!(due[0], None);
        assert_eq!(due[1..], expected);
    }
}
