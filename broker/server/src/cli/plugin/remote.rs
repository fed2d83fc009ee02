//! `symbolon plugin push`, `versions`, `try`, `activate`, `rollback`, `diff` (WP-123): what authors do on a running
//! server, through its admin API.

mod api;

use std::process::ExitCode;

use anyhow::bail;
use serde_json::{Value, json};
use symbolon_identity::mapping::{ReplayReport, TrialReport};

use self::api::Api;
use super::loaded;
use crate::cli::arguments::{PushArguments, RemotePluginCommand};
use crate::cli::{files, mapping_report, print};

/// Runs one command.
pub(super) async fn run(command: RemotePluginCommand, json: bool) -> anyhow::Result<ExitCode> {
    match command {
        RemotePluginCommand::Push(arguments) => push(arguments, json).await?,
        RemotePluginCommand::Versions { remote } => versions(&Api::open(&remote)?, json).await?,
        RemotePluginCommand::Try { version, remote } => {
            let report: TrialReport =
                Api::open(&remote)?.post(&format!("/versions/{version}/try"), None).await?;
            mapping_report::trial(&report, json);
            return Ok(if report.passed { ExitCode::SUCCESS } else { ExitCode::FAILURE });
        }
        RemotePluginCommand::Activate { version, shadow: None, remote } => {
            let report: TrialReport =
                Api::open(&remote)?.post(&format!("/versions/{version}/activate"), None).await?;
            warn(&report);
            print::object(&json!({ "active_version": report.version }), json);
        }
        RemotePluginCommand::Activate { version, shadow: Some(hours), remote } => {
            let body = json!({ "version": version, "hours": hours });
            let report: TrialReport = Api::open(&remote)?.put("/shadow", body).await?;
            warn(&report);
            let shown = json!({ "shadow_version": report.version, "hours": hours });
            print::object(&shown, json);
        }
        RemotePluginCommand::Rollback { remote } => {
            let back: Value = Api::open(&remote)?.post("/rollback", None).await?;
            print::object(&back, json);
        }
        RemotePluginCommand::Diff { from, to, recorded, most, remote } => {
            let api = Api::open(&remote)?;
            match recorded {
                true => replay(&api, (from, to, most), json).await?,
                false => diff(&api, (from, to), json).await?,
            }
        }
    }
    Ok(ExitCode::SUCCESS)
}

async fn push(arguments: PushArguments, json: bool) -> anyhow::Result<()> {
    let PushArguments { plugin, rules, note, signature, remote } = arguments;
    let component = loaded::read(&plugin)?;
    let given = rules.map(|path| files::read_text(&path)).transpose()?;
    let signature = signature.map(|path| files::read_text(&path)).transpose()?;
    let api = Api::open(&remote)?;
    let rules = match given {
        // As its author wrote it: a string stands for itself.
        Some(text) => Value::String(text),
        None => active_rules(&api).await?,
    };
    let stored = api.upload(component, signature).await?;
    let digest = stored.get("digest").cloned().unwrap_or_default();
    let version = json!({ "plugin": digest, "rules": rules, "note": note });
    let mut saved: Value = api.post("/versions", Some(version)).await?;
    for finding in saved.get("findings").and_then(Value::as_array).into_iter().flatten() {
        let of = |name: &str| finding.get(name).and_then(Value::as_str).unwrap_or_default();
        eprintln!("{} {}: {}", of("severity"), of("path"), of("message"));
    }
    for name in ["class", "known", "signed_by"] {
        print::add(&mut saved, name, stored.get(name).cloned().unwrap_or_default());
    }
    if !json && let Value::Object(fields) = &mut saved {
        fields.remove("findings");
    }
    print::object(&saved, json);
    Ok(())
}

/// A new build keeps its rules. Those of the bundled plugin mean nothing to another one.
async fn active_rules(api: &Api) -> anyhow::Result<Value> {
    let active: Value = api.get("").await?;
    if active.get("bundled") == Some(&Value::Bool(true)) {
        bail!("--rules: the bundled plugin is active; say which configuration this one gets");
    }
    Ok(active.get("rules").cloned().unwrap_or_default())
}

async fn versions(api: &Api, json: bool) -> anyhow::Result<()> {
    let mut list: Value = api.get("/versions").await?;
    let items = list.get_mut("items").and_then(Value::as_array_mut);
    let mut rows = items.map(std::mem::take).unwrap_or_default();
    if !json {
        rows.iter_mut().for_each(for_people);
    }
    let columns = ["version", "state", "trial", "created_at", "author", "plugin", "note"];
    print::table(&rows, &columns, json);
    Ok(())
}

/// One word for the flags of a version, one for its trial.
fn for_people(version: &mut Value) {
    let is = |name: &str| version.get(name) == Some(&Value::Bool(true));
    let flags = ["active", "previous", "shadow"];
    let state: Vec<&str> = flags.into_iter().filter(|name| is(name)).collect();
    let passed = version.get("trial").and_then(|trial| trial.get("passed"));
    let trial = match passed {
        Some(Value::Bool(true)) => "passed",
        Some(_) => "failed",
        None => "-",
    };
    let bundled = is("bundled");
    print::add(version, "state", json!(state.join(", ")));
    print::add(version, "trial", json!(trial));
    if bundled {
        print::add(version, "plugin", json!("bundled"));
    }
}

async fn diff(api: &Api, (from, to): (i32, i32), json: bool) -> anyhow::Result<()> {
    let diff: Value = api.get(&format!("/diff?from={from}&to={to}")).await?;
    if json {
        print::object(&diff, json);
        return Ok(());
    }
    if let Some(Value::Array(plugins)) = diff.get("plugins") {
        let names: Vec<&str> = plugins.iter().filter_map(Value::as_str).collect();
        println!("plugin: {}", names.join(" -> "));
    }
    let rows = diff.get("configuration").and_then(Value::as_array);
    print::table(rows.map(Vec::as_slice).unwrap_or_default(), &["field", "from", "to"], json);
    Ok(())
}

async fn replay(
    api: &Api,
    (from, to, most): (i32, i32, Option<usize>),
    json: bool,
) -> anyhow::Result<()> {
    if !api.is_of_connector() {
        bail!("--recorded: sign-ins are recorded of connectors, not of applications");
    }
    let asked = json!({ "from": from, "to": to, "most": most });
    let report: ReplayReport = api.post("/replay", Some(asked)).await?;
    mapping_report::replay(&report, json);
    Ok(())
}

fn warn(report: &TrialReport) {
    for warning in &report.warnings {
        eprintln!("warning: {warning}");
    }
}
