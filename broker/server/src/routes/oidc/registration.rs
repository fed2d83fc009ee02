//! `/t/{tenant}/register/{client_id}`: an application looks after its own registration (RFC 7592 2).

use actix_web::web::{Bytes, Path};
use actix_web::{HttpRequest, HttpResponse};
use symbolon_identity::admin;

use super::register::{bearer, metadata, refused, told};
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
    let read = admin::read_registration(&at.state.broker, &at.tenant, asked).await;
    told(&at, read, HttpResponse::Ok()).await
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
    let (broker, tenant) = (&at.state.broker, &at.tenant);
    let replaced = admin::replace_registration(broker, tenant, &at.visit, asked).await;
    told(&at, replaced, HttpResponse::Ok()).await
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
