//! `POST /t/{tenant}/par`: an application pushes its request before the browser comes (RFC 9126 2).

use actix_web::http::StatusCode;
use actix_web::http::header::CACHE_CONTROL;
use actix_web::{HttpRequest, HttpResponse};
use symbolon_identity::downstream::oidc::pushed;

use super::presented::{ByApplication, refused};
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
            let mut response = asked.answer(&at, StatusCode::CREATED).await;
            Ok(response.insert_header((CACHE_CONTROL, "no-store")).json(answer))
        }
        Err(refusal) => Err(refused(&at, refusal).await),
    }
}
