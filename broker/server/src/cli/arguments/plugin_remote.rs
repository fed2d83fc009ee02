//! `symbolon plugin push`, `versions`, `try`, `activate`, `rollback`, `diff`: against a running server.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use symbolon_contract::{ApplicationId, ConnectorId, TenantSlug};
use url::Url;

/// The commands of `symbolon plugin` that call a server's admin API.
#[derive(Debug, Subcommand)]
pub(crate) enum RemotePluginCommand {
    /// Upload a component and save it with its rules as a version, by which nobody signs in yet.
    Push(PushArguments),
    /// List the kept versions of the mapping, the newest first.
    Versions {
        #[command(flatten)]
        remote: Remote,
    },
    /// Try a version on made-up sign-ins and on the saved cases; exit 1 if it does not pass.
    Try {
        /// Its number.
        version: i32,
        #[command(flatten)]
        remote: Remote,
    },
    /// Try a version, then let it decide.
    Activate {
        /// Its number.
        version: i32,
        /// Let it run beside the active version for so many hours instead. It changes nothing; differences are
        /// audited.
        #[arg(long, value_name = "HOURS")]
        shadow: Option<u32>,
        #[command(flatten)]
        remote: Remote,
    },
    /// Let the version before decide again.
    Rollback {
        #[command(flatten)]
        remote: Remote,
    },
    /// Show what differs between two versions.
    Diff {
        /// The earlier version.
        from: i32,
        /// The later version.
        to: i32,
        /// Run both on the tenant's recorded sign-ins: who gains or loses which role or field.
        #[arg(long)]
        recorded: bool,
        /// At most so many recorded sign-ins, the newest.
        #[arg(long, value_name = "N", requires = "recorded")]
        most: Option<usize>,
        #[command(flatten)]
        remote: Remote,
    },
}

/// `symbolon plugin push`.
#[derive(Debug, Args)]
pub(crate) struct PushArguments {
    /// The component.
    pub(crate) plugin: PathBuf,
    /// Its configuration. When not given: that of the active version, unless the bundled plugin is active.
    #[arg(long, value_name = "FILE")]
    pub(crate) rules: Option<PathBuf>,
    /// Why, for whoever reads the list of versions.
    #[arg(long)]
    pub(crate) note: Option<String>,
    /// The component's detached signature (`.minisig`), where the operator demands one.
    #[arg(long, value_name = "FILE")]
    pub(crate) signature: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) remote: Remote,
}

/// Which server, which tenant, whose mapping, and by which right.
#[derive(Debug, Args)]
pub(crate) struct Remote {
    /// The server's address: https, or http in your own network.
    #[arg(long, env = "SYMBOLON_SERVER", value_name = "URL")]
    pub(crate) server: Url,
    /// The tenant.
    #[arg(long, env = "SYMBOLON_TENANT", value_name = "SLUG")]
    pub(crate) tenant: TenantSlug,
    /// A file with a key to the admin API: scope `plugin.manage`, for `diff --recorded` also `sign_ins.read`.
    #[arg(long, env = "SYMBOLON_API_KEY_FILE", value_name = "FILE")]
    pub(crate) key_file: PathBuf,
    #[command(flatten)]
    pub(crate) of: RemoteTarget,
}

/// Whose mapping.
#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
pub(crate) struct RemoteTarget {
    /// The mapping of this connector.
    #[arg(long, value_name = "ID")]
    pub(crate) connector: Option<ConnectorId>,
    /// The outgoing mapping of this application.
    #[arg(long, value_name = "ID")]
    pub(crate) application: Option<ApplicationId>,
}
