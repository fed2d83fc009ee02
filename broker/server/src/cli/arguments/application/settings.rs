//! What an application registers, as options of the command line.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use symbolon_contract::ConnectorId;
use symbolon_identity::downstream::RedirectUri;
use url::Url;

use super::super::Algorithm;

/// What an application registers. The file comes first, options win over it.
#[derive(Debug, Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of the command line")]
pub(crate) struct SettingsArguments {
    /// Settings as JSON, laid over the present ones field by field; for all that has no option. `-` reads standard
    /// input.
    #[arg(long, value_name = "FILE")]
    pub(crate) settings: Option<PathBuf>,
    /// Where answers may go, byte for byte; repeatable.
    #[arg(long)]
    pub(crate) redirect_uri: Vec<RedirectUri>,
    /// Where people may go after signing out; repeatable.
    #[arg(long)]
    pub(crate) post_logout_redirect_uri: Vec<RedirectUri>,
    /// Where it starts a sign-in when another party asks for one (OpenID Core 4); on the origin of a redirect URI.
    #[arg(long, value_name = "URL")]
    pub(crate) initiate_login_uri: Option<Url>,
    /// It runs on people's devices: its redirect URIs on this machine may have any port (RFC 8252 7.3).
    #[arg(long)]
    pub(crate) native: bool,
    /// What it may exchange for tokens; repeatable. The authorization code comes with a redirect URI.
    #[arg(long)]
    pub(crate) grant: Vec<GrantWord>,
    /// How it proves itself.
    #[arg(long)]
    pub(crate) auth: Option<AuthenticationWord>,
    /// Its public keys: a file with a JSON Web Key Set.
    #[arg(long, value_name = "FILE", conflicts_with = "jwks_uri")]
    pub(crate) jwks: Option<PathBuf>,
    /// Where its public keys are published.
    #[arg(long, value_name = "URL")]
    pub(crate) jwks_uri: Option<Url>,
    /// Which rules it is held to.
    #[arg(long)]
    pub(crate) profile: Option<ProfileWord>,
    /// Do not demand PKCE of it.
    #[arg(long)]
    pub(crate) without_pkce: bool,
    /// Demand that it pushes its requests (RFC 9126).
    #[arg(long)]
    pub(crate) require_pushed_requests: bool,
    /// Demand signed requests (RFC 9101).
    #[arg(long)]
    pub(crate) require_signed_requests: bool,
    /// Bind its tokens to a key of its own (RFC 9449).
    #[arg(long)]
    pub(crate) dpop_bound: bool,
    /// Demand a nonce of ours in its DPoP proofs, so that none made beforehand is of use
    #[arg(long)]
    pub(crate) dpop_nonce: bool,
    /// The algorithm of its ID tokens; ES256 unless said.
    #[arg(long)]
    pub(crate) id_token_algorithm: Option<Algorithm>,
    /// Sign the answers of UserInfo with this algorithm.
    #[arg(long)]
    pub(crate) userinfo_algorithm: Option<Algorithm>,
    /// The form of its access tokens for our own endpoints; opaque unless said.
    #[arg(long)]
    pub(crate) access_token_format: Option<FormatWord>,
    /// A resource server that it may ask tokens for: an absolute URI (RFC 8707); repeatable.
    #[arg(long, value_name = "URI")]
    pub(crate) resource: Vec<String>,
    /// A scope that it may ask for in its own name, without a person; repeatable.
    #[arg(long, value_name = "SCOPE")]
    pub(crate) service_scope: Vec<String>,
    /// People look different to applications of other sectors (OpenID Core 8.1).
    #[arg(long)]
    pub(crate) pairwise: bool,
    /// Applications with the same sector see the same pairwise subjects; must list the redirect URIs.
    #[arg(long, value_name = "URL")]
    pub(crate) sector_identifier_uri: Option<Url>,
    /// Put profile, e-mail and roles into the ID token too.
    #[arg(long)]
    pub(crate) claims_in_id_token: bool,
    /// Ask people whether they agree: it belongs to somebody else.
    #[arg(long)]
    pub(crate) third_party: bool,
    /// Where it is told that a session ended.
    #[arg(long, value_name = "URL")]
    pub(crate) backchannel_logout_uri: Option<Url>,
    /// Where it is told so in a frame; on the origin of a redirect URI.
    #[arg(long, value_name = "URL")]
    pub(crate) frontchannel_logout_uri: Option<Url>,
    /// An origin whose pages may call our endpoints, beside those of its redirect URIs; repeatable.
    #[arg(long, value_name = "ORIGIN")]
    pub(crate) allowed_origin: Vec<String>,
    /// A connector whose people it accepts; repeatable, none means all.
    #[arg(long)]
    pub(crate) connector: Vec<ConnectorId>,
}

/// Grant types.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum GrantWord {
    /// A person signs in in a browser.
    AuthorizationCode,
    /// Tokens are renewed.
    RefreshToken,
    /// The application speaks for itself.
    ClientCredentials,
    /// A person lets a device in.
    DeviceCode,
}

/// How an application proves itself.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum AuthenticationWord {
    /// By its secret, in the header or in the body.
    Secret,
    /// By its secret in the header only.
    SecretBasic,
    /// By its secret in the body only.
    SecretPost,
    /// By a statement that it signs.
    PrivateKeyJwt,
}

/// Which rules an application is held to.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum ProfileWord {
    /// OpenID Connect and OAuth 2.0 with its security best practice.
    Oauth,
    /// FAPI 2.0 Security Profile.
    Fapi2,
}

/// The form of an access token.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum FormatWord {
    /// A random text that only we can read.
    Opaque,
    /// A signed statement (RFC 9068).
    Jwt,
}
