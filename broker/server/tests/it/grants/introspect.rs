//! What a token is worth, told to whom it concerns (R-16, RFC 7662).

use chrono::TimeDelta;
use serde_json::{Value, json};
use symbolon_storage::UserStatus;

use super::resources::with_resources;
use super::service::{own, robot};
use super::{ask, redeem, refresh, refreshing, text};
use crate::downstream::{assert_refused, disable, only_user, part, set_status, tokens};
use crate::world::{TestApplication, TestBroker};

async fn told(app: &TestApplication<'_>, token: &str) -> Value {
    let reply = ask(app, "introspect").with("token", token).send().await;
    assert_eq!((reply.status, reply.header("cache-control")), (200, "no-store"), "{}", reply.body);
    reply.body
}

async fn assert_inactive(app: &TestApplication<'_>, token: &str) {
    assert_eq!(told(app, token).await, json!({ "active": false }));
}

#[actix_web::test]
async fn rfc7662_the_owner_learns_what_its_tokens_are_worth() {
    let world = TestBroker::start().await;
    let contoso = world.tenant("contoso").await;
    let wiki = contoso.application_with("wiki", refreshing).await;
    let held = tokens(&wiki, &[]).await;
    let subject = part(text(&held, "id_token"), 1)["sub"].clone();
    let access = told(&wiki, text(&held, "access_token")).await;
    let iat = access["iat"].as_i64().unwrap();
    let expected = json!({
        "active": true, "iss": contoso.issuer(), "aud": contoso.issuer(), "sub": subject,
        "client_id": "wiki", "scope": "openid profile email roles", "token_type": "Bearer",
        "iat": iat, "exp": iat + 3600,
    });
    assert_eq!(access, expected);
    let refresh_token = told(&wiki, text(&held, "refresh_token")).await;
    assert_eq!((&refresh_token["active"], refresh_token.get("token_type")), (&json!(true), None));
    refresh(&wiki, text(&held, "refresh_token")).tokens().await;
    assert_inactive(&wiki, text(&held, "refresh_token")).await;
    for nothing in ["x", "a.b.c", text(&held, "id_token")] {
        assert_inactive(&wiki, nothing).await;
    }
    world.clock.advance(TimeDelta::hours(1));
    assert_inactive(&wiki, text(&held, "access_token")).await;
}

#[actix_web::test]
async fn rfc7662_others_learn_nothing_but_a_resource_server_of_the_token() {
    let world = TestBroker::start().await;
    let contoso = world.tenant("contoso").await;
    let fabrikam = world.tenant("fabrikam").await;
    let wiki = contoso.application_with("wiki", with_resources).await;
    let other = contoso.application("other").await;
    let api = contoso.application_with("api", with_resources).await;
    let elsewhere = fabrikam.application_with("wiki", with_resources).await;
    let held = redeem(&wiki, &wiki.code("alice", &[]).await).tokens().await;
    let files = "https://files.example";
    let for_files = refresh(&wiki, text(&held, "refresh_token")).with("resource", files);
    let for_files = for_files.tokens().await;
    let token = text(&for_files, "access_token");
    assert_eq!(told(&api, token).await["aud"], files);
    assert_eq!(told(&wiki, token).await["active"], true);
    assert_inactive(&other, token).await;
    assert_inactive(&elsewhere, token).await;
    for field in ["access_token", "refresh_token"] {
        assert_inactive(&api, text(&held, field)).await;
        assert_inactive(&elsewhere, text(&for_files, field)).await;
    }
    let phone = contoso.application_with("phone", |new| new.public = true).await;
    let public = ask(&phone, "introspect").with("token", token).send().await;
    let expected = "401 invalid_client token.client_authentication_missing";
    assert_refused(&contoso, &public, expected).await;
}

#[actix_web::test]
async fn e7_introspection_asks_the_gate_again() {
    let world = TestBroker::start().await;
    let contoso = world.tenant("contoso").await;
    let wiki = contoso.application_with("wiki", refreshing).await;
    let app = contoso.application_with("robot", robot).await;
    let held = tokens(&wiki, &[]).await;
    let service = own(&app).tokens().await;
    assert_eq!(told(&app, text(&service, "access_token")).await["sub"], "robot");
    let user = only_user(&contoso).await;
    set_status(&contoso, &user, UserStatus::Inactive).await;
    for field in ["access_token", "refresh_token"] {
        assert_inactive(&wiki, text(&held, field)).await;
    }
    disable(&contoso, "robot").await;
    let off = ask(&app, "introspect").with("token", text(&service, "access_token")).refusal().await;
    assert_eq!(off, "403 unauthorized_client application.disabled");
}
