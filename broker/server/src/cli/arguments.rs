//! Every command and its arguments.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use symbolon_contract::{ApplicationId, ConnectorId, RoleName, TenantSlug, UserId};
use symbolon_identity::downstream::RedirectUri;

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
    /// Show a whole sign-in on this machine: broker, demo provider, demo application.
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
    /// Look for what could go wrong: configuration, database, keys, clock.
    Doctor,
    /// Tenants.
    #[command(subcommand)]
    Tenant(TenantCommand),
    /// Connectors: the upstreams of a tenant.
    #[command(subcommand)]
    Connector(ConnectorCommand),
    /// Applications that sign people in through a tenant.
    #[command(subcommand)]
    Application(ApplicationCommand),
    /// The mapping of a connector: attributes and groups to fields and roles.
    #[command(subcommand)]
    Mapping(MappingCommand),
    /// The roles of a tenant.
    #[command(subcommand)]
    Role(RoleCommand),
    /// Users and people who asked for access.
    #[command(subcommand)]
    User(UserCommand),
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
    /// Sign in once without a browser, change the rules, sign in again; exit 0 only if both are right.
    #[arg(long)]
    pub(crate) check: bool,
    /// First of three ports: broker, demo provider, demo application.
    #[arg(long, default_value_t = 8080, value_name = "PORT")]
    pub(crate) port_base: u16,
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

/// `symbolon tenant`.
#[derive(Debug, Subcommand)]
pub(crate) enum TenantCommand {
    /// Make a tenant with roles admin and viewer and its own signing keys.
    Create {
        /// Its name in URLs.
        slug: TenantSlug,
        /// Its name on pages; the slug when not given.
        #[arg(long)]
        display_name: Option<String>,
        /// Whom people may ask when a sign-in is refused.
        #[arg(long)]
        contact: Option<String>,
    },
    /// List tenants.
    List,
    /// Show one tenant: issuer, login URL, connectors, applications.
    Show {
        /// Its name in URLs.
        slug: TenantSlug,
    },
    /// Say whom people may ask.
    Contact {
        /// Its name in URLs.
        slug: TenantSlug,
        /// An e-mail address or a sentence; none removes it.
        contact: Option<String>,
    },
    /// Assign an e-mail domain that the tenant owns to a connector.
    Domain {
        /// Its name in URLs.
        slug: TenantSlug,
        /// The domain.
        domain: String,
        /// The connector of its people.
        #[arg(long)]
        connector: Option<ConnectorId>,
    },
}

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
    },
    /// Replace its settings by a JSON file, as `show --json` prints them.
    Update {
        /// The tenant.
        tenant: TenantSlug,
        /// The connector.
        id: ConnectorId,
        /// The file.
        #[arg(long, value_name = "FILE")]
        settings: PathBuf,
    },
    /// Prove what can be proved without a person; exit 1 when something is wrong.
    Test {
        /// The tenant.
        tenant: TenantSlug,
        /// The connector.
        id: ConnectorId,
    },
}

/// `symbolon connector create`.
#[derive(Debug, Args)]
pub(crate) struct NewConnectorArguments {
    /// The tenant.
    pub(crate) tenant: TenantSlug,
    /// Its id: its place in the callback URL.
    pub(crate) id: ConnectorId,
    /// The kind of upstream.
    #[arg(long, default_value = "oidc")]
    pub(crate) kind: Kind,
    /// The text of its button; the id when not given.
    #[arg(long)]
    pub(crate) display_name: Option<String>,
    /// How far it is rolled out.
    #[arg(long, default_value = "on")]
    pub(crate) mode: Mode,
    /// The provider's issuer.
    #[arg(long)]
    pub(crate) issuer: String,
    /// Our identifier at the provider.
    #[arg(long)]
    pub(crate) client_id: String,
    /// A file with our secret at the provider; `-` reads standard input.
    #[arg(long, value_name = "FILE")]
    pub(crate) client_secret_file: Option<PathBuf>,
    /// How we prove ourselves.
    #[arg(long, default_value = "client-secret-basic")]
    pub(crate) client_authentication: Authentication,
    /// Scopes to ask for.
    #[arg(long, default_value = "openid profile email")]
    pub(crate) scopes: String,
    /// Let the answer come as a posted form.
    #[arg(long)]
    pub(crate) form_post: bool,
    /// A host that the provider's endpoints may have besides the issuer's; repeatable.
    #[arg(long, value_name = "HOST")]
    pub(crate) endpoint_host: Vec<String>,
    /// Believe the provider's email_verified.
    #[arg(long)]
    pub(crate) trust_email: bool,
    /// Create users on first sign-in.
    #[arg(long)]
    pub(crate) auto_provision: bool,
    /// The role of people whom no rule gives one; `none` for no role.
    #[arg(long, default_value = "viewer")]
    pub(crate) default_role: String,
    /// Fields to take over: email, name, username, department, job_title, office, or *.
    #[arg(long, default_value = "email,name", value_delimiter = ',')]
    pub(crate) sync_fields: Vec<String>,
}

/// Kinds of upstream.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum Kind {
    /// Any OpenID provider.
    Oidc,
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

/// How we prove ourselves to a provider.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum Authentication {
    /// HTTP Basic.
    ClientSecretBasic,
    /// In the body.
    ClientSecretPost,
    /// A JWT signed by the tenant's ES256 key.
    PrivateKeyJwtEs256,
    /// A JWT signed by the tenant's RS256 key.
    PrivateKeyJwtRs256,
}

