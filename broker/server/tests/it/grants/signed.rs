//! Access tokens as signed statements about people (RFC 9068).

use chrono::TimeDelta;
use serde_json::{Value, json};
use symbolon_identity::admin::NewApplication;
use symbolon_identity::downstream::{AccessTokenFormat, ClaimPlace, ReleasedClaim};

use super::{redeem, refresh, refreshing, text};
use crate::downstream::{Reply, assert_refused, part, tokens, userinfo};
use crate::world::{TestBroker, TestTenant, http};

fn signed(new: &mut NewApplication) {
    refreshing(new);
    new.settings.access_token_format = AccessTokenFormat::Jwt;
}

/// Flips the last letter of a part's claims.
fn bent(token: &str, claim: (&str, Value)) -> String {
    use base64::Engine as _;
    let mut claims = part(token, 1);
    claims[claim.0] = claim.1;
    let parts: Vec<&str> = token.split('.').collect();
    let body = base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(claims.to_string());
    format!("{}.{body}.{}", parts[0], parts[2])
}

async fn dead(tenant: &TestTenant<'_>, token: &str) {
    let reply = userinfo(tenant, token).await;
    assert_refused(tenant, &reply, "401 invalid_token userinfo.token_invalid").await;
}

#[actix_web::test]
async fn rfc9068_a_signed_access_token_says_what_a_resource_server_needs() {
    let world = TestBroker::start().await;
    let contoso = world.tenant("contoso").await;
    contoso.rules(json!({ "default_role": "viewer" })).await;
    let wiki = contoso
        .application_with("wiki", |new| {
            signed(new);
            new.settings.access_token_seconds = Some(300);
            new.settings.release.push(ReleasedClaim {
                claim: "roles".into(),
                name: None,
                places: vec![ClaimPlace::AccessToken],
                scope: None,
            });
        })
        .await;
    let held = tokens(&wiki, &[]).await;
    let (token, id) = (text(&held, "access_token"), part(text(&held, "id_token"), 1));
    let (header, claims) = (part(token, 0), part(token, 1));
    assert_eq!(header["typ"], "at+jwt");
    let keys = Reply::of(http().get(format!("{}/jwks", contoso.issuer()))).await.body;
    assert!(keys["keys"].as_array().unwrap().iter().any(|key| key["kid"] == header["kid"]));
    for same in ["iss", "sub", "auth_time", "sid", "iat"] {
        assert_eq!(claims[same], id[same], "{same}");
    }
    assert_eq!((&claims["aud"], &claims["client_id"]), (&claims["iss"], &"wiki".into()));
    assert_eq!(claims["scope"], held["scope"]);
    assert_eq!(claims["exp"].as_i64(), claims["iat"].as_i64().map(|iat| iat + 300));
    assert_eq!((&held["expires_in"], &claims["roles"]), (&300.into(), &json!(["viewer"])));
    assert!(claims["jti"].as_str().unwrap().len() >= 43);
    assert_eq!(userinfo(&contoso, token).await.body["sub"], claims["sub"]);
}

#[actix_web::test]
async fn neg_d11_a_signed_access_token_is_believed_only_as_it_was_signed() {
    let world = TestBroker::start().await;
    let contoso = world.tenant("contoso").await;
    let fabrikam = world.tenant("fabrikam").await;
    let wiki = contoso.application_with("wiki", signed).await;
    let held = tokens(&wiki, &[]).await;
    let token = text(&held, "access_token");
    dead(&contoso, &bent(token, ("scope", "openid email".into()))).await;
    dead(&contoso, &bent(token, ("sub", "somebody".into()))).await;
    // The key of its row is no secret that could be presented.
    dead(&contoso, part(token, 1)["jti"].as_str().unwrap()).await;
    dead(&contoso, text(&held, "id_token")).await;
    dead(&fabrikam, token).await;
    for broken in ["a.b.c", "..", "eyJhbGciOiJub25lIn0.e30.", &token[..token.len() - 4]] {
        dead(&contoso, broken).await;
    }
    assert_eq!(userinfo(&contoso, token).await.status, 200);
    world.clock.advance(TimeDelta::hours(1));
    dead(&contoso, token).await;
}

#[actix_web::test]
async fn neg_d11_a_signed_access_token_ends_with_its_code_its_family_and_its_session() {
    let world = TestBroker::start().await;
    let contoso = world.tenant("contoso").await;
    let wiki = contoso.application_with("wiki", signed).await;
    let code = wiki.code("alice", &[]).await;
    let held = redeem(&wiki, &code).tokens().await;
    let renewed = refresh(&wiki, text(&held, "refresh_token")).tokens().await;
    assert_eq!(redeem(&wiki, &code).send().await.status, 400);
    dead(&contoso, text(&held, "access_token")).await;
    dead(&contoso, text(&renewed, "access_token")).await;
}
