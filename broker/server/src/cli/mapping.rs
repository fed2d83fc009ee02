//! `symbolon mapping`.

use std::path::Path;
use std::process::ExitCode;

use anyhow::Context;
use chrono::TimeDelta;
use serde_json::{Value, json};
use symbolon_contract::{Diagnostic, PluginDigest};
use symbolon_identity::Broker;
use symbolon_identity::admin::{
    self, AdminCaller, MappingSummary, NewMapping, NewPlugin, PluginChoice,
};
use symbolon_identity::mapping::{OnFailure, TrialReport, UnknownRole};
use symbolon_identity::storage::MappingTarget;
use symbolon_identity::tenants::TenantRecord;

use super::arguments::{
    MappingCommand, MappingOf, OnFailureWord, PolicyArguments, SaveArguments, SetArguments,
    ShadowArguments, UnknownRoleWord,
};
use super::{files, mapping_cases, mapping_report, print};

pub(super) async fn run(
    broker: &Broker,
    command: MappingCommand,
    json: bool,
) -> anyhow::Result<ExitCode> {
    let done = match command {
        MappingCommand::Set(new) => set(broker, new, json).await,
        MappingCommand::Show { tenant, connector } => {
            let tenant = admin::read_tenant(broker, &tenant).await?;
            let active = admin::read_mapping(broker, &tenant.id, &connector).await?;
            println!("{}", active.configuration);
            Ok(())
        }
        MappingCommand::List { tenant, connector } => {
            let tenant = admin::read_tenant(broker, &tenant).await?;
            let target = admin::connector_mapping(broker, &tenant.id, &connector).await?;
            list(broker, (&tenant, &target), json).await
        }
        MappingCommand::Save(new) => save(broker, new, json).await,
        MappingCommand::Versions { of, version } => versions(broker, (&of, version), json).await,
        MappingCommand::Status { of } => {
            let (tenant, target) = target_of(broker, &of).await?;
            print::object(&json!(admin::mapping_status(broker, &tenant, &target).await?), json);
            Ok(())
        }
        MappingCommand::Try { of, version } => return attempt(broker, (&of, version), json).await,
        MappingCommand::Activate { of, version } => activate(broker, (&of, version), json).await,
        MappingCommand::Rollback { of } => roll_back(broker, &of, json).await,
        MappingCommand::Retry { of } => {
            let (tenant, target) = target_of(broker, &of).await?;
            let caller = AdminCaller::command_line();
            let retried = admin::retry_mapping(broker, &caller, &tenant, &target).await?;
            print::object(&json!({ "was_quarantined": retried }), json);
            Ok(())
        }
        MappingCommand::Shadow(shadow) => run_shadow(broker, shadow, json).await,
        MappingCommand::Policy(change) => policy(broker, change, json).await,
        MappingCommand::Diff { of, from, to } => {
            let (tenant, target) = target_of(broker, &of).await?;
            let diff = admin::diff_mappings(broker, &tenant, (&target, from, to)).await?;
            mapping_report::diff(&diff, json);
            Ok(())
        }
        MappingCommand::Replay { tenant, connector, version, from, most } => {
            let tenant = admin::read_tenant(broker, &tenant).await?;
            let from = match from {
                Some(from) => from,
                None => admin::read_mapping(broker, &tenant.id, &connector).await?.version,
            };
            let between = (from, version, most);
            let report = admin::replay_mapping(broker, &tenant, &connector, between).await?;
            mapping_report::replay(&report, json);
            Ok(())
        }
        MappingCommand::Cases(command) => mapping_cases::run(broker, command, json).await,
    };
    done.map(|()| ExitCode::SUCCESS)
}

/// The tenant and the target, both of which are there.
pub(super) async fn target_of(
    broker: &Broker,
    of: &MappingOf,
) -> anyhow::Result<(TenantRecord, MappingTarget)> {
    let tenant = admin::read_tenant(broker, &of.tenant).await?;
    let target = match (&of.target.connector, &of.target.application) {
        (Some(id), _) => admin::connector_mapping(broker, &tenant.id, id).await?,
        (None, Some(id)) => admin::application_mapping(broker, &tenant.id, id).await?,
        (None, None) => anyhow::bail!("name a connector or an application"),
    };
    Ok((tenant, target))
}

fn read_component(path: &Path) -> anyhow::Result<Vec<u8>> {
    std::fs::read(path).with_context(|| format!("{} cannot be read", path.display()))
}

fn tell(findings: &[Diagnostic]) {
    for finding in findings {
        eprintln!("{:?} {}: {}", finding.severity, finding.path, finding.message);
    }
}

async fn set(broker: &Broker, new: SetArguments, json: bool) -> anyhow::Result<()> {
    let tenant = admin::read_tenant(broker, &new.tenant).await?;
    let component = new.plugin.as_deref().map(read_component).transpose()?;
    let plugin = component.map_or(PluginChoice::Same, |component| {
        PluginChoice::Upload(NewPlugin { component, signature: None })
    });
    let mapping = NewMapping {
        configuration: files::read_text(&new.rules)?,
        plugin,
        note: new.note,
        admin_default: new.confirm_admin_default,
    };
    let caller = AdminCaller::command_line();
    let set = admin::set_mapping(broker, &caller, &tenant, (&new.connector, mapping)).await?;
    tell(&set.1);
    print::object(&json!({ "active_version": set.0 }), json);
    Ok(())
}

