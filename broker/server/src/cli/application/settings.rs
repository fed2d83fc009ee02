//! Options become settings: a file laid over the present ones, then what was said.

use anyhow::Context as _;
use serde_json::{Value, json};
use symbolon_identity::downstream::{
    AccessTokenFormat, ApplicationAuthentication, ApplicationKind, GrantType, OpenidSettings,
    ResourceServer, SecurityProfile, SubjectType,
};
use symbolon_identity::keys::SigningAlgorithm;

use super::super::arguments::{
    Algorithm, AuthenticationWord, FormatWord, GrantWord, ProfileWord, SettingsArguments,
};
use super::super::files;

/// Settings after what the command line says of them. The rules are checked where they are stored.
pub(in crate::cli) fn laid_over(
    present: OpenidSettings,
    said: SettingsArguments,
) -> anyhow::Result<OpenidSettings> {
    let mut settings = from_file(present, &said)?;
    addresses(&mut settings, &said);
    if let Some(path) = &said.jwks {
        let text = files::read_text(path)?;
        let keys: Value = serde_json::from_str(&text)
            .with_context(|| format!("{} is not JSON", path.display()))?;
        (settings.jwks, settings.jwks_uri) = (Some(keys), None);
    } else if said.jwks_uri.is_some() {
        (settings.jwks, settings.jwks_uri) = (None, said.jwks_uri.clone());
    }
    flags(&mut settings, &said);
    words(&mut settings, said);
    Ok(settings)
}

fn from_file(present: OpenidSettings, said: &SettingsArguments) -> anyhow::Result<OpenidSettings> {
    let Some(path) = &said.settings else {
        return Ok(present);
    };
    let unreadable = || format!("{}: not settings of an application", path.display());
    let file: Value = serde_json::from_str(&files::read_text(path)?).with_context(unreadable)?;
    let Value::Object(fields) = file else {
        anyhow::bail!("{}: not a JSON object", path.display());
    };
    let mut whole = json!(present);
    if let Some(whole) = whole.as_object_mut() {
        whole.extend(fields);
    }
    serde_json::from_value(whole).with_context(unreadable)
}

fn addresses(settings: &mut OpenidSettings, said: &SettingsArguments) {
    if !said.redirect_uri.is_empty() {
        settings.redirect_uris.clone_from(&said.redirect_uri);
    }
    if !said.post_logout_redirect_uri.is_empty() {
        settings.post_logout_redirect_uris.clone_from(&said.post_logout_redirect_uri);
    }
    if !said.allowed_origin.is_empty() {
        settings.allowed_origins.clone_from(&said.allowed_origin);
    }
    let put = |field: &mut Option<url::Url>, value: &Option<url::Url>| {
        if value.is_some() {
            field.clone_from(value);
        }
    };
    put(&mut settings.initiate_login_uri, &said.initiate_login_uri);
    put(&mut settings.sector_identifier_uri, &said.sector_identifier_uri);
    put(&mut settings.backchannel_logout_uri, &said.backchannel_logout_uri);
    put(&mut settings.frontchannel_logout_uri, &said.frontchannel_logout_uri);
    settings.frontchannel_logout_session |= said.frontchannel_logout_uri.is_some();
}

fn flags(settings: &mut OpenidSettings, said: &SettingsArguments) {
    if said.native {
        settings.application_type = ApplicationKind::Native;
    }
    if said.pairwise {
        settings.subject_type = SubjectType::Pairwise;
    }
    settings.require_pkce &= !said.without_pkce;
    settings.require_pushed_requests |= said.require_pushed_requests;
    settings.require_signed_requests |= said.require_signed_requests;
    settings.dpop_bound_access_tokens |= said.dpop_bound;
    settings.require_dpop_nonce |= said.dpop_nonce;
    settings.claims_in_id_token |= said.claims_in_id_token;
    settings.third_party |= said.third_party;
}

fn words(settings: &mut OpenidSettings, said: SettingsArguments) {
    // A redirect URI is for nothing but the authorization code.
    if !said.grant.is_empty() {
        let code = (!settings.redirect_uris.is_empty()).then_some(GrantType::AuthorizationCode);
        let asked = said.grant.into_iter().map(GrantType::from);
        settings.grant_types = code.into_iter().chain(asked).collect();
        settings.grant_types.sort_unstable();
        settings.grant_types.dedup();
    }
    if let Some(word) = said.auth {
        settings.authentication = word.into();
    }
    if let Some(word) = said.profile {
        settings.profile = word.into();
    }
    if let Some(word) = said.access_token_format {
        settings.access_token_format = word.into();
    }
    if let Some(word) = said.id_token_algorithm {
        settings.id_token_algorithm = word.into();
    }
    if let Some(word) = said.userinfo_algorithm {
        settings.userinfo_algorithm = Some(word.into());
    }
    if !said.resource.is_empty() {
        settings.resources = said.resource.into_iter().map(resource).collect();
    }
    if !said.service_scope.is_empty() {
        settings.service_scopes = said.service_scope;
    }
    if !said.connector.is_empty() {
        settings.connectors = said.connector;
    }
}

fn resource(identifier: String) -> ResourceServer {
    let format = AccessTokenFormat::Jwt;
    ResourceServer { identifier, scopes: Vec::new(), format, algorithm: None }
}

impl From<Algorithm> for SigningAlgorithm {
    fn from(algorithm: Algorithm) -> Self {
        match algorithm {
            Algorithm::Es256 => Self::Es256,
            Algorithm::Rs256 => Self::Rs256,
            Algorithm::Eddsa => Self::EdDsa,
            Algorithm::Ps256 => Self::Ps256,
        }
    }
}

impl From<GrantWord> for GrantType {
    fn from(word: GrantWord) -> Self {
        match word {
            GrantWord::AuthorizationCode => Self::AuthorizationCode,
            GrantWord::RefreshToken => Self::RefreshToken,
            GrantWord::ClientCredentials => Self::ClientCredentials,
            GrantWord::DeviceCode => Self::DeviceCode,
        }
    }
}

impl From<AuthenticationWord> for ApplicationAuthentication {
    fn from(word: AuthenticationWord) -> Self {
        match word {
            AuthenticationWord::Secret => Self::Secret,
            AuthenticationWord::SecretBasic => Self::SecretBasic,
            AuthenticationWord::SecretPost => Self::SecretPost,
            AuthenticationWord::PrivateKeyJwt => Self::PrivateKeyJwt,
        }
    }
}

impl From<ProfileWord> for SecurityProfile {
    fn from(word: ProfileWord) -> Self {
        match word {
            ProfileWord::Oauth => Self::Oauth,
            ProfileWord::Fapi2 => Self::Fapi2,
        }
    }
}

impl From<FormatWord> for AccessTokenFormat {
    fn from(word: FormatWord) -> Self {
        match word {
            FormatWord::Opaque => Self::Opaque,
            FormatWord::Jwt => Self::Jwt,
        }
    }
}
