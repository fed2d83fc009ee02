//! A version is tried, and the outcome is kept beside it.

use serde_json::json;
use symbolon_storage::MappingTarget;

use super::runnable;
use crate::admin::AdminError;
use crate::broker::Broker;
use crate::mapping::{TrialReport, try_version};
use crate::tenants::TenantRecord;

/// Tries a version on samples and saved cases (WP-79). Activates nothing.
///
/// # Errors
/// [`AdminError::NotFound`], a plugin that cannot be asked at all, and those of the database.
pub async fn try_mapping(
    broker: &Broker,
    tenant: &TenantRecord,
    of: (&MappingTarget, i32),
) -> Result<TrialReport, AdminError> {
    tried(broker, tenant, of).await
}

/// Tries a version and keeps what came of it.
pub(super) async fn tried(
    broker: &Broker,
    tenant: &TenantRecord,
    (target, number): (&MappingTarget, i32),
) -> Result<TrialReport, AdminError> {
    let (version, rules) = runnable(broker, &tenant.id, (target, number)).await?;
    let report = try_version(broker, &tenant.id, (&version, &rules)).await?;
    let kept = json!({
        "at": report.at,
        "passed": report.passed,
        "problems": report.problems,
        "cases": report.cases.len(),
        "worst_fuel": report.worst_fuel,
    });
    let (of, target) = (tenant.id.clone(), target.clone());
    broker
        .database
        .write(move |conn| conn.tenant(&of).mapping(&target).set_trial(number, &kept))
        .await?;
    Ok(report)
}
