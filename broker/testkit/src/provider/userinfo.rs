//! The userinfo endpoint (OpenID Connect Core 5.3).

use actix_web::{HttpRequest, HttpResponse, web};
use serde_json::{Value, json};

use super::Misbehaviour;
use super::world::World;

pub(super) async fn userinfo(world: web::Data<World>, request: HttpRequest) -> HttpResponse {
    let faults = world.enter("userinfo");
    if faults.contains(&Misbehaviour::UserinfoDown) {
        return HttpResponse::InternalServerError().finish();
    }
    let bearer = request
        .headers()
        .get("authorization")
        .and_then(|header| header.to_str().ok())
        .and_then(|header| header.strip_prefix("Bearer "));
    let found = bearer.and_then(|bearer| {
        world.with(|state| {
            let subject = state.access_tokens.get(bearer)?;
            let user = state.user(subject)?;
            let mut claims = user.claims.clone();
            claims.extend(user.userinfo.clone());
            Some((subject.clone(), claims))
        })
    });
    let Some((subject, mut claims)) = found else {
        return HttpResponse::Unauthorized()
            .insert_header(("WWW-Authenticate", "Bearer error=\"invalid_token\""))
            .finish();
    };
    let subject = if faults.contains(&Misbehaviour::UserinfoOtherSubject) {
        "somebody-else".to_owned()
    } else {
        subject
    };
    claims.insert("sub".to_owned(), json!(subject));
    HttpResponse::Ok().json(Value::Object(claims))
}
