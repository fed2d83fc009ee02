//! `POST /t/{tenant}/introspect` (RFC 7662 2).

use actix_web::{HttpRequest, HttpResponse};
use symbolon_identity::downstream::oidc::introspect;

use super::presented::{ByApplication, refused};
use crate::errors::OauthJsonError;
use crate::extract::{AtTenant, FormFields};

pub(super) async fn introspect(
    at: AtTenant,
    request: HttpRequest,
    form: FormFields,
) -> Result<HttpResponse, OauthJsonError> {
    let asked = ByApplication::new(&at, &request, form);
    match introspect::introspect(&at.state.broker, &at.tenant, &asked.at("introspect")).await {
        Ok(told) => Ok(HttpResponse::Ok().json(told)),
        Err(refusal) => Err(refused(&at, refusal).await),
    }
}
