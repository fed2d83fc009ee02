//! `symbolon application`.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use symbolon_contract::{ApplicationId, ConnectorId, TenantSlug};
use symbolon_identity::downstream::RedirectUri;
use url::Url;

use super::Algorithm;

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
    /// Where it starts a sign-in when another party asks for one (OpenID Core 4); on the origin of a redirect URI.
    #[arg(long, value_name = "URL")]
    pub(crate) initiate_login_uri: Option<Url>,
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
