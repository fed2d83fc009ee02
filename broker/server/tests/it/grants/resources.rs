//! Tokens for resource servers (R-14, RFC 8707).

use symbolon_identity::admin::NewApplication;
use symbolon_identity::downstream::{AccessTokenFormat, GrantType, ResourceServer};
use symbolon_identity::keys::SigningAlgorithm;

use super::service::own;
use super::{redeem, refresh, refreshing, text};
use crate::downstream::{assert_refused, part, userinfo};
use crate::world::TestBroker;

const API: &str = "https://api.example/v1";
const FILES: &str = "https://files.example";

pub(super) fn with_resources(new: &mut NewApplication) {
    refreshing(new);
    new.settings.grant_types.push(GrantType::ClientCredentials);
    new.settings.resources = vec![
        ResourceServer {
            identifier: API.into(),
            scopes: vec!["read".into(), "write".into()],
            format: AccessTokenFormat::Jwt,
            algorithm: Some(SigningAlgorithm::EdDsa),
        },
        ResourceServer {
            identifier: FILES.into(),
            scopes: Vec::new(),
            format: AccessTokenFormat::Opaque,
            algorithm: None,
        },
    ];
}

#[actix_web::test]
async fn rfc8707_a_code_token_is_for_the_resource_that_is_named() {
    let world = TestBroker::start().await;
    let contoso = world.tenant("contoso").await;
    let wiki = contoso.application_with("wiki", with_resources).await;
    let code = wiki.code("alice", &[]).await;
    let held = redeem(&wiki, &code).with("resource", API).tokens().await;
    let (header, claims) =
        (part(text(&held, "access_token"), 0), part(text(&held, "access_token"), 1));
    assert_eq!((&claims["aud"], &header["alg"]), (&API.into(), &"EdDSA".into()));
    // A token for another is none for us (RFC 8707 2).
    let reply = userinfo(&contoso, text(&held, "access_token")).await;
    assert_refused(&contoso, &reply, "401 invalid_token userinfo.token_invalid").await;
    // The next one may be for us, or for others that are registered.
    let token = text(&held, "refresh_token").to_owned();
    let ours = refresh(&wiki, &token).with("resource", &contoso.issuer()).tokens().await;
    assert_eq!(userinfo(&contoso, text(&ours, "access_token")).await.status, 200);
    let files = refresh(&wiki, text(&ours, "refresh_token")).with("resource", FILES);
    assert!(!text(&files.tokens().await, "access_token").contains('.'));
}

#[actix_web::test]
async fn rfc8707_what_is_not_registered_or_not_one_is_no_target() {
    let world = TestBroker::start().await;
    let contoso = world.tenant("contoso").await;
    let wiki = contoso.application_with("wiki", with_resources).await;
    let held = redeem(&wiki, &wiki.code("alice", &[]).await).tokens().await;
    let token = text(&held, "refresh_token");
    let refused = "400 invalid_target token.target_invalid";
    for wrong in ["https://evil.example", "https://api.example", "https://API.example/v1", "x"] {
        let reply = refresh(&wiki, token).with("resource", wrong).send().await;
        assert_refused(&contoso, &reply, refused).await;
        assert_eq!(own(&wiki).with("resource", wrong).refusal().await, refused);
    }
    let two = refresh(&wiki, token).with("resource", API).with("resource", FILES);
    assert_eq!(two.refusal().await, refused);
    // A wrong request does not cost the token.
    refresh(&wiki, token).tokens().await;
}

#[actix_web::test]
async fn r25_an_application_may_have_the_scopes_of_a_resource_there() {
    let world = TestBroker::start().await;
    let contoso = world.tenant("contoso").await;
    let wiki = contoso.application_with("wiki", with_resources).await;
    let token = own(&wiki).with("resource", API).with("scope", "write").tokens().await;
    let claims = part(text(&token, "access_token"), 1);
    assert_eq!((&claims["aud"], &claims["scope"]), (&API.into(), &"write".into()));
    let elsewhere = own(&wiki).with("scope", "write").refusal().await;
    assert_eq!(elsewhere, "400 invalid_scope token.scope_invalid");
}
