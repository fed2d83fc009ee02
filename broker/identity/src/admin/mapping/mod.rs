//! The mapping of a connector or application: saved as a version, tried, shadowed, activated, rolled back.
//!
//! | file | holds |
//! |---|---|
//! | `save`, `check` | a new version, and everything that can be wrong with it |
//! | `activate` | which version counts: after a green trial, back in one step |
//! | `trial`, `shadow`, `replay` | a version before it counts: alone, beside the active one, on recorded sign-ins |
//! | `cases` | what every version must say |
//! | `versions` | the versions, compared; how the mapping is |
//! | `policy` | what happens when the plugin fails |

mod activate;
mod cases;
mod check;
mod policy;
mod replay;
mod save;
mod shadow;
mod trial;
mod versions;

pub use activate::{activate_mapping, retry_mapping, roll_back_mapping};
pub use cases::{CaseSummary, SavedCase, delete_case, list_cases, put_case, read_case};
pub(super) use check::check_first;
pub use policy::set_mapping_policy;
pub use replay::{MOST_REPLAYED, replay_mapping};
pub use save::{NewMapping, PluginChoice, SavedMapping, save_mapping, set_mapping};
pub use shadow::{end_shadow, start_shadow};
pub use trial::try_mapping;
pub use versions::{
    ActiveRules, MappingDiff, MappingStatus, MappingSummary, diff_mappings, list_mappings,
    mapping_status, read_mapping, read_mapping_version,
};

use symbolon_contract::{ApplicationId, ConnectorId, TenantId};
use symbolon_storage::{MappingTarget, MappingTargetKind, MappingVersion};

use super::AdminError;
use crate::broker::Broker;
use crate::mapping::{MappingPolicy, Rulebook, policy_of, rulebook};

/// A target that exists.
///
/// # Errors
/// [`AdminError::NotFound`] and those of the database.
pub async fn connector_mapping(
    broker: &Broker,
    tenant: &TenantId,
    id: &ConnectorId,
) -> Result<MappingTarget, AdminError> {
    super::read_connector(broker, tenant, id).await?;
    Ok(MappingTarget::connector(id))
}

/// The outgoing mapping of an application that exists.
///
/// # Errors
/// [`AdminError::NotFound`] and those of the database.
pub async fn application_mapping(
    broker: &Broker,
    tenant: &TenantId,
    id: &ApplicationId,
) -> Result<MappingTarget, AdminError> {
    super::read_application(broker, tenant, id).await?;
    Ok(MappingTarget::application(id))
}

/// The word for a target's kind in the audit trail.
fn kind(target: &MappingTarget) -> &'static str {
    match target.kind {
        MappingTargetKind::Connector => "connector",
        MappingTargetKind::Application => "application",
    }
}

/// A version with the rules for its decisions.
async fn version(
    broker: &Broker,
    tenant: &TenantId,
    (target, number): (&MappingTarget, i32),
) -> Result<(MappingVersion, Rulebook), AdminError> {
    let (of, whose) = (tenant.clone(), target.clone());
    let found = broker.database.read(move |conn| {
        let mut rows = conn.tenant(&of);
        let version = rows.mapping(&whose).find(number)?;
        let policy = match rows.mapping(&whose).state()? {
            Some(state) => policy_of(&state)?,
            None => MappingPolicy::default(),
        };
        Ok((version, rulebook(&mut rows, &whose, &policy, &[])?))
    });
    let (version, rules) = found.await?;
    let missing = || AdminError::NotFound { kind: "mapping version", id: number.to_string() };
    Ok((version.ok_or_else(missing)?, rules))
}

/// A version that may be run: one whose plugin is still this tenant's to use.
async fn runnable(
    broker: &Broker,
    tenant: &TenantId,
    of: (&MappingTarget, i32),
) -> Result<(MappingVersion, Rulebook), AdminError> {
    let found = version(broker, tenant, of).await?;
    super::plugin::usable(broker, tenant, &found.0.plugin_digest).await?;
    Ok(found)
}
