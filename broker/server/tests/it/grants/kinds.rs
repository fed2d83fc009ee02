//! What is good for one thing is good for no other (D7, D11, D20).

use super::service::{own, robot};
use super::{ask, redeem, refresh, refreshing, text};
use crate::downstream::{assert_refused, tokens, userinfo};
use crate::world::TestBroker;

#[actix_web::test]
async fn neg_d07_nothing_passes_for_something_else() {
    let world = TestBroker::start().await;
    let contoso = world.tenant("contoso").await;
    let wiki = contoso
        .application_with("wiki", |new| {
            robot(new);
            new.settings.grant_types.push(symbolon_identity::downstream::GrantType::RefreshToken);
        })
        .await;
    let code = wiki.code("alice", &[]).await;
    let held = tokens(&wiki, &[]).await;
    let service = own(&wiki).tokens().await;
    let access = text(&held, "access_token");
    let things = [
        ("code", code.as_str()),
        ("access", access),
        ("refresh", text(&held, "refresh_token")),
        ("id", text(&held, "id_token")),
        ("service", text(&service, "access_token")),
    ];
    for (what, thing) in things {
        if what != "code" {
            let reply = redeem(&wiki, thing).send().await;
            assert_refused(&contoso, &reply, "400 invalid_grant token.code_unknown").await;
        }
        if what != "refresh" {
            let reply = refresh(&wiki, thing).send().await;
            assert_refused(&contoso, &reply, "400 invalid_grant token.refresh_unknown").await;
        }
        if what != "access" {
            let reply = userinfo(&contoso, thing).await;
            let expected = "401 invalid_token userinfo.token_invalid";
            assert_refused(&contoso, &reply, expected).await;
        }
        let device = "urn:ietf:params:oauth:grant-type:device_code";
        let reply = ask(&wiki, "token").with("grant_type", device).with("device_code", thing);
        assert_eq!(reply.send().await.status, 400, "{what}");
    }
    // And none of that has spent anything.
    assert_eq!(userinfo(&contoso, access).await.status, 200);
    redeem(&wiki, &code).tokens().await;
    refresh(&wiki, text(&held, "refresh_token")).tokens().await;
}

#[actix_web::test]
async fn neg_d02_no_token_comes_by_a_grant_that_is_not_offered() {
    let world = TestBroker::start().await;
    let contoso = world.tenant("contoso").await;
    let wiki = contoso.application("wiki").await;
    for grant in ["password", "implicit", "urn:ietf:params:oauth:grant-type:jwt-bearer", "x"] {
        let asked = ask(&wiki, "token").with("grant_type", grant);
        let asked = asked.with("username", "alice").with("password", "x").with("assertion", "x");
        let expected = "400 unsupported_grant_type token.unsupported_grant_type";
        assert_refused(&contoso, &asked.send().await, expected).await;
    }
}

#[actix_web::test]
async fn neg_d14_ten_thousand_scopes_are_refused_wherever_they_are_asked_for() {
    let world = TestBroker::start().await;
    let contoso = world.tenant("contoso").await;
    let wiki = contoso.application_with("wiki", refreshing).await;
    let held = tokens(&wiki, &[]).await;
    let words: Vec<String> = (0..10_000).map(|number| format!("s{number}")).collect();
    let token = text(&held, "refresh_token");
    for asked in [refresh(&wiki, token), ask(&wiki, "par").with("response_type", "code")] {
        let refused = asked.with("scope", &words.join(" ")).send().await;
        assert!((400..500).contains(&refused.status), "{} {}", refused.status, refused.body);
        assert!(!refused.text("reason").is_empty(), "{}", refused.body);
    }
    refresh(&wiki, token).tokens().await;
}
