//! The mapping of a connector.

use serde_json::Value;
use symbolon_identity::admin::{self, AdminError, NewMapping, PluginChoice};

use super::answer::Found;
use super::body::{Json, NoBody};
use super::call::Call;
use super::views::{Mapping, MappingSaved, ReplaceMapping};

pub(super) async fn show(call: Call, _: NoBody) -> Result<Found<Mapping>, AdminError> {
    let id = call.connector()?;
    Ok(Found(admin::read_mapping(call.broker(), &call.tenant.id, &id).await?.into()))
}

pub(super) async fn replace(
    call: Call,
    Json(body): Json<ReplaceMapping>,
) -> Result<Found<MappingSaved>, AdminError> {
    let id = call.connector()?;
    let new = NewMapping {
        configuration: match body.rules {
            Value::String(text) => text,
            rules => rules.to_string(),
        },
        plugin: PluginChoice::Same,
        note: body.note,
        admin_default: body.confirm_admin_default,
    };
    let (broker, caller, tenant) = (call.broker(), &call.caller, &call.tenant);
    let (version, findings) = admin::set_mapping(broker, caller, tenant, (&id, new)).await?;
    Ok(Found(MappingSaved { version, findings }))
}
