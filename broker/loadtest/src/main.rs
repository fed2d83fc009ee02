//! The binary `symbolon-loadtest`: read the arguments, drive, print.

use std::io::Write as _;
use std::process::ExitCode;

use clap::Parser as _;
use symbolon_loadtest::arguments::Arguments;
use symbolon_loadtest::drive::drive;

#[tokio::main]
async fn main() -> anyhow::Result<ExitCode> {
    let arguments = Arguments::parse();
    #[cfg(feature = "provider")]
    let _provider = symbolon_loadtest::upstream::start(&arguments)?;
    let report = drive(&arguments).await?;
    let json = serde_json::to_string_pretty(&report)?;
    if let Some(file) = &arguments.json_file {
        std::fs::write(file, &json)?;
    }
    let text = if arguments.json { json } else { report.to_string() };
    writeln!(std::io::stdout(), "{text}")?;
    Ok(if report.errors.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
