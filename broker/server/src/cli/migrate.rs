//! `symbolon migrate`.

use std::path::PathBuf;
use std::process::ExitCode;

use super::load_settings;
use crate::startup::open_database;

pub(super) async fn migrate(files: &[PathBuf], check: bool) -> anyhow::Result<ExitCode> {
    let database = open_database(&load_settings(files)?).await?;
    let pending = database.pending_migrations().await?;
    if pending.is_empty() {
        println!("the database is up to date");
        return Ok(ExitCode::SUCCESS);
    }
    if check {
        println!("missing: {}", pending.join(", "));
        return Ok(ExitCode::FAILURE);
    }
    database.migrate().await?;
    println!("applied: {}", pending.join(", "));
    Ok(ExitCode::SUCCESS)
}
