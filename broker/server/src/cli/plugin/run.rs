//! `symbolon plugin run`: one sign-in (WP-121).

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context;
use serde_json::json;
use symbolon_identity::plugins::CallError;

use super::cases;
use super::loaded::LoadedPlugin;
use crate::cli::{files, print};

pub(super) async fn run(
    plugin: &Path,
    login: &Path,
    rules: Option<PathBuf>,
    json: bool,
) -> anyhow::Result<ExitCode> {
    let plugin = LoadedPlugin::open(plugin).await?;
    let rules = plugin.rules(rules)?;
    let request =
        cases::request(&files::read_text(login)?).with_context(|| login.display().to_string())?;
    let done = plugin.map(&rules, request).await;
    let outcome = cases::outcome(&done)?;
    let mut shown = json!({ "outcome": outcome });
    if let Ok(report) = &done {
        print::add(&mut shown, "fuel", report.fuel_used.into());
        print::add(&mut shown, "fuel_limit", report.fuel_limit.into());
        print::add(&mut shown, "prepare_fuel", report.prepare_fuel.into());
        print::add(&mut shown, "memory_bytes", report.peak_memory.into());
        print::add(&mut shown, "micros", micros(report.duration).into());
    }
    if json {
        print::object(&shown, true);
    } else {
        println!("{outcome:#}");
        if let Ok(report) = &done {
            println!(
                "\nfuel {} ({:.1} % of the limit), memory {} KiB, {} µs",
                report.fuel_used,
                report.fuel_ratio() * 100.0,
                report.peak_memory >> 10,
                micros(report.duration)
            );
        }
    }
    match done {
        Ok(_) => Ok(ExitCode::SUCCESS),
        Err(error) => {
            let at = match &error {
                CallError::Failed(failure) => failure.path.as_deref().unwrap_or_default(),
                _ => "",
            };
            let at = if at.is_empty() { String::new() } else { format!(" (at {at})") };
            eprintln!("symbolon: {}: {error}{at}", error.reason());
            Ok(ExitCode::FAILURE)
        }
    }
}

/// Whole microseconds.
pub(super) fn micros(duration: std::time::Duration) -> u64 {
    u64::try_from(duration.as_micros()).unwrap_or(u64::MAX)
}
