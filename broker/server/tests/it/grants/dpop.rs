//! Tokens that are bound to a key (R-23, RFC 9449; FA-10, FA-11 at the endpoints, the proofs themselves in `jose`).

use chrono::TimeDelta;
use serde_json::{Value, json};
use symbolon_identity::clock::Clock as _;
use symbolon_testkit::{ApplicationAlgorithm, ApplicationKey};

use super::service::{own, robot};
use super::{redeem, refresh, refreshing, text, userinfo_by};
use crate::downstream::{assert_refused, tokens, userinfo};
use crate::world::{TestApplication, TestBroker, answer, post_form};

fn key() -> ApplicationKey {
    ApplicationKey::new(ApplicationAlgorithm::Es256).unwrap()
}

/// A proof for UserInfo with this token.
fn for_userinfo(app: &TestApplication<'_>, key: &ApplicationKey, token: &str) -> String {
    let url = format!("{}/userinfo", app.tenant.issuer());
    key.proof(("GET", &url), Some(token), app.tenant.world.clock.now().timestamp()).unwrap()
}

async fn bound<'a>(app: &'a TestApplication<'a>, key: &ApplicationKey) -> Value {
    redeem(app, &app.code("alice", &[]).await).proof(key).tokens().await
}

#[actix_web::test]
async fn rfc9449_a_proof_binds_the_access_token_to_its_key() {
    let world = TestBroker::start().await;
    let contoso = world.tenant("contoso").await;
    let wiki = contoso.application_with("wiki", refreshing).await;
    let (mine, other) = (key(), key());
    let held = bound(&wiki, &mine).await;
    let token = text(&held, "access_token");
    assert_eq!(text(&held, "token_type"), "DPoP");
    // FA-11: the scheme in any case.
    for scheme in ["DPoP", "dpop", "DPOP"] {
        let proof = for_userinfo(&wiki, &mine, token);
        assert_eq!(userinfo_by(&wiki, (token, scheme), Some(proof)).await.status, 200, "{scheme}");
    }
    // A bound token is no bearer token, a bearer token is no bound one (RFC 9449 7.1, 7.2).
    let downgraded = userinfo(&contoso, token).await;
    assert_refused(&contoso, &downgraded, "401 invalid_token userinfo.token_invalid").await;
    let free = tokens(&wiki, &[]).await;
    let free = text(&free, "access_token");
    let dressed = userinfo_by(&wiki, (free, "DPoP"), Some(for_userinfo(&wiki, &mine, free))).await;
    assert_refused(&contoso, &dressed, "401 invalid_token userinfo.token_invalid").await;
    // Every proof that is not for this request, by this key, with this token.
    let now = world.clock.now().timestamp();
    let url = format!("{}/userinfo", contoso.issuer());
    let wrong = [
        None,
        Some("nonsense".to_owned()),
        Some(for_userinfo(&wiki, &other, token)),
        Some(for_userinfo(&wiki, &mine, free)),
        Some(mine.proof(("GET", &url), None, now).unwrap()),
        Some(mine.proof(("POST", &url), Some(token), now).unwrap()),
        Some(mine.proof(("GET", &contoso.issuer()), Some(token), now).unwrap()),
        Some(mine.proof(("GET", &url), Some(token), now - 3600).unwrap()),
        Some(mine.proof(("GET", &url), Some(token), now + 3600).unwrap()),
    ];
    for proof in wrong {
        let reply = userinfo_by(&wiki, (token, "DPoP"), proof).await;
        let expected = "401 invalid_dpop_proof userinfo.dpop_proof_invalid";
        assert_refused(&contoso, &reply, expected).await;
        let challenge = reply.header("www-authenticate");
        assert!(challenge.starts_with("DPoP error=\"invalid_dpop_proof\""), "{challenge}");
        assert!(challenge.contains("algs=\"PS256 ES256 EdDSA"), "{challenge}");
    }
}

#[actix_web::test]
async fn rfc9449_a_proof_is_taken_once() {
    let world = TestBroker::start().await;
    let contoso = world.tenant("contoso").await;
    let wiki = contoso.application_with("wiki", robot).await;
    let mine = key();
    let now = world.clock.now().timestamp();
    let proof = mine.proof(("POST", &own(&wiki).url()), None, now).unwrap();
    let held = own(&wiki).header("dpop", proof.clone()).tokens().await;
    assert_eq!(text(&held, "token_type"), "DPoP");
    let again = own(&wiki).header("dpop", proof).send().await;
    assert_refused(&contoso, &again, "400 invalid_dpop_proof token.dpop_proof_replayed").await;
    let held = redeem(&wiki, &wiki.code("alice", &[]).await).proof(&mine).tokens().await;
    let token = text(&held, "access_token");
    let proof = for_userinfo(&wiki, &mine, token);
    assert_eq!(userinfo_by(&wiki, (token, "DPoP"), Some(proof.clone())).await.status, 200);
    assert_eq!(userinfo_by(&wiki, (token, "DPoP"), Some(proof)).await.status, 401);
}

