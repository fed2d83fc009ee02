//! The modules of the Basic and Form Post plans that concern the authorization request (openid-provider.md 2.2):
//! written once, for each way in which the answer may travel. Owns no test: the plans list them.

use serde_json::json;
use symbolon_testkit::Browser;
use symbolon_testkit::provider::AutomaticSignIn;
use url::Url;

use super::flow::{answer_in, ask, published, refused, signed_in, succeeds, twice};
use crate::downstream::{Reply, assert_page, open, part};
use crate::world::{TestBroker, http};

pub(super) async fn oidcc_server(mode: &str) {
    let claims = succeeds(mode, &[("scope", Some("openid"))]).await.claims;
    for unrequested in ["name", "email", "roles", "preferred_username"] {
        assert_eq!(claims.get(unrequested), None, "{claims}");
    }
}

pub(super) async fn oidcc_response_type_missing(mode: &str) {
    refused(mode, &[("response_type", None)], &["invalid_request"]).await;
}

/// `none` is no algorithm of ours: not announced, and asked for it is no reason to use it (OD-11).
pub(super) async fn oidcc_idtoken_unsigned(mode: &str) {
    let world = TestBroker::start().await;
    let op = world.tenant("op").await;
    let url = format!("{}/.well-known/openid-configuration", op.issuer());
    let found = Reply::of(http().get(url)).await.body;
    for (name, value) in found.as_object().unwrap() {
        let announces = name.ends_with("_alg_values_supported");
        assert!(!announces || !value.as_array().unwrap().contains(&json!("none")), "{name}");
    }
    assert!(published(&op).await["keys"].as_array().is_some_and(|keys| !keys.is_empty()));
    let tokens = succeeds(mode, &[]).await.tokens;
    assert_ne!(part(tokens["id_token"].as_str().unwrap(), 0)["alg"], "none");
}

pub(super) async fn oidcc_ensure_request_without_nonce_succeeds_for_code_flow(mode: &str) {
    assert_eq!(succeeds(mode, &[("nonce", None)]).await.claims.get("nonce"), None);
}

pub(super) async fn oidcc_alternate_happy_flow(mode: &str) {
    succeeds(mode, &[("nonce", Some("n-2")), ("scope", Some("email openid profile"))]).await;
}

pub(super) async fn oidcc_display_page(mode: &str) {
    succeeds(mode, &[("display", Some("page"))]).await;
}

pub(super) async fn oidcc_display_popup(mode: &str) {
    succeeds(mode, &[("display", Some("popup"))]).await;
}

pub(super) async fn oidcc_ui_locales(mode: &str) {
    succeeds(mode, &[("ui_locales", Some("se de fr-CA"))]).await;
}

pub(super) async fn oidcc_claims_locales(mode: &str) {
    succeeds(mode, &[("claims_locales", Some("se"))]).await;
}

pub(super) async fn oidcc_login_hint(mode: &str) {
    succeeds(mode, &[("login_hint", Some("buffy@op.example"))]).await;
}

pub(super) async fn oidcc_ensure_request_with_acr_values_succeeds(mode: &str) {
    succeeds(mode, &[("acr_values", Some("urn:mace:incommon:iap:silver 1 2"))]).await;
}

pub(super) async fn oidcc_ensure_request_with_unknown_parameter_succeeds(mode: &str) {
    succeeds(mode, &[("extra", Some("foobar")), ("extra", Some("again"))]).await;
}

pub(super) async fn oidcc_ensure_request_with_valid_pkce_succeeds(mode: &str) {
    succeeds(mode, &[("code_challenge_method", Some("S256"))]).await;
}

pub(super) async fn oidcc_claims_essential(mode: &str) {
    let claims = json!({ "userinfo": { "name": { "essential": true } } }).to_string();
    let change = [("scope", Some("openid")), ("claims", Some(claims.as_str()))];
    assert_eq!(succeeds(mode, &change).await.told["name"], "Alice Martin");
}

pub(super) async fn oidcc_prompt_login(mode: &str) {
    let (first, second) = twice(mode, 2, &[("prompt", Some("login"))]).await;
    assert!(second["auth_time"].as_i64() > first["auth_time"].as_i64(), "{first} {second}");
}

