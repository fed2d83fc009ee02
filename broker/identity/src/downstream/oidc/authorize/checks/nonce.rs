//! `nonce` is optional for the code flow and short enough to carry.

use symbolon_contract::ReasonCode;

use super::{Application, AuthorizationRequest, OauthError, Parameters};

const LONGEST: usize = 512;

pub(super) fn check(
    parameters: &Parameters,
    _: &Application,
    request: &mut AuthorizationRequest,
) -> Result<(), OauthError> {
    match parameters.get("nonce") {
        Some(nonce) if nonce.len() > LONGEST => Err(OauthError::new(
            ReasonCode::AuthorizeNonceInvalid,
            "nonce is longer than 512 bytes",
        )),
        nonce => {
            request.nonce = nonce.map(str::to_owned);
            Ok(())
        }
    }
}
