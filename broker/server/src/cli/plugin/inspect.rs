//! `symbolon plugin inspect` and `check` (WP-119).

use std::path::Path;
use std::process::ExitCode;

use serde_json::{Value, json};
use symbolon_contract::{Diagnostic, Severity};

use super::loaded::LoadedPlugin;
use crate::cli::print;

pub(super) async fn inspect(path: &Path, json: bool) -> anyhow::Result<ExitCode> {
    let plugin = LoadedPlugin::open(path).await?;
    let mut shown = serde_json::to_value(plugin.inspection()?)?;
    let about = &plugin.description;
    for (name, value) in
        [("name", &about.name), ("version", &about.version), ("summary", &about.summary)]
    {
        print::add(&mut shown, name, json!(value));
    }
    // For programs as JSON, if it is; for people the schema is the form.
    if json {
        print::add(&mut shown, "config_schema", parsed(&about.config_schema));
        print::add(&mut shown, "example_config", parsed(&about.example_config));
        print::add(&mut shown, "limits", limits(&plugin));
    }
    print::object(&shown, json);
    if !json {
        println!("\nexample configuration:\n{}", about.example_config.trim_end());
    }
    Ok(ExitCode::SUCCESS)
}

pub(super) async fn check(path: &Path, json: bool) -> anyhow::Result<ExitCode> {
    let plugin = LoadedPlugin::open(path).await?;
    let inspection = plugin.inspection()?;
    let findings = plugin.check(&plugin.description.example_config).await?;
    if json {
        let findings: Vec<Value> = findings.iter().map(finding).collect();
        let shown = json!({ "ok": true, "digest": inspection.digest, "class": inspection.class, "findings": findings });
        print::object(&shown, true);
    } else {
        for one in &findings {
            println!("{} {}: {}", severity(one), one.path, one.message);
        }
        let about = &plugin.description;
        let class = inspection.class.as_str();
        println!("{} {} would be accepted ({class} class)", about.name, about.version);
    }
    Ok(ExitCode::SUCCESS)
}

fn limits(plugin: &LoadedPlugin) -> Value {
    let limits = plugin.limits();
    json!({
        "fuel": limits.fuel,
        "memory_bytes": limits.memory_bytes,
        "component_bytes": limits.max_component_bytes,
        "config_bytes": limits.max_config_bytes,
        "input_bytes": limits.max_input_bytes,
        "groups": limits.max_groups,
    })
}

fn finding(one: &Diagnostic) -> Value {
    json!({ "severity": one.severity, "path": one.path, "message": one.message })
}

fn severity(one: &Diagnostic) -> &'static str {
    match one.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Info => "info",
    }
}

fn parsed(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|_| text.into())
}