pub(super) async fn oidcc_prompt_none_logged_in(mode: &str) {
    let (first, second) = twice(mode, 5, &[("prompt", Some("none"))]).await;
    assert_eq!(first["auth_time"], second["auth_time"]);
}

pub(super) async fn oidcc_prompt_none_not_logged_in(mode: &str) {
    let errors = ["login_required", "interaction_required"];
    refused(mode, &[("prompt", Some("none"))], &errors).await;
}

pub(super) async fn oidcc_max_age_1(mode: &str) {
    let (first, second) = twice(mode, 2, &[("max_age", Some("1"))]).await;
    assert!(second["auth_time"].as_i64() > first["auth_time"].as_i64(), "{first} {second}");
    assert_eq!(second["auth_time"], second["iat"], "they signed in just now");
}

pub(super) async fn oidcc_max_age_10000(mode: &str) {
    let (first, second) = twice(mode, 2, &[("max_age", Some("10000"))]).await;
    assert!(second["auth_time"].is_i64());
    assert_eq!(first["auth_time"], second["auth_time"]);
}

pub(super) async fn oidcc_id_token_hint(mode: &str) {
    let world = TestBroker::start().await;
    let op = world.tenant("op").await;
    let app = op.application("client").await;
    let mut browser = Browser::new().unwrap();
    let first = ask(&app, &mut browser, (mode, &[])).await;
    let first = signed_in(&app, &first).await;
    let change = [("prompt", Some("none")), ("id_token_hint", first.tokens["id_token"].as_str())];
    let second = ask(&app, &mut browser, (mode, &change)).await;
    let second = signed_in(&app, &second).await.claims;
    for same in ["sub", "auth_time"] {
        assert_eq!(first.claims[same], second[same], "{same}");
    }
}

pub(super) async fn oidcc_ensure_registered_redirect_uri(mode: &str) {
    let world = TestBroker::start().await;
    let op = world.tenant("op").await;
    let app = op.application("client").await;
    let other = format!("{}/foobar", app.running.redirect_uri());
    let change = [("redirect_uri", Some(other.as_str())), ("response_mode", Some(mode))];
    let page = open(&app, &mut Browser::new().unwrap(), &app.authorize_url(&change)).await;
    assert_page(&op, &page, "400 authorize.redirect_uri_mismatch").await;
    assert!(page.body().contains("redirect_uri"), "PG-3");
    assert!(!page.has("post-form"));
}

pub(super) async fn oidcc_ensure_post_request_succeeds(mode: &str) {
    let world = TestBroker::start().await;
    let op = world.tenant("op").await;
    let app = op.application("client").await;
    world.provider.sign_in_automatically(AutomaticSignIn::As("alice".into()));
    let url = Url::parse(&app.authorize_url(&[("response_mode", Some(mode))])).unwrap();
    let fields: Vec<(String, String)> = url.query_pairs().into_owned().collect();
    let fields: Vec<_> = fields.iter().map(|(name, value)| (&**name, &**value)).collect();
    let mut browser = Browser::new().unwrap();
    browser.stop_before(&app.running.url());
    let page = browser.post(&format!("{}/authorize", op.issuer()), &fields).await.unwrap();
    signed_in(&app, &answer_in(&app, &page, mode)).await;
}

const UNSIGNED: &str = "eyJhbGciOiJub25lIn0.eyJzdGF0ZSI6ImZyb20tdGhlLW9iamVjdCJ9.";

pub(super) async fn oidcc_unsigned_request_object_supported_correctly_or_rejected_as_unsupported(
    mode: &str,
) {
    let errors = ["request_not_supported", "invalid_request_object"];
    refused(mode, &[("request", Some(UNSIGNED))], &errors).await;
}

pub(super) async fn oidcc_ensure_request_object_with_redirect_uri(mode: &str) {
    // The object names another address: whatever it says, nothing goes there.
    let inside = "eyJhbGciOiJub25lIn0.eyJyZWRpcmVjdF91cmkiOiJodHRwczovL2V2aWwuZXhhbXBsZS8ifQ.";
    refused(mode, &[("request", Some(inside))], &["request_not_supported"]).await;
}

pub(super) async fn oidcc_request_uri_unsigned_supported_correctly_or_rejected_as_unsupported(
    mode: &str,
) {
    let uri = "https://client.example/request.jwt";
    refused(mode, &[("request_uri", Some(uri))], &["request_uri_not_supported"]).await;
}
