//! A request that stands elsewhere is refused, never silently ignored (OpenID Core 6, RFC 9101). Pushed and signed
//! ones were resolved before these rules run ([`super::super::receive()`]).

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
            "a request object was not expected here",
        ));
    }
    if parameters.get("request_uri").is_some() {
        return Err(OauthError::new(
            ReasonCode::AuthorizeRequestUriUnsupported,
            "request_uri is none of ours; requests are not fetched",
        ));
    }
    Ok(())
}
