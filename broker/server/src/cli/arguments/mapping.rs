//! `symbolon mapping`.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};
use symbolon_contract::{ApplicationId, ConnectorId, TenantSlug};

/// `symbolon mapping`.
#[derive(Debug, Subcommand)]
pub(crate) enum MappingCommand {
    /// Check rules, try them and make them active: the next sign-in uses them.
    Set(SetArguments),
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
    /// Check rules and save them as a version that decides nothing yet.
    Save(SaveArguments),
    /// List the kept versions, or print the rules of one.
    Versions {
        #[command(flatten)]
        of: MappingOf,
        /// Print the rules of this one.
        version: Option<i32>,
    },
    /// Show how the mapping is: versions, failures, policy, limits.
    Status {
        #[command(flatten)]
        of: MappingOf,
    },
    /// Try a version on samples and saved cases; exit 1 when it does not pass.
    Try {
        #[command(flatten)]
        of: MappingOf,
        /// Its number.
        version: i32,
    },
    /// Try a version, then let it decide.
    Activate {
        #[command(flatten)]
        of: MappingOf,
        /// Its number.
        version: i32,
    },
    /// Let the version before decide again, in one step and without a trial.
    Rollback {
        #[command(flatten)]
        of: MappingOf,
    },
    /// Call a plugin again that was stopped after many failures.
    Retry {
        #[command(flatten)]
        of: MappingOf,
    },
    /// Let a version run beside the active one for a while; it changes nothing, differences are audited.
    Shadow(ShadowArguments),
    /// Show what happens when the plugin fails, or change it.
    Policy(PolicyArguments),
    /// Show what differs between two versions.
    Diff {
        #[command(flatten)]
        of: MappingOf,
        /// The earlier version.
        from: i32,
        /// The later version.
        to: i32,
    },
    /// Compare two versions on recorded sign-ins: who gains or loses which role or field.
    Replay {
        /// The tenant.
        tenant: TenantSlug,
        /// The connector.
        #[arg(long, value_name = "ID")]
        connector: ConnectorId,
        /// The later version.
        version: i32,
        /// The earlier version; the active one when not given.
        #[arg(long, value_name = "VERSION")]
        from: Option<i32>,
        /// At most so many recorded sign-ins, the newest.
        #[arg(long, default_value_t = 10_000)]
        most: usize,
    },
    /// Cases that every version must pass before it is activated.
    #[command(subcommand)]
    Cases(CasesCommand),
}

/// Whose mapping.
#[derive(Debug, Args)]
pub(crate) struct MappingOf {
    /// The tenant.
    pub(crate) tenant: TenantSlug,
    #[command(flatten)]
    pub(crate) target: MappingTargetName,
}

/// The mapping of a connector, or what goes out to an application.
#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
pub(crate) struct MappingTargetName {
    /// The connector.
    #[arg(long, value_name = "ID")]
    pub(crate) connector: Option<ConnectorId>,
    /// The application.
    #[arg(long, value_name = "ID")]
    pub(crate) application: Option<ApplicationId>,
}

/// `symbolon mapping set`.
#[derive(Debug, Args)]
pub(crate) struct SetArguments {
    /// The tenant.
    pub(crate) tenant: TenantSlug,
    /// The connector.
    pub(crate) connector: ConnectorId,
    /// The plugin's configuration; `-` reads standard input.
    #[arg(long, value_name = "FILE")]
    pub(crate) rules: PathBuf,
    /// A mapping plugin of your own (a wasm component).
    #[arg(long, value_name = "FILE")]
    pub(crate) plugin: Option<PathBuf>,
    /// Why.
    #[arg(long)]
    pub(crate) note: Option<String>,
    /// Everybody without a fitting rule shall be admin.
    #[arg(long)]
    pub(crate) confirm_admin_default: bool,
}

/// `symbolon mapping save`.
#[derive(Debug, Args)]
pub(crate) struct SaveArguments {
    #[command(flatten)]
    pub(crate) of: MappingOf,
    /// The plugin's configuration; `-` reads standard input.
    #[arg(long, value_name = "FILE")]
    pub(crate) rules: PathBuf,
    /// `bundled`, the digest of a stored plugin, or a file; that of the active version when not given.
    #[arg(long, value_name = "PLUGIN")]
    pub(crate) plugin: Option<String>,
    /// The detached minisign signature of the file.
    #[arg(long, value_name = "FILE", requires = "plugin")]
    pub(crate) signature: Option<PathBuf>,
    /// Why.
    #[arg(long)]
    pub(crate) note: Option<String>,
    /// Everybody without a fitting rule shall be admin.
    #[arg(long)]
    pub(crate) confirm_admin_default: bool,
}

/// `symbolon mapping shadow`.
#[derive(Debug, Args)]
pub(crate) struct ShadowArguments {
    #[command(flatten)]
    pub(crate) of: MappingOf,
    /// The version.
    #[arg(required_unless_present = "end")]
    pub(crate) version: Option<i32>,
    /// For how many hours: 1 to 720.
    #[arg(long, default_value_t = 24)]
    pub(crate) hours: u32,
    /// End the run that is under way.
    #[arg(long, conflicts_with_all = ["version", "hours"])]
    pub(crate) end: bool,
}

/// `symbolon mapping policy`.
#[derive(Debug, Args)]
pub(crate) struct PolicyArguments {
    #[command(flatten)]
    pub(crate) of: MappingOf,
    /// What happens when the plugin gives no decision.
    #[arg(long)]
    pub(crate) on_failure: Option<OnFailureWord>,
    /// For how many hours the last known mapping may answer: 1 to 720.
    #[arg(long)]
    pub(crate) last_known_hours: Option<u32>,
    /// What happens to a granted role that the catalogue does not hold.
    #[arg(long)]
    pub(crate) unknown_role: Option<UnknownRoleWord>,
}

/// What happens when the plugin gives no decision.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum OnFailureWord {
    /// Nobody gets in.
    Closed,
    /// People who are known keep their last mapping for a while.
    #[value(name = "last_known")]
    LastKnown,
}

/// What happens to a granted role that the catalogue does not hold.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum UnknownRoleWord {
    /// The sign-in is refused.
    Refuse,
    /// The role is left out.
    Drop,
}

/// `symbolon mapping cases`.
#[derive(Debug, Subcommand)]
pub(crate) enum CasesCommand {
    /// List the saved cases.
    List {
        #[command(flatten)]
        of: MappingOf,
    },
    /// Print one.
    Show {
        #[command(flatten)]
        of: MappingOf,
        /// Its name.
        name: String,
    },
    /// Save one: `{"login": …, "expected": …}`, or a login alone, which expects what the active version says.
    Put {
        #[command(flatten)]
        of: MappingOf,
        /// Its name.
        name: String,
        /// The case as JSON; `-` reads standard input.
        file: PathBuf,
    },
    /// Forget one.
    Delete {
        #[command(flatten)]
        of: MappingOf,
        /// Its name.
        name: String,
    },
}
