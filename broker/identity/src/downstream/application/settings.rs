//! What an OpenID relying party registers: every field has a default, so that old rows stay readable.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use symbolon_contract::{ConnectorId, RoleName};
use url::Url;

use super::RedirectUri;
use crate::keys::SigningAlgorithm;

/// What an OpenID relying party registers (OpenID Registration 2, RFC 7591 2).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct OpenidSettings {
    /// Where answers may go; compared byte for byte.
    pub redirect_uris: Vec<RedirectUri>,
    /// Where people may go after signing out.
    #[serde(default)]
    pub post_logout_redirect_uris: Vec<RedirectUri>,
    /// Where it starts a sign-in when another party asks for one (OpenID Core 4).
    #[serde(default)]
    pub initiate_login_uri: Option<Url>,
    /// Whether it runs on a server and in browsers, or on people's devices.
    #[serde(default)]
    pub application_type: ApplicationKind,
    /// What it may exchange for tokens.
    #[serde(default = "code_only")]
    pub grant_types: Vec<GrantType>,
    /// How it proves itself at the token endpoint.
    #[serde(default)]
    pub authentication: ApplicationAuthentication,
    /// Its public keys (RFC 7517 5), for `private_key_jwt` and request objects.
    #[serde(default)]
    pub jwks: Option<Value>,
    /// Where its public keys are published; instead of `jwks`.
    #[serde(default)]
    pub jwks_uri: Option<Url>,
    /// Which rules it is held to.
    #[serde(default)]
    pub profile: SecurityProfile,
    /// Demand PKCE. Public applications always need it.
    #[serde(default = "yes")]
    pub require_pkce: bool,
    /// Demand that it pushes its requests (RFC 9126 6). The profile `fapi2` always does.
    #[serde(default)]
    pub require_pushed_requests: bool,
    /// Demand signed requests (RFC 9101).
    #[serde(default)]
    pub require_signed_requests: bool,
    /// Bind its tokens to a key (RFC 9449 5.2). The profile `fapi2` always does.
    #[serde(default)]
    pub dpop_bound_access_tokens: bool,
    /// Demand a nonce of ours in its proofs that it holds a key (RFC 9449 8): one made beforehand is of no use then.
    #[serde(default)]
    pub require_dpop_nonce: bool,
    /// The algorithm of its ID tokens.
    #[serde(default)]
    pub id_token_algorithm: SigningAlgorithm,
    /// Sign UserInfo answers with this algorithm (OpenID Core 5.3.2).
    #[serde(default)]
    pub userinfo_algorithm: Option<SigningAlgorithm>,
    /// The form of its access tokens for our own endpoints.
    #[serde(default)]
    pub access_token_format: AccessTokenFormat,
    /// The resource servers that it may ask tokens for (RFC 8707).
    #[serde(default)]
    pub resources: Vec<ResourceServer>,
    /// Scopes that it may ask for in its own name, without a person (RFC 6749 4.4).
    #[serde(default)]
    pub service_scopes: Vec<String>,
    /// How long its access tokens live, in seconds; the operator's default when not given.
    #[serde(default)]
    pub access_token_seconds: Option<u32>,
    /// How long a refresh token may lie unused, in seconds; 14 days when not given.
    #[serde(default)]
    pub refresh_idle_seconds: Option<u32>,
    /// How long refresh tokens are renewed in all, in seconds; 90 days when not given.
    #[serde(default)]
    pub refresh_absolute_seconds: Option<u32>,
    /// For how long after its use a refresh token is still taken, in seconds, for applications that lose answers; at
    /// most 60, and 0 when not given.
    #[serde(default)]
    pub refresh_grace_seconds: u32,
    /// Whether other applications can tell that its people are the same (OpenID Core 8).
    #[serde(default)]
    pub subject_type: SubjectType,
    /// Applications with the same sector see the same pairwise subjects (OpenID Core 8.1).
    #[serde(default)]
    pub sector_identifier_uri: Option<Url>,
    /// Put profile, e-mail and roles into the ID token too, not only into UserInfo (OD-7).
    #[serde(default)]
    pub claims_in_id_token: bool,
    /// Claims that it learns beyond what its scopes release, or elsewhere, or under another name.
    #[serde(default)]
    pub release: Vec<ReleasedClaim>,
    /// Ask people whether they agree: it belongs to somebody else than the vendor.
    #[serde(default)]
    pub third_party: bool,
    /// Where it is told that a session ended (OpenID Back-Channel Logout 2.2).
    #[serde(default)]
    pub backchannel_logout_uri: Option<Url>,
    /// Where it is told so in a frame (OpenID Front-Channel Logout 2).
    #[serde(default)]
    pub frontchannel_logout_uri: Option<Url>,
    /// Tell it the session in the frame (`frontchannel_logout_session_required`).
    #[serde(default)]
    pub frontchannel_logout_session: bool,
    /// Origins of pages that may call our endpoints, beside those of its redirect URIs (CORS).
    #[serde(default)]
    pub allowed_origins: Vec<String>,
    /// Oldest acceptable sign-in when its requests do not say, in seconds (OpenID Registration 2).
    #[serde(default)]
    pub default_max_age: Option<u32>,
    /// Authentication contexts that it asks for when its requests do not say.
    #[serde(default)]
    pub default_acr_values: Vec<String>,
    /// Its home page.
    #[serde(default)]
    pub client_uri: Option<Url>,
    /// Its logo, shown by address only.
    #[serde(default)]
    pub logo_uri: Option<Url>,
    /// How it uses what it learns.
    #[serde(default)]
    pub policy_uri: Option<Url>,
    /// Its terms of service.
    #[serde(default)]
    pub tos_uri: Option<Url>,
    /// Whom to ask about it.
    #[serde(default)]
    pub contacts: Vec<String>,
    /// The connectors whose people it accepts; empty means all (D22).
    #[serde(default)]
    pub connectors: Vec<ConnectorId>,
    /// Role names of the application's own, which its mapping may release besides the tenant's.
    #[serde(default)]
    pub roles: Vec<RoleName>,
}

