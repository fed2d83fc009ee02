//! Plugins: the tenant's own, and those of the operator's library that it may enable.

use symbolon_contract::PluginDigest;
use symbolon_identity::admin::{self, AdminError, LibraryEntry, PluginSummary, UploadedPlugin};

use super::answer::{Done, Found, List, Made};
use super::body::{Component, NoBody};
use super::call::Call;

pub(super) async fn list(call: Call, _: NoBody) -> Result<Found<List<PluginSummary>>, AdminError> {
    let plugins = admin::list_plugins(call.broker(), &call.tenant).await?;
    Ok(Found(plugins.into_iter().collect()))
}

pub(super) async fn upload(
    call: Call,
    Component(new): Component,
) -> Result<Made<UploadedPlugin>, AdminError> {
    Ok(Made(admin::upload_plugin(call.broker(), &call.caller, &call.tenant, new).await?))
}

pub(super) async fn show(call: Call, _: NoBody) -> Result<Found<PluginSummary>, AdminError> {
    let digest = digest(&call)?;
    let plugins = admin::list_plugins(call.broker(), &call.tenant).await?;
    let found = plugins.into_iter().find(|one| one.digest == digest);
    found.map(Found).ok_or_else(|| missing(&call))
}

pub(super) async fn delete(call: Call, _: NoBody) -> Result<Done, AdminError> {
    let digest = digest(&call)?;
    admin::delete_plugin(call.broker(), &call.caller, &call.tenant, &digest).await?;
    Ok(Done)
}

pub(super) async fn offered(
    call: Call,
    _: NoBody,
) -> Result<Found<List<LibraryEntry>>, AdminError> {
    let offered = admin::list_offered(call.broker(), &call.tenant).await?;
    Ok(Found(offered.into_iter().collect()))
}

pub(super) async fn enable(call: Call, _: NoBody) -> Result<Done, AdminError> {
    let digest = digest(&call)?;
    admin::enable_plugin(call.broker(), &call.caller, &call.tenant, &digest).await?;
    Ok(Done)
}

pub(super) async fn disable(call: Call, _: NoBody) -> Result<Done, AdminError> {
    let digest = digest(&call)?;
    admin::disable_plugin(call.broker(), &call.caller, &call.tenant, &digest).await?;
    Ok(Done)
}

/// The plugin of the path. What cannot be a digest is no plugin's.
fn digest(call: &Call) -> Result<PluginDigest, AdminError> {
    PluginDigest::parse(call.part("digest")).map_err(|_| missing(call))
}

fn missing(call: &Call) -> AdminError {
    let id = call.part("digest").chars().take(64).collect();
    AdminError::NotFound { kind: "plugin", id }
}
