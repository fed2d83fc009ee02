//! `symbolon plugin test` (WP-120).

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, bail};
use serde_json::{Value, json};
use symbolon_identity::plugins::{CallError, CallReport};

use super::cases::{self, Case};
use super::diff::diff;
use super::encode::is_component;
use super::loaded::LoadedPlugin;
use crate::cli::print;

/// From this share of the fuel limit on an author should know (WP-58).
const CLOSE: f64 = 0.5;

struct Ran {
    name: String,
    row: Value,
    passed: bool,
    difference: Option<String>,
    warning: Option<String>,
}

/// Which folder of cases, and which component.
pub(super) fn resolve(
    paths: Vec<PathBuf>,
    plugin: Option<PathBuf>,
) -> anyhow::Result<(PathBuf, PathBuf)> {
    let (mut files, mut folders): (Vec<PathBuf>, Vec<PathBuf>) =
        paths.into_iter().partition(|path| path.extension().is_some_and(|last| last == "wasm"));
    files.extend(plugin);
    if files.len() > 1 || folders.len() > 1 {
        bail!("give one folder of cases and one component");
    }
    let cases = folders.pop().unwrap_or_else(|| PathBuf::from("cases"));
    let plugin = match files.pop() {
        Some(plugin) => plugin,
        None => beside(&cases)?,
    };
    Ok((cases, plugin))
}

/// The only component in the folder that the cases are in.
fn beside(cases: &Path) -> anyhow::Result<PathBuf> {
    let folder = cases.canonicalize().with_context(|| cases.display().to_string())?;
    let folder = folder.parent().unwrap_or(&folder).to_owned();
    let mut found = std::fs::read_dir(&folder)?
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<Result<Vec<_>, _>>()?;
    found.retain(|path| path.extension().is_some_and(|last| last == "wasm"));
    // A core module that a compiler wrote may lie beside its component.
    found.retain(|path| std::fs::read(path).is_ok_and(|bytes| is_component(&bytes)));
    match <[PathBuf; 1]>::try_from(found) {
        Ok([only]) => Ok(only),
        Err(found) => {
            bail!("{} holds {} components; name one with --plugin", folder.display(), found.len())
        }
    }
}

pub(super) async fn test(
    folder: &Path,
    plugin: &Path,
    update: bool,
    json: bool,
) -> anyhow::Result<ExitCode> {
    let plugin = LoadedPlugin::open(plugin).await?;
    let mut ran = Vec::new();
    for case in cases::read_all(folder, &plugin)? {
        ran.push(run(&plugin, case, update).await?);
    }
    let rows: Vec<Value> = ran.iter().map(|one| one.row.clone()).collect();
    print::table(&rows, &["case", "result", "fuel", "prepare_fuel", "share"], json);
    for one in &ran {
        if let (Some(difference), false) = (&one.difference, json) {
            println!("\n{}:\n{difference}", one.name);
        }
        if let Some(warning) = &one.warning {
            eprintln!("warning: {warning}");
        }
    }
    let failed = ran.iter().filter(|one| !one.passed).count();
    if !json {
        println!("\n{} cases, {failed} different", ran.len());
    }
    Ok(if failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

async fn run(plugin: &LoadedPlugin, case: Case, update: bool) -> anyhow::Result<Ran> {
    let done = plugin.map(&case.config, case.request).await;
    let seen = cases::outcome(&done)?;
    let same = case.expected.as_ref() == Some(&seen);
    let text = format!("{seen:#}\n");
    if update && !same {
        std::fs::write(&case.expected_path, &text)
            .with_context(|| format!("{} cannot be written", case.expected_path.display()))?;
    }
    let result = match (&case.expected, same, update) {
        (_, true, _) => "as expected",
        (_, false, true) => "written",
        (None, false, false) => "nothing expected",
        (Some(_), false, false) => "different",
    };
    let expected = case.expected.map(|value| format!("{value:#}\n")).unwrap_or_default();
    let passed = same || update;
    let report = done.as_ref().ok();
    let share = report.map(CallReport::fuel_ratio);
    Ok(Ran {
        row: json!({
            "case": case.name,
            "result": result,
            "fuel": report.map(|report| report.fuel_used),
            "prepare_fuel": report.and_then(|report| report.prepare_fuel),
            "share": share.map(|share| format!("{:.1} %", share * 100.0)),
            "seen": seen,
        }),
        passed,
        difference: (!passed).then(|| explained(&expected, &text, done.as_ref().err())),
        warning: share
            .filter(|share| *share >= CLOSE)
            .map(|share| format!("{} used {:.0} % of the fuel limit", case.name, share * 100.0)),
        name: case.name,
    })
}

/// The difference, and the plugin's own words where it failed.
fn explained(expected: &str, seen: &str, error: Option<&CallError>) -> String {
    let lines = diff(expected, seen);
    match error {
        Some(error) => format!("{lines}\n({error})"),
        None => lines,
    }
}
