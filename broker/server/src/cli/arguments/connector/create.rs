//! `symbolon connector create`.

use std::path::PathBuf;

use chrono::NaiveDate;
use clap::{Args, ValueEnum};
use symbolon_contract::{ConnectorId, TenantSlug};

use super::{Mode, SamlArguments};

/// `symbolon connector create`.
#[derive(Debug, Args)]
pub(crate) struct NewConnectorArguments {
    /// The tenant.
    pub(crate) tenant: TenantSlug,
    /// Its id: its place in the callback URL.
    pub(crate) id: ConnectorId,
    /// The kind of upstream.
    #[arg(long, visible_alias = "type", default_value = "oidc")]
    pub(crate) kind: Kind,
    /// Its name, as in "Sign in with …"; the id, or Microsoft, when not given.
    #[arg(long)]
    pub(crate) display_name: Option<String>,
    /// How far it is rolled out. Opened to people only after a test, or with --untested.
    #[arg(long, default_value = "test")]
    pub(crate) mode: Mode,
    /// Open it at once, before any test; the audit trail keeps that.
    #[arg(long)]
    pub(crate) untested: bool,
    /// oidc: the provider's issuer.
    #[arg(long, required_if_eq("kind", "oidc"))]
    pub(crate) issuer: Option<String>,
    /// entra: the Directory (tenant) ID, a verified domain of the directory, or its authority address.
    #[arg(long, required_if_eq("kind", "entra"))]
    pub(crate) tenant_id: Option<String>,
    /// entra: the cloud.
    #[arg(long, default_value = "global")]
    pub(crate) cloud: String,
    /// entra: whose people may sign in.
    #[arg(long, default_value = "one")]
    pub(crate) accept: Directories,
    /// entra: a further accepted directory, by id; repeatable, with --accept list.
    #[arg(long, value_name = "TENANT_ID")]
    pub(crate) accept_directory: Vec<String>,
    /// entra: yes, people of every directory in the world may sign in; with --accept any.
    #[arg(long)]
    pub(crate) confirm_any_directory: bool,
    /// entra: let guests of the directory in.
    #[arg(long)]
    pub(crate) allow_guests: bool,
    /// oidc, entra: our identifier at the provider: the Application (client) ID.
    #[arg(long, required_if_eq_any([("kind", "oidc"), ("kind", "entra")]))]
    pub(crate) client_id: Option<String>,
    /// A file with our secret at the provider; `-` reads standard input.
    #[arg(long, value_name = "FILE")]
    pub(crate) client_secret_file: Option<PathBuf>,
    /// The day on which the secret ends, as Entra shows it beside the secret.
    #[arg(long, value_name = "YYYY-MM-DD")]
    pub(crate) secret_ends_on: Option<NaiveDate>,
    /// How we prove ourselves; client-secret-basic, or for entra client-secret-post, when not given.
    #[arg(long)]
    pub(crate) client_authentication: Option<Authentication>,
    /// oidc: scopes to ask for.
    #[arg(long, default_value = "openid profile email")]
    pub(crate) scopes: String,
    /// oidc: the claim that holds the groups, such as `cognito:groups`, or `realm_access.roles` for one within another;
    /// empty for no groups.
    #[arg(long, value_name = "NAME", default_value = "groups")]
    pub(crate) groups_claim: String,
    /// Let the answer come as a posted form.
    #[arg(long)]
    pub(crate) form_post: bool,
    /// oidc: a host that the provider's endpoints may have besides the issuer's; repeatable.
    #[arg(long, value_name = "HOST")]
    pub(crate) endpoint_host: Vec<String>,
    /// Believe the provider's email_verified; for entra its xms_edov, for saml every e-mail that it states.
    #[arg(long)]
    pub(crate) trust_email: bool,
    /// Create users on first sign-in.
    #[arg(long)]
    pub(crate) auto_provision: bool,
    /// The role of people whom no rule gives one; `none` for no role.
    #[arg(long, default_value = "viewer")]
    pub(crate) default_role: String,
    /// Yes, everybody whom no rule gives a role shall be admin; with --default-role admin.
    #[arg(long)]
    pub(crate) confirm_admin_default: bool,
    /// Fields to take over: email, name, username, department, job_title, office, or *.
    #[arg(long, default_value = "email,name", value_delimiter = ',')]
    pub(crate) sync_fields: Vec<String>,
    #[command(flatten)]
    pub(crate) saml: SamlArguments,
}

/// Kinds of upstream.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Kind {
    /// Any OpenID provider.
    Oidc,
    /// Microsoft Entra ID.
    Entra,
    /// Any SAML 2.0 identity provider.
    Saml,
}

/// Whose people may sign in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Directories {
    /// Those of the directory of --tenant-id.
    One,
    /// Those, and those of every --accept-directory.
    List,
    /// Those of any directory; needs --confirm-any-directory.
    Any,
}

/// How we prove ourselves to a provider.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Authentication {
    /// HTTP Basic.
    ClientSecretBasic,
    /// In the body.
    ClientSecretPost,
    /// A JWT signed by the tenant's ES256 key.
    PrivateKeyJwtEs256,
    /// A JWT signed by the tenant's RS256 key.
    PrivateKeyJwtRs256,
    /// entra: a certificate that is made here and uploaded there.
    Certificate,
    /// entra: a statement of the tenant's own issuer, which the registration trusts; nothing expires.
    Federated,
}
