//! The authorization request (OpenID Core 3.1.2.1, PKCE by RFC 7636).

use aws_lc_rs::digest;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use url::Url;

use super::discovery::ProviderDocument;
use super::settings::{OidcSettings, RESERVED, ResponseMode};
use crate::connectors::{ConnectorError, UpstreamLeg, UpstreamRedirect};

pub(crate) fn authorization_request(
    settings: &OidcSettings,
    document: &ProviderDocument,
    leg: &UpstreamLeg,
) -> Result<UpstreamRedirect, ConnectorError> {
    let mut url: Url = document.authorization_endpoint.clone();
    let scope = scope(settings);
    let challenge = challenge(&leg.code_verifier);
    {
        let mut query = url.query_pairs_mut();
        query
            .append_pair("response_type", "code")
            .append_pair("client_id", &settings.client_id)
            .append_pair("redirect_uri", &leg.redirect_uri)
            .append_pair("scope", &scope)
            .append_pair("state", &leg.state)
            .append_pair("nonce", &leg.nonce)
            .append_pair("code_challenge", &challenge)
            .append_pair("code_challenge_method", "S256");
        if settings.response_mode == ResponseMode::FormPost {
            query.append_pair("response_mode", "form_post");
        }
        for (name, value) in wishes(settings, leg) {
            query.append_pair(name, &value);
        }
        let extra = settings.extra_parameters.iter();
        for (name, value) in extra.filter(|(name, _)| !RESERVED.contains(&name.as_str())) {
            query.append_pair(name, value);
        }
    }
    Ok(UpstreamRedirect::Redirect { url: url.into() })
}

fn scope(settings: &OidcSettings) -> String {
    let mut scopes = vec!["openid"];
    scopes.extend(settings.scopes.iter().map(String::as_str).filter(|scope| *scope != "openid"));
    scopes.join(" ")
}

/// `code_challenge` of the S256 method.
pub(super) fn challenge(verifier: &str) -> String {
    URL_SAFE_NO_PAD.encode(digest::digest(&digest::SHA256, verifier.as_bytes()))
}

fn wishes(settings: &OidcSettings, leg: &UpstreamLeg) -> Vec<(&'static str, String)> {
    let wishes = &leg.wishes;
    let mut parameters = Vec::new();
    let prompt = if wishes.fresh_sign_in {
        Some("login".to_owned())
    } else if wishes.choose_account {
        Some("select_account".to_owned())
    } else {
        settings.prompt.clone()
    };
    parameters.extend(prompt.map(|prompt| ("prompt", prompt)));
    parameters.extend(wishes.max_age.map(|age| ("max_age", age.to_string())));
    let acr = if wishes.acr_values.is_empty() { &settings.acr_values } else { &wishes.acr_values };
    if !acr.is_empty() {
        parameters.push(("acr_values", acr.join(" ")));
    }
    if settings.forward_hints {
        // A hint together with select_account is refused by Entra (E-42).
        let hint = wishes.login_hint.clone().filter(|_| !wishes.choose_account);
        parameters.extend(hint.map(|hint| ("login_hint", hint)));
        parameters.extend(wishes.ui_locales.clone().map(|locales| ("ui_locales", locales)));
    }
    parameters
}
