//! No parameter is longer than anybody needs (D14).

use symbolon_contract::ReasonCode;

use super::{Application, AuthorizationRequest, OauthError, Parameters};

const LONGEST: usize = 4096;

pub(super) fn check(
    parameters: &Parameters,
    _: &Application,
    _: &mut AuthorizationRequest,
) -> Result<(), OauthError> {
    let too_long = parameters.iter().any(|(_, value)| value.len() > LONGEST);
    if too_long {
        return Err(OauthError::new(
            ReasonCode::AuthorizeParameterTooLong,
            "a parameter is longer than 4096 bytes",
        ));
    }
    Ok(())
}
