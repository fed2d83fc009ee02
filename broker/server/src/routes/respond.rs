//! Pages, redirects and cookies as responses.

use std::time::Duration;

use actix_web::HttpResponse;
use actix_web::cookie::Cookie;
use actix_web::http::StatusCode;
use actix_web::http::header::{CONTENT_TYPE, HeaderName, LOCATION};
use chrono::Utc;
use secrecy::ExposeSecret;
use symbolon_contract::ReasonCode;
use symbolon_identity::connectors::UpstreamRedirect;
use symbolon_identity::downstream::DownstreamResponse;
use symbolon_identity::login::{LoginStep, Outcome, Refused};
use url::Url;

use crate::app::AppState;
use crate::errors::PageError;
use crate::extract::AtTenant;
use crate::http::security_headers::page_headers;
use crate::http::session_cookie::CookiePurpose;
use crate::pages::{Appearance, HiddenField, Page, PostFormPage};
use crate::routes::login::pages;
use crate::routes::upstream::test_result;

/// An HTML document with the headers of a page.
pub(crate) fn html(
    status: StatusCode,
    html: String,
    form_targets: &[&Url],
    https: bool,
) -> HttpResponse {
    document(status, html, page_headers(form_targets, &[], https))
}

fn document(status: StatusCode, html: String, headers: Vec<(HeaderName, String)>) -> HttpResponse {
    let mut response = HttpResponse::build(status);
    for header in headers {
        response.insert_header(header);
    }
    response.insert_header((CONTENT_TYPE, "text/html; charset=utf-8")).body(html)
}

/// A page for a person.
pub(crate) fn page<P: Page>(
    state: &AppState,
    page: &P,
    form_targets: &[&Url],
) -> Result<HttpResponse, PageError> {
    page_with_frames(state, page, form_targets, &[])
}

/// A page that shows others in frames: only those of these origins.
pub(crate) fn page_with_frames<P: Page>(
    state: &AppState,
    page: &P,
    form_targets: &[&Url],
    frames: &[Url],
) -> Result<HttpResponse, PageError> {
    let look = Appearance::default();
    match state.pages.render(&look, page) {
        Ok(text) => {
            let headers = page_headers(form_targets, frames, state.https());
            Ok(document(StatusCode::OK, text, headers))
        }
        Err(error) => Err(broken(state, &error.to_string())),
    }
}

/// A defect of ours: told without details.
pub(crate) fn broken(state: &AppState, why: &str) -> PageError {
    let trace = state.broker.ids.new_trace_id();
    tracing::error!(trace_id = %trace, why, "a page cannot be made");
    let refused = Refused {
        reason: ReasonCode::ServerInternal,
        detail: why.to_owned(),
        words: None,
        trace,
        answer: None,
        retry: None,
    };
    PageError::new(state, None, Box::new(refused))
}

/// A redirect after which the method is GET (D19: 303, never 307).
pub(crate) fn see_other(location: &str) -> HttpResponse {
    HttpResponse::SeeOther().insert_header((LOCATION, location)).finish()
}

