//! `dpop_jkt` names the key that the code is bound to (RFC 9449 10).

use symbolon_contract::ReasonCode;

use super::{Application, AuthorizationRequest, OauthError, Parameters};

pub(super) fn check(
    parameters: &Parameters,
    _: &Application,
    request: &mut AuthorizationRequest,
) -> Result<(), OauthError> {
    let Some(thumbprint) = parameters.get("dpop_jkt") else {
        return Ok(());
    };
    let base64url = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'_';
    if thumbprint.len() != 43 || !thumbprint.bytes().all(base64url) {
        return Err(OauthError::new(
            ReasonCode::AuthorizeDpopJktInvalid,
            "dpop_jkt is not the base64url text of a SHA-256",
        ));
    }
    request.dpop_jkt = Some(thumbprint.to_owned());
    Ok(())
}
