//! What is asked of the tenant as a whole: every status, the calendar, the audit trail.

use symbolon_identity::admin::{self, AdminError, ConnectorStatus};
use symbolon_identity::audit::to_json;
use symbolon_identity::storage::AuditFilter;

use super::answer::{Calendar, Found, List};
use super::body::NoBody;
use super::call::Call;
use super::views::AuditPage;

const LARGEST_PAGE: i64 = 1000;
const PAGE: i64 = 100;

pub(super) async fn status(
    call: Call,
    _: NoBody,
) -> Result<Found<List<ConnectorStatus>>, AdminError> {
    let mut items = Vec::new();
    for connector in admin::list_connectors(call.broker(), &call.tenant).await? {
        items.push(admin::connector_status(call.broker(), &call.tenant, &connector.id).await?);
    }
    Ok(Found(List { items }))
}

pub(super) async fn calendar(call: Call, _: NoBody) -> Result<Calendar, AdminError> {
    Ok(Calendar(admin::credential_calendar(call.broker(), &call.tenant, None).await?))
}

pub(super) async fn connector_calendar(call: Call, _: NoBody) -> Result<Calendar, AdminError> {
    let id = call.connector()?;
    Ok(Calendar(admin::credential_calendar(call.broker(), &call.tenant, Some(&id)).await?))
}

pub(super) async fn audit(call: Call, _: NoBody) -> Result<Found<AuditPage>, AdminError> {
    let limit = call.number("limit")?.unwrap_or(PAGE).clamp(1, LARGEST_PAGE);
    let filter = AuditFilter {
        after_seq: call.number("after")?,
        before_seq: None,
        event_type: call.query("type").map(str::to_owned),
        newest_first: false,
        limit,
    };
    let rows = admin::audit_events(call.broker(), &call.tenant.id, filter).await?;
    let full = i64::try_from(rows.len()).is_ok_and(|count| count == limit);
    Ok(Found(AuditPage {
        next_after: rows.last().filter(|_| full).map(|row| row.seq),
        items: rows.iter().map(|row| to_json(call.tenant.id.as_str(), row)).collect(),
    }))
}
