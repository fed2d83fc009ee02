//! `symbolon mapping`.

use std::path::PathBuf;

use clap::Subcommand;
use symbolon_contract::{ConnectorId, TenantSlug};

/// `symbolon mapping`.
#[derive(Debug, Subcommand)]
pub(crate) enum MappingCommand {
    /// Check rules and make them active: the next sign-in uses them.
    Set {
        /// The tenant.
        tenant: TenantSlug,
        /// The connector.
        connector: ConnectorId,
        /// The plugin's configuration; `-` reads standard input.
        #[arg(long, value_name = "FILE")]
        rules: PathBuf,
        /// A mapping plugin of your own (a wasm component).
        #[arg(long, value_name = "FILE")]
        plugin: Option<PathBuf>,
        /// Why.
        #[arg(long)]
        note: Option<String>,
        /// Everybody without a fitting rule shall be admin.
        #[arg(long)]
        confirm_admin_default: bool,
    },
    /// Print the active rules.
    Show {
        /// The tenant.
        tenant: TenantSlug,
        /// The connector.
        connector: ConnectorId,
    },
    /// List the versions.
    List {
        /// The tenant.
        tenant: TenantSlug,
        /// The connector.
        connector: ConnectorId,
    },
}
