//! `scope` holds `openid`; scopes that nobody knows are ignored (OpenID Core 3.1.2.1).

use symbolon_contract::ReasonCode;

use super::{Application, AuthorizationRequest, OauthError, Parameters};
use crate::downstream::GrantType;
use crate::downstream::oidc::SCOPES;

pub(super) fn check(
    parameters: &Parameters,
    application: &Application,
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
    for word in asked {
        let known = match word {
            "offline_access" => offline(parameters, application),
            _ => SCOPES.contains(&word) || of_a_resource(parameters, application, word),
        };
        if known && !request.scopes.iter().any(|held| held == word) {
            request.scopes.push(word.to_owned());
        }
    }
    Ok(())
}

/// OpenID Core 11: for an application of somebody else only when the person is asked about it now.
fn offline(parameters: &Parameters, application: &Application) -> bool {
    let asks = parameters.words("prompt").any(|word| word == "consent");
    application.may(GrantType::RefreshToken) && (asks || !application.settings.third_party)
}

/// A scope of a resource that is asked for, or of any that is registered when none is named.
fn of_a_resource(parameters: &Parameters, application: &Application, word: &str) -> bool {
    let named = |identifier: &str| {
        parameters.get("resource").is_none()
            || parameters.all("resource").any(|asked| asked == identifier)
    };
    let mut resources = application.settings.resources.iter();
    resources.any(|one| named(&one.identifier) && one.scopes.iter().any(|scope| scope == word))
}
