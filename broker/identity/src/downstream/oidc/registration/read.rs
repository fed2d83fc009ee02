//! What an application says of itself becomes settings (RFC 7591 2, OpenID Registration 2).

use serde_json::{Map, Value};
use url::Url;

use super::super::OauthError;
use super::refusal;
use crate::downstream::{
    ApplicationAuthentication, ApplicationKind, GrantType, OpenidSettings, RedirectUri, SubjectType,
};
use crate::keys::SigningAlgorithm;

/// Metadata, read.
#[derive(Debug)]
pub(crate) struct Metadata {
    /// `client_name`.
    pub(crate) display_name: Option<String>,
    /// What it registers.
    pub(crate) settings: OpenidSettings,
    /// Whether it can keep no secret.
    pub(crate) public: bool,
}

/// What we do not offer; asked for, it is refused rather than forgotten.
const ENCRYPTION: [&str; 6] = [
    "id_token_encrypted_response_alg",
    "id_token_encrypted_response_enc",
    "userinfo_encrypted_response_alg",
    "userinfo_encrypted_response_enc",
    "request_object_encryption_alg",
    "authorization_signed_response_alg",
];

/// Reads metadata; unknown fields are ignored (RFC 7591 2).
///
/// # Errors
/// [`OauthError`] with `registration.*`.
pub(crate) fn read(sent: &Map<String, Value>) -> Result<Metadata, OauthError> {
    let fields = Fields(sent);
    if let Some(name) = ENCRYPTION.into_iter().find(|name| fields.value(name).is_some()) {
        return Err(invalid(name, "not offered"));
    }
    let mut settings = OpenidSettings::new(redirect_uris(&fields, "redirect_uris")?);
    let public = proof(&fields, &mut settings)?;
    grants(&fields, &mut settings)?;
    addresses(&fields, &mut settings)?;
    signatures(&fields, &mut settings)?;
    switches(&fields, &mut settings)?;
    settings.third_party = true;
    // The standard's applications know no PKCE unless they cannot keep a secret; what they send is checked.
    settings.require_pkce = public;
    Ok(Metadata { display_name: fields.text("client_name")?, settings, public })
}

fn invalid(name: &str, expected: &str) -> OauthError {
    refusal(&[format!("{name}: {expected}")])
}

/// Fields by name; `null` counts as absent.
struct Fields<'a>(&'a Map<String, Value>);

impl Fields<'_> {
    fn value(&self, name: &str) -> Option<&Value> {
        self.0.get(name).filter(|value| !value.is_null())
    }

    fn typed<T: serde::de::DeserializeOwned>(
        &self,
        name: &str,
        expected: &str,
    ) -> Result<Option<T>, OauthError> {
        let value = self.value(name).cloned();
        value.map(serde_json::from_value).transpose().map_err(|_| invalid(name, expected))
    }

    fn text(&self, name: &str) -> Result<Option<String>, OauthError> {
        self.typed(name, "a text")
    }

    fn list(&self, name: &str) -> Result<Option<Vec<String>>, OauthError> {
        self.typed(name, "a list of texts")
    }

    fn flag(&self, name: &str) -> Result<bool, OauthError> {
        Ok(self.typed(name, "true or false")?.unwrap_or(false))
    }

    fn url(&self, name: &str) -> Result<Option<Url>, OauthError> {
        self.typed(name, "an absolute URL")
    }
}

fn redirect_uris(fields: &Fields<'_>, name: &str) -> Result<Vec<RedirectUri>, OauthError> {
    let texts = fields.list(name)?.unwrap_or_default();
    let parsed = texts.into_iter().map(RedirectUri::parse).collect::<Result<_, _>>();
    parsed.map_err(|error| invalid(name, &error.to_string()))
}

/// `token_endpoint_auth_method`; answers whether it proves nothing.
fn proof(fields: &Fields<'_>, settings: &mut OpenidSettings) -> Result<bool, OauthError> {
    let name = "token_endpoint_auth_method";
    let method = fields.text(name)?;
    settings.authentication = match method.as_deref() {
        None | Some("client_secret_basic") => ApplicationAuthentication::SecretBasic,
        Some("client_secret_post") => ApplicationAuthentication::SecretPost,
        Some("private_key_jwt") => ApplicationAuthentication::PrivateKeyJwt,
        Some("none") => ApplicationAuthentication::Secret,
        Some(_) => return Err(invalid(name, &super::AUTHENTICATION_METHODS.join(", "))),
    };
    settings.jwks = fields.value("jwks").cloned();
    settings.jwks_uri = fields.url("jwks_uri")?;
    Ok(method.as_deref() == Some("none"))
}

