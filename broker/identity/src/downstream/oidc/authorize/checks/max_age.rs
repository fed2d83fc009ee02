//! `max_age` is a number of seconds; what the application registered stands in (OpenID Registration 2).

use symbolon_contract::ReasonCode;

use super::{Application, AuthorizationRequest, OauthError, Parameters};

pub(super) fn check(
    parameters: &Parameters,
    application: &Application,
    request: &mut AuthorizationRequest,
) -> Result<(), OauthError> {
    let Some(text) = parameters.get("max_age") else {
        request.max_age = application.settings.default_max_age;
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
