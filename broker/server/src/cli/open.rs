//! From configuration files to a broker, for commands that need one.

use std::path::PathBuf;

use symbolon_identity::Broker;

use crate::config::Settings;
use crate::startup::{build_broker, open_database};

/// Reads the settings from files and environment.
pub(crate) fn load_settings(files: &[PathBuf]) -> anyhow::Result<Settings> {
    Ok(Settings::load(files, std::env::vars())?)
}

/// A broker on a migrated database.
pub(crate) async fn broker(files: &[PathBuf]) -> anyhow::Result<Broker> {
    let settings = load_settings(files)?;
    let database = open_database(&settings).await?;
    require_migrated(&database).await?;
    build_broker(&settings, database)
}

/// Refuses to work on rows of another version.
pub(crate) async fn require_migrated(
    database: &symbolon_identity::storage::Database,
) -> anyhow::Result<()> {
    let pending = database.pending_migrations().await?;
    anyhow::ensure!(
        pending.is_empty(),
        "the database is not up to date ({} missing); run `symbolon migrate`",
        pending.join(", ")
    );
    Ok(())
}
