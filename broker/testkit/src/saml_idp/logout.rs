//! Single logout (SAML Profiles 4.4), both ways: a service provider's request is answered, and a person who
//! signs out here is signed out there.

use actix_web::{HttpRequest, HttpResponse, web};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::assertion::{HOUR, lone_name_id, status_element};
use super::canonical::{attribute, text};
use super::message::{Envelope, ReceivedLogout, packed};
use super::misbehaviour::Misbehaviour;
use super::names::{ASSERTION, PROTOCOL, Style, fresh_id, instant};
use super::settings::{Binding, Settings, StatusError};
use super::world::{OpenSession, World, remember};
use crate::keys::KeyError;
use crate::provider::{Fields, pages};
use crate::values::escape;

/// A message on its way out.
struct Outgoing<'a> {
    parameter: &'static str,
    id: String,
    xml: String,
    location: &'a str,
    relay_state: Option<&'a str>,
    binding: Binding,
}

pub(super) async fn from_query(world: web::Data<World>, request: HttpRequest) -> HttpResponse {
    arrived(&world, Envelope::from_query(request.query_string()))
}

pub(super) async fn from_form(world: web::Data<World>, form: web::Form<Fields>) -> HttpResponse {
    arrived(&world, Envelope::from_form(&form))
}

fn arrived(world: &World, envelope: Option<Envelope>) -> HttpResponse {
    world.count("slo");
    let known = |entity_id: &str| world.service_provider(entity_id);
    let Some(envelope) = envelope else {
        return pages::refused(&world.name, "This is no logout message.");
    };
    if envelope.parameter == "SAMLResponse" {
        let Some(answer) = envelope.logout_answer(known) else {
            return pages::refused(&world.name, "This is no LogoutResponse.");
        };
        let status = answer.status.join(" ");
        world.with(|state| remember(&mut state.logout_answers, answer));
        return result(world, &status);
    }
    let Some(request) = envelope.logout_request(known) else {
        return pages::refused(&world.name, "This is no LogoutRequest.");
    };
    world.with(|state| remember(&mut state.logout_requests, request.clone()));
    if world.settings().has(&Misbehaviour::LogoutDown) {
        return HttpResponse::ServiceUnavailable().finish();
    }
    answer(world, &request)
}

/// What came of a logout that began here.
fn result(world: &World, status: &str) -> HttpResponse {
    pages::html(pages::page(
        &world.name,
        &format!(
            "<h1 id=\"demo-provider-title\">{name}: you are signed out</h1>\
<p class=\"note\">Demo provider - not Symbolon.</p>\
<p>The service provider says: <code id=\"logout-status\">{status}</code></p>",
            name = escape(&world.name),
            status = escape(status),
        ),
    ))
}

fn answer(world: &World, request: &ReceivedLogout) -> HttpResponse {
    let entry = world.service_provider(&request.issuer);
    let Some(location) = entry.and_then(|entry| entry.slo_url) else {
        return pages::refused(&world.name, "There is no address to send the LogoutResponse to.");
    };
    world.with(|state| {
        state.open.retain(|open| {
            open.name_id.value != request.name_id.value || open.service_provider != request.issuer
        });
    });
    let settings = world.settings();
    let error = settings.faults.iter().find_map(|fault| match fault {
        Misbehaviour::LogoutStatus(code) => {
            Some(StatusError { code: code.clone(), inner: None, message: None })
        }
        _ => None,
    });
    let wrong = settings.has(&Misbehaviour::LogoutWrongInResponseTo);
    let answers = if wrong { "_nobody_asked" } else { &request.id };
    let id = fresh_id();
    let xml = format!(
        "<samlp:LogoutResponse xmlns:samlp=\"{PROTOCOL}\" Destination=\"{destination}\" ID=\"{id}\" \
InResponseTo=\"{answers}\" IssueInstant=\"{at}\" Version=\"2.0\">\
<saml:Issuer xmlns:saml=\"{ASSERTION}\">{issuer}</saml:Issuer>{status}</samlp:LogoutResponse>",
        destination = attribute(&location),
        answers = attribute(answers),
        at = instant(world.now(), &settings.vendor),
        issuer = text(&world.entity_id()),
        status = status_element("samlp:", error.as_ref()),
    );
    send(
        world,
        Outgoing {
            parameter: "SAMLResponse",
            id,
            xml,
            location: &location,
            relay_state: request.relay_state.as_deref(),
            binding: request.binding,
        },
    )
}

