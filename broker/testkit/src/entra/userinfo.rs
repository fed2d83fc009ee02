//! The userinfo endpoint, which Microsoft serves at Graph.

use actix_web::{HttpRequest, HttpResponse, web};
use serde_json::json;

use super::world::{Bearer, World};
use crate::values::sha256_base64url;

pub(super) async fn userinfo(world: web::Data<World>, request: HttpRequest) -> HttpResponse {
    world.enter("userinfo");
    let header = request.headers().get("authorization").and_then(|header| header.to_str().ok());
    let word = header.and_then(|header| header.strip_prefix("Bearer ")).unwrap_or_default();
    let found = world.with(|state| {
        let access = state.access_tokens.get(word)?.clone();
        let Bearer::Person { oid, .. } = &access.bearer else {
            return None;
        };
        let (directory, person) = state.person(&access.tid, oid)?;
        let pair = format!("{}|{}|{}", access.client_id, directory.id, person.id);
        Some(json!({
            "sub": sha256_base64url(&pair),
            "name": person.text("displayName"),
            "given_name": person.text("givenName"),
            "family_name": person.text("surname"),
            "email": person.text("mail"),
        }))
    });
    match found {
        Some(claims) => HttpResponse::Ok().json(claims),
        None => HttpResponse::Unauthorized()
            .insert_header(("WWW-Authenticate", "Bearer error=\"invalid_token\""))
            .finish(),
    }
}
