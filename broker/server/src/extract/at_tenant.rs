//! Which tenant, and what the browser brought to it. The first stop of every tenant's URL.

use std::future::Future;
use std::pin::Pin;

use actix_web::dev::Payload;
use actix_web::web::Data;
use actix_web::{FromRequest, HttpRequest};
use secrecy::SecretString;
use symbolon_contract::TenantSlug;
use symbolon_identity::Visit;
use symbolon_identity::downstream::oidc::OauthError;
use symbolon_identity::login::refuse_request;
use symbolon_identity::tenants::{TenantRecord, UnknownTenant, resolve, resolve_platform};

use super::{host, visit};
use crate::app::{AppState, state};
use crate::errors::for_path;
use crate::http::session_cookie::CookiePurpose;

/// A request at a tenant.
#[derive(Debug)]
pub struct AtTenant {
    /// The application's state.
    pub state: Data<AppState>,
    /// The tenant; active.
    pub tenant: TenantRecord,
    /// The browser.
    pub visit: Visit,
    /// The host that was asked, when sign-in cannot go on there.
    pub other_host: Option<String>,
}

impl AtTenant {
    /// A sign-in begins here: if it is the wrong host, the operator is told, once.
    pub(crate) fn report_other_host(&self) {
        if let Some(host) = &self.other_host {
            host::report(&self.state, host);
        }
    }
}

impl FromRequest for AtTenant {
    type Error = actix_web::Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self, actix_web::Error>>>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = request.clone();
        Box::pin(async move { read(&request).await })
    }
}

async fn read(request: &HttpRequest) -> Result<AtTenant, actix_web::Error> {
    let state = state(request);
    let visit = visit(&state, request);
    let slug = request.match_info().get("tenant").unwrap_or_default();
    match resolve(&state.broker.database, slug).await {
        Ok(tenant) => Ok(enter(request, state, tenant, visit)),
        Err(error) => Err(unknown(request, &state, &visit, &error).await),
    }
}

/// The browser as this tenant knows it.
fn enter(
    request: &HttpRequest,
    state: Data<AppState>,
    tenant: TenantRecord,
    mut visit: Visit,
) -> AtTenant {
    tracing::Span::current().record("tenant", tenant.slug.as_str());
    let cookie = |purpose| {
        let value = state.cookie(purpose, &tenant.slug).read(request.headers());
        value.map(SecretString::from)
    };
    visit.login_cookie = cookie(CookiePurpose::Login);
    visit.session_cookie = cookie(CookiePurpose::Session);
    let other_host = host::other_host(&state, request);
    AtTenant { state, tenant, visit, other_host }
}

async fn unknown(
    request: &HttpRequest,
    state: &AppState,
    visit: &Visit,
    error: &UnknownTenant,
) -> actix_web::Error {
    let error = OauthError::new(error.reason(), error.to_string());
    let refused = refuse_request(&state.broker, None, visit, error, None).await;
    for_path(request, state, None, refused)
}

/// A request at the platform's issuer, for a tenant that was found already.
pub(crate) fn at_platform_for(request: &HttpRequest, tenant: TenantRecord) -> AtTenant {
    let state = state(request);
    let visit = visit(&state, request);
    enter(request, state, tenant, visit)
}

/// A request at the platform's issuer, for the tenant that a code or token names. Where it names none that is
/// active the platform itself answers, which knows the operator's applications and nobody's codes and tokens.
pub(crate) async fn at_platform(
    request: &HttpRequest,
    named: Option<TenantSlug>,
) -> Result<AtTenant, actix_web::Error> {
    let state = state(request);
    let visit = visit(&state, request);
    let database = &state.broker.database;
    let platform = match resolve_platform(database).await {
        Ok(platform) => platform,
        Err(error) => return Err(unknown(request, &state, &visit, &error).await),
    };
    let tenant = match named {
        None => platform,
        Some(slug) => match resolve(database, slug.as_str()).await {
            Ok(tenant) => tenant.at_platform(),
            Err(UnknownTenant::NoSuchTenant | UnknownTenant::Suspended(_)) => platform,
            Err(error) => return Err(unknown(request, &state, &visit, &error).await),
        },
    };
    Ok(enter(request, state, tenant, visit))
}