/// What a step of a sign-in is to the browser.
pub(crate) fn outcome(
    at: &AtTenant,
    outcome: Result<Outcome, Box<Refused>>,
) -> Result<HttpResponse, PageError> {
    let outcome = match outcome {
        Ok(outcome) => outcome,
        Err(refused) => return refusal(at, refused),
    };
    let slug = &at.tenant.slug;
    let mut response = match outcome.step {
        LoginStep::ShowLoginPage { attempt } => {
            see_other(&format!("/t/{slug}/login?attempt={attempt}"))
        }
        LoginStep::Leave(redirect) => upstream(at, redirect)?,
        LoginStep::ComeBack { connector, handle } => {
            see_other(&format!("/t/{slug}/callback/{connector}?held={handle}"))
        }
        LoginStep::PickUp { connector, handle } => {
            see_other(&format!("/t/{slug}/saml/{connector}/start?waiting={handle}"))
        }
        LoginStep::AskConsent { handle } => {
            see_other(&format!("/t/{slug}/consent?waiting={handle}"))
        }
        LoginStep::Start { url } => see_other(url.as_str()),
        LoginStep::Answer(answer) => self::answer(at, answer)?,
        LoginStep::SignedIn { landing: Some(landing) } => see_other(landing.as_str()),
        LoginStep::SignedIn { landing: None } => see_other(&format!("/t/{slug}/")),
        LoginStep::Tested(report) => {
            let page = test_result(at, *report);
            self::page(&at.state, &page, &[])?
        }
        LoginStep::Choose { attempt, application, connectors, ask_email } => {
            let page = pages::choose(at, &attempt, application, connectors, ask_email);
            self::page(&at.state, &page, &[])?
        }
        LoginStep::Announce { attempt, connector } => {
            let page = pages::announce(at, &attempt, &connector)
                .ok_or_else(|| broken(&at.state, "the public URL cannot be extended"))?;
            self::page(&at.state, &page, &[])?
        }
    };
    for cookie in cookies(at, outcome.login_cookie.as_ref(), outcome.session.as_ref()) {
        let added = response.add_cookie(&cookie);
        added.map_err(|error| broken(&at.state, &format!("cookie: {error}")))?;
    }
    Ok(response)
}

fn cookies(
    at: &AtTenant,
    login: Option<&secrecy::SecretString>,
    session: Option<&symbolon_identity::sessions::OpenedSession>,
) -> Vec<Cookie<'static>> {
    let settings = &at.state.settings;
    let mut cookies = Vec::new();
    if let Some(secret) = login {
        // Longer than one attempt: concurrent attempts of one browser share the cookie (F13).
        let life = settings.sign_in.attempt_lifetime.as_duration() * 4;
        let cookie = at.state.cookie(CookiePurpose::Login, &at.tenant.slug);
        cookies.push(cookie.set(secret.expose_secret(), life));
    }
    if let Some(session) = session {
        let now: chrono::DateTime<Utc> = at.state.broker.clock.now();
        let life = (session.expires_at - now).to_std().unwrap_or(Duration::ZERO);
        let cookie = at.state.cookie(CookiePurpose::Session, &at.tenant.slug);
        cookies.push(cookie.set(session.secret.expose_secret(), life));
    }
    cookies
}

/// On to the upstream, by redirect or by a form that the browser posts.
pub(crate) fn upstream(
    at: &AtTenant,
    redirect: UpstreamRedirect,
) -> Result<HttpResponse, PageError> {
    match redirect {
        UpstreamRedirect::Redirect { url } => Ok(see_other(&url)),
        UpstreamRedirect::PostForm { action, fields } => {
            post_form(&at.state, &at.tenant.display_name, &action, fields)
        }
    }
}

/// A refusal: told to the application where that is safe, otherwise shown.
pub(crate) fn refusal(at: &AtTenant, mut refused: Box<Refused>) -> Result<HttpResponse, PageError> {
    match refused.answer.take() {
        Some(answer) => self::answer(at, answer),
        None => Err(PageError::new(&at.state, Some(&at.tenant), refused)),
    }
}

fn answer(at: &AtTenant, answer: DownstreamResponse) -> Result<HttpResponse, PageError> {
    match answer {
        DownstreamResponse::Redirect { url } => Ok(see_other(&url)),
        DownstreamResponse::FormPost { action, fields } => {
            post_form(&at.state, "the application", &action, fields)
        }
    }
}

fn post_form(
    state: &AppState,
    destination: &str,
    action: &str,
    fields: Vec<(String, String)>,
) -> Result<HttpResponse, PageError> {
    let action = Url::parse(action).map_err(|error| broken(state, &error.to_string()))?;
    let form = PostFormPage {
        destination_name: destination.to_owned(),
        action: action.clone(),
        fields: fields.into_iter().map(|(name, value)| HiddenField::new(name, value)).collect(),
    };
    page(state, &form, &[&action])
}
