//! The middleware that counts, and what is said to those who have to wait.

use actix_web::body::{EitherBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::error::InternalError;
use actix_web::http::header::{AUTHORIZATION, HeaderValue, RETRY_AFTER};
use actix_web::middleware::Next;
use actix_web::{HttpRequest, HttpResponse, ResponseError as _};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use symbolon_contract::ReasonCode;
use symbolon_identity::Visit;
use symbolon_identity::downstream::oidc::OauthError;
use symbolon_identity::login::{Refused, refuse_request};
use symbolon_identity::tenants::resolve;
use url::form_urlencoded;

use super::table::{Rule, rule};
use super::{LimitKind, RetryAfter, caller_address};
use crate::app::{AppState, state};
use crate::errors::{OauthJsonError, PageError, ProblemJson, RefusalForm, refusal_form};
use crate::extract::{FormFields, visit};

/// A limit that was met, by whom, in words for the audit trail.
struct Met {
    kind: LimitKind,
    caller: String,
    wait: RetryAfter,
}

/// Middleware: counts every request by the limits of its path.
pub(crate) async fn guard<B: MessageBody>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<EitherBody<B>>, actix_web::Error> {
    // As the router sees it: another spelling of a path is the same path.
    if let Some(rule) = rule(request.match_info().as_str()) {
        let state = state(request.request());
        let visit = visit(&state, request.request());
        if let Err(met) = count(&state, &visit, request.request(), rule) {
            let response = answer(&state, &visit, request.request(), &met).await;
            return Ok(request.into_response(response).map_into_right_body());
        }
    }
    Ok(next.call(request).await?.map_into_left_body())
}

fn count(state: &AppState, visit: &Visit, request: &HttpRequest, rule: Rule) -> Result<(), Met> {
    let limits = &state.rate_limits;
    let Some(address) = visit.address.map(caller_address) else {
        return Ok(());
    };
    let met = |kind, caller: String| move |wait| Met { kind, caller, wait };
    limits
        .check(LimitKind::Address, address)
        .map_err(met(LimitKind::Address, address.to_string()))?;
    match rule.0 {
        // Counted where its form is read, which names the application.
        None | Some(LimitKind::Token) => Ok(()),
        Some(LimitKind::Api) => {
            let key = request.headers().get(AUTHORIZATION).map(HeaderValue::as_bytes);
            let counted = limits.check(LimitKind::Api, (key, key.is_none().then_some(address)));
            counted.map_err(met(LimitKind::Api, format!("an API key at {address}")))
        }
        Some(kind) => limits.check(kind, address).map_err(met(kind, address.to_string())),
    }
}

/// Counts a form that an application posts to an endpoint of its own: who has no `client_id` counts as
/// nobody at this address. The address is part of the key, so that a stranger who uses the `client_id`
/// of others does not use up their requests.
///
/// # Errors
/// The answer 429.
pub(crate) async fn limit_application(
    request: &HttpRequest,
    form: &FormFields,
) -> Result<(), actix_web::Error> {
    if rule(request.match_info().as_str()) != Some(Rule(Some(LimitKind::Token))) {
        return Ok(());
    }
    let state = state(request);
    let visit = visit(&state, request);
    let Some(address) = visit.address.map(caller_address) else {
        return Ok(());
    };
    let tenant = request.match_info().get("tenant").unwrap_or_default();
    let client = basic_user(request).or_else(|| form.get("client_id").map(str::to_owned));
    let client = client.unwrap_or_default();
    let counted = state.rate_limits.check(LimitKind::Token, (tenant, &client, address));
    let Err(wait) = counted else {
        return Ok(());
    };
    let client: String = client.chars().take(64).collect();
    let met = Met { kind: LimitKind::Token, caller: format!("{client:?} at {address}"), wait };
    let response = answer(&state, &visit, request, &met).await;
    Err(InternalError::from_response("rate limited", response).into())
}

/// The `client_id` of HTTP Basic, form-encoded (RFC 6749 2.3.1).
fn basic_user(request: &HttpRequest) -> Option<String> {
    let header = request.headers().get(AUTHORIZATION)?.to_str().ok()?;
    let (scheme, credentials) = header.split_once(' ')?;
    let decoded = STANDARD.decode(credentials.trim()).ok()?;
    let (user, _) = std::str::from_utf8(&decoded).ok()?.split_once(':')?;
    let encoded = form_urlencoded::parse(user.as_bytes()).next();
    scheme.eq_ignore_ascii_case("basic").then(|| encoded.map(|(user, _)| user.into_owned()))?
}

async fn answer(state: &AppState, visit: &Visit, request: &HttpRequest, met: &Met) -> HttpResponse {
    let refused = refused(state, visit, request, met).await;
    let mut response = match refusal_form(request.match_info().as_str()) {
        RefusalForm::Page => PageError::new(state, None, refused).error_response(),
        RefusalForm::Application | RefusalForm::Document => {
            OauthJsonError::document(refused).error_response()
        }
        RefusalForm::Problem => {
            ProblemJson::new(refused.reason, &refused.detail, refused.trace).into_response()
        }
    };
    response.headers_mut().insert(RETRY_AFTER, met.wait.seconds().into());
    response
}

/// Every refusal is logged; the audit trail hears of each caller once a minute, or it would be flooded.
async fn refused(
    state: &AppState,
    visit: &Visit,
    request: &HttpRequest,
    met: &Met,
) -> Box<Refused> {
    let reason = ReasonCode::RequestRateLimited;
    let detail = format!(
        "{} met the limit rate_limits.{}; it may go on in {} s{}",
        met.caller,
        met.kind.key(),
        met.wait.seconds(),
        hint(state, request),
    );
    if state.rate_limits.is_news(met.kind, &met.caller) {
        let slug = tenant(request.match_info().as_str());
        let tenant = resolve(&state.broker.database, slug).await.ok();
        let error = OauthError::new(reason, detail);
        return refuse_request(&state.broker, tenant.as_ref(), visit, error, None).await;
    }
    let trace = visit.trace.clone();
    Box::new(Refused { reason, detail, words: None, trace, answer: None, retry: None })
}

/// The likeliest mistake: all the world comes from one proxy.
fn hint(state: &AppState, request: &HttpRequest) -> &'static str {
    let forwarded = request.headers().contains_key("x-forwarded-for");
    match forwarded && state.settings.http.trusted_proxies.is_empty() {
        true => "; X-Forwarded-For does not count, because http.trusted_proxies is empty",
        false => "",
    }
}

/// The middleware runs before the routes have taken the path apart.
fn tenant(path: &str) -> &str {
    let path = path.strip_prefix("/api/v1/tenants/").or_else(|| path.strip_prefix("/t/"));
    path.and_then(|rest| rest.split('/').next()).unwrap_or_default()
}
