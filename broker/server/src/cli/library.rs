//! `symbolon plugin-library`.

use anyhow::Context;
use serde_json::{Value, json};
use symbolon_identity::Broker;
use symbolon_identity::admin::{self, AdminCaller, NewPlugin};

use super::arguments::LibraryCommand;
use super::{files, print};

pub(super) async fn run(
    broker: &Broker,
    command: LibraryCommand,
    json: bool,
) -> anyhow::Result<()> {
    let caller = AdminCaller::command_line();
    match command {
        LibraryCommand::Add { component, signature } => {
            let read = std::fs::read(&component);
            let read = read.with_context(|| format!("{} cannot be read", component.display()))?;
            let signature = signature.as_deref().map(files::read_text).transpose()?;
            let new = NewPlugin { component: read, signature };
            let added = admin::add_to_library(broker, &caller, new).await?;
            let mut shown = json!(added);
            if let (false, Some(fields)) = (json, shown.as_object_mut()) {
                // A schema on one line is nothing to read.
                fields.retain(|name, _| name != "description" && name != "enabled");
            }
            print::object(&shown, json);
        }
        LibraryCommand::List { tenant } => {
            let entries = match tenant {
                None => admin::list_library(broker).await?,
                Some(slug) => {
                    let tenant = admin::read_tenant(broker, &slug).await?;
                    admin::list_offered(broker, &tenant).await?
                }
            };
            let rows: Vec<Value> = entries.iter().map(|one| json!(one)).collect();
            let columns = ["name", "digest", "class", "signed_by", "retired_at", "enabled"];
            print::table(&rows, &columns, json);
        }
        LibraryCommand::Retire { digest } => {
            admin::retire_from_library(broker, &caller, &digest).await?;
        }
        LibraryCommand::Enable { tenant, digest } => {
            let tenant = admin::read_tenant(broker, &tenant).await?;
            admin::enable_plugin(broker, &caller, &tenant, &digest).await?;
        }
        LibraryCommand::Disable { tenant, digest } => {
            let tenant = admin::read_tenant(broker, &tenant).await?;
            admin::disable_plugin(broker, &caller, &tenant, &digest).await?;
        }
    }
    Ok(())
}