async fn save(broker: &Broker, new: SaveArguments, json: bool) -> anyhow::Result<()> {
    let (tenant, target) = target_of(broker, &new.of).await?;
    let signature = new.signature.as_deref().map(files::read_text).transpose()?;
    let mapping = NewMapping {
        configuration: files::read_text(&new.rules)?,
        plugin: chosen(new.plugin.as_deref(), signature)?,
        note: new.note,
        admin_default: new.confirm_admin_default,
    };
    let caller = AdminCaller::command_line();
    let saved = admin::save_mapping(broker, &caller, &tenant, (&target, mapping)).await?;
    tell(&saved.findings);
    print::object(&json!({ "version": saved.version, "plugin": saved.plugin }), json);
    Ok(())
}

/// `bundled`, a digest, or a file.
fn chosen(plugin: Option<&str>, signature: Option<String>) -> anyhow::Result<PluginChoice> {
    let Some(named) = plugin else {
        return Ok(PluginChoice::Same);
    };
    if named == "bundled" {
        return Ok(PluginChoice::Bundled);
    }
    if let Ok(digest) = PluginDigest::parse(named) {
        return Ok(PluginChoice::Stored(digest));
    }
    let component = read_component(Path::new(named))?;
    Ok(PluginChoice::Upload(NewPlugin { component, signature }))
}

async fn list(
    broker: &Broker,
    (tenant, target): (&TenantRecord, &MappingTarget),
    json: bool,
) -> anyhow::Result<()> {
    let versions = admin::list_mappings(broker, tenant, target).await?;
    let rows: Vec<Value> = versions.iter().map(describe).collect();
    let columns = ["version", "state", "created_at", "author", "plugin", "trial", "note"];
    print::table(&rows, &columns, json);
    Ok(())
}

fn describe(version: &MappingSummary) -> Value {
    let states =
        [(version.active, "active"), (version.previous, "previous"), (version.shadow, "shadow")];
    let states: Vec<&str> = states.into_iter().filter(|one| one.0).map(|one| one.1).collect();
    let passed = version.trial.as_ref().map(|trial| trial.get("passed") == Some(&json!(true)));
    json!({
        "version": version.version,
        "created_at": version.created_at,
        "author": version.author,
        "plugin": match version.bundled {
            true => "bundled".to_owned(),
            false => version.plugin.to_string(),
        },
        "active": version.active,
        "state": states,
        "trial": passed.map(|passed| if passed { "passed" } else { "failed" }),
        "note": version.note,
    })
}

async fn versions(
    broker: &Broker,
    (of, number): (&MappingOf, Option<i32>),
    json: bool,
) -> anyhow::Result<()> {
    let (tenant, target) = target_of(broker, of).await?;
    let Some(number) = number else {
        return list(broker, (&tenant, &target), json).await;
    };
    let version = admin::read_mapping_version(broker, &tenant, (&target, number)).await?;
    println!("{}", version.configuration);
    Ok(())
}

async fn attempt(
    broker: &Broker,
    (of, version): (&MappingOf, i32),
    json: bool,
) -> anyhow::Result<ExitCode> {
    let (tenant, target) = target_of(broker, of).await?;
    let report = admin::try_mapping(broker, &tenant, (&target, version)).await?;
    mapping_report::trial(&report, json);
    Ok(if report.passed { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

async fn activate(
    broker: &Broker,
    (of, version): (&MappingOf, i32),
    json: bool,
) -> anyhow::Result<()> {
    let (tenant, target) = target_of(broker, of).await?;
    let caller = AdminCaller::command_line();
    let report = admin::activate_mapping(broker, &caller, &tenant, (&target, version)).await?;
    tell_warnings(&report);
    print::object(&json!({ "active_version": version }), json);
    Ok(())
}

fn tell_warnings(report: &TrialReport) {
    for warning in &report.warnings {
        eprintln!("Warning {warning}");
    }
}

async fn roll_back(broker: &Broker, of: &MappingOf, json: bool) -> anyhow::Result<()> {
    let (tenant, target) = target_of(broker, of).await?;
    let caller = AdminCaller::command_line();
    let back = admin::roll_back_mapping(broker, &caller, &tenant, &target).await?;
    print::object(&json!({ "active_version": back }), json);
    Ok(())
}

async fn run_shadow(broker: &Broker, shadow: ShadowArguments, json: bool) -> anyhow::Result<()> {
    let (tenant, target) = target_of(broker, &shadow.of).await?;
    let caller = AdminCaller::command_line();
    let Some(version) = shadow.version else {
        return Ok(admin::end_shadow(broker, &caller, &tenant, &target).await?);
    };
    let run = (&target, version, TimeDelta::hours(shadow.hours.into()));
    let report = admin::start_shadow(broker, &caller, &tenant, run).await?;
    tell_warnings(&report);
    print::object(&json!({ "shadow_version": version, "hours": shadow.hours }), json);
    Ok(())
}

async fn policy(broker: &Broker, change: PolicyArguments, json: bool) -> anyhow::Result<()> {
    let (tenant, target) = target_of(broker, &change.of).await?;
    let before = admin::mapping_status(broker, &tenant, &target).await?.policy;
    let mut policy = before.clone();
    if let Some(word) = change.on_failure {
        policy.on_failure = match word {
            OnFailureWord::Closed => OnFailure::Closed,
            OnFailureWord::LastKnown => OnFailure::LastKnown,
        };
    }
    if let Some(word) = change.unknown_role {
        policy.unknown_role = match word {
            UnknownRoleWord::Refuse => UnknownRole::Refuse,
            UnknownRoleWord::Drop => UnknownRole::Drop,
        };
    }
    policy.last_known_hours = change.last_known_hours.unwrap_or(policy.last_known_hours);
    let shown = json!(policy);
    if policy != before {
        let caller = AdminCaller::command_line();
        admin::set_mapping_policy(broker, &caller, &tenant, (&target, policy)).await?;
    }
    print::object(&shown, json);
    Ok(())
}