#[actix_web::test]
async fn fa10_the_clock_of_a_proof_may_be_off_by_seconds_not_by_hours() {
    let world = TestBroker::start().await;
    let contoso = world.tenant("contoso").await;
    let wiki = contoso.application_with("wiki", robot).await;
    let mine = key();
    let at = |off: i64| {
        let now = world.clock.now().timestamp() + off;
        own(&wiki).header("dpop", mine.proof(("POST", &own(&wiki).url()), None, now).unwrap())
    };
    for fine in [-10, 0, 10] {
        at(fine).tokens().await;
    }
    for wrong in [-3600, 3600] {
        assert_eq!(at(wrong).refusal().await, "400 invalid_dpop_proof token.dpop_proof_invalid");
    }
}

#[actix_web::test]
async fn rfc9449_two_proofs_or_a_broken_one_are_no_proof() {
    let world = TestBroker::start().await;
    let contoso = world.tenant("contoso").await;
    let wiki = contoso.application_with("wiki", robot).await;
    let (mine, other) = (key(), key());
    let refused = "400 invalid_dpop_proof token.dpop_proof_invalid";
    assert_eq!(own(&wiki).proof(&mine).proof(&other).refusal().await, refused);
    for broken in ["", "x", "a.b.c"] {
        let reply = own(&wiki).header("dpop", broken.to_owned()).refusal().await;
        assert_eq!(reply, refused, "{broken}");
    }
}

#[actix_web::test]
async fn rfc9449_an_application_that_must_bind_its_tokens_gets_no_others() {
    let world = TestBroker::start().await;
    let contoso = world.tenant("contoso").await;
    let wiki = contoso
        .application_with("wiki", |new| {
            robot(new);
            new.settings.dpop_bound_access_tokens = true;
        })
        .await;
    let refused = own(&wiki).send().await;
    assert_refused(&contoso, &refused, "400 invalid_dpop_proof token.dpop_proof_invalid").await;
    let code = wiki.code("alice", &[]).await;
    assert_eq!(redeem(&wiki, &code).send().await.status, 400);
    // The code is not spent: what is missing is seen before.
    redeem(&wiki, &code).proof(&key()).tokens().await;
}

#[actix_web::test]
async fn rfc9449_the_refresh_tokens_of_a_public_application_are_bound_too() {
    let world = TestBroker::start().await;
    let contoso = world.tenant("contoso").await;
    let phone = contoso
        .application_with("phone", |new| {
            refreshing(new);
            new.public = true;
        })
        .await;
    let wiki = contoso.application_with("wiki", refreshing).await;
    let (mine, other) = (key(), key());
    let held = bound(&phone, &mine).await;
    let token = text(&held, "refresh_token");
    let refused = "400 invalid_grant token.dpop_key_mismatch";
    assert_eq!(refresh(&phone, token).refusal().await, refused);
    assert_eq!(refresh(&phone, token).proof(&other).refusal().await, refused);
    let renewed = refresh(&phone, token).proof(&mine).tokens().await;
    assert_eq!(text(&renewed, "token_type"), "DPoP");
    // One that proves itself may change its key (RFC 9449 5).
    let held = bound(&wiki, &mine).await;
    let renewed = refresh(&wiki, text(&held, "refresh_token")).proof(&other).tokens().await;
    let token = text(&renewed, "access_token");
    let proof = for_userinfo(&wiki, &other, token);
    assert_eq!(userinfo_by(&wiki, (token, "DPoP"), Some(proof)).await.status, 200);
}

#[actix_web::test]
async fn rfc9449_a_token_in_the_body_is_a_bearer_token() {
    let world = TestBroker::start().await;
    let contoso = world.tenant("contoso").await;
    let wiki = contoso.application_with("wiki", refreshing).await;
    let held = bound(&wiki, &key()).await;
    let url = format!("{}/userinfo", contoso.issuer());
    let (status, body) =
        answer(post_form(&url, &[("access_token", text(&held, "access_token"))])).await;
    assert_eq!((status, &body["error"]), (401, &json!("invalid_token")));
    world.clock.advance(TimeDelta::seconds(1));
}
