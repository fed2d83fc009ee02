//! Request objects are refused, never silently ignored (OpenID Core 6, RFC 9101).

use symbolon_contract::ReasonCode;

use super::{Application, AuthorizationRequest, OauthError, Parameters};

pub(super) fn check(
    parameters: &Parameters,
    _: &Application,
    _: &mut AuthorizationRequest,
) -> Result<(), OauthError> {
    if parameters.get("request").is_some() {
        return Err(OauthError::new(
            ReasonCode::AuthorizeRequestObjectUnsupported,
            "request objects are not supported",
        ));
    }
    if parameters.get("request_uri").is_some() {
        return Err(OauthError::new(
            ReasonCode::AuthorizeRequestUriUnsupported,
            "request_uri is not supported",
        ));
    }
    Ok(())
}
