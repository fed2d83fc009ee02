//! The modules about the token endpoint (FA-07, FA-08, FA-12): whose code it is, once, with its verifier, and what
//! a refresh token is worth to whom.

use chrono::TimeDelta;

use super::{Bank, bank, key};
use crate::grants::{ask, redeem, refresh, text};
use crate::oidcc::flow::assert_token_error;
use crate::world::TestBroker;

#[actix_web::test]
async fn fapi2_security_profile_final_ensure_client_id_in_token_endpoint() {
    let world = TestBroker::start().await;
    let contoso = world.tenant("contoso").await;
    let (mut one, two) = (bank(&contoso, "bank").await, bank(&contoso, "shop").await);
    let code = one.code(&[]).await;
    let other = one.redeem(&code).with("client_id", &two.app.id).proof(&one.key).send().await;
    assert_token_error(
        &other,
        &[400, 401],
        &["invalid_client", "invalid_grant", "invalid_request"],
    );
    one.redeem(&code).with("client_id", &one.app.id).proof(&one.key).tokens().await;
}

#[actix_web::test]
async fn fapi2_security_profile_final_ensure_authorization_code_is_bound_to_client() {
    let world = TestBroker::start().await;
    let contoso = world.tenant("contoso").await;
    let (mut one, two) = (bank(&contoso, "bank").await, bank(&contoso, "shop").await);
    let code = one.code(&[]).await;
    let reply = two.redeem(&code).proof(&two.key).send().await;
    assert_token_error(&reply, &[400], &["invalid_grant"]);
    assert_eq!(reply.text("reason"), "token.code_other_application");
    one.redeem(&code).proof(&one.key).tokens().await;
}

#[actix_web::test]
async fn fapi2_security_profile_final_ensure_token_endpoint_fails_with_expired_auth_code() {
    let world = TestBroker::start().await;
    let contoso = world.tenant("contoso").await;
    let mut bank = bank(&contoso, "bank").await;
    let code = bank.code(&[]).await;
    world.clock.advance(TimeDelta::seconds(61));
    let reply = bank.redeem(&code).proof(&bank.key).send().await;
    assert_token_error(&reply, &[400], &["invalid_grant"]);
    assert_eq!(reply.text("reason"), "token.code_expired");
}

#[actix_web::test]
async fn fapi2_security_profile_final_attempt_reuse_authorization_code_after_one_second() {
    let world = TestBroker::start().await;
    let contoso = world.tenant("contoso").await;
    let mut bank = bank(&contoso, "bank").await;
    let code = bank.code(&[]).await;
    let held = bank.redeem(&code).proof(&bank.key).tokens().await;
    bank.looked_at(&held).await;
    world.clock.advance(TimeDelta::seconds(1));
    let again = bank.redeem(&code).proof(&bank.key).send().await;
    assert_token_error(&again, &[400], &["invalid_grant"]);
    assert_eq!(again.text("reason"), "token.code_reused");
    assert_eq!(bank.userinfo(text(&held, "access_token")).await.status, 401, "revoked with it");
}

/// A code with another verifier, or with none.
async fn verified_by(verifier: Option<&str>) {
    let world = TestBroker::start().await;
    let contoso = world.tenant("contoso").await;
    let mut bank = bank(&contoso, "bank").await;
    let (code, uri) = (bank.code(&[]).await, bank.app.running.redirect_uri());
    let ask = ask(&bank.app, "token").with("grant_type", "authorization_code").with("code", &code);
    let ask = ask.with("redirect_uri", &uri).signed_by(&bank.key).proof(&bank.key);
    let ask = verifier.into_iter().fold(ask, |ask, one| ask.with("code_verifier", one));
    let reply = ask.send().await;
    assert_token_error(&reply, &[400], &["invalid_grant"]);
    assert_eq!(reply.text("reason"), "token.pkce_mismatch");
}

#[actix_web::test]
async fn fapi2_security_profile_final_ensure_pkce_code_verifier_required() {
    verified_by(None).await;
}

#[actix_web::test]
async fn fapi2_security_profile_final_incorrect_pkce_code_verifier_rejected() {
    verified_by(Some("another-verifier-another-verifier-another-verifier")).await;
}

