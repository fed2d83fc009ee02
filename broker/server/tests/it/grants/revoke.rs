//! Applications give tokens up (R-16, RFC 7009, D11).

use symbolon_identity::downstream::AccessTokenFormat;

use super::service::{own, robot};
use super::{ask, refresh, refreshing, text};
use crate::downstream::{Reply, assert_refused, tokens, userinfo};
use crate::world::{TestApplication, TestBroker, post_form};

async fn give_up(app: &TestApplication<'_>, token: &str) {
    let reply = ask(app, "revoke").with("token", token).send().await;
    assert_eq!((reply.status, reply.header("cache-control")), (200, "no-store"), "{}", reply.body);
}

async fn is_active(app: &TestApplication<'_>, token: &str) -> bool {
    let reply = ask(app, "introspect").with("token", token).send().await;
    reply.body["active"].as_bool().unwrap()
}

#[actix_web::test]
async fn neg_d11_a_revoked_access_token_is_worth_nothing() {
    let world = TestBroker::start().await;
    let contoso = world.tenant("contoso").await;
    for format in [AccessTokenFormat::Opaque, AccessTokenFormat::Jwt] {
        let id = format!("wiki-{format:?}").to_lowercase();
        let wiki = contoso
            .application_with(&id, |new| {
                refreshing(new);
                new.settings.access_token_format = format;
            })
            .await;
        let held = tokens(&wiki, &[]).await;
        give_up(&wiki, text(&held, "access_token")).await;
        let reply = userinfo(&contoso, text(&held, "access_token")).await;
        assert_refused(&contoso, &reply, "401 invalid_token userinfo.token_invalid").await;
        // The refresh token goes on (RFC 7009 2.1 leaves it to us), and dies with all that came of it.
        let renewed = refresh(&wiki, text(&held, "refresh_token")).tokens().await;
        give_up(&wiki, text(&renewed, "refresh_token")).await;
        assert_eq!(userinfo(&contoso, text(&renewed, "access_token")).await.status, 401);
        let refused = refresh(&wiki, text(&renewed, "refresh_token")).refusal().await;
        assert_eq!(refused, "400 invalid_grant token.refresh_revoked");
    }
}

#[actix_web::test]
async fn rfc7009_the_tokens_of_an_application_itself_can_be_given_up() {
    let world = TestBroker::start().await;
    let contoso = world.tenant("contoso").await;
    for format in [AccessTokenFormat::Opaque, AccessTokenFormat::Jwt] {
        let id = format!("robot-{format:?}").to_lowercase();
        let app = contoso
            .application_with(&id, |new| {
                robot(new);
                new.settings.access_token_format = format;
            })
            .await;
        let held = own(&app).tokens().await;
        let token = text(&held, "access_token");
        assert!(is_active(&app, token).await);
        give_up(&app, token).await;
        give_up(&app, token).await;
        assert!(!is_active(&app, token).await);
    }
}

#[actix_web::test]
async fn rfc7009_each_gives_up_its_own_and_the_unknown_is_given_up_already() {
    let world = TestBroker::start().await;
    let contoso = world.tenant("contoso").await;
    let wiki = contoso.application_with("wiki", refreshing).await;
    let other = contoso.application("other").await;
    let held = tokens(&wiki, &[]).await;
    let refused = "400 unauthorized_client token.revoke_other_application";
    for field in ["access_token", "refresh_token"] {
        let reply = ask(&other, "revoke").with("token", text(&held, field)).send().await;
        assert_refused(&contoso, &reply, refused).await;
    }
    assert_eq!(userinfo(&contoso, text(&held, "access_token")).await.status, 200);
    for unknown in ["x", "a.b.c", text(&held, "id_token")] {
        give_up(&wiki, unknown).await;
    }
    let nothing = ask(&wiki, "revoke").send().await;
    assert_refused(&contoso, &nothing, "400 invalid_request token.invalid_request").await;
    let nobody = post_form(&format!("{}/revoke", contoso.issuer()), &[("token", "x")]);
    let expected = "401 invalid_client token.client_authentication_missing";
    assert_refused(&contoso, &Reply::of(nobody).await, expected).await;
}
