//! What applications ask without a browser. The name before a code or token says which tenant answers.

use actix_web::http::header::AUTHORIZATION;
use actix_web::{HttpRequest, HttpResponse};
use symbolon_contract::TenantSlug;
use symbolon_identity::downstream::oidc::device::tenant_of as tenant_of_device;
use symbolon_identity::downstream::oidc::route_of;
use symbolon_identity::login::platform::tenant_of_jwt;
use symbolon_identity::login::refuse_request;

use super::super::{introspect, par, revoke, token, userinfo};
use crate::errors::OauthJsonError;
use crate::extract::{AtTenant, FormFields, at_platform};

pub(super) async fn token(
    request: HttpRequest,
    form: FormFields,
) -> Result<HttpResponse, actix_web::Error> {
    let named = ["code", "refresh_token"];
    let at =
        match form.get("device_code").filter(|_| named.iter().all(|name| form.get(name).is_none()))
        {
            Some(code) => by_device(&request, code).await?,
            None => by_fields(&request, &form, &named).await?,
        };
    Ok(token::token(at, request, form).await?)
}

pub(super) async fn userinfo_by_get(
    request: HttpRequest,
) -> Result<HttpResponse, actix_web::Error> {
    let named = in_header(&request);
    let at = at_platform(&request, named).await?;
    Ok(userinfo::by_get(at, request).await?)
}

pub(super) async fn userinfo_by_post(
    request: HttpRequest,
    form: FormFields,
) -> Result<HttpResponse, actix_web::Error> {
    let named = in_header(&request).or_else(|| form.get("access_token").and_then(tenant_of));
    let at = at_platform(&request, named).await?;
    Ok(userinfo::by_post(at, request, form).await?)
}

pub(super) async fn revoke(
    request: HttpRequest,
    form: FormFields,
) -> Result<HttpResponse, actix_web::Error> {
    let at = by_fields(&request, &form, &["token"]).await?;
    Ok(revoke::revoke(at, request, form).await?)
}

pub(super) async fn introspect(
    request: HttpRequest,
    form: FormFields,
) -> Result<HttpResponse, actix_web::Error> {
    let at = by_fields(&request, &form, &["token"]).await?;
    Ok(introspect::introspect(at, request, form).await?)
}

/// A pushed request belongs to no tenant yet: the browser that comes with it says to which.
pub(super) async fn par(
    request: HttpRequest,
    form: FormFields,
) -> Result<HttpResponse, actix_web::Error> {
    let at = at_platform(&request, None).await?;
    Ok(par::push(at, request, form).await?)
}

/// The tenant that the first of these fields names.
async fn by_fields(
    request: &HttpRequest,
    form: &FormFields,
    names: &[&str],
) -> Result<AtTenant, actix_web::Error> {
    let named = names.iter().find_map(|name| form.get(name)).and_then(tenant_of);
    at_platform(request, named).await
}

/// The tenant whose person let the device in; until somebody does, the platform answers that it must wait.
async fn by_device(request: &HttpRequest, code: &str) -> Result<AtTenant, actix_web::Error> {
    let platform = at_platform(request, None).await?;
    match tenant_of_device(&platform.state.broker, code).await {
        Ok(None) => Ok(platform),
        Ok(named) => at_platform(request, named).await,
        Err(error) => {
            let broker = &platform.state.broker;
            let (tenant, visit) = (Some(&platform.tenant), &platform.visit);
            let refused = refuse_request(broker, tenant, visit, error.into(), None).await;
            Err(OauthJsonError::token(refused).into())
        }
    }
}

/// The tenant that a bearer token, or a bound one (RFC 9449 7.1), names.
fn in_header(request: &HttpRequest) -> Option<TenantSlug> {
    let header = request.headers().get(AUTHORIZATION)?.to_str().ok()?;
    let (_, token) = header.split_once(' ')?;
    tenant_of(token.trim())
}

/// The tenant that a code or token names: before it, or in its claims where it is a signed one.
fn tenant_of(text: &str) -> Option<TenantSlug> {
    route_of(text).or_else(|| tenant_of_jwt(text))
}
