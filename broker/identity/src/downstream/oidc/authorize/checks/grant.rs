//! The application may exchange codes for tokens (RFC 6749 4.1.2.1 `unauthorized_client`).

use symbolon_contract::ReasonCode;

use super::{Application, AuthorizationRequest, OauthError, Parameters};
use crate::downstream::GrantType;

pub(super) fn check(
    _: &Parameters,
    application: &Application,
    _: &mut AuthorizationRequest,
) -> Result<(), OauthError> {
    if application.may(GrantType::AuthorizationCode) {
        return Ok(());
    }
    Err(OauthError::new(
        ReasonCode::AuthorizeGrantNotAllowed,
        "authorization_code is not among the application's grant types",
    ))
}
