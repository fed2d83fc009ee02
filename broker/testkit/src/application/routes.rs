//! The addresses of the demo application: extract, ask the relying party, show.

use std::collections::BTreeMap;

use actix_web::cookie::Cookie;
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};

use super::relying_party::{self, RelyingPartyError};
use super::{Shared, pages};
use crate::values::random_word;

const SESSION: &str = "demo_application_session";
const ATTEMPT: &str = "demo_application_attempt";

type Fields = web::Query<BTreeMap<String, String>>;

pub(super) async fn home(shared: web::Data<Shared>, request: HttpRequest) -> HttpResponse {
    let session = request.cookie(SESSION);
    let person =
        session.and_then(|cookie| shared.with(|state| state.sessions.get(cookie.value()).cloned()));
    match person {
        Some(person) => page(StatusCode::OK, pages::signed_in(&shared.name, &person)),
        None => page(StatusCode::OK, pages::welcome(&shared.name)),
    }
}

/// Passes `login_hint`, `prompt`, `max_age` and the like on, so that a test can ask for them.
pub(super) async fn sign_in(shared: web::Data<Shared>, extra: Fields) -> HttpResponse {
    match relying_party::begin(&shared, &extra).await {
        Ok((address, attempt)) => {
            let ticket = random_word();
            shared.with(|state| state.attempts.insert(ticket.clone(), attempt));
            leave(&address, ATTEMPT, ticket)
        }
        Err(error) => failed(&shared, &error),
    }
}

pub(super) async fn callback(
    shared: web::Data<Shared>,
    request: HttpRequest,
    answer: Fields,
) -> HttpResponse {
    let ticket = request.cookie(ATTEMPT).map(|cookie| cookie.value().to_owned());
    let attempt = ticket.and_then(|ticket| shared.with(|state| state.attempts.remove(&ticket)));
    match relying_party::complete(&shared, attempt, &answer).await {
        Ok(person) => {
            let session = random_word();
            shared.with(|state| {
                state.last = Some(person.clone());
                state.sessions.insert(session.clone(), person);
            });
            leave("/", SESSION, session)
        }
        Err(error) => failed(&shared, &error),
    }
}

pub(super) async fn sign_out(shared: web::Data<Shared>, request: HttpRequest) -> HttpResponse {
    let session = request.cookie(SESSION);
    let person =
        session.and_then(|cookie| shared.with(|state| state.sessions.remove(cookie.value())));
    match relying_party::end_session_address(&shared, person.as_ref()).await {
        Some(address) => leave(&address, SESSION, String::new()),
        None => page(StatusCode::OK, pages::signed_out(&shared.name)),
    }
}

/// Its public keys (RFC 7517 5), for those who check what it signs.
pub(super) async fn keys(shared: web::Data<Shared>) -> HttpResponse {
    let keys = shared.with(|state| {
        state.keys_asked += 1;
        state.keys.clone()
    });
    match keys {
        Some(keys) => HttpResponse::Ok().json(keys),
        None => HttpResponse::NotFound().finish(),
    }
}

fn leave(address: &str, cookie: &'static str, value: String) -> HttpResponse {
    let cookie = Cookie::build(cookie, value).path("/").http_only(true).finish();
    HttpResponse::Found().insert_header(("Location", address)).cookie(cookie).finish()
}

fn page(status: StatusCode, body: String) -> HttpResponse {
    HttpResponse::build(status)
        .content_type("text/html; charset=utf-8")
        .insert_header(("Cache-Control", "no-store"))
        .body(body)
}

fn failed(shared: &Shared, error: &RelyingPartyError) -> HttpResponse {
    page(StatusCode::BAD_REQUEST, pages::failed(&shared.name, error))
}
