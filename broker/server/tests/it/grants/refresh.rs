//! Tokens are renewed (R-13, RFC 6749 6, OpenID Core 12).

use chrono::TimeDelta;
use serde_json::Value;

use super::{ask, redeem, refresh, refreshing, text};
use crate::downstream::{assert_refused, part, tokens, userinfo};
use crate::world::TestBroker;

#[actix_web::test]
async fn r13_only_applications_that_registered_it_get_refresh_tokens() {
    let world = TestBroker::start().await;
    let contoso = world.tenant("contoso").await;
    let wiki = contoso.application_with("wiki", refreshing).await;
    let plain = contoso.application("plain").await;
    assert!(tokens(&plain, &[]).await.get("refresh_token").is_none());
    let first = tokens(&wiki, &[]).await;
    let second = refresh(&wiki, text(&first, "refresh_token")).tokens().await;
    let third = refresh(&wiki, text(&second, "refresh_token")).tokens().await;
    for (one, other) in [(&first, &second), (&second, &third), (&first, &third)] {
        assert_ne!(one["refresh_token"], other["refresh_token"]);
        assert_ne!(one["access_token"], other["access_token"]);
    }
    assert_eq!(third["scope"], "openid profile email roles");
    assert_eq!(userinfo(&contoso, text(&third, "access_token")).await.status, 200);
    let denied = refresh(&plain, "x").refusal().await;
    assert_eq!(denied, "400 unauthorized_client token.grant_not_allowed");
}

#[actix_web::test]
async fn r13_a_renewed_id_token_keeps_who_and_when() {
    let world = TestBroker::start().await;
    let contoso = world.tenant("contoso").await;
    let wiki = contoso.application_with("wiki", refreshing).await;
    let other = contoso.application_with("other", refreshing).await;
    let first = tokens(&wiki, &[]).await;
    let token = text(&first, "refresh_token");
    assert!(token.bytes().all(|b| (0x20..=0x7e).contains(&b)) && token.len() >= 43, "{token}");
    // Another application's use is refused and costs the owner nothing.
    let stolen = refresh(&other, token).send().await;
    let expected = "400 invalid_grant token.refresh_other_application";
    assert_refused(&contoso, &stolen, expected).await;
    world.clock.advance(TimeDelta::minutes(5));
    let reply = refresh(&wiki, token).send().await;
    assert_eq!((reply.status, reply.header("cache-control")), (200, "no-store"));
    let (old, new) = (part(text(&first, "id_token"), 1), part(&reply.text("id_token"), 1));
    for kept in ["iss", "sub", "aud", "auth_time", "sid"] {
        assert_eq!(old[kept], new[kept], "{kept}");
    }
    assert!(old["nonce"].is_string() && new.get("nonce").is_none() && new.get("azp").is_none());
    assert!(new["iat"].as_i64() > old["iat"].as_i64() && new["at_hash"] != old["at_hash"]);
}

#[actix_web::test]
async fn rp07_the_subject_of_a_refreshed_id_token_is_the_same() {
    let world = TestBroker::start().await;
    let contoso = world.tenant("contoso").await;
    let wiki = contoso.application_with("wiki", refreshing).await;
    let first = tokens(&wiki, &[]).await;
    let renewed = refresh(&wiki, text(&first, "refresh_token")).tokens().await;
    let subject = part(text(&renewed, "id_token"), 1)["sub"].clone();
    assert_eq!(subject, part(text(&first, "id_token"), 1)["sub"]);
    assert_eq!(userinfo(&contoso, text(&renewed, "access_token")).await.body["sub"], subject);
}

#[actix_web::test]
async fn rfc6749_a_refresh_may_ask_for_less_and_never_for_more() {
    let world = TestBroker::start().await;
    let contoso = world.tenant("contoso").await;
    let wiki = contoso.application_with("wiki", refreshing).await;
    let first = tokens(&wiki, &[("scope", Some("openid email"))]).await;
    let token = text(&first, "refresh_token");
    for more in ["openid email profile", "admin", "openid email offline_access"] {
        let refused = refresh(&wiki, token).with("scope", more).refusal().await;
        assert_eq!(refused, "400 invalid_scope token.scope_invalid", "{more}");
    }
    let less = refresh(&wiki, token).with("scope", "email").tokens().await;
    assert_eq!((&less["scope"], less.get("id_token")), (&Value::from("email"), None));
    let without = userinfo(&contoso, text(&less, "access_token")).await;
    assert_eq!(without.refusal(), "403 insufficient_scope userinfo.scope_missing");
    // What was granted stays granted.
    let all = refresh(&wiki, text(&less, "refresh_token")).tokens().await;
    assert_eq!(all["scope"], "openid email");
}

#[actix_web::test]
async fn d13_a_refresh_without_its_token_or_with_two_is_malformed() {
    let world = TestBroker::start().await;
    let contoso = world.tenant("contoso").await;
    let wiki = contoso.application_with("wiki", refreshing).await;
    let bare = || ask(&wiki, "token").with("grant_type", "refresh_token");
    assert_eq!(bare().refusal().await, "400 invalid_request token.invalid_request");
    let twice = refresh(&wiki, "a").with("refresh_token", "a").refusal().await;
    assert_eq!(twice, "400 invalid_request token.duplicate_parameter");
    for unknown in ["x", "a.b.c", "\u{0}", &"x".repeat(5000)] {
        let refused = refresh(&wiki, unknown).refusal().await;
        assert_eq!(refused, "400 invalid_grant token.refresh_unknown");
    }
}

#[actix_web::test]
async fn r13_a_public_application_rotates_too() {
    let world = TestBroker::start().await;
    let contoso = world.tenant("contoso").await;
    let phone = contoso
        .application_with("phone", |new| {
            refreshing(new);
            new.public = true;
        })
        .await;
    let first = redeem(&phone, &phone.code("alice", &[]).await).tokens().await;
    let second = refresh(&phone, text(&first, "refresh_token")).tokens().await;
    assert_ne!(first["refresh_token"], second["refresh_token"]);
}