#[actix_web::test]
async fn fapi2_security_profile_final_ensure_holder_of_key_required() {
    let world = TestBroker::start().await;
    let contoso = world.tenant("contoso").await;
    let mut bank = bank(&contoso, "bank").await;
    let code = bank.code(&[]).await;
    let bare = bank.redeem(&code).send().await;
    assert_token_error(&bare, &[400], &["invalid_request", "invalid_grant", "invalid_dpop_proof"]);
    // Only the proof was missing.
    bank.redeem(&code).proof(&bank.key).tokens().await;
}

/// Two applications; a refresh token is good for its own, which proves itself and holds the key (FA-12).
#[actix_web::test]
async fn fapi2_security_profile_final_refresh_token() {
    let world = TestBroker::start().await;
    let contoso = world.tenant("contoso").await;
    let (mut one, mut two) = (bank(&contoso, "bank").await, bank(&contoso, "shop").await);
    let (mine, foreign) = (renewed(&mut one).await, renewed(&mut two).await);
    let unauthenticated = refresh(&one.app, &mine).proof(&one.key).send().await;
    let unsaid = ["invalid_client", "invalid_grant", "invalid_request"];
    assert_token_error(&unauthenticated, &[400, 401], &unsaid);
    let unproved = refresh(&one.app, &mine).signed_by(&one.key).send().await;
    let unbound = ["invalid_request", "invalid_grant", "invalid_dpop_proof"];
    assert_token_error(&unproved, &[400], &unbound);
    let stolen = refresh(&one.app, &foreign).signed_by(&one.key).proof(&one.key).send().await;
    assert_token_error(&stolen, &[400], &["invalid_grant"]);
    // None of it cost the owners anything.
    for (bank, token) in [(&one, mine), (&two, foreign)] {
        refresh(&bank.app, &token).signed_by(&bank.key).proof(&bank.key).tokens().await;
    }
}

/// Signs in and renews three times; the refresh token stays the same.
async fn renewed(bank: &mut Bank<'_>) -> String {
    let change = [("scope", Some("openid offline_access")), ("prompt", Some("consent"))];
    let pushed = bank.pushed(&change).await;
    let mut page = crate::downstream::open(&bank.app, &mut bank.browser, &pushed).await;
    if page.has("allow") {
        page = bank.browser.click("allow").await.unwrap();
    }
    let code = crate::downstream::code_of(&bank.app, &page);
    let held = bank.redeem(&code).proof(&bank.key).tokens().await;
    let (old, token) = (bank.looked_at(&held).await, text(&held, "refresh_token").to_owned());
    assert!(token.bytes().all(|byte| (0x20..=0x7e).contains(&byte)), "RFC 6749 A.17: {token}");
    for _ in 0..3 {
        let renewed =
            refresh(&bank.app, &token).signed_by(&bank.key).proof(&bank.key).tokens().await;
        assert!(renewed.get("refresh_token").is_none(), "not rotated: {renewed}");
        let new = bank.looked_at(&renewed).await;
        for same in ["iss", "sub", "aud", "auth_time"] {
            assert_eq!(old[same], new[same], "{same}");
        }
    }
    token
}

#[actix_web::test]
async fn fapi2_security_profile_final_ensure_token_endpoint_fails_with_mismatched_dpop_proof_jkt() {
    let world = TestBroker::start().await;
    let contoso = world.tenant("contoso").await;
    let mut bank = bank(&contoso, "bank").await;
    let pushed = bank.push(&[]).proof(&bank.key).send().await;
    let code = super::code_in(&bank.answer(pushed).await);
    let reply = bank.redeem(&code).proof(&key()).send().await;
    assert_token_error(&reply, &[400], &["invalid_request", "invalid_grant", "invalid_dpop_proof"]);
    // Without any proof it is no better.
    assert_eq!(redeem(&bank.app, &code).signed_by(&bank.key).send().await.status, 400);
}

#[actix_web::test]
async fn fapi2_security_profile_final_ensure_token_endpoint_fails_with_mismatched_dpop_jkt() {
    let world = TestBroker::start().await;
    let contoso = world.tenant("contoso").await;
    let mut bank = bank(&contoso, "bank").await;
    let code = bank.code(&[("dpop_jkt", Some(&key().thumbprint().unwrap()))]).await;
    let reply = bank.redeem(&code).proof(&bank.key).send().await;
    assert_token_error(&reply, &[400], &["invalid_request", "invalid_grant", "invalid_dpop_proof"]);
}
