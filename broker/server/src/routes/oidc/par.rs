//! `POST /t/{tenant}/par`: an application pushes its request before the browser comes (RFC 9126 2).

use actix_web::http::header::CACHE_CONTROL;
use actix_web::{HttpRequest, HttpResponse};
use symbolon_identity::downstream::oidc::pushed;
use symbolon_identity::login::refuse_request;

use super::presented::ByApplication;
use crate::errors::OauthJsonError;
use crate::extract::{AtTenant, FormFields};

pub(super) async fn push(
    at: AtTenant,
    request: HttpRequest,
    form: FormFields,
) -> Result<HttpResponse, OauthJsonError> {
    let asked = ByApplication::new(&at, &request, form);
    let (broker, tenant) = (&at.state.broker, &at.tenant);
    match pushed::push(broker, tenant, &asked.at("par")).await {
        Ok(answer) => {
            Ok(HttpResponse::Created().insert_header((CACHE_CONTROL, "no-store")).json(answer))
        }
        Err(refusal) => {
            let (error, application) = (refusal.error, refusal.application);
            let refused = refuse_request(broker, Some(tenant), &at.visit, error, application).await;
            Err(OauthJsonError::token(refused))
        }
    }
}
