//! Discovery (OpenID Connect Discovery 1.0) and JWKS, with their faults.

use actix_web::{HttpResponse, web};
use serde_json::json;

use super::Misbehaviour;
use super::world::World;

pub(super) const EIGHT_MEBIBYTES: usize = 8 * 1024 * 1024;

pub(super) fn redirect(to: &str) -> HttpResponse {
    HttpResponse::Found().insert_header(("Location", to)).finish()
}

pub(super) fn html_answer() -> HttpResponse {
    HttpResponse::Ok()
        .content_type("text/html; charset=utf-8")
        .body("<!doctype html><title>Welcome</title><p>Please come back later.</p>")
}

pub(super) async fn discovery(world: web::Data<World>) -> HttpResponse {
    let mut issuer = world.issuer.clone();
    let mut jwks_uri = format!("{issuer}/jwks");
    let mut token_endpoint = format!("{issuer}/token");
    let mut padding = String::new();
    for fault in world.enter("discovery") {
        match fault {
            Misbehaviour::DiscoveryDown => return HttpResponse::ServiceUnavailable().finish(),
            Misbehaviour::DiscoveryNotJson => return html_answer(),
            Misbehaviour::DiscoveryRedirect(to) => return redirect(&to),
            Misbehaviour::DiscoveryIssuerOther => issuer = "https://issuer.invalid".to_owned(),
            Misbehaviour::DiscoveryHuge => padding = "x".repeat(EIGHT_MEBIBYTES),
            Misbehaviour::DiscoveryJwksPrivate(url) => jwks_uri = url,
            Misbehaviour::DiscoveryTokenEndpoint(url) => token_endpoint = url,
            _ => {}
        }
    }
    let base = &world.issuer;
    let mut document = json!({
        "issuer": issuer,
        "authorization_endpoint": format!("{base}/authorize"),
        "token_endpoint": token_endpoint,
        "userinfo_endpoint": format!("{base}/userinfo"),
        "jwks_uri": jwks_uri,
        "end_session_endpoint": format!("{base}/end-session"),
        "response_types_supported": ["code"],
        "response_modes_supported": ["query", "form_post"],
        "grant_types_supported": ["authorization_code"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["RS256", "ES256"],
        "token_endpoint_auth_methods_supported":
            ["client_secret_basic", "client_secret_post", "private_key_jwt", "none"],
        "code_challenge_methods_supported": ["S256"],
        "scopes_supported": ["openid", "profile", "email"],
        "claims_supported": ["sub", "email", "email_verified", "name", "preferred_username",
            "groups", "department", "jobTitle", "officeLocation"],
        "authorization_response_iss_parameter_supported":
            world.with(|state| state.iss_parameter),
    });
    if let (false, Some(fields)) = (padding.is_empty(), document.as_object_mut()) {
        fields.insert("padding".to_owned(), json!(padding));
    }
    HttpResponse::Ok().json(document)
}

/// Signs the browser out here, and sends it back (OpenID Connect RP-Initiated Logout 1.0).
pub(super) async fn end_session(
    world: web::Data<World>,
    query: web::Query<std::collections::BTreeMap<String, String>>,
) -> HttpResponse {
    world.enter("end_session");
    world.with(|state| state.last_end_session = query.0.clone());
    match query.get("post_logout_redirect_uri") {
        Some(back) => redirect(back),
        None => html_answer(),
    }
}

pub(super) async fn jwks(world: web::Data<World>) -> HttpResponse {
    for fault in world.enter("jwks") {
        match fault {
            Misbehaviour::JwksDown => return HttpResponse::ServiceUnavailable().finish(),
            Misbehaviour::JwksRedirect(to) => return redirect(&to),
            _ => {}
        }
    }
    HttpResponse::Ok().json(json!({"keys": world.with(|state| state.public_keys())}))
}
