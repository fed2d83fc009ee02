//! Hints: read, kept, and believed by nobody.

use super::{Application, AuthorizationRequest, OauthError, Parameters};

const MOST_CONTEXTS: usize = 16;

pub(super) fn check(
    parameters: &Parameters,
    application: &Application,
    request: &mut AuthorizationRequest,
) -> Result<(), OauthError> {
    let text = |name: &str| parameters.get(name).map(str::to_owned);
    request.login_hint = text("login_hint");
    request.id_token_hint = text("id_token_hint");
    request.ui_locales = text("ui_locales").filter(|locales| locales.len() <= 256);
    request.connector_hint = text("connector");
    request.acr_values =
        parameters.words("acr_values").take(MOST_CONTEXTS).map(str::to_owned).collect();
    if request.acr_values.is_empty() {
        request.acr_values.clone_from(&application.settings.default_acr_values);
    }
    Ok(())
}
