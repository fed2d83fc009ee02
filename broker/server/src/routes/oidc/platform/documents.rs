//! Discovery and keys of the platform's issuer.

use actix_web::{HttpRequest, HttpResponse};
use symbolon_identity::downstream::oidc::discovery as provider;

use super::super::documents;
use crate::errors::OauthJsonError;
use crate::extract::at_platform;

pub(super) async fn discovery(request: HttpRequest) -> Result<HttpResponse, actix_web::Error> {
    let at = at_platform(&request, None).await?;
    let public_url = &at.state.broker.settings.public_url;
    Ok(documents::public(&provider::of_platform(public_url)))
}

pub(super) async fn jwks(request: HttpRequest) -> Result<HttpResponse, actix_web::Error> {
    let at = at_platform(&request, None).await?;
    let keys: Result<HttpResponse, OauthJsonError> = documents::jwks(at).await;
    Ok(keys?)
}
