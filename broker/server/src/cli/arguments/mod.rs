//! Every command and its arguments: what clap reads and what its help says.
//!
//! Owns: names, defaults and help texts; `docs/src/reference/cli.md` is written from them. Does not own:
//! what a command does (its file beside this folder).

mod api_key;
mod application;
mod connector;
mod import;
mod library;
mod mapping;
mod operation;
mod platform;
mod plugin;
mod plugin_remote;
mod recorded;
mod tenant;
mod user;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

pub(crate) use self::api_key::{ApiKeyCommand, Owner, Scope};
pub(crate) use self::application::{
    ApplicationCommand, ApplicationPlace, AuthenticationWord, ChangeApplicationArguments,
    ChangeArguments, FormatWord, GrantWord, NewApplicationArguments, ProfileWord,
    RegistrationArguments, SettingsArguments,
};
pub(crate) use self::connector::{
    Authentication, BindingName, CertificateCommand, ConnectorCommand, Directories, JourneyCommand,
    Kind, Mode, NewConnectorArguments, Place, SamlArguments, SamlKeysCommand, SecretCommand,
    SignedParts, UpkeepCommand, VendorName,
};
pub(crate) use self::import::{ImportCommand, PythonSocialAuthArguments};
pub(crate) use self::library::LibraryCommand;
pub(crate) use self::mapping::{
    CasesCommand, MappingCommand, MappingOf, OnFailureWord, PolicyArguments, SaveArguments,
    SetArguments, ShadowArguments, UnknownRoleWord,
};
pub(crate) use self::operation::{AuditCommand, KeysCommand, SecretsCommand};
pub(crate) use self::platform::{PlatformApplicationCommand, PlatformCommand, PlatformKeysCommand};
pub(crate) use self::plugin::{
    CompileArguments, NewPluginArguments, PluginCommand, PluginLanguage,
};
pub(crate) use self::plugin_remote::{PushArguments, Remote, RemotePluginCommand};
pub(crate) use self::recorded::{
    Keep, Outcome, RecordedCommand, RecordedListArguments, RecordingArguments,
};
pub(crate) use self::tenant::{RoleCommand, TenantCommand};
pub(crate) use self::user::{NewUserArguments, Standing, UserCommand};

/// Symbolon, an identity broker: one sign-in for applications, any identity provider for their customers.
#[derive(Debug, Parser)]
#[command(name = "symbolon", version, max_term_width = 100)]
pub(crate) struct Arguments {
    /// A configuration file (TOML); repeatable, later files win, the environment wins over all.
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) config: Vec<PathBuf>,
    /// Print JSON instead of text.
    #[arg(long, global = true)]
    pub(crate) json: bool,
    /// What to do.
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Run the server. The database must be migrated.
    Serve,
    /// Show whole sign-ins on this machine: broker, demo provider, mock of Entra ID, demo application.
    #[cfg(feature = "demo")]
    Demo(DemoArguments),
    /// Bring the database up to date.
    Migrate {
        /// Only say what is missing; exit 1 if anything is.
        #[arg(long)]
        check: bool,
    },
    /// Check, print or describe the configuration.
    #[command(subcommand)]
    Config(ConfigCommand),
    /// Look for what could go wrong: configuration, database, secrets.
    Doctor,
    /// Say what an error means and what to do: an AADSTS number of Microsoft, a reason code, or a pasted text.
    Explain {
        /// `AADSTS50011`, `50011`, `entra.secret_expired`, or the whole text of an error.
        #[arg(required = true)]
        text: Vec<String>,
    },
    /// Tenants.
    #[command(subcommand)]
    Tenant(TenantCommand),
    /// Connectors: the upstreams of a tenant.
    #[command(subcommand)]
    Connector(ConnectorCommand),
    /// Take over what another sign-in was configured with.
    #[command(subcommand)]
    Import(ImportCommand),
    /// Applications that sign people in through a tenant.
    #[command(subcommand)]
    Application(ApplicationCommand),
    /// The operator's own applications, registered once and offered to tenants.
    #[command(subcommand)]
    Platform(PlatformCommand),
    /// The mapping of a connector (attributes and groups to fields and roles) or of an application (its claims).
    #[command(subcommand)]
    Mapping(MappingCommand),
    /// Recorded sign-ins: what came in, and what was made of it.
    #[command(subcommand)]
    Recorded(RecordedCommand),
    /// Plugins that the operator approved, for the tenants that enable them.
    #[command(subcommand)]
    PluginLibrary(LibraryCommand),
    /// Write, build, test and measure mapping plugins, and bring them to a server.
    #[command(subcommand)]
    Plugin(PluginCommand),
    /// Compile one component, from standard input to standard output; the server calls it.
    #[command(hide = true)]
    PluginCompile(CompileArguments),
    /// The roles of a tenant.
    #[command(subcommand)]
    Role(RoleCommand),
    /// Users and people who asked for access.
    #[command(subcommand)]
    User(UserCommand),
    /// Keys to the admin API.
    #[command(subcommand)]
    ApiKey(ApiKeyCommand),
    /// Signing keys.
    #[command(subcommand)]
    Keys(KeysCommand),
    /// Secrets at rest.
    #[command(subcommand)]
    Secrets(SecretsCommand),
    /// The audit trail.
    #[command(subcommand)]
    Audit(AuditCommand),
}

/// `symbolon demo`.
#[cfg(feature = "demo")]
#[derive(Debug, Args)]
pub(crate) struct DemoArguments {
    /// Sign in without a browser, change the rules, sign in again; exit 0 only if everything is right.
    #[arg(long)]
    pub(crate) check: bool,
    /// First of four ports: broker, demo provider, demo application, mock of Entra ID. 8080 when not
    /// given; the check takes any free ones.
    #[arg(long, value_name = "PORT")]
    pub(crate) port_base: Option<u16>,
    /// Where the demo keeps its database and keys; a fresh temporary folder when not given.
    #[arg(long, value_name = "FOLDER")]
    pub(crate) data: Option<PathBuf>,
}

/// `symbolon config`.
#[derive(Debug, Subcommand)]
pub(crate) enum ConfigCommand {
    /// Read everything and report every problem at once.
    Check,
    /// Print the configuration in force, secrets as ***.
    Print,
    /// Print the JSON Schema of a configuration file.
    Schema,
}

/// Signature algorithms.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum Algorithm {
    /// ECDSA on P-256.
    Es256,
    /// RSA.
    Rs256,
    /// Ed25519.
    Eddsa,
    /// RSA with PSS.
    Ps256,
}
