//! Which pages of other sites may read our answers in a browser (CORS, H-01).
//!
//! | paths | whose pages |
//! |---|---|
//! | discovery, JWKS | everybody's |
//! | token, UserInfo, revocation, pushed requests, device authorization | those of the tenant's applications |
//! | everything else: pages, introspection, registration, the admin API | nobody's |
//!
//! Never with credentials: cookies count nowhere here. A page that may not read an answer is not kept from
//! asking: what an endpoint does is its own business.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use actix_web::HttpResponse;
use actix_web::body::{EitherBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::Method;
use actix_web::http::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
    ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE, ACCESS_CONTROL_REQUEST_METHOD,
    HeaderMap, HeaderValue, ORIGIN, VARY,
};
use actix_web::middleware::Next;
use moka::future::Cache;
use symbolon_identity::Broker;
use symbolon_identity::downstream::oidc::{browser_origins, platform_tenant};
use symbolon_identity::storage::StorageError;
use symbolon_identity::tenants::{UnknownTenant, resolve};

use crate::app::state;

/// So long may a page wait that was registered just now.
const FRESH: Duration = Duration::from_secs(30);
/// Issuers whose origins are known at once.
const ISSUERS: u64 = 10_000;

const REQUEST_HEADERS: HeaderValue = HeaderValue::from_static("authorization, content-type, dpop");
const ANSWER_HEADERS: HeaderValue =
    HeaderValue::from_static("WWW-Authenticate, DPoP-Nonce, Retry-After");
/// Browsers ask again after ten minutes.
const PREFLIGHT_SECONDS: HeaderValue = HeaderValue::from_static("600");

/// The origins of each issuer's applications, for a short time.
#[derive(Clone)]
pub(crate) struct BrowserOrigins(Cache<String, Arc<BTreeSet<String>>>);

impl fmt::Debug for BrowserOrigins {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("BrowserOrigins").field(&self.0.entry_count()).finish()
    }
}

impl Default for BrowserOrigins {
    fn default() -> Self {
        Self(Cache::builder().max_capacity(ISSUERS).time_to_live(FRESH).build())
    }
}

impl BrowserOrigins {
    /// Whether an application of this tenant, or of the platform's own issuer, has this origin.
    async fn know(&self, broker: &Broker, tenant: Option<&str>, origin: &str) -> bool {
        let place = tenant.unwrap_or_default().to_owned();
        let reading = async { read(broker, tenant).await.map(Arc::new) };
        match self.0.try_get_with(place, reading).await {
            Ok(origins) => origins.contains(origin),
            Err(error) => {
                tracing::warn!(%error, "the origins of applications cannot be read");
                false
            }
        }
    }
}

async fn read(broker: &Broker, tenant: Option<&str>) -> Result<BTreeSet<String>, StorageError> {
    let database = &broker.database;
    let Some(slug) = tenant else {
        return browser_origins(database, &platform_tenant()).await;
    };
    match resolve(database, slug).await {
        Ok(tenant) => browser_origins(database, &tenant.id).await,
        Err(UnknownTenant::Storage(error)) => Err(error),
        Err(UnknownTenant::NoSuchTenant | UnknownTenant::Suspended(_)) => Ok(BTreeSet::new()),
    }
}

/// Whose pages may read the answers of a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Readers<'a> {
    /// Everybody's.
    All,
    /// Those of the applications of this tenant, or of the platform's own issuer.
    Applications(Option<&'a str>),
}

/// The rule of a path as the router sees it, with the methods that it answers; none for nobody.
fn readers(path: &str) -> Option<(Readers<'_>, &'static str)> {
    let parts: Vec<&str> = path.split('/').skip(1).collect();
    let (tenant, rest) = match parts.as_slice() {
        ["t", tenant, rest @ ..] => (Some(*tenant), rest),
        rest => (None, rest),
    };
    match rest {
        ["jwks"] | [".well-known", ..] => Some((Readers::All, "GET")),
        ["userinfo"] => Some((Readers::Applications(tenant), "GET, POST")),
        ["device_authorization" | "par" | "revoke" | "token"] => {
            Some((Readers::Applications(tenant), "POST"))
        }
        _ => None,
    }
}

/// Middleware: answers preflight requests, and lets pages read answers, refusals included.
pub(crate) async fn guard<B: MessageBody>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<EitherBody<B>>, actix_web::Error> {
    let Some((readers, methods)) = readers(request.match_info().as_str()) else {
        return Ok(next.call(request).await?.map_into_left_body());
    };
    let allowed = allowed_origin(&request, readers).await;
    let differs = readers != Readers::All;
    let is_preflight = request.method() == Method::OPTIONS
        && request.headers().contains_key(ORIGIN)
        && request.headers().contains_key(ACCESS_CONTROL_REQUEST_METHOD);
    let mut response = if is_preflight {
        let mut response = HttpResponse::NoContent().finish();
        if allowed.is_some() {
            let headers = response.headers_mut();
            headers.insert(ACCESS_CONTROL_ALLOW_METHODS, HeaderValue::from_static(methods));
            headers.insert(ACCESS_CONTROL_ALLOW_HEADERS, REQUEST_HEADERS);
            headers.insert(ACCESS_CONTROL_MAX_AGE, PREFLIGHT_SECONDS);
        }
        request.into_response(response).map_into_right_body()
    } else {
        next.call(request).await?.map_into_left_body()
    };
    open(response.headers_mut(), differs, allowed);
    Ok(response)
}

/// What `Access-Control-Allow-Origin` says; none when the page may not read the answer.
async fn allowed_origin(request: &ServiceRequest, readers: Readers<'_>) -> Option<HeaderValue> {
    let Readers::Applications(tenant) = readers else {
        return Some(HeaderValue::from_static("*"));
    };
    let mut origins = request.headers().get_all(ORIGIN);
    let (Some(origin), None) = (origins.next(), origins.next()) else {
        return None;
    };
    let text = origin.to_str().ok()?;
    let state = state(request.request());
    state.browser_origins.know(&state.broker, tenant, text).await.then(|| origin.clone())
}

/// `differs`: other origins get other headers, which a cache must know.
fn open(headers: &mut HeaderMap, differs: bool, allowed: Option<HeaderValue>) {
    if differs {
        headers.append(VARY, HeaderValue::from_static("Origin"));
    }
    if let Some(origin) = allowed {
        headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin);
        headers.insert(ACCESS_CONTROL_EXPOSE_HEADERS, ANSWER_HEADERS);
    }
}