/// `symbolon application`.
#[derive(Debug, Subcommand)]
pub(crate) enum ApplicationCommand {
    /// Register an application. Its secret is shown once.
    Create(Box<NewApplicationArguments>),
    /// List the applications of a tenant.
    List {
        /// The tenant.
        tenant: TenantSlug,
    },
    /// Show one application; never its secret.
    Show {
        /// The tenant.
        tenant: TenantSlug,
        /// The application.
        id: ApplicationId,
    },
}

/// `symbolon application create`.
#[derive(Debug, Args)]
pub(crate) struct NewApplicationArguments {
    /// The tenant.
    pub(crate) tenant: TenantSlug,
    /// Its id, which is its client_id.
    pub(crate) id: ApplicationId,
    /// The name that people see; the id when not given.
    #[arg(long)]
    pub(crate) display_name: Option<String>,
    /// Where answers may go, byte for byte; repeatable.
    #[arg(long, required = true)]
    pub(crate) redirect_uri: Vec<RedirectUri>,
    /// Where people may go after signing out; repeatable.
    #[arg(long)]
    pub(crate) post_logout_redirect_uri: Vec<RedirectUri>,
    /// The algorithm of its ID tokens.
    #[arg(long, default_value = "es256")]
    pub(crate) id_token_algorithm: Algorithm,
    /// Put profile, e-mail and roles into the ID token too.
    #[arg(long)]
    pub(crate) claims_in_id_token: bool,
    /// It can keep no secret (an app on a phone or in a browser).
    #[arg(long)]
    pub(crate) public: bool,
    /// Do not demand PKCE of it.
    #[arg(long)]
    pub(crate) without_pkce: bool,
    /// A connector whose people it accepts; repeatable, none means all.
    #[arg(long)]
    pub(crate) connector: Vec<ConnectorId>,
    /// Write the secret to this file instead of printing it.
    #[arg(long, value_name = "FILE")]
    pub(crate) secret_out: Option<PathBuf>,
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
}

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

/// `symbolon role`.
#[derive(Debug, Subcommand)]
pub(crate) enum RoleCommand {
    /// Add a role to the catalogue.
    Create {
        /// The tenant.
        tenant: TenantSlug,
        /// The role.
        role: RoleName,
        /// What it is for.
        #[arg(long, default_value = "")]
        description: String,
        /// No mapping may grant it.
        #[arg(long)]
        not_by_mapping: bool,
    },
    /// List the roles of a tenant.
    List {
        /// The tenant.
        tenant: TenantSlug,
    },
}

/// `symbolon user`.
#[derive(Debug, Subcommand)]
pub(crate) enum UserCommand {
    /// Make a user by hand, with the upstream identity if you know it.
    Create(Box<NewUserArguments>),
    /// List users.
    List {
        /// The tenant.
        tenant: TenantSlug,
    },
    /// Switch a user; anything but active ends the sessions.
    Status {
        /// The tenant.
        tenant: TenantSlug,
        /// The user.
        id: UserId,
        /// The new status.
        status: Standing,
    },
    /// People who proved who they are and have no user.
    Requests {
        /// The tenant.
        tenant: TenantSlug,
    },
}

/// `symbolon user create`.
#[derive(Debug, Args)]
pub(crate) struct NewUserArguments {
    /// The tenant.
    pub(crate) tenant: TenantSlug,
    /// E-mail.
    #[arg(long)]
    pub(crate) email: Option<String>,
    /// You know that the address is the person's.
    #[arg(long)]
    pub(crate) email_verified: bool,
    /// Name to show.
    #[arg(long)]
    pub(crate) name: Option<String>,
    /// A role; repeatable.
    #[arg(long)]
    pub(crate) role: Vec<RoleName>,
    /// The connector of the person's identity.
    #[arg(long, requires_all = ["issuer", "subject"])]
    pub(crate) connector: Option<ConnectorId>,
    /// The issuer of the person's identity.
    #[arg(long)]
    pub(crate) issuer: Option<String>,
    /// The subject of the person's identity.
    #[arg(long)]
    pub(crate) subject: Option<String>,
}

/// A user's standing.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum Standing {
    /// May sign in.
    Active,
    /// May not; everything is kept.
    Inactive,
    /// May not, and is on the way out.
    Deactivated,
}

/// `symbolon keys`.
#[derive(Debug, Subcommand)]
pub(crate) enum KeysCommand {
    /// List a tenant's signing keys.
    List {
        /// The tenant.
        tenant: TenantSlug,
    },
    /// Let a new key sign from now on; the old one stays published.
    Rotate {
        /// The tenant.
        tenant: TenantSlug,
        /// Which key.
        #[arg(long, default_value = "es256")]
        algorithm: Algorithm,
    },
}

/// `symbolon secrets`.
#[derive(Debug, Subcommand)]
pub(crate) enum SecretsCommand {
    /// Wrap every data key under the active master key.
    Rotate {
        /// Only say what would be done.
        #[arg(long)]
        dry_run: bool,
    },
}

/// `symbolon audit`.
#[derive(Debug, Subcommand)]
pub(crate) enum AuditCommand {
    /// Print a tenant's audit trail as JSON lines.
    Export {
        /// The tenant.
        tenant: TenantSlug,
        /// Only events of this name, for example user.sso_login.
        #[arg(long, value_name = "NAME")]
        event: Option<String>,
    },
    /// Check a tenant's hash chain; exit 1 and the first bad row when it is broken.
    Verify {
        /// The tenant.
        tenant: TenantSlug,
    },
}
