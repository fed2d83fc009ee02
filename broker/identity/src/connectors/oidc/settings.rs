//! The settings of an OpenID connector (entra.md 8). PKCE S256, `state` and `nonce` are no settings.

use std::collections::BTreeMap;

use openidconnect::core::CoreJwsSigningAlgorithm;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use url::Url;

use crate::keys::SigningAlgorithm;

/// How to speak to an OpenID provider.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct OidcSettings {
    /// The issuer, exactly as its documents and ID tokens spell it.
    pub issuer: String,
    /// Where the discovery document is, when not under the issuer.
    #[serde(default)]
    pub discovery_url: Option<Url>,
    /// Endpoints that win over discovery; with all three given, no discovery takes place.
    #[serde(default)]
    pub endpoints: EndpointOverrides,
    /// Hosts that endpoints may have besides the issuer's own.
    #[serde(default)]
    pub endpoint_hosts: Vec<String>,
    /// Our identifier at the provider.
    pub client_id: String,
    /// How we prove ourselves to the provider.
    #[serde(default)]
    pub client_authentication: ClientAuthentication,
    /// Scopes to ask for; `openid` is always among them.
    #[serde(default = "default_scopes")]
    pub scopes: Vec<String>,
    /// How the answer comes back.
    #[serde(default)]
    pub response_mode: ResponseMode,
    /// A `prompt` to send each time.
    #[serde(default)]
    pub prompt: Option<String>,
    /// Authentication contexts to ask for each time.
    #[serde(default)]
    pub acr_values: Vec<String>,
    /// Further parameters of the authorization request; ours cannot be overridden.
    #[serde(default)]
    pub extra_parameters: BTreeMap<String, String>,
    /// Whoever signs out here is sent on to the provider's own sign-out, if it has one.
    #[serde(default)]
    pub sign_out_at_provider: bool,
    /// Pass the application's `login_hint` and `ui_locales` on.
    #[serde(default = "yes")]
    pub forward_hints: bool,
    /// Where to find what in the claims.
    #[serde(default)]
    pub claims: ClaimNames,
    /// Whether and how UserInfo is used.
    #[serde(default)]
    pub userinfo: UserinfoUse,
    /// When an e-mail counts as verified.
    #[serde(default)]
    pub trust_email: TrustEmail,
    /// Claims that must have exactly this value, for example `hd`.
    #[serde(default)]
    pub required_claims: BTreeMap<String, String>,
    /// Signature algorithms that ID tokens may have. The provider's own list is never asked (P-1).
    #[serde(default = "default_algorithms")]
    pub algorithms: Vec<UpstreamAlgorithm>,
    /// Accepted difference of clocks in seconds, at most 300.
    #[serde(default = "default_skew")]
    #[schemars(range(max = 300))]
    pub clock_skew_seconds: u32,
}

/// Endpoints given by hand.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct EndpointOverrides {
    /// `authorization_endpoint`.
    pub authorization: Option<Url>,
    /// `token_endpoint`.
    pub token: Option<Url>,
    /// `jwks_uri`.
    pub jwks: Option<Url>,
    /// `userinfo_endpoint`.
    pub userinfo: Option<Url>,
}

/// How we prove ourselves at the token endpoint (OpenID Core 9).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ClientAuthentication {
    /// HTTP Basic with the secret, both parts form-encoded first (RFC 6749 2.3.1).
    #[default]
    ClientSecretBasic,
    /// The secret in the body.
    ClientSecretPost,
    /// A JWT signed by the tenant's own key; the provider reads our JWKS.
    PrivateKeyJwt {
        /// The algorithm.
        algorithm: SigningAlgorithm,
    },
}

/// How the provider answers.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ResponseMode {
    /// In the URL.
    #[default]
    Query,
    /// As a posted form.
    FormPost,
}

/// Names of claims; dotted paths reach into objects.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ClaimNames {
    /// The stable subject. Change it only before the first sign-in.
    pub subject: String,
    /// The e-mail.
    pub email: String,
    /// The name to show.
    pub name: String,
    /// The groups: a list of texts, one text, or objects with a `name`; read from the ID token and, when it has none,
    /// from UserInfo. Empty for no groups at all.
    pub groups: String,
}

impl Default for ClaimNames {
    fn default() -> Self {
        Self {
            subject: "sub".into(),
            email: "email".into(),
            name: "name".into(),
            groups: "groups".into(),
        }
    }
}

/// What UserInfo is good for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum UserinfoUse {
    /// Never called.
    Off,
    /// Adds claims that the ID token lacks.
    #[default]
    FillGaps,
    /// Wins over the ID token, protocol claims excepted.
    Override,
}

/// When an upstream's word for an e-mail is believed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum TrustEmail {
    /// Never.
    #[default]
    Never,
    /// When the same document says `email_verified`.
    WhenVerified,
}

