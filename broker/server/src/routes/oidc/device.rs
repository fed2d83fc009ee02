//! `/t/{tenant}/device`, and `/device` once the tenant is found: a person lets a device in (RFC 8628 3.3). A GET never
//! lets anything in.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse};
use secrecy::{ExposeSecret, SecretString};
use symbolon_contract::ReasonCode;
use symbolon_identity::downstream::oidc::OauthError;
use symbolon_identity::downstream::oidc::device::{self as devices, WaitingDevice};
use symbolon_identity::login::platform::TENANT;
use symbolon_identity::login::{self, PersonPage, Refused, device as sign_in, refuse_request};
use symbolon_identity::secrets::keyed_text;

use crate::errors::PageError;
use crate::extract::{AtTenant, FormFields, QueryFields};
use crate::http::csrf::{self, CSRF_FIELD, CsrfRefusal};
use crate::pages::{
    Appearance, DeviceConfirmPage, DeviceDonePage, DeviceEnterPage, HiddenField, PostButton,
};
use crate::routes::login::consent::in_words;
use crate::routes::respond;

pub(super) async fn page(at: AtTenant, query: QueryFields) -> Result<HttpResponse, PageError> {
    at.report_other_host();
    let (broker, tenant, visit) = (&at.state.broker, &at.tenant, &at.visit);
    let person = match login::person(broker, tenant, visit).await {
        Ok(person) => person,
        Err(refused) => return respond::refusal(&at, refused),
    };
    let typed = match query.get("sealed") {
        Some(sealed) => sign_in::opened(broker, tenant, sealed).await,
        None => query.get("user_code").map(SecretString::from),
    };
    let typed = typed.as_ref().map(ExposeSecret::expose_secret);
    match (person, typed) {
        (None, _) => respond::outcome(&at, sign_in::sign_in(broker, tenant, visit, typed).await),
        (Some(_), None) => enter(&at, None),
        (Some(person), Some(typed)) => match devices::look(broker, tenant, typed).await {
            Ok(device) => confirm(&at, device, &person),
            Err(error) => told(&at, error).await,
        },
    }
}

pub(super) async fn decide(
    at: AtTenant,
    request: HttpRequest,
    form: FormFields,
) -> Result<HttpResponse, PageError> {
    let (broker, tenant, visit) = (&at.state.broker, &at.tenant, &at.visit);
    let code = form.get("user_code").unwrap_or_default();
    if let Err(refusal) = check(&at, &request, (&form, code)) {
        return told(&at, OauthError::new(ReasonCode::RequestCsrf, refusal.to_string())).await;
    }
    let allowed = form.get("decision") == Some("allow");
    match devices::decide(broker, tenant, visit, (code, allowed)).await {
        Ok(()) => {
            let page = DeviceDonePage { tenant_name: tenant.display_name.clone(), allowed };
            respond::page(&at.state, &page, &[])
        }
        Err(error) => told(&at, error).await,
    }
}

/// A wrong code may be typed again; everything else is an error page.
async fn told(at: &AtTenant, error: OauthError) -> Result<HttpResponse, PageError> {
    let broker = &at.state.broker;
    let refused = refuse_request(broker, Some(&at.tenant), &at.visit, error, None).await;
    match refused.reason {
        ReasonCode::DeviceCodeUnknown => enter(at, Some(&refused)),
        _ => respond::refusal(at, refused),
    }
}

fn enter(at: &AtTenant, refused: Option<&Refused>) -> Result<HttpResponse, PageError> {
    let entry = refused.map(|refused| refused.reason.entry());
    let page = DeviceEnterPage {
        tenant_name: at.tenant.display_name.clone(),
        action: action(at),
        fields: of_tenant(at).collect(),
        problem: entry.map(|entry| entry.person.to_owned()),
        trace_id: refused.map(|refused| refused.trace.clone()),
    };
    let text = at.state.pages.render(&Appearance::default(), &page);
    let text = text.map_err(|error| respond::broken(&at.state, &error.to_string()))?;
    let status = entry.and_then(|entry| StatusCode::from_u16(entry.status).ok());
    Ok(respond::html(status.unwrap_or(StatusCode::OK), text, &[], at.state.https()))
}

fn confirm(
    at: &AtTenant,
    device: WaitingDevice,
    person: &PersonPage,
) -> Result<HttpResponse, PageError> {
    let code = device.user_code.clone();
    let button = |decision: &str| PostButton {
        action: action(at),
        fields: [("user_code", code.as_str()), ("decision", decision)]
            .into_iter()
            .map(|(name, value)| HiddenField::new(name, value))
            .chain(of_tenant(at))
            .chain(token(at, &code).map(|token| HiddenField::new(CSRF_FIELD, token)))
            .collect(),
    };
    let page = DeviceConfirmPage {
        tenant_name: at.tenant.display_name.clone(),
        application_name: device.application,
        user_code: device.user_code,
        asked_from: device.asked_from,
        wishes: device.wishes.iter().map(in_words).collect(),
        person: person.email.clone().or_else(|| person.name.clone()),
        allow: button("allow"),
        deny: button("deny"),
    };
    respond::page(&at.state, &page, &[])
}

/// Where the forms are sent.
fn action(at: &AtTenant) -> String {
    if at.tenant.at_platform {
        "/device".to_owned()
    } else {
        format!("/t/{}/device", at.tenant.slug)
    }
}

/// Says which tenant is meant, where the address does not.
fn of_tenant(at: &AtTenant) -> impl Iterator<Item = HiddenField> {
    at.tenant.at_platform.then(|| HiddenField::new(TENANT, at.tenant.slug.as_str())).into_iter()
}

/// What the token of a form is for: one code, waiting at one issuer, in one session.
fn purpose(at: &AtTenant, code: &str) -> String {
    format!("device {code} {}", action(at))
}

fn token(at: &AtTenant, code: &str) -> Option<String> {
    let cookie = at.visit.session_cookie.as_ref()?;
    Some(csrf::token(signer(cookie), &purpose(at, code), cookie.expose_secret()))
}

/// The session cookie's own value keys the token: only a page that we made for this session knows it.
fn check(
    at: &AtTenant,
    request: &HttpRequest,
    (form, code): (&FormFields, &str),
) -> Result<(), CsrfRefusal> {
    match csrf::same_origin(request.headers(), at.state.settings.http.public_url.as_url()) {
        // Old browsers do not say; the token below decides.
        Ok(()) | Err(CsrfRefusal::OriginUnknown) => {}
        Err(cross_site) => return Err(cross_site),
    }
    let cookie = at.visit.session_cookie.as_ref().ok_or(CsrfRefusal::TokenMismatch)?;
    let sent = form.get(CSRF_FIELD);
    csrf::check_token(signer(cookie), &purpose(at, code), cookie.expose_secret(), sent)
}

fn signer(cookie: &SecretString) -> impl Fn(&[u8]) -> String + '_ {
    move |message| keyed_text(cookie, message)
}
