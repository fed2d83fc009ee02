//! `POST /t/{tenant}/token` (RFC 6749 3.2).

use actix_web::http::StatusCode;
use actix_web::http::header::{CACHE_CONTROL, PRAGMA};
use actix_web::{HttpRequest, HttpResponse};
use symbolon_identity::downstream::oidc::token;

use super::presented::{ByApplication, refused};
use crate::errors::OauthJsonError;
use crate::extract::{AtTenant, FormFields};

pub(super) async fn token(
    at: AtTenant,
    request: HttpRequest,
    form: FormFields,
) -> Result<HttpResponse, OauthJsonError> {
    let asked = ByApplication::new(&at, &request, form);
    let (broker, tenant) = (&at.state.broker, &at.tenant);
    match token::answer(broker, tenant, &asked.at("token")).await {
        Ok(answer) => Ok(asked
            .answer(&at, StatusCode::OK)
            .await
            .insert_header((CACHE_CONTROL, "no-store"))
            .insert_header((PRAGMA, "no-cache"))
            .json(answer)),
        Err(refusal) => Err(refused(&at, refusal).await),
    }
}
