//! `prompt`: known words, and `none` only alone (OpenID Core 3.1.2.1).

use symbolon_contract::ReasonCode;

use super::{Application, AuthorizationRequest, OauthError, Parameters};

pub(super) fn check(
    parameters: &Parameters,
    _: &Application,
    request: &mut AuthorizationRequest,
) -> Result<(), OauthError> {
    let refuse = |detail: &str| Err(OauthError::new(ReasonCode::AuthorizePromptInvalid, detail));
    let mut words = 0;
    for word in parameters.words("prompt") {
        words += 1;
        match word {
            "none" => request.prompt.none = true,
            "login" => request.prompt.login = true,
            "consent" => request.prompt.consent = true,
            "select_account" => request.prompt.select_account = true,
            _ => return refuse("prompt holds an unknown word"),
        }
    }
    if request.prompt.none && words > 1 {
        return refuse("prompt=none stands alone");
    }
    Ok(())
}
