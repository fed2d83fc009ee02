//! The authorization endpoint (OpenID Connect Core 3.1.2): checks, the page, the answer.

use actix_web::cookie::Cookie;
use actix_web::{HttpRequest, HttpResponse, web};

use super::Misbehaviour;
use super::pages;
use super::world::{Fields, Grant, Session, World};
use crate::values::{form_body, random_word};

const SESSION_COOKIE: &str = "demo_provider_session";

pub(super) async fn from_query(
    world: web::Data<World>,
    request: HttpRequest,
    fields: web::Query<Fields>,
) -> HttpResponse {
    authorize(&world, &request, &fields)
}

pub(super) async fn from_form(
    world: web::Data<World>,
    request: HttpRequest,
    fields: web::Form<Fields>,
) -> HttpResponse {
    authorize(&world, &request, &fields)
}

fn authorize(world: &World, request: &HttpRequest, fields: &Fields) -> HttpResponse {
    let faults = world.enter("authorize");
    world.with(|state| state.last_authorize = fields.clone());
    if let Err(problem) = redirect_target(world, fields) {
        return pages::refused(&world.name, problem);
    }
    for fault in &faults {
        if let Misbehaviour::AuthorizeError(code) = fault {
            return answer(world, fields, &[("error", code), ("error_description", "as told")]);
        }
    }
    if let Err((code, why)) = check(fields) {
        return answer(world, fields, &[("error", code), ("error_description", why)]);
    }
    if has_prompt(fields, "none") {
        return silently(world, request, fields);
    }
    let hint = fields.get("login_hint").map(String::as_str);
    if let Some(subject) = world.with(|state| state.automatic_subject(hint)) {
        return signed_in(world, fields, &subject, world.now());
    }
    let ticket = random_word();
    let users = world.with(|state| {
        state.waiting.insert(ticket.clone(), fields.clone());
        state.users.clone()
    });
    pages::sign_in((&world.name, "/authorize/decision"), &ticket, &users, hint)
}

/// The person has clicked.
pub(super) async fn decision(world: web::Data<World>, form: web::Form<Fields>) -> HttpResponse {
    world.enter("decision");
    let ticket = form.get("request").cloned().unwrap_or_default();
    let Some(fields) = world.with(|state| state.waiting.remove(&ticket)) else {
        return pages::refused(&world.name, "This page was used before, or it is too old.");
    };
    match form.get("subject") {
        Some(subject) if world.with(|state| state.user(subject).is_some()) => {
            signed_in(&world, &fields, subject, world.now())
        }
        Some(_) => pages::refused(&world.name, "Nobody of that name is here."),
        None => answer(
            &world,
            &fields,
            &[("error", "access_denied"), ("error_description", "the person cancelled")],
        ),
    }
}

/// Nothing may be sent to a redirect URI that is not registered (RFC 6749 section 4.1.2.1).
fn redirect_target(world: &World, fields: &Fields) -> Result<(), &'static str> {
    let id = fields.get("client_id").ok_or("The request names no client_id.")?;
    let uri = fields.get("redirect_uri").ok_or("The request names no redirect_uri.")?;
    world.with(|state| {
        let client = state.client(id).ok_or("This client_id is not registered here.")?;
        if client.redirect_uris.contains(uri) {
            Ok(())
        } else {
            Err("This redirect_uri is not registered for the client.")
        }
    })
}

fn check(fields: &Fields) -> Result<(), (&'static str, &'static str)> {
    if fields.get("response_type").map(String::as_str) != Some("code") {
        return Err(("unsupported_response_type", "only code is served"));
    }
    let scopes = fields.get("scope").map(String::as_str).unwrap_or_default();
    if !scopes.split(' ').any(|scope| scope == "openid") {
        return Err(("invalid_scope", "openid is missing"));
    }
    let method = fields.get("code_challenge_method").map(String::as_str);
    if fields.contains_key("code_challenge") && method != Some("S256") {
        return Err(("invalid_request", "code_challenge_method must be S256"));
    }
    if !matches!(
        fields.get("response_mode").map(String::as_str),
        None | Some("query" | "form_post")
    ) {
        return Err(("invalid_request", "response_mode must be query or form_post"));
    }
    Ok(())
}

fn has_prompt(fields: &Fields, wanted: &str) -> bool {
    fields.get("prompt").is_some_and(|prompt| prompt.split(' ').any(|word| word == wanted))
}

/// `prompt=none`: only a session of this browser, fresh enough for `max_age`, helps.
fn silently(world: &World, request: &HttpRequest, fields: &Fields) -> HttpResponse {
    let session = request
        .cookie(SESSION_COOKIE)
        .and_then(|cookie| world.with(|state| state.sessions.get(cookie.value()).cloned()));
    let max_age = fields.get("max_age").and_then(|age| age.parse::<i64>().ok());
    match session {
        Some(session) if max_age.is_none_or(|age| world.now() - session.auth_time <= age) => {
            signed_in(world, fields, &session.subject, session.auth_time)
        }
        _ => answer(
            world,
            fields,
            &[("error", "login_required"), ("error_description", "no session")],
        ),
    }
}

fn signed_in(world: &World, fields: &Fields, subject: &str, auth_time: i64) -> HttpResponse {
    let code = random_word();
    let cookie = random_word();
    let field = |name: &str| fields.get(name).cloned();
    world.with(|state| {
        let grant = Grant {
            client_id: field("client_id").unwrap_or_default(),
            redirect_uri: field("redirect_uri").unwrap_or_default(),
            subject: subject.to_owned(),
            auth_time,
            nonce: field("nonce"),
            code_challenge: field("code_challenge"),
        };
        state.codes.insert(code.clone(), grant);
        let session = Session { subject: subject.to_owned(), auth_time };
        state.sessions.insert(cookie.clone(), session);
    });
    let mut response = answer(world, fields, &[("code", &code)]);
    let cookie = Cookie::build(SESSION_COOKIE, cookie).path("/").http_only(true).finish();
    // A cookie that cannot be set costs only the next prompt=none.
    let _ = response.add_cookie(&cookie);
    response
}

/// Sends the answer back in the response mode that was asked for.
fn answer(world: &World, fields: &Fields, values: &[(&str, &str)]) -> HttpResponse {
    let (faults, iss_parameter) = world.with(|state| (state.faults.clone(), state.iss_parameter));
    let mut values = values.to_vec();
    if let Some(state) = fields.get("state") {
        values.push(("state", state));
    }
    if faults.contains(&Misbehaviour::IssParameterWrong) {
        values.push(("iss", "https://issuer.invalid"));
    } else if iss_parameter && !faults.contains(&Misbehaviour::NoIssParameter) {
        values.push(("iss", &world.issuer));
    }
    let target = fields.get("redirect_uri").map(String::as_str).unwrap_or_default();
    if fields.get("response_mode").map(String::as_str) == Some("form_post") {
        return pages::form_post(target, &values);
    }
    let separator = if target.contains('?') { '&' } else { '?' };
    super::documents::redirect(&format!("{target}{separator}{}", form_body(values)))
}
