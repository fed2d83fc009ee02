//! The way in which the request came: pushed or signed, where the application must (RFC 9126 6, RFC 9101 10.5,
//! FAPI 2.0 Security Profile 5.3.2.2; FA-09).

use symbolon_contract::ReasonCode;

use super::{Application, AuthorizationRequest, OauthError, Parameters};

pub(super) fn check(
    parameters: &Parameters,
    application: &Application,
    request: &mut AuthorizationRequest,
) -> Result<(), OauthError> {
    let settings = &application.settings;
    request.pushed = parameters.pushed().map(str::to_owned);
    if settings.must_push() && request.pushed.is_none() {
        let detail = "the application must push its requests";
        return Err(OauthError::new(ReasonCode::AuthorizeNotPushed, detail));
    }
    if settings.require_signed_requests && !parameters.is_signed() {
        let detail = "the application must sign its requests";
        return Err(OauthError::new(ReasonCode::AuthorizeNotSigned, detail));
    }
    Ok(())
}
