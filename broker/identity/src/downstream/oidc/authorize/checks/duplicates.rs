//! No parameter that we read stands twice (RFC 6749 3.1, D13).

use symbolon_contract::ReasonCode;

use super::{Application, AuthorizationRequest, OauthError, Parameters};

/// What a request is made of, beside `client_id`, `redirect_uri` and `state`, which have rules of their own, and
/// `resource`, which may stand several times (RFC 8707 2).
pub(in super::super) const READ: [&str; 20] = [
    "response_type",
    "response_mode",
    "scope",
    "nonce",
    "code_challenge",
    "code_challenge_method",
    "prompt",
    "max_age",
    "login_hint",
    "id_token_hint",
    "acr_values",
    "ui_locales",
    "request",
    "request_uri",
    "claims",
    "dpop_jkt",
    "connector",
    "display",
    "claims_locales",
    "tenant",
];

pub(super) fn check(
    parameters: &Parameters,
    _: &Application,
    _: &mut AuthorizationRequest,
) -> Result<(), OauthError> {
    match READ.iter().find(|name| parameters.count(name) > 1) {
        None => Ok(()),
        Some(name) => Err(OauthError::new(
            ReasonCode::AuthorizeDuplicateParameter,
            format!("{name} stands more than once"),
        )),
    }
}
