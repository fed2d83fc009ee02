//! `state` is returned unchanged, so it must be something that can be returned.

use symbolon_contract::ReasonCode;

use super::{Application, AuthorizationRequest, OauthError, Parameters};

const LONGEST: usize = 2048;

pub(in super::super) fn check(
    parameters: &Parameters,
    _: &Application,
    request: &mut AuthorizationRequest,
) -> Result<(), OauthError> {
    let refuse = |detail: &str| Err(OauthError::new(ReasonCode::AuthorizeStateInvalid, detail));
    match parameters.single("state") {
        Err(_) => refuse("state stands more than once"),
        Ok(Some(state)) if state.len() > LONGEST => refuse("state is longer than 2048 bytes"),
        Ok(state) => {
            request.state = state.map(str::to_owned);
            Ok(())
        }
    }
}
