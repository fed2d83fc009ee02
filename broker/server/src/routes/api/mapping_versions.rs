//! The versions of a mapping: saved, tried, compared, run beside, activated, rolled back.

use chrono::TimeDelta;
use symbolon_contract::PluginDigest;
use symbolon_identity::admin::{
    self, AdminError, MappingDiff, MappingSummary, NewMapping, PluginChoice,
};
use symbolon_identity::mapping::TrialReport;

use super::answer::{Done, Found, List, Made};
use super::body::{Json, NoBody};
use super::call::Call;
use super::mapping_views::{
    Retried, RolledBack, SaveVersion, StartShadow, VersionDetails, VersionSaved, configuration_of,
};

pub(super) async fn list(call: Call, _: NoBody) -> Result<Found<List<MappingSummary>>, AdminError> {
    let target = call.mapping_target().await?;
    let versions = admin::list_mappings(call.broker(), &call.tenant, &target).await?;
    Ok(Found(versions.into_iter().collect()))
}

pub(super) async fn save(
    call: Call,
    Json(body): Json<SaveVersion>,
) -> Result<Made<VersionSaved>, AdminError> {
    let target = call.mapping_target().await?;
    let new = NewMapping {
        configuration: configuration_of(body.rules),
        plugin: chosen(body.plugin.as_deref())?,
        note: body.note,
        admin_default: body.confirm_admin_default,
    };
    let saved = admin::save_mapping(call.broker(), &call.caller, &call.tenant, (&target, new));
    Ok(Made(saved.await?.into()))
}

fn chosen(plugin: Option<&str>) -> Result<PluginChoice, AdminError> {
    let wrong = |_| AdminError::Invalid(vec!["plugin: `bundled` or the digest of one".to_owned()]);
    match plugin {
        None => Ok(PluginChoice::Same),
        Some("bundled") => Ok(PluginChoice::Bundled),
        Some(digest) => PluginDigest::parse(digest).map(PluginChoice::Stored).map_err(wrong),
    }
}

pub(super) async fn show(call: Call, _: NoBody) -> Result<Found<VersionDetails>, AdminError> {
    let (target, number) = (call.mapping_target().await?, version(&call)?);
    let (broker, tenant) = (call.broker(), &call.tenant);
    let rules = admin::read_mapping_version(broker, tenant, (&target, number)).await?;
    let versions = admin::list_mappings(broker, tenant, &target).await?;
    let summary = versions.into_iter().find(|one| one.version == number);
    let summary = summary.ok_or_else(|| missing(&call))?;
    Ok(Found(VersionDetails::of(summary, rules)))
}

pub(super) async fn diff(call: Call, _: NoBody) -> Result<Found<MappingDiff>, AdminError> {
    let target = call.mapping_target().await?;
    let number = |name| call.number(name).map(Option::unwrap_or_default);
    let between = (&target, number("from")?, number("to")?);
    Ok(Found(admin::diff_mappings(call.broker(), &call.tenant, between).await?))
}

pub(super) async fn try_one(call: Call, _: NoBody) -> Result<Found<TrialReport>, AdminError> {
    let (target, number) = (call.mapping_target().await?, version(&call)?);
    Ok(Found(admin::try_mapping(call.broker(), &call.tenant, (&target, number)).await?))
}

pub(super) async fn activate(call: Call, _: NoBody) -> Result<Found<TrialReport>, AdminError> {
    let (target, number) = (call.mapping_target().await?, version(&call)?);
    let (broker, caller, tenant) = (call.broker(), &call.caller, &call.tenant);
    Ok(Found(admin::activate_mapping(broker, caller, tenant, (&target, number)).await?))
}

pub(super) async fn roll_back(call: Call, _: NoBody) -> Result<Found<RolledBack>, AdminError> {
    let target = call.mapping_target().await?;
    let back = admin::roll_back_mapping(call.broker(), &call.caller, &call.tenant, &target);
    Ok(Found(RolledBack { active_version: back.await? }))
}

pub(super) async fn retry(call: Call, _: NoBody) -> Result<Found<Retried>, AdminError> {
    let target = call.mapping_target().await?;
    let retried = admin::retry_mapping(call.broker(), &call.caller, &call.tenant, &target);
    Ok(Found(Retried { was_quarantined: retried.await? }))
}

pub(super) async fn start_shadow(
    call: Call,
    Json(body): Json<StartShadow>,
) -> Result<Found<TrialReport>, AdminError> {
    let target = call.mapping_target().await?;
    let shadow = (&target, body.version, TimeDelta::hours(body.hours.into()));
    let started = admin::start_shadow(call.broker(), &call.caller, &call.tenant, shadow);
    Ok(Found(started.await?))
}

pub(super) async fn end_shadow(call: Call, _: NoBody) -> Result<Done, AdminError> {
    let target = call.mapping_target().await?;
    admin::end_shadow(call.broker(), &call.caller, &call.tenant, &target).await?;
    Ok(Done)
}

/// The version of the path. What is no number is no version's.
fn version(call: &Call) -> Result<i32, AdminError> {
    call.part("version").parse().map_err(|_| missing(call))
}

fn missing(call: &Call) -> AdminError {
    AdminError::NotFound { kind: "mapping version", id: call.part("version").to_owned() }
}
