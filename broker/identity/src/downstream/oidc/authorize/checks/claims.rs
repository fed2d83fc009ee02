//! `claims` names single claims (OpenID Core 5.5).

use symbolon_contract::ReasonCode;

use super::{Application, AuthorizationRequest, OauthError, Parameters};
use crate::downstream::oidc::claims_request::ClaimsRequest;

pub(super) fn check(
    parameters: &Parameters,
    _: &Application,
    request: &mut AuthorizationRequest,
) -> Result<(), OauthError> {
    let Some(text) = parameters.get("claims") else {
        return Ok(());
    };
    let read = ClaimsRequest::parse(text);
    let read = read.map_err(|why| OauthError::new(ReasonCode::AuthorizeClaimsInvalid, why))?;
    request.claims = Some(read);
    Ok(())
}
