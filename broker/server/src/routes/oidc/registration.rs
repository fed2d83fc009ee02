//! `/t/{tenant}/register/{client_id}`: an application looks after its own registration (RFC 7592 2).

use actix_web::http::header::{CACHE_CONTROL, PRAGMA};
use actix_web::web::{Bytes, Path};
use actix_web::{HttpRequest, HttpResponse};
use serde_json::Value;
use symbolon_identity::admin;

use super::register::{bearer, metadata, refused};
use crate::errors::OauthJsonError;
use crate::extract::AtTenant;

type OfApplication = Path<(String, String)>;

pub(super) async fn read(
    at: AtTenant,
    path: OfApplication,
    request: HttpRequest,
) -> Result<HttpResponse, OauthJsonError> {
    let (id, token) = (path.into_inner().1, bearer(&request));
    let asked = (id.as_str(), token.as_ref());
    match admin::read_registration(&at.state.broker, &at.tenant, asked).await {
        Ok(information) => Ok(told(&information)),
        Err(refusal) => Err(refused(&at, refusal).await),
    }
}

pub(super) async fn replace(
    at: AtTenant,
    path: OfApplication,
    request: HttpRequest,
    body: Result<Bytes, actix_web::Error>,
) -> Result<HttpResponse, OauthJsonError> {
    let (id, token) = (path.into_inner().1, bearer(&request));
    let sent = metadata(&at, body).await?;
    let asked = (id.as_str(), token.as_ref(), &sent);
    match admin::replace_registration(&at.state.broker, &at.tenant, &at.visit, asked).await {
        Ok(information) => Ok(told(&information)),
        Err(refusal) => Err(refused(&at, refusal).await),
    }
}

pub(super) async fn delete(
    at: AtTenant,
    path: OfApplication,
    request: HttpRequest,
) -> Result<HttpResponse, OauthJsonError> {
    let (id, token) = (path.into_inner().1, bearer(&request));
    let asked = (id.as_str(), token.as_ref());
    match admin::delete_registration(&at.state.broker, &at.tenant, &at.visit, asked).await {
        Ok(()) => Ok(HttpResponse::NoContent().finish()),
        Err(refusal) => Err(refused(&at, refusal).await),
    }
}

fn told(information: &Value) -> HttpResponse {
    HttpResponse::Ok()
        .insert_header((CACHE_CONTROL, "no-store"))
        .insert_header((PRAGMA, "no-cache"))
        .json(information)
}
