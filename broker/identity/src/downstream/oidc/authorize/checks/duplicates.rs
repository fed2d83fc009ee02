//! No parameter that we read stands twice (RFC 6749 3.1, D13).

use symbolon_contract::ReasonCode;

use super::{Application, AuthorizationRequest, OauthError, Parameters};

const READ: [&str; 14] = [
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