/// Asymmetric algorithms that an ID token may be signed with. There is no symmetric one and no `none`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum UpstreamAlgorithm {
    /// RSASSA-PKCS1-v1_5 with SHA-256.
    RS256,
    /// RSASSA-PKCS1-v1_5 with SHA-384.
    RS384,
    /// RSASSA-PKCS1-v1_5 with SHA-512.
    RS512,
    /// RSASSA-PSS with SHA-256.
    PS256,
    /// RSASSA-PSS with SHA-384.
    PS384,
    /// RSASSA-PSS with SHA-512.
    PS512,
    /// ECDSA on P-256.
    ES256,
    /// ECDSA on P-384.
    ES384,
    /// Ed25519.
    EdDSA,
}

impl UpstreamAlgorithm {
    pub(super) fn as_core(self) -> CoreJwsSigningAlgorithm {
        match self {
            Self::RS256 => CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha256,
            Self::RS384 => CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha384,
            Self::RS512 => CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha512,
            Self::PS256 => CoreJwsSigningAlgorithm::RsaSsaPssSha256,
            Self::PS384 => CoreJwsSigningAlgorithm::RsaSsaPssSha384,
            Self::PS512 => CoreJwsSigningAlgorithm::RsaSsaPssSha512,
            Self::ES256 => CoreJwsSigningAlgorithm::EcdsaP256Sha256,
            Self::ES384 => CoreJwsSigningAlgorithm::EcdsaP384Sha384,
            Self::EdDSA => CoreJwsSigningAlgorithm::EdDsa,
        }
    }
}

impl OidcSettings {
    /// Settings with every default, for a provider with discovery.
    #[must_use]
    pub fn new(issuer: impl Into<String>, client_id: impl Into<String>) -> Self {
        Self {
            issuer: issuer.into(),
            discovery_url: None,
            endpoints: EndpointOverrides::default(),
            endpoint_hosts: Vec::new(),
            client_id: client_id.into(),
            client_authentication: ClientAuthentication::default(),
            scopes: default_scopes(),
            response_mode: ResponseMode::default(),
            prompt: None,
            acr_values: Vec::new(),
            extra_parameters: BTreeMap::new(),
            sign_out_at_provider: false,
            forward_hints: true,
            claims: ClaimNames::default(),
            userinfo: UserinfoUse::default(),
            trust_email: TrustEmail::default(),
            required_claims: BTreeMap::new(),
            algorithms: default_algorithms(),
            clock_skew_seconds: default_skew(),
        }
    }

    /// Everything wrong with the settings, in words for the admin; empty when they are fine.
    #[must_use]
    pub fn problems(&self) -> Vec<String> {
        let mut problems = Vec::new();
        if let Err(error) = Url::parse(&self.issuer) {
            problems.push(format!("upstream.issuer: not a URL ({error})"));
        }
        if self.client_id.trim().is_empty() || self.client_id.trim() != self.client_id {
            problems.push("upstream.client_id: empty, or blanks around it".into());
        }
        if self.clock_skew_seconds > 300 {
            problems.push("upstream.clock_skew_seconds: at most 300".into());
        }
        if self.algorithms.is_empty() {
            problems.push("upstream.algorithms: at least one".into());
        }
        let names = &self.claims;
        for (place, name) in [
            ("subject", &names.subject),
            ("email", &names.email),
            ("name", &names.name),
            ("groups", &names.groups),
        ] {
            if name.trim() != name || name.len() > LONGEST_NAME {
                problems.push(format!(
                    "upstream.claims.{place}: blanks around it, or more than {LONGEST_NAME} bytes"
                ));
            }
        }
        for name in self.extra_parameters.keys().filter(|name| RESERVED.contains(&name.as_str())) {
            problems.push(format!("upstream.extra_parameters: {name} is set by Symbolon itself"));
        }
        problems
    }
}

/// Longer names of claims are mistakes: Auth0's and Cognito's are addresses.
const LONGEST_NAME: usize = 256;

/// Parameters of the authorization request that no setting may replace.
pub(super) const RESERVED: [&str; 9] = [
    "response_type",
    "client_id",
    "redirect_uri",
    "state",
    "nonce",
    "code_challenge",
    "code_challenge_method",
    "response_mode",
    "scope",
];

fn default_scopes() -> Vec<String> {
    ["openid", "profile", "email"].map(str::to_owned).to_vec()
}

fn default_algorithms() -> Vec<UpstreamAlgorithm> {
    use UpstreamAlgorithm::{ES256, EdDSA, PS256, RS256};
    vec![RS256, PS256, ES256, EdDSA]
}

fn default_skew() -> u32 {
    60
}

fn yes() -> bool {
    true
}
