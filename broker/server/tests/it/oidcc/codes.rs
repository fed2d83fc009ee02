//! The modules of the Basic and Form Post plans that concern the token endpoint: a code that comes twice, refresh
//! tokens, the secret in the form. Owns no test: the plans list them.

use chrono::TimeDelta;
use symbolon_identity::downstream::ApplicationAuthentication;
use symbolon_testkit::Browser;

use super::flow::{Done, ask, assert_token_error, code_of, looked_at, signed_in};
use crate::downstream::userinfo;
use crate::grants::{redeem, refresh, refreshing, text};
use crate::world::{TestApplication, TestBroker};

pub(super) async fn oidcc_codereuse(mode: &str) {
    used_again_after(mode, 0).await;
}

pub(super) async fn oidcc_codereuse_30seconds(mode: &str) {
    used_again_after(mode, 30).await;
}

async fn used_again_after(mode: &str, seconds: i64) {
    let world = TestBroker::start().await;
    let op = world.tenant("op").await;
    let app = op.application("client").await;
    let answer = ask(&app, &mut Browser::new().unwrap(), (mode, &[])).await;
    let held = signed_in(&app, &answer).await.tokens;
    world.clock.advance(TimeDelta::seconds(seconds));
    let again = redeem(&app, &answer["code"]).send().await;
    assert_token_error(&again, &[400], &["invalid_grant"]);
    assert_eq!(userinfo(&op, text(&held, "access_token")).await.status, 401, "RFC 6749 4.1.2");
}

/// Two applications, each with a refresh token.
pub(super) async fn oidcc_refresh_token(mode: &str) {
    let world = TestBroker::start().await;
    let op = world.tenant("op").await;
    let one = op.application_with("client", refreshing).await;
    let two = op.application_with("client2", refreshing).await;
    let (first, second) = (offline(&one, mode).await, offline(&two, mode).await);
    world.clock.advance(TimeDelta::minutes(1));
    let stolen = refresh(&one, text(&second.tokens, "refresh_token")).send().await;
    assert_token_error(&stolen, &[400], &["invalid_grant"]);
    for (app, old) in [(&one, first), (&two, second)] {
        renewed(app, &old).await;
    }
}

async fn offline(app: &TestApplication<'_>, mode: &str) -> Done {
    let change = [("scope", Some("openid offline_access")), ("prompt", Some("consent"))];
    let answer = ask(app, &mut Browser::new().unwrap(), (mode, &change)).await;
    signed_in(app, &answer).await
}

/// What a refresh may change, and what it may not (OpenID Core 12.2).
async fn renewed(app: &TestApplication<'_>, old: &Done) {
    let token = text(&old.tokens, "refresh_token");
    assert!(token.bytes().all(|byte| (0x20..=0x7e).contains(&byte)), "RFC 6749 A.17: {token}");
    let reply = refresh(app, token).send().await;
    assert_eq!((reply.status, reply.header("cache-control")), (200, "no-store"));
    assert_ne!(reply.text("access_token"), text(&old.tokens, "access_token"));
    let new = looked_at(app, reply.body).await.claims;
    for kept in ["iss", "sub", "aud", "auth_time", "azp"] {
        assert_eq!(old.claims[kept], new[kept], "{kept}");
    }
    assert!(new["iat"].as_i64() > old.claims["iat"].as_i64(), "{new}");
    assert!(new["nonce"].is_null() || new["nonce"] == old.claims["nonce"], "{new}");
}

pub(super) async fn oidcc_server_client_secret_post(mode: &str) {
    let world = TestBroker::start().await;
    let op = world.tenant("op").await;
    let way = ApplicationAuthentication::SecretPost;
    let app = op.application_with("client", |new| new.settings.authentication = way).await;
    let answer = ask(&app, &mut Browser::new().unwrap(), (mode, &[])).await;
    let code = code_of(&app, &answer);
    let in_form = redeem(&app, &code).with("client_id", "client").unauthenticated();
    let request = in_form.with("client_secret", app.secret.as_deref().unwrap());
    looked_at(&app, request.tokens().await).await;
}
