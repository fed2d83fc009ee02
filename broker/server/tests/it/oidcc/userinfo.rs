//! The modules about UserInfo: by GET, by POST with the token in the header or in the body (BC-08). The plans list
//! them.

use reqwest::RequestBuilder;
use symbolon_testkit::Browser;

use super::flow::{ask, signed_in};
use crate::downstream::{Reply, tokens};
use crate::world::{TestBroker, http, post_form};

pub(super) async fn oidcc_userinfo_get(mode: &str) {
    told_by(mode, |url, token| http().get(url).bearer_auth(token)).await;
}

pub(super) async fn oidcc_userinfo_post_header(mode: &str) {
    told_by(mode, |url, token| http().post(url).bearer_auth(token)).await;
}

pub(super) async fn oidcc_userinfo_post_body(mode: &str) {
    told_by(mode, |url, token| post_form(url, &[("access_token", token)])).await;
}

async fn told_by(mode: &str, way: impl Fn(&str, &str) -> RequestBuilder) {
    let world = TestBroker::start().await;
    let op = world.tenant("op").await;
    let app = op.application("client").await;
    let answer = ask(&app, &mut Browser::new().unwrap(), (mode, &[])).await;
    let done = signed_in(&app, &answer).await;
    let token = done.tokens["access_token"].as_str().unwrap();
    let reply = Reply::of(way(&format!("{}/userinfo", op.issuer()), token)).await;
    assert_eq!((reply.status, reply.header("content-type")), (200, "application/json"));
    assert_eq!((&reply.body["sub"], &reply.body), (&done.claims["sub"], &done.told));
}

#[actix_web::test]
async fn r15_a_token_in_two_places_is_refused() {
    let world = TestBroker::start().await;
    let contoso = world.tenant("contoso").await;
    let held = tokens(&contoso.application("wiki").await, &[]).await;
    let token = held["access_token"].as_str().unwrap();
    let url = format!("{}/userinfo", contoso.issuer());
    let both = post_form(&url, &[("access_token", token)]).bearer_auth(token);
    assert_eq!(Reply::of(both).await.refusal(), "400 invalid_request request.malformed");
}
