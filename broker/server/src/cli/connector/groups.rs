//! `symbolon connector groups`.

use serde_json::{Value, json};
use symbolon_identity::Broker;
use symbolon_identity::admin::{self, GroupQuery};

use super::upkeep::tenant_of;
use crate::cli::arguments::Place;
use crate::cli::print;

pub(super) async fn run(
    broker: &Broker,
    place: &Place,
    (find, ids): (Option<String>, Vec<String>),
    json: bool,
) -> anyhow::Result<()> {
    let tenant = tenant_of(broker, place).await?;
    let query = match find {
        Some(name) => GroupQuery::Named(name),
        None => GroupQuery::Ids(ids),
    };
    let groups = admin::find_groups(broker, &tenant, (&place.id, &query)).await?;
    let rows: Vec<Value> = groups.iter().map(|group| json!(group)).collect();
    print::table(&rows, &["id", "display_name"], json);
    Ok(())
}
