//! `symbolon connector`.

mod create;
mod create_saml;
mod groups;
mod guide;
mod journey;
mod saml;
mod secret;
mod status;
mod upkeep;
mod versions;

use std::process::ExitCode;

use serde_json::{Value, json};
use symbolon_identity::Broker;
use symbolon_identity::admin::{self, AdminCaller, ConnectorChange, ModeChange};
use symbolon_identity::connectors::connector::callback_url;
use symbolon_identity::connectors::{CheckOutcome, ConnectionReport, ConnectorRecord};
use symbolon_identity::policy::ConnectorMode;
use symbolon_identity::tenants::TenantRecord;

use super::arguments::{ConnectorCommand, Mode};
use super::{files, print};

pub(super) async fn run(
    broker: &Broker,
    command: ConnectorCommand,
    json: bool,
) -> anyhow::Result<ExitCode> {
    let caller = AdminCaller::command_line();
    match command {
        ConnectorCommand::Create(arguments) => {
            let tenant = admin::read_tenant(broker, &arguments.tenant).await?;
            let new = create::new_connector(broker, *arguments).await?;
            let connector = admin::create_connector(broker, &caller, &tenant, new).await?;
            print::object(&describe(broker, &tenant, &connector), json);
        }
        ConnectorCommand::List { tenant } => {
            let tenant = admin::read_tenant(broker, &tenant).await?;
            let connectors = admin::list_connectors(broker, &tenant).await?;
            let rows: Vec<Value> =
                connectors.iter().map(|one| describe(broker, &tenant, one)).collect();
            print::table(&rows, &["id", "kind", "mode", "display_name", "callback_url"], json);
        }
        ConnectorCommand::Show { tenant, id } => {
            let tenant = admin::read_tenant(broker, &tenant).await?;
            let connector = admin::read_connector(broker, &tenant.id, &id).await?;
            let mut shown = describe(broker, &tenant, &connector);
            print::add(&mut shown, "settings", json!(connector.configuration));
            print::object(&shown, json);
        }
        ConnectorCommand::Mode { tenant, id, mode, untested } => {
            let tenant = admin::read_tenant(broker, &tenant).await?;
            let change = ModeChange { mode: mode.into(), untested };
            admin::set_connector_mode(broker, &caller, &tenant, (&id, change)).await?;
        }
        ConnectorCommand::Update { tenant, id, settings, note } => {
            let tenant = admin::read_tenant(broker, &tenant).await?;
            let configuration = serde_json::from_str(&files::read_text(&settings)?)?;
            let change = ConnectorChange { configuration, note };
            let version = admin::update_connector(broker, &caller, &tenant, (&id, change)).await?;
            print::object(&json!({ "settings_version": version }), json);
        }
        ConnectorCommand::Guide { tenant, id } => {
            let tenant = admin::read_tenant(broker, &tenant).await?;
            guide::run(broker, &tenant, &id, json).await?;
        }
        ConnectorCommand::Test { tenant, id } => {
            let tenant = admin::read_tenant(broker, &tenant).await?;
            let report = admin::test_connection(broker, &tenant, &id).await?;
            return Ok(print_report(&report, json));
        }
        ConnectorCommand::Upkeep(command) => upkeep::run(broker, command, json).await?,
        ConnectorCommand::Journey(command) => return journey::run(broker, command, json).await,
    }
    Ok(ExitCode::SUCCESS)
}

fn describe(broker: &Broker, tenant: &TenantRecord, connector: &ConnectorRecord) -> Value {
    json!({
        "id": connector.id,
        "kind": connector.configuration.upstream.kind(),
        "display_name": connector.display_name,
        "mode": connector.mode.as_str(),
        "version": connector.version,
        "settings_version": connector.settings_version,
        "callback_url": callback_url(broker, &tenant.slug, connector),
    })
}

fn print_report(report: &ConnectionReport, json: bool) -> ExitCode {
    if json {
        println!("{:#}", json!(report));
    } else {
        if let Some(summary) = &report.summary {
            println!("{summary}");
        }
        for check in &report.checks {
            let word = match check.outcome {
                CheckOutcome::Passed => "ok  ",
                CheckOutcome::Warning => "warn",
                CheckOutcome::Failed => "FAIL",
            };
            let reason = check.reason.map(|reason| format!(" ({reason})")).unwrap_or_default();
            println!("{word}  {}: {}{reason}", check.name, check.detail);
            if let Some(fix) = check.fix {
                println!("      fix: {fix}");
            }
        }
        for unproved in &report.unproved {
            println!("not proved: {unproved}");
        }
    }
    if report.is_green() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

impl From<Mode> for ConnectorMode {
    fn from(mode: Mode) -> Self {
        match mode {
            Mode::Off => Self::Off,
            Mode::Test => Self::Test,
            Mode::Pilot => Self::Pilot,
            Mode::On => Self::On,
            Mode::Enforced => Self::Enforced,
        }
    }
}