fn grants(fields: &Fields<'_>, settings: &mut OpenidSettings) -> Result<(), OauthError> {
    if let Some(asked) = fields.list("grant_types")? {
        let known = asked.iter().map(|one| GrantType::parse(one)).collect::<Option<Vec<_>>>();
        let names = GrantType::ALL.map(GrantType::as_str).join(", ");
        let mut grants = known.ok_or_else(|| invalid("grant_types", &names))?;
        grants.sort_unstable();
        grants.dedup();
        settings.grant_types = grants;
    }
    let with_code = settings.grant_types.contains(&GrantType::AuthorizationCode);
    match fields.list("response_types")? {
        None => Ok(()),
        Some(types) if types.is_empty() && !with_code => Ok(()),
        Some(types) if !types.is_empty() && types.iter().all(|one| one == "code") => Ok(()),
        Some(_) => Err(invalid("response_types", "only code")),
    }
}

fn addresses(fields: &Fields<'_>, settings: &mut OpenidSettings) -> Result<(), OauthError> {
    settings.post_logout_redirect_uris = redirect_uris(fields, "post_logout_redirect_uris")?;
    settings.initiate_login_uri = fields.url("initiate_login_uri")?;
    // DY-15: people are sent there by strangers.
    if settings.initiate_login_uri.as_ref().is_some_and(|uri| uri.scheme() != "https") {
        return Err(invalid("initiate_login_uri", "https is required"));
    }
    settings.sector_identifier_uri = fields.url("sector_identifier_uri")?;
    settings.backchannel_logout_uri = fields.url("backchannel_logout_uri")?;
    settings.frontchannel_logout_uri = fields.url("frontchannel_logout_uri")?;
    settings.frontchannel_logout_session = fields.flag("frontchannel_logout_session_required")?;
    settings.client_uri = fields.url("client_uri")?;
    settings.logo_uri = fields.url("logo_uri")?;
    settings.policy_uri = fields.url("policy_uri")?;
    settings.tos_uri = fields.url("tos_uri")?;
    settings.contacts = fields.list("contacts")?.unwrap_or_default();
    Ok(())
}

/// The algorithms; RS256 is the standard's default for ID tokens (OpenID Registration 2).
fn signatures(fields: &Fields<'_>, settings: &mut OpenidSettings) -> Result<(), OauthError> {
    let names = SigningAlgorithm::ALL.map(SigningAlgorithm::as_str).join(", ");
    let one = |name: &str| -> Result<Option<SigningAlgorithm>, OauthError> {
        let text = fields.text(name)?;
        let parsed = text.map(|text| SigningAlgorithm::parse(&text).ok_or(name)).transpose();
        parsed.map_err(|name| invalid(name, &names))
    };
    let usual = SigningAlgorithm::Rs256;
    settings.id_token_algorithm = one("id_token_signed_response_alg")?.unwrap_or(usual);
    settings.userinfo_algorithm = one("userinfo_signed_response_alg")?;
    for name in ["request_object_signing_alg", "token_endpoint_auth_signing_alg"] {
        one(name)?;
    }
    Ok(())
}

fn switches(fields: &Fields<'_>, settings: &mut OpenidSettings) -> Result<(), OauthError> {
    settings.application_type = match fields.text("application_type")?.as_deref() {
        None | Some("web") => ApplicationKind::Web,
        Some("native") => ApplicationKind::Native,
        Some(_) => return Err(invalid("application_type", "web or native")),
    };
    settings.subject_type = match fields.text("subject_type")?.as_deref() {
        None | Some("public") => SubjectType::Public,
        Some("pairwise") => SubjectType::Pairwise,
        Some(_) => return Err(invalid("subject_type", "public or pairwise")),
    };
    settings.default_max_age = fields.typed("default_max_age", "a number of seconds")?;
    settings.default_acr_values = fields.list("default_acr_values")?.unwrap_or_default();
    settings.require_pushed_requests = fields.flag("require_pushed_authorization_requests")?;
    settings.require_signed_requests = fields.flag("require_signed_request_object")?;
    settings.dpop_bound_access_tokens = fields.flag("dpop_bound_access_tokens")?;
    // Always so here; read only to refuse what is no boolean.
    fields.flag("require_auth_time")?;
    fields.flag("backchannel_logout_session_required")?;
    Ok(())
}
