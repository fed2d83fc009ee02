//! `client_id` names an application of this tenant that may be used (RFC 6749 3.1.2.4).

use symbolon_contract::ReasonCode;

use super::{OauthError, Parameters};
use crate::downstream::Application;

pub(in super::super) fn check<'a>(
    parameters: &Parameters,
    application: Option<&'a Application>,
) -> Result<&'a Application, OauthError> {
    let unknown = |detail: &str| OauthError::new(ReasonCode::ApplicationUnknown, detail);
    match parameters.single("client_id") {
        Err(_) => Err(OauthError::new(
            ReasonCode::AuthorizeDuplicateParameter,
            "client_id stands more than once",
        )),
        Ok(None) => Err(unknown("client_id is missing")),
        Ok(Some(_)) => {
            let found = application
                .ok_or_else(|| unknown("client_id names no application of this tenant"))?;
            if found.active {
                Ok(found)
            } else {
                Err(OauthError::new(ReasonCode::ApplicationDisabled, "the application is disabled"))
            }
        }
    }
}
