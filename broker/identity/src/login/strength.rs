//! The contexts that an application demands (OpenID Core 5.5.1.1, SE4): one of them is proved, or nobody is let in.
//! Freshness is judged by each connector, which knows what its upstream was asked.

use symbolon_contract::ReasonCode;

use super::LoginError;
use crate::downstream::oidc::OauthError;
use crate::downstream::oidc::authorize::AuthorizationRequest;

/// Checks the context that an upstream stated.
pub(super) fn check(
    request: &AuthorizationRequest,
    stated: Option<&str>,
) -> Result<(), LoginError> {
    let demanded = request.essential_contexts();
    if demanded.is_empty() || stated.is_some_and(|acr| demanded.contains(&acr)) {
        return Ok(());
    }
    let seen = stated.unwrap_or("none");
    let detail = format!("acr is {seen}, the application demands {}", demanded.join(" or "));
    Err(LoginError::Request(OauthError::new(ReasonCode::AuthorizeAcrNotMet, detail)))
}
