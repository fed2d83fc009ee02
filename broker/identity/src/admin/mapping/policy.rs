//! What happens when the plugin fails, chosen for each connector (WP-87).

use serde_json::json;
use symbolon_storage::MappingTarget;

use super::kind;
use crate::admin::{AdminCaller, AdminError, Change};
use crate::broker::Broker;
use crate::mapping::{MappingPolicy, OnFailure};
use crate::tenants::TenantRecord;

/// Sets the policy of a target.
///
/// # Errors
/// [`AdminError::Invalid`] with every problem, and those of the database.
pub async fn set_mapping_policy(
    broker: &Broker,
    caller: &AdminCaller,
    tenant: &TenantRecord,
    (target, policy): (&MappingTarget, MappingPolicy),
) -> Result<(), AdminError> {
    let mut problems = policy.problems();
    if policy.on_failure == OnFailure::LastKnown && kind(target) == "application" {
        problems.push("on_failure: nothing is kept of what was released; choose closed".into());
    }
    AdminError::unless_empty(problems)?;
    let (change, id, target) = (Change::by(broker, caller), tenant.id.clone(), target.clone());
    let set = broker.database.write(move |conn| {
        conn.tenant(&id).mapping(&target).set_policy(&json!(policy))?;
        let changes = json!([{ "field": "policy", "to": policy }]);
        change.record(conn, &id, ("mapping.policy_changed", kind(&target), &target.id), changes)
    });
    Ok(set.await?)
}
