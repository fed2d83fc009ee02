//! `symbolon connector`.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};
use symbolon_contract::{ConnectorId, TenantSlug};

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
    /// Replace its settings by a JSON file: what `show --json` prints under `settings`.
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
    /// Its name, as in "Sign in with …"; the id when not given.
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
