//! PKCE with S256; `plain` is refused, absence only forgiven to applications that may (R-05, RFC 7636).

use symbolon_contract::ReasonCode;

use super::{Application, AuthorizationRequest, OauthError, Parameters};

pub(super) fn check(
    parameters: &Parameters,
    application: &Application,
    request: &mut AuthorizationRequest,
) -> Result<(), OauthError> {
    let challenge = parameters.get("code_challenge");
    let Some(challenge) = challenge else {
        let settings = &application.settings;
        let needed = settings.require_pkce || settings.is_fapi2() || application.is_public();
        return if needed || parameters.get("code_challenge_method").is_some() {
            Err(OauthError::new(ReasonCode::AuthorizePkceMissing, "code_challenge is missing"))
        } else {
            Ok(())
        };
    };
    // RFC 7636 4.3: without a method the challenge is plain, which we do not take.
    if parameters.get("code_challenge_method") != Some("S256") {
        return Err(OauthError::new(
            ReasonCode::AuthorizePkceMethodRefused,
            "code_challenge_method must be S256",
        ));
    }
    let base64url = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'_';
    if challenge.len() != 43 || !challenge.bytes().all(base64url) {
        return Err(OauthError::new(
            ReasonCode::AuthorizePkceMethodRefused,
            "code_challenge is not the base64url text of a SHA-256",
        ));
    }
    request.code_challenge = Some(challenge.to_owned());
    Ok(())
}
