//! A refusal as a page: a sentence, whom to ask, the code and the trace id.

use std::fmt;

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, ResponseError};
use symbolon_contract::ReasonCode;
use symbolon_identity::login::Refused;
use symbolon_identity::tenants::TenantRecord;

use crate::app::AppState;
use crate::pages::{Appearance, Contact, ErrorPage};
use crate::routes::respond;

/// A rendered refusal.
pub struct PageError {
    reason: ReasonCode,
    html: String,
    https: bool,
}

impl PageError {
    /// Renders a refusal for the people of a tenant, or of none.
    #[must_use]
    #[expect(clippy::boxed_local, reason = "refusals travel boxed and are handed over by map_err")]
    pub fn new(state: &AppState, tenant: Option<&TenantRecord>, refused: Box<Refused>) -> Self {
        let reason = refused.reason;
        tracing::Span::current().record("reason", reason.as_str());
        tracing::info!(trace_id = %refused.trace, %reason, detail = refused.detail, "refused");
        let page = page(tenant, *refused);
        let html = state.pages.render(&Appearance::default(), &page).unwrap_or_else(|error| {
            tracing::error!(%error, "the error page cannot be rendered");
            format!("{reason}")
        });
        Self { reason, html, https: state.https() }
    }
}

fn page(tenant: Option<&TenantRecord>, refused: Refused) -> ErrorPage {
    let entry = refused.reason.entry();
    let contact = tenant.and_then(|tenant| tenant.settings.contact.clone());
    let try_again = match (&refused.retry, tenant) {
        (Some(attempt), Some(tenant)) => {
            Some(format!("/t/{}/login?attempt={attempt}", tenant.slug))
        }
        // Whoever wanted to sign out still can (D17).
        (None, Some(tenant)) if is_about_sign_out(refused.reason) => {
            Some(format!("/t/{}/logout", tenant.slug))
        }
        _ => None,
    };
    ErrorPage {
        title: title(refused.reason).to_owned(),
        sentence: refused.words.unwrap_or_else(|| entry.person.to_owned()),
        parameter: parameter(refused.reason).map(str::to_owned),
        reason_code: refused.reason.to_string(),
        trace_id: refused.trace,
        contact: contact.map(|text| Contact {
            href: text
                .contains('@')
                .then(|| format!("mailto:{text}"))
                .filter(|_| !text.contains(' ')),
            text,
        }),
        try_again,
    }
}

fn is_about_sign_out(reason: ReasonCode) -> bool {
    matches!(
        reason,
        ReasonCode::LogoutIdTokenHintInvalid
            | ReasonCode::LogoutApplicationMismatch
            | ReasonCode::LogoutRedirectUriMismatch
    )
}

fn title(reason: ReasonCode) -> &'static str {
    if reason == ReasonCode::RequestRateLimited {
        return "Too many requests";
    }
    match reason.as_str().split('.').next().unwrap_or_default() {
        "policy" | "plugin" => "You cannot sign in here yet",
        "tenant" | "request" => "There is nothing here",
        "authorize" | "application" => "The application sent a request that is not valid",
        "server" => "Something went wrong on our side",
        "logout" => "You were not signed out",
        _ => "The sign-in did not work",
    }
}

/// The parameter to name on the page (PG-3).
fn parameter(reason: ReasonCode) -> Option<&'static str> {
    match reason {
        ReasonCode::AuthorizeRedirectUriMissing | ReasonCode::AuthorizeRedirectUriMismatch => {
            Some("redirect_uri")
        }
        ReasonCode::AuthorizePushedRequestUnknown
        | ReasonCode::AuthorizePushedRequestUsed
        | ReasonCode::AuthorizeRequestUriUnsupported => Some("request_uri"),
        ReasonCode::AuthorizeRequestObjectInvalid
        | ReasonCode::AuthorizeRequestObjectUnsupported => Some("request"),
        ReasonCode::ApplicationUnknown | ReasonCode::LogoutApplicationMismatch => Some("client_id"),
        ReasonCode::LogoutIdTokenHintInvalid => Some("id_token_hint"),
        ReasonCode::LogoutRedirectUriMismatch => Some("post_logout_redirect_uri"),
        _ => None,
    }
}

impl fmt::Debug for PageError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PageError({})", self.reason)
    }
}

impl fmt::Display for PageError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.reason)
    }
}

impl ResponseError for PageError {
    fn status_code(&self) -> StatusCode {
        StatusCode::from_u16(self.reason.entry().status).unwrap_or(StatusCode::BAD_REQUEST)
    }

    fn error_response(&self) -> HttpResponse {
        respond::html(self.status_code(), self.html.clone(), &[], self.https)
    }
}
