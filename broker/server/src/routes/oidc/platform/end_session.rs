//! `/end_session`: of which tenant? What the ID token says, or the only tenant with a session in this browser.

use actix_web::{HttpRequest, HttpResponse};
use symbolon_contract::{ReasonCode, TenantSlug};
use symbolon_identity::downstream::oidc::OauthError;
use symbolon_identity::login::platform::{TENANT, tenant_of_jwt};
use symbolon_identity::login::refuse_request;

use super::super::end_session;
use crate::errors::PageError;
use crate::extract::{AtTenant, FormFields, QueryFields, at_platform};
use crate::http::session_cookie::tenants_with_session;

pub(super) async fn by_url(
    request: HttpRequest,
    query: QueryFields,
) -> Result<HttpResponse, actix_web::Error> {
    let said = (query.get("id_token_hint"), query.get(TENANT));
    let at = of_tenant(&request, said).await?;
    Ok(end_session::by_url(at, query).await?)
}

pub(super) async fn by_form(
    request: HttpRequest,
    form: FormFields,
) -> Result<HttpResponse, actix_web::Error> {
    let said = (form.get("id_token_hint"), form.get(TENANT));
    let at = of_tenant(&request, said).await?;
    Ok(end_session::by_form(at, form).await?)
}

async fn of_tenant(
    request: &HttpRequest,
    (hint, named): (Option<&str>, Option<&str>),
) -> Result<AtTenant, actix_web::Error> {
    let named = named.and_then(|slug| TenantSlug::parse(slug).ok());
    let named = hint.and_then(tenant_of_jwt).or(named);
    let platform = at_platform(request, None).await?;
    let mut signed_in = tenants_with_session(request.headers(), platform.state.https());
    let only = signed_in.pop_first().filter(|_| signed_in.is_empty());
    let at = at_platform(request, named.or(only)).await?;
    if !at.tenant.is_platform() {
        return Ok(at);
    }
    let detail = "no id_token_hint or tenant says whose session is meant";
    let error = OauthError::new(ReasonCode::TenantNotNamed, detail);
    let refused = refuse_request(&at.state.broker, Some(&at.tenant), &at.visit, error, None).await;
    Err(PageError::new(&at.state, Some(&at.tenant), refused).into())
}
