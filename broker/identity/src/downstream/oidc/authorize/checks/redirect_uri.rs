//! `redirect_uri` equals a registered one, byte for byte (RFC 9700 2.1; B7, D1); only the port of an installed
//! application's loopback address is free (RFC 8252 7.3).

use symbolon_contract::ReasonCode;

use super::{OauthError, Parameters};
use crate::downstream::{Application, ApplicationKind, RedirectUri};

pub(in super::super) fn check(
    parameters: &Parameters,
    application: &Application,
) -> Result<RedirectUri, OauthError> {
    let registered = &application.settings.redirect_uris;
    let sent = parameters.single("redirect_uri").map_err(|_| {
        OauthError::new(
            ReasonCode::AuthorizeDuplicateParameter,
            "redirect_uri stands more than once",
        )
    })?;
    // OpenID Core 3.1.2.1 requires the parameter, so an only registered one is not filled in.
    let sent = sent.ok_or_else(|| {
        OauthError::new(ReasonCode::AuthorizeRedirectUriMissing, "redirect_uri is missing")
    })?;
    let exact = registered.iter().find(|one| one.as_str() == sent).cloned();
    let installed = application.settings.application_type == ApplicationKind::Native;
    let on_any_port = || registered.iter().find_map(|one| one.on_any_port(sent));
    exact.or_else(|| installed.then(on_any_port).flatten()).ok_or_else(|| {
        OauthError::new(ReasonCode::AuthorizeRedirectUriMismatch, near_miss(sent, registered))
    })
}

/// Names the difference where one is easy to see (B7).
fn near_miss(sent: &str, registered: &[RedirectUri]) -> String {
    let sent: String = sent.chars().filter(|c| !c.is_control()).take(300).collect();
    let hint = registered.iter().map(RedirectUri::as_str).find_map(|one| {
        if one.trim_end_matches('/') == sent.trim_end_matches('/') {
            Some("it differs from a registered one only by the trailing slash")
        } else if one.eq_ignore_ascii_case(&sent) {
            Some("it differs from a registered one only by upper and lower case")
        } else if one.split_once("://").map(|part| part.1)
            == sent.split_once("://").map(|part| part.1)
        {
            Some("it differs from a registered one only by http and https")
        } else if one.trim() == sent.trim() {
            Some("it differs from a registered one only by blanks")
        } else {
            None
        }
    });
    format!(
        "redirect_uri {sent} is not registered{}",
        hint.map(|h| format!("; {h}")).unwrap_or_default()
    )
}
