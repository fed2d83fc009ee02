//! `response_type` is `code`; implicit and hybrid are refused (OD-11, RFC 9700 2.1.2).

use symbolon_contract::ReasonCode;

use super::{Application, AuthorizationRequest, OauthError, Parameters};

pub(super) fn check(
    parameters: &Parameters,
    _: &Application,
    _: &mut AuthorizationRequest,
) -> Result<(), OauthError> {
    match parameters.get("response_type") {
        Some("code") => Ok(()),
        None => Err(OauthError::new(
            ReasonCode::AuthorizeResponseTypeMissing,
            "response_type is missing",
        )),
        Some(_) => Err(OauthError::new(
            ReasonCode::AuthorizeResponseTypeUnsupported,
            "only response_type=code is supported",
        )),
    }
}
