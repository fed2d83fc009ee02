//! Discovery and keys: public and cacheable.

use actix_web::HttpResponse;
use actix_web::http::header::CACHE_CONTROL;
use serde_json::Value;
use symbolon_identity::downstream::oidc::{OauthError, discovery as provider, issuer};
use symbolon_identity::login::refuse_request;

use crate::errors::OauthJsonError;
use crate::extract::AtTenant;

/// Keys are published a day before they sign, so an hour in a cache is safe (H-10).
const AN_HOUR: &str = "public, max-age=3600";

pub(super) async fn discovery(at: AtTenant) -> HttpResponse {
    let public_url = &at.state.broker.settings.public_url;
    let registration = at.tenant.settings.dynamic_registration;
    public(&provider::tenant_document(&issuer(public_url, &at.tenant.slug), registration))
}

pub(super) async fn jwks(at: AtTenant) -> Result<HttpResponse, OauthJsonError> {
    match at.state.broker.keys.jwks(&at.tenant.id).await {
        Ok(keys) => Ok(public(&keys)),
        Err(error) => {
            let broker = &at.state.broker;
            let error = OauthError::new(error.reason(), error.to_string());
            let refused = refuse_request(broker, Some(&at.tenant), &at.visit, error, None).await;
            Err(OauthJsonError::document(refused))
        }
    }
}

pub(super) fn public(document: &Value) -> HttpResponse {
    HttpResponse::Ok().insert_header((CACHE_CONTROL, AN_HOUR)).json(document)
}
