//! `resource` names where the access token shall be good; it may stand several times (RFC 8707 2).

use symbolon_contract::ReasonCode;

use super::{Application, AuthorizationRequest, OauthError, Parameters};

pub(super) fn check(
    parameters: &Parameters,
    application: &Application,
    request: &mut AuthorizationRequest,
) -> Result<(), OauthError> {
    let registered = &application.settings.resources;
    for resource in parameters.all("resource") {
        if !registered.iter().any(|one| one.identifier == resource) {
            let seen: String = resource.chars().filter(|c| !c.is_control()).take(200).collect();
            return Err(OauthError::new(
                ReasonCode::AuthorizeResourceUnknown,
                format!("resource {seen} is not registered for the application"),
            ));
        }
        if !request.resources.iter().any(|held| held == resource) {
            request.resources.push(resource.to_owned());
        }
    }
    Ok(())
}
