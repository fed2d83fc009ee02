//! `symbolon connector`.

use std::path::PathBuf;

use clap::{Subcommand, ValueEnum};
use symbolon_contract::{ConnectorId, TenantSlug};

mod create;
mod journey;
mod saml;
mod upkeep;

pub(crate) use create::{Authentication, Directories, Kind, NewConnectorArguments};
pub(crate) use journey::JourneyCommand;
pub(crate) use saml::{BindingName, SamlArguments, SignedParts, VendorName};
pub(crate) use upkeep::{CertificateCommand, Place, SamlKeysCommand, SecretCommand, UpkeepCommand};

/// `symbolon connector`.
#[derive(Debug, Subcommand)]
pub(crate) enum ConnectorCommand {
    /// Make a connector. The defaults are those of the documents: no automatic users, role viewer.
    Create(Box<NewConnectorArguments>),
    /// List the connectors of a tenant.
    List {
        /// The tenant.
        tenant: TenantSlug,
    },
    /// Show one connector: settings, callback URL; never its secret.
    Show {
        /// The tenant.
        tenant: TenantSlug,
        /// The connector.
        id: ConnectorId,
    },
    /// Switch a connector.
    Mode {
        /// The tenant.
        tenant: TenantSlug,
        /// The connector.
        id: ConnectorId,
        /// How far it is rolled out.
        mode: Mode,
        /// Open it although its present settings have no green test; the audit trail keeps that.
        #[arg(long)]
        untested: bool,
    },
    /// Replace its settings by a JSON file: what `show --json` prints under `settings`.
    Update {
        /// The tenant.
        tenant: TenantSlug,
        /// The connector.
        id: ConnectorId,
        /// The file.
        #[arg(long, value_name = "FILE")]
        settings: PathBuf,
        /// Why.
        #[arg(long)]
        note: Option<String>,
    },
    /// entra, saml: print what to enter at the identity provider, every value filled in.
    Guide {
        /// The tenant.
        tenant: TenantSlug,
        /// The connector.
        id: ConnectorId,
    },
    /// Prove what can be proved without a person; exit 1 when something is wrong.
    Test {
        /// The tenant.
        tenant: TenantSlug,
        /// The connector.
        id: ConnectorId,
    },
    /// What a connector needs after it was made.
    #[command(flatten)]
    Upkeep(UpkeepCommand),
    /// What needs a browser.
    #[command(flatten)]
    Journey(JourneyCommand),
}

/// How far a connector is rolled out.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum Mode {
    /// Nobody.
    Off,
    /// Test sign-ins only.
    Test,
    /// Named people and domains.
    Pilot,
    /// Everybody.
    On,
    /// Everybody, and no password beside it.
    Enforced,
}