/// `GET /logout?person=SUBJECT&sp=ENTITY_ID`: the person signs out here. Both may be left out: the last
/// session is meant then.
pub(super) async fn begin(world: web::Data<World>, fields: web::Query<Fields>) -> HttpResponse {
    world.count("logout");
    let fits = |open: &OpenSession| {
        fields.get("person").is_none_or(|person| *person == open.subject)
            && fields.get("sp").is_none_or(|sp| *sp == open.service_provider)
    };
    let open = world.with(|state| state.open.iter().rev().find(|open| fits(open)).cloned());
    let Some(open) = open else {
        return pages::refused(&world.name, "Nobody of that name is signed in there.");
    };
    let entry = world.service_provider(&open.service_provider);
    let Some(location) = entry.and_then(|entry| entry.slo_url) else {
        return pages::refused(&world.name, "There is no address to send the LogoutRequest to.");
    };
    let settings = world.settings();
    let id = fresh_id();
    let xml = request_xml(&world, &settings, (&id, &location), &open);
    let outgoing = Outgoing {
        parameter: "SAMLRequest",
        id,
        xml,
        location: &location,
        relay_state: Some("logout"),
        binding: settings.logout_binding,
    };
    send(&world, outgoing)
}

fn request_xml(
    world: &World,
    settings: &Settings,
    (id, location): (&str, &str),
    open: &OpenSession,
) -> String {
    let end = if settings.has(&Misbehaviour::LogoutExpired) { -HOUR } else { 300 };
    let index = match &open.session_index {
        Some(index) => format!("<samlp:SessionIndex>{}</samlp:SessionIndex>", text(index)),
        None => String::new(),
    };
    format!(
        "<samlp:LogoutRequest xmlns:samlp=\"{PROTOCOL}\" Destination=\"{destination}\" ID=\"{id}\" \
IssueInstant=\"{at}\" NotOnOrAfter=\"{end}\" Version=\"2.0\">\
<saml:Issuer xmlns:saml=\"{ASSERTION}\">{issuer}</saml:Issuer>{name_id}{index}</samlp:LogoutRequest>",
        destination = attribute(location),
        at = instant(world.now(), &settings.vendor),
        end = instant(world.now() + end, &settings.vendor),
        issuer = text(&world.entity_id()),
        name_id = lone_name_id(&open.name_id),
    )
}

fn send(world: &World, outgoing: Outgoing<'_>) -> HttpResponse {
    let sent = match outgoing.binding {
        Binding::Redirect => redirect(world, &outgoing)
            .map(|to| HttpResponse::Found().insert_header(("Location", to)).finish()),
        Binding::Post => post(world, outgoing),
    };
    sent.unwrap_or_else(|error| pages::refused(&world.name, &error.to_string()))
}

fn signer(world: &World) -> Result<Option<std::sync::Arc<super::signer::Signer>>, KeyError> {
    let settings = world.settings();
    if settings.has(&Misbehaviour::LogoutUnsigned) {
        return Ok(None);
    }
    if settings.has(&Misbehaviour::LogoutForeignKey) {
        return super::signer::Signer::foreign().map(Some);
    }
    world.signer().map(Some)
}

/// SAML Bindings 3.4.4.1: the signature is over the octets that are sent.
fn redirect(world: &World, outgoing: &Outgoing<'_>) -> Result<String, KeyError> {
    let settings = world.settings();
    let lower = Style::of(&settings.vendor).lower_case_percent;
    let message = packed(&outgoing.xml).map_err(|_| KeyError::Sign)?;
    let mut query = format!("{}={}", outgoing.parameter, percent(&message, lower));
    if let Some(relay_state) = outgoing.relay_state {
        query.push_str(&format!("&RelayState={}", percent(relay_state, lower)));
    }
    if let Some(signer) = signer(world)? {
        let algorithm = signer.algorithm(settings.hash);
        query.push_str(&format!("&SigAlg={}", percent(algorithm, lower)));
        let signature = signer.sign(query.as_bytes(), settings.hash)?;
        query.push_str(&format!("&Signature={}", percent(&STANDARD.encode(signature), lower)));
    }
    let separator = if outgoing.location.contains('?') { '&' } else { '?' };
    Ok(format!("{}{separator}{query}", outgoing.location))
}

fn post(world: &World, outgoing: Outgoing<'_>) -> Result<HttpResponse, KeyError> {
    let settings = world.settings();
    let mut xml = outgoing.xml;
    if let Some(signer) = signer(world)? {
        let style = Style { inclusive: &[], ..Style::of(&settings.vendor) };
        xml = signer.sign_element(xml, &outgoing.id, settings.hash, style)?;
    }
    let field = STANDARD.encode(xml);
    let mut fields = vec![(outgoing.parameter, field.as_str())];
    fields.extend(outgoing.relay_state.map(|relay_state| ("RelayState", relay_state)));
    Ok(pages::form_post(outgoing.location, &fields))
}

/// Percent-encoding (RFC 3986 section 2.1), with the hex digits of .NET if told so.
fn percent(text: &str, lower: bool) -> String {
    let mut out = String::new();
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(char::from(byte));
        } else if lower {
            out.push_str(&format!("%{byte:02x}"));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}
