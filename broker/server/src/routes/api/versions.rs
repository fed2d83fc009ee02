//! The versions of a connector's settings: listed, compared, brought back.

use symbolon_identity::admin::{self, AdminError, FieldChange, VersionSummary};

use super::answer::{Found, List};
use super::body::{Json, NoBody};
use super::call::Call;
use super::views::{Restore, SettingsSaved};

pub(super) async fn list(call: Call, _: NoBody) -> Result<Found<List<VersionSummary>>, AdminError> {
    let id = call.connector()?;
    let versions = admin::list_versions(call.broker(), &call.tenant, &id).await?;
    Ok(Found(versions.into_iter().collect()))
}

pub(super) async fn diff(call: Call, _: NoBody) -> Result<Found<List<FieldChange>>, AdminError> {
    let id = call.connector()?;
    let number = |name| call.number(name).map(Option::unwrap_or_default);
    let between = (&id, number("from")?, number("to")?);
    let changes = admin::diff_versions(call.broker(), &call.tenant, between).await?;
    Ok(Found(changes.into_iter().collect()))
}

pub(super) async fn restore(
    call: Call,
    Json(body): Json<Restore>,
) -> Result<Found<SettingsSaved>, AdminError> {
    let (id, number) = (call.connector()?, call.part("version"));
    let number = number
        .parse()
        .map_err(|_| AdminError::NotFound { kind: "version", id: number.to_owned() })?;
    let (broker, caller, tenant) = (call.broker(), &call.caller, &call.tenant);
    let saved = admin::restore_version(broker, caller, tenant, (&id, number, body.note)).await?;
    Ok(Found(SettingsSaved { settings_version: saved }))
}