fn yes() -> bool {
    true
}

fn code_only() -> Vec<GrantType> {
    vec![GrantType::AuthorizationCode]
}

/// `application_type` (OpenID Registration 2).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ApplicationKind {
    /// On a server, or in a browser.
    #[default]
    Web,
    /// On a device: loopback addresses may have any port (RFC 8252 7.3).
    Native,
}

/// A `grant_type` (RFC 6749 4, RFC 8628 3.4).
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum GrantType {
    /// A person signs in in a browser.
    AuthorizationCode,
    /// Tokens are renewed.
    RefreshToken,
    /// The application speaks for itself.
    ClientCredentials,
    /// A person lets a device in.
    #[serde(rename = "urn:ietf:params:oauth:grant-type:device_code")]
    DeviceCode,
}

impl GrantType {
    /// All of them, for discovery and command lines.
    pub const ALL: [Self; 4] =
        [Self::AuthorizationCode, Self::RefreshToken, Self::ClientCredentials, Self::DeviceCode];

    /// As in a token request.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::AuthorizationCode => "authorization_code",
            Self::RefreshToken => "refresh_token",
            Self::ClientCredentials => "client_credentials",
            Self::DeviceCode => "urn:ietf:params:oauth:grant-type:device_code",
        }
    }

    /// Reads what a token request says.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.as_str() == text)
    }
}

/// How an application proves itself (OpenID Core 9).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ApplicationAuthentication {
    /// By its secret, in the header or in the body; one without a secret is public.
    #[default]
    Secret,
    /// By its secret in the header only (`client_secret_basic`).
    SecretBasic,
    /// By its secret in the body only (`client_secret_post`).
    SecretPost,
    /// By a statement that it signs (RFC 7523).
    PrivateKeyJwt,
}

/// Which rules an application is held to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum SecurityProfile {
    /// OpenID Connect and OAuth 2.0 with its security best practice (RFC 9700).
    #[default]
    Oauth,
    /// FAPI 2.0 Security Profile: pushed requests, `private_key_jwt`, sender-constrained tokens.
    Fapi2,
}

/// The form of an access token.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum AccessTokenFormat {
    /// A random text that only we can read.
    #[default]
    Opaque,
    /// A signed statement (RFC 9068).
    Jwt,
}

