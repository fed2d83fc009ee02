//! The single sign-on endpoint (SAML Profiles 4.1): requests in, the page, responses out; and responses that
//! nobody asked for.

use actix_web::cookie::Cookie;
use actix_web::{HttpRequest, HttpResponse, web};

use super::answer::{entra_knows, refused, signed_in};
use super::message::{Envelope, ReceivedRequest};
use super::misbehaviour::Misbehaviour;
use super::settings::{StatusError, Vendor};
use super::world::{Answer, Pending, World, remember};
use crate::keys::KeyError;
use crate::provider::{Fields, pages};
use crate::values::random_word;

const SESSION_COOKIE: &str = "demo_saml_session";
const DECISION: &str = "/sso/decision";

pub(super) async fn from_query(world: web::Data<World>, request: HttpRequest) -> HttpResponse {
    sign_on(&world, &request, Envelope::from_query(request.query_string()))
}

pub(super) async fn from_form(
    world: web::Data<World>,
    request: HttpRequest,
    form: web::Form<Fields>,
) -> HttpResponse {
    sign_on(&world, &request, Envelope::from_form(&form))
}

fn sign_on(world: &World, http: &HttpRequest, envelope: Option<Envelope>) -> HttpResponse {
    world.count("sso");
    let request = envelope
        .and_then(|envelope| envelope.authn_request(|entity_id| world.service_provider(entity_id)));
    let Some(mut request) = request else {
        return pages::refused(&world.name, "This is no AuthnRequest.");
    };
    request.login_hint = query_value(http, "login_hint").or(query_value(http, "username"));
    world.with(|state| remember(&mut state.requests, request.clone()));
    match pending(world, request) {
        Ok(pending) => asked(world, http, pending),
        Err(problem) => pages::refused(&world.name, problem),
    }
}

fn query_value(http: &HttpRequest, name: &str) -> Option<String> {
    url::form_urlencoded::parse(http.query_string().as_bytes())
        .find(|(found, _)| found == name)
        .map(|(_, value)| value.into_owned())
}

/// Nothing is ever sent to an address that is not registered (SDP-IDP06).
fn pending(world: &World, request: ReceivedRequest) -> Result<Pending, &'static str> {
    let service_provider = world
        .service_provider(&request.issuer)
        .ok_or("This service provider is not registered here.")?;
    let acs_url = match &request.acs_url {
        Some(url) if service_provider.acs_urls.contains(url) => url.clone(),
        Some(_) => return Err("This AssertionConsumerServiceURL is not registered."),
        None => service_provider.acs_urls.first().cloned().unwrap_or_default(),
    };
    if request.id.starts_with(|first: char| !first.is_ascii_alphabetic() && first != '_') {
        return Err("The ID of the request is no xs:ID.");
    }
    if request.signature_verifies == Some(false) {
        return Err("The signature of the request does not verify.");
    }
    let must_be_signed = world.with(|state| state.settings.wants_signed_requests);
    if must_be_signed && request.signature_verifies != Some(true) {
        return Err("The request must be signed.");
    }
    let relay_state = request.relay_state.clone();
    Ok(Pending { service_provider, acs_url, request: Some(request), relay_state })
}

fn asked(world: &World, http: &HttpRequest, pending: Pending) -> HttpResponse {
    let request = pending.request.as_ref();
    let format = request.and_then(|request| request.name_id_format.as_deref());
    let vendor = world.with(|state| state.settings.vendor.clone());
    if let (Vendor::Entra { .. }, Some(format)) = (vendor, format)
        && !entra_knows(format)
    {
        let message = "AADSTS75016: SAML2 Authentication Request has invalid NameIdPolicy.";
        let status = StatusError::new("Requester", "InvalidNameIDPolicy", message);
        return send(world, &pending, refused(world, &pending, &status));
    }
    if request.is_some_and(|request| request.is_passive) {
        return passively(world, http, &pending);
    }
    let hint = request.and_then(|request| request.login_hint.clone());
    if let Some(subject) = world.with(|state| state.automatic_subject(hint.as_deref())) {
        return answer_for(world, &pending, &subject, world.now());
    }
    choose(world, pending, hint.as_deref())
}

