//! The token endpoint (OpenID Connect Core 3.1.3): codes against tokens.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use serde_json::{Value, json};

use super::client_authentication::{Authenticated, authenticate};
use super::documents::{EIGHT_MEBIBYTES, html_answer, redirect};
use super::world::{Fields, Grant, World};
use super::{Misbehaviour, id_token};
use crate::values::{random_word, sha256_base64url};

/// An OAuth error (RFC 6749 section 5.2).
type Refusal = (StatusCode, &'static str, &'static str);

pub(super) async fn token(
    world: web::Data<World>,
    request: HttpRequest,
    form: web::Form<Fields>,
) -> HttpResponse {
    let faults = world.enter("token");
    world.with(|state| state.last_token = form.0.clone());
    for fault in &faults {
        match fault {
            Misbehaviour::TokenEndpointHtml => return html_answer(),
            Misbehaviour::TokenEndpoint500 => return HttpResponse::InternalServerError().finish(),
            Misbehaviour::TokenEndpointRedirect(to) => return redirect(to),
            Misbehaviour::TokenEndpointHangs => std::future::pending().await,
            Misbehaviour::TokenEndpointInvalidClient => {
                return refuse((StatusCode::UNAUTHORIZED, "invalid_client", "as told"));
            }
            _ => {}
        }
    }
    match exchange(&world, &request, &form, &faults) {
        Ok(tokens) => HttpResponse::Ok().insert_header(("Cache-Control", "no-store")).json(tokens),
        Err(refusal) => refuse(refusal),
    }
}

fn refuse((status, code, why): Refusal) -> HttpResponse {
    HttpResponse::build(status).json(json!({"error": code, "error_description": why}))
}

fn exchange(
    world: &World,
    request: &HttpRequest,
    form: &Fields,
    faults: &[Misbehaviour],
) -> Result<Value, Refusal> {
    let client = authenticate(world, request, form)
        .map_err(|why| (StatusCode::UNAUTHORIZED, "invalid_client", why))?;
    world.with(|state| state.last_authentication = Some(client.method));
    if form.get("grant_type").map(String::as_str) != Some("authorization_code") {
        return Err((StatusCode::BAD_REQUEST, "unsupported_grant_type", "only authorization_code"));
    }
    let grant = redeem(world, form, &client)
        .map_err(|why| (StatusCode::BAD_REQUEST, "invalid_grant", why))?;
    let access_token = random_word();
    let id_token = id_token::issue(world, &grant, &client, &access_token)
        .map_err(|_| (StatusCode::INTERNAL_SERVER_ERROR, "server_error", "cannot sign"))?;
    world.with(|state| {
        state.access_tokens.insert(access_token.clone(), grant.subject);
    });
    let mut tokens = json!({
        "access_token": access_token,
        "token_type": "Bearer",
        "expires_in": 300,
        "id_token": id_token,
    });
    if let Some(fields) = tokens.as_object_mut() {
        if faults.contains(&Misbehaviour::NoIdToken) {
            fields.remove("id_token");
        }
        if faults.contains(&Misbehaviour::HugeTokenResponse) {
            fields.insert("padding".to_owned(), json!("x".repeat(EIGHT_MEBIBYTES)));
        }
    }
    Ok(tokens)
}

/// Takes the code, which is gone afterwards whatever comes of it.
fn redeem(world: &World, form: &Fields, client: &Authenticated) -> Result<Grant, &'static str> {
    let code = form.get("code").ok_or("no code")?;
    let grant = world.with(|state| state.codes.remove(code)).ok_or("unknown or used code")?;
    if grant.client_id != client.client_id {
        return Err("the code belongs to another client");
    }
    if form.get("redirect_uri") != Some(&grant.redirect_uri) {
        return Err("another redirect_uri than before");
    }
    let verifier = form.get("code_verifier").map(|verifier| sha256_base64url(verifier));
    if verifier != grant.code_challenge {
        return Err("the code_verifier does not fit (RFC 7636 section 4.6)");
    }
    Ok(grant)
}