/// A resource server that an application may ask tokens for (RFC 8707 2).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ResourceServer {
    /// Its identifier: an absolute URI without a fragment; the `aud` of its tokens.
    pub identifier: String,
    /// Scopes that mean something to it; they may be asked for beside the usual ones.
    #[serde(default)]
    pub scopes: Vec<String>,
    /// The form of its tokens.
    #[serde(default = "jwt")]
    pub format: AccessTokenFormat,
    /// The algorithm of signed ones; that of the ID token when not given.
    #[serde(default)]
    pub algorithm: Option<SigningAlgorithm>,
}

fn jwt() -> AccessTokenFormat {
    AccessTokenFormat::Jwt
}

/// `subject_type` (OpenID Core 8).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum SubjectType {
    /// One subject for all applications of the tenant.
    #[default]
    Public,
    /// One subject for each sector.
    Pairwise,
}

/// Where a claim is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ClaimPlace {
    /// In the ID token.
    IdToken,
    /// At UserInfo.
    Userinfo,
    /// In signed access tokens.
    AccessToken,
}

/// A claim that an application learns: which, under which name, where, for which scope.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ReleasedClaim {
    /// Our name of it: a standard claim, `roles`, `groups`, or a field of the user's metadata.
    pub claim: String,
    /// The name that the application knows; ours when not given.
    #[serde(default)]
    pub name: Option<String>,
    /// Where it is told.
    pub places: Vec<ClaimPlace>,
    /// Only when this scope was granted; always when not given.
    #[serde(default)]
    pub scope: Option<String>,
}

impl OpenidSettings {
    /// Settings with every default.
    #[must_use]
    pub fn new(redirect_uris: Vec<RedirectUri>) -> Self {
        Self {
            redirect_uris,
            post_logout_redirect_uris: Vec::new(),
            initiate_login_uri: None,
            application_type: ApplicationKind::default(),
            grant_types: code_only(),
            authentication: ApplicationAuthentication::default(),
            jwks: None,
            jwks_uri: None,
            profile: SecurityProfile::default(),
            require_pkce: true,
            require_pushed_requests: false,
            require_signed_requests: false,
            dpop_bound_access_tokens: false,
            require_dpop_nonce: false,
            id_token_algorithm: SigningAlgorithm::default(),
            userinfo_algorithm: None,
            access_token_format: AccessTokenFormat::default(),
            resources: Vec::new(),
            service_scopes: Vec::new(),
            access_token_seconds: None,
            refresh_idle_seconds: None,
            refresh_absolute_seconds: None,
            refresh_grace_seconds: 0,
            subject_type: SubjectType::default(),
            sector_identifier_uri: None,
            claims_in_id_token: false,
            release: Vec::new(),
            third_party: false,
            backchannel_logout_uri: None,
            frontchannel_logout_uri: None,
            frontchannel_logout_session: false,
            allowed_origins: Vec::new(),
            default_max_age: None,
            default_acr_values: Vec::new(),
            client_uri: None,
            logo_uri: None,
            policy_uri: None,
            tos_uri: None,
            contacts: Vec::new(),
            connectors: Vec::new(),
            roles: Vec::new(),
        }
    }

    /// Whether an address is on an origin that the application registered for its answers.
    #[must_use]
    pub fn starts_on_own_origin(&self, uri: &Url) -> bool {
        let origin = uri.origin();
        let registered = self.redirect_uris.iter().filter_map(|one| Url::parse(one.as_str()).ok());
        origin.is_tuple() && registered.into_iter().any(|one| one.origin() == origin)
    }

    /// Whether people from this connector may reach the application.
    #[must_use]
    pub fn accepts(&self, connector: &ConnectorId) -> bool {
        self.connectors.is_empty() || self.connectors.contains(connector)
    }

    /// Whether it is held to the FAPI 2.0 Security Profile.
    #[must_use]
    pub fn is_fapi2(&self) -> bool {
        self.profile == SecurityProfile::Fapi2
    }

    /// Whether its requests must be pushed.
    #[must_use]
    pub fn must_push(&self) -> bool {
        self.require_pushed_requests || self.is_fapi2()
    }

    /// Whether its tokens must be bound to a key.
    #[must_use]
    pub fn must_bind_tokens(&self) -> bool {
        self.dpop_bound_access_tokens || self.is_fapi2()
    }
}