/// The page with the people.
fn choose(world: &World, pending: Pending, hint: Option<&str>) -> HttpResponse {
    let ticket = random_word();
    let users = world.with(|state| {
        state.waiting.insert(ticket.clone(), pending);
        state.users.clone()
    });
    pages::sign_in((&world.name, DECISION), &ticket, &users, hint)
}

/// `IsPassive`: only a session of this browser helps, and not under `ForceAuthn` (SAML Core 3.4.1).
fn passively(world: &World, http: &HttpRequest, pending: &Pending) -> HttpResponse {
    let session = http
        .cookie(SESSION_COOKIE)
        .and_then(|cookie| world.with(|state| state.cookies.get(cookie.value()).cloned()));
    let anew = pending.request.as_ref().is_some_and(|request| request.force_authn);
    match session {
        Some((subject, since)) if !anew => answer_for(world, pending, &subject, since),
        _ => {
            let status = StatusError::new("Responder", "NoPassive", "Nobody is signed in.");
            send(world, pending, refused(world, pending, &status))
        }
    }
}

/// The person has clicked.
pub(super) async fn decision(world: web::Data<World>, form: web::Form<Fields>) -> HttpResponse {
    world.count("decision");
    let ticket = form.get("request").cloned().unwrap_or_default();
    let Some(pending) = world.with(|state| state.waiting.remove(&ticket)) else {
        return pages::refused(&world.name, "This page was used before, or it is too old.");
    };
    match form.get("subject") {
        Some(subject) => answer_for(&world, &pending, subject, world.now()),
        None => {
            let status = StatusError::new("Responder", "AuthnFailed", "The person cancelled.");
            send(&world, &pending, refused(&world, &pending, &status))
        }
    }
}

/// `GET /start?sp=ENTITY_ID&person=SUBJECT`: a response that nobody asked for (SAML Profiles 4.1.5). Without
/// `person` the page asks, without `sp` the first service provider is meant.
pub(super) async fn start(world: web::Data<World>, fields: web::Query<Fields>) -> HttpResponse {
    world.count("start");
    let Some(pending) = unsolicited(&world, fields.get("sp").map(String::as_str)) else {
        return pages::refused(&world.name, "This service provider is not registered here.");
    };
    match fields.get("person") {
        Some(person) => answer_for(&world, &pending, person, world.now()),
        None => choose(&world, pending, None),
    }
}

/// What an unsolicited response goes to.
pub(super) fn unsolicited(world: &World, entity_id: Option<&str>) -> Option<Pending> {
    let service_provider = match entity_id {
        Some(entity_id) => world.service_provider(entity_id)?,
        None => world.with(|state| state.providers.first().cloned())?,
    };
    Some(Pending {
        acs_url: service_provider.acs_urls.first()?.clone(),
        service_provider,
        request: None,
        relay_state: world.with(|state| state.settings.unsolicited_relay_state.clone()),
    })
}

fn answer_for(world: &World, pending: &Pending, subject: &str, since: i64) -> HttpResponse {
    let Some(user) = world.with(|state| state.user(subject).cloned()) else {
        return pages::refused(&world.name, "Nobody of that name is here.");
    };
    let mut response = send(world, pending, signed_in(world, pending, &user, since));
    let value = random_word();
    world.with(|state| state.cookies.insert(value.clone(), (subject.to_owned(), since)));
    let cookie = Cookie::build(SESSION_COOKIE, value).path("/").http_only(true).finish();
    // A cookie that cannot be set costs only the next passive request.
    let _ = response.add_cookie(&cookie);
    response
}

/// The form that a browser posts on (SAML Bindings 3.5.4).
fn send(world: &World, pending: &Pending, answer: Result<Answer, KeyError>) -> HttpResponse {
    let answer = match answer {
        Ok(answer) => answer,
        Err(error) => return pages::refused(&world.name, &error.to_string()),
    };
    let settings = world.settings();
    let relay_state = if settings.has(&Misbehaviour::OtherRelayState) {
        Some("somebody-elses")
    } else {
        pending.relay_state.as_deref()
    };
    let mut fields = vec![("SAMLResponse", answer.field.as_str())];
    if let Some(relay_state) = relay_state
        && !settings.has(&Misbehaviour::NoRelayState)
    {
        fields.push(("RelayState", relay_state));
    }
    pages::form_post(&answer.acs_url, &fields)
}
