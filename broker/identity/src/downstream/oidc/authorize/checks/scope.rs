//! `scope` holds `openid`; scopes that nobody knows are ignored (OpenID Core 3.1.2.1).

use symbolon_contract::ReasonCode;

use super::{Application, AuthorizationRequest, OauthError, Parameters};
use crate::downstream::oidc::SCOPES;

pub(super) fn check(
    parameters: &Parameters,
    _: &Application,
    request: &mut AuthorizationRequest,
) -> Result<(), OauthError> {
    let asked: Vec<&str> = parameters.words("scope").collect();
    let printable =
        |word: &&str| word.bytes().all(|b| matches!(b, b'!' | b'#'..=b'[' | b']'..=b'~'));
    if !asked.iter().all(printable) {
        return Err(OauthError::new(
            ReasonCode::AuthorizeScopeInvalid,
            "scope holds a character that scopes do not have",
        ));
    }
    if !asked.contains(&"openid") {
        return Err(OauthError::new(ReasonCode::AuthorizeScopeInvalid, "scope must hold openid"));
    }
    for known in asked.into_iter().filter(|word| SCOPES.contains(word)) {
        if !request.scopes.iter().any(|held| held == known) {
            request.scopes.push(known.to_owned());
        }
    }
    Ok(())
}
