//! `max_age` is a number of seconds.

use symbolon_contract::ReasonCode;

use super::{Application, AuthorizationRequest, OauthError, Parameters};

pub(super) fn check(
    parameters: &Parameters,
    _: &Application,
    request: &mut AuthorizationRequest,
) -> Result<(), OauthError> {
    let Some(text) = parameters.get("max_age") else {
        return Ok(());
    };
    let digits = text.bytes().all(|b| b.is_ascii_digit());
    match text.parse::<u32>() {
        Ok(seconds) if digits => {
            request.max_age = Some(seconds);
            Ok(())
        }
        _ => Err(OauthError::new(
            ReasonCode::AuthorizeMaxAgeInvalid,
            "max_age is not a whole number of seconds",
        )),
    }
}
