//! The failure policy `last_known` (WP-88): who is known keeps what the last good mapping gave, for a while.

use chrono::TimeDelta;
use symbolon_contract::{ReasonCode, TenantId};
use symbolon_storage::StorageResult;

use super::active::ActiveMapping;
use super::{Answered, MappingInput, MappingOutcome, OnFailure};
use crate::broker::Broker;

/// The outcome in place of a failed call, or `None` when the policy is closed, the person is new, or the last
/// good mapping is too long ago.
pub(super) async fn answer(
    broker: &Broker,
    tenant: &TenantId,
    active: &ActiveMapping,
    (input, because): (&MappingInput, ReasonCode),
) -> StorageResult<Option<MappingOutcome>> {
    if active.policy.on_failure != OnFailure::LastKnown || active.version.target().is_application()
    {
        return Ok(None);
    }
    let (of, asked) = (tenant.clone(), input.clone());
    let mapped_at = broker.database.read(move |conn| {
        let mut rows = conn.tenant(&of);
        rows.identity_links().mapped_at(&asked.connector, &asked.issuer, &asked.subject)
    });
    let Some(mapped_at) = mapped_at.await? else {
        return Ok(None);
    };
    if input.now - mapped_at > TimeDelta::hours(i64::from(active.policy.last_known_hours)) {
        return Ok(None);
    }
    let told = format!("{because}: answered from the mapping of {}", mapped_at.to_rfc3339());
    Ok(Some(MappingOutcome {
        answered: Answered::LastKnown { because },
        remarks: vec![told],
        ..MappingOutcome::nothing_new(&active.version)
    }))
}
