//! The mapping of a connector or an application: what decides now, and how it is. Which of the two is said by
//! the path.

use symbolon_identity::admin::{self, AdminError, MappingStatus, NewMapping, PluginChoice};
use symbolon_identity::mapping::{MappingError, MappingPolicy};

use super::answer::{Done, Found};
use super::body::{Json, NoBody};
use super::call::Call;
use super::mapping_views::{Mapping, MappingSaved, ReplaceMapping, configuration_of};

/// The number of the version that decides.
pub(super) async fn active_version(call: &Call) -> Result<i32, AdminError> {
    let target = call.mapping_target().await?;
    let status = admin::mapping_status(call.broker(), &call.tenant, &target).await?;
    status.active_version.ok_or_else(|| MappingError::NotConfigured.into())
}

pub(super) async fn show(call: Call, _: NoBody) -> Result<Found<Mapping>, AdminError> {
    let (target, active) = (call.mapping_target().await?, active_version(&call).await?);
    let of = (&target, active);
    Ok(Found(admin::read_mapping_version(call.broker(), &call.tenant, of).await?.into()))
}

pub(super) async fn replace(
    call: Call,
    Json(body): Json<ReplaceMapping>,
) -> Result<Found<MappingSaved>, AdminError> {
    let target = call.mapping_target().await?;
    let new = NewMapping {
        configuration: configuration_of(body.rules),
        plugin: PluginChoice::Same,
        note: body.note,
        admin_default: body.confirm_admin_default,
    };
    let (broker, caller, tenant) = (call.broker(), &call.caller, &call.tenant);
    let saved = admin::save_mapping(broker, caller, tenant, (&target, new)).await?;
    admin::activate_mapping(broker, caller, tenant, (&target, saved.version)).await?;
    Ok(Found(MappingSaved { version: saved.version, findings: saved.findings }))
}

pub(super) async fn status(call: Call, _: NoBody) -> Result<Found<MappingStatus>, AdminError> {
    let target = call.mapping_target().await?;
    Ok(Found(admin::mapping_status(call.broker(), &call.tenant, &target).await?))
}

pub(super) async fn set_policy(
    call: Call,
    Json(policy): Json<MappingPolicy>,
) -> Result<Done, AdminError> {
    let target = call.mapping_target().await?;
    let (broker, caller, tenant) = (call.broker(), &call.caller, &call.tenant);
    admin::set_mapping_policy(broker, caller, tenant, (&target, policy)).await?;
    Ok(Done)
}
