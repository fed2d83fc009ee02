//! `symbolon mapping`.

use anyhow::Context;
use serde_json::{Value, json};
use symbolon_identity::Broker;
use symbolon_identity::admin::{
    self, AdminCaller, MappingSummary, NewMapping, NewPlugin, PluginChoice,
};

use super::arguments::MappingCommand;
use super::{files, print};

pub(super) async fn run(
    broker: &Broker,
    command: MappingCommand,
    json: bool,
) -> anyhow::Result<()> {
    match command {
        MappingCommand::Set { tenant, connector, rules, plugin, note, confirm_admin_default } => {
            let tenant = admin::read_tenant(broker, &tenant).await?;
            let plugin = plugin
                .map(|path| {
                    std::fs::read(&path)
                        .with_context(|| format!("{} cannot be read", path.display()))
                })
                .transpose()?;
            let plugin = plugin.map_or(PluginChoice::Same, |component| {
                PluginChoice::Upload(NewPlugin { component, signature: None })
            });
            let new = NewMapping {
                configuration: files::read_text(&rules)?,
                plugin,
                note,
                admin_default: confirm_admin_default,
            };
            let caller = AdminCaller::command_line();
            let set = admin::set_mapping(broker, &caller, &tenant, (&connector, new)).await?;
            for finding in &set.1 {
                eprintln!("{:?} {}: {}", finding.severity, finding.path, finding.message);
            }
            print::object(&json!({ "active_version": set.0 }), json);
        }
        MappingCommand::Show { tenant, connector } => {
            let tenant = admin::read_tenant(broker, &tenant).await?;
            let active = admin::read_mapping(broker, &tenant.id, &connector).await?;
            println!("{}", active.configuration);
        }
        MappingCommand::List { tenant, connector } => {
            let tenant = admin::read_tenant(broker, &tenant).await?;
            let target = admin::connector_mapping(broker, &tenant.id, &connector).await?;
            let versions = admin::list_mappings(broker, &tenant, &target).await?;
            let rows: Vec<Value> = versions.iter().map(describe).collect();
            print::table(
                &rows,
                &["version", "active", "created_at", "author", "plugin", "note"],
                json,
            );
        }
    }
    Ok(())
}

fn describe(version: &MappingSummary) -> Value {
    json!({
        "version": version.version,
        "created_at": version.created_at,
        "author": version.author,
        "plugin": version.plugin,
        "active": version.active,
        "note": version.note,
    })
}
