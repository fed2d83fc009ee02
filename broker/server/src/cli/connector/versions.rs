//! `symbolon connector versions`, `diff` and `restore`.

use serde_json::{Value, json};
use symbolon_identity::Broker;
use symbolon_identity::admin::{self, AdminCaller};

use super::upkeep::tenant_of;
use crate::cli::arguments::Place;
use crate::cli::print;

pub(super) async fn list(broker: &Broker, place: &Place, json: bool) -> anyhow::Result<()> {
    let tenant = tenant_of(broker, place).await?;
    let versions = admin::list_versions(broker, &tenant, &place.id).await?;
    let rows: Vec<Value> = versions.iter().map(|version| json!(version)).collect();
    let columns = ["version", "state", "current", "created_at", "author", "note"];
    print::table(&rows, &columns, json);
    Ok(())
}

pub(super) async fn diff(
    broker: &Broker,
    place: &Place,
    (from, to): (i32, i32),
    json: bool,
) -> anyhow::Result<()> {
    let tenant = tenant_of(broker, place).await?;
    let changes = admin::diff_versions(broker, &tenant, (&place.id, from, to)).await?;
    let rows: Vec<Value> = changes.iter().map(|change| json!(change)).collect();
    print::table(&rows, &["field", "from", "to"], json);
    Ok(())
}

pub(super) async fn restore(
    broker: &Broker,
    place: &Place,
    (version, note): (i32, Option<String>),
    json: bool,
) -> anyhow::Result<()> {
    let tenant = tenant_of(broker, place).await?;
    let caller = AdminCaller::command_line();
    let change = (&place.id, version, note);
    let made = admin::restore_version(broker, &caller, &tenant, change).await?;
    print::object(&json!({ "settings_version": made }), json);
    Ok(())
}
