//! The modules of the Basic and Form Post plans that concern the authorization request (openid-provider.md 2.2):
//! written once, for each way in which the answer may travel. Owns no test: the plans list them.

use std::collections::BTreeMap;

use chrono::TimeDelta;
use serde_json::{Value, json};
use symbolon_testkit::Browser;
use symbolon_testkit::browser::Page;
use symbolon_testkit::provider::AutomaticSignIn;
use url::Url;

use crate::authorize::Change;
use crate::downstream::{assert_page, open, part, told};
use crate::world::{TestApplication, TestBroker};

/// What the application is told.
pub(super) type Answer = BTreeMap<String, String>;

/// Reads an answer in the mode that was asked for; nothing of it stands anywhere else.
fn answer_in(client: &TestApplication<'_>, page: &Page, mode: &str) -> Answer {
    if mode == "query" {
        return told(client, page).query_pairs().into_owned().collect();
    }
    assert_eq!(page.attribute("post-form", "action"), Some(client.running.redirect_uri()));
    assert_eq!(page.header("location"), None);
    let names = ["code", "state", "iss", "error", "error_description"];
    let value = |name: &str| {
        page.attribute_of(&format!("#post-form input[name={name}]"), "value")
            .map(|value| (name.to_owned(), value))
    };
    names.into_iter().filter_map(value).collect()
}

/// One request of the suite's client, answered at once or after alice signed in.
async fn ask(
    client: &TestApplication<'_>,
    browser: &mut Browser,
    (mode, change): (&str, Change<'_>),
) -> Answer {
    let provider = &client.tenant.world.provider;
    provider.sign_in_automatically(AutomaticSignIn::As("alice".into()));
    let mut all = vec![("response_mode", Some(mode))];
    all.extend(change);
    let page = open(client, browser, &client.authorize_url(&all)).await;
    answer_in(client, &page, mode)
}

/// BC-01, BC-02, BC-06: state and issuer come back, the code is long. Then BC-05 of the ID token.
async fn signed_in(client: &TestApplication<'_>, answer: &Answer) -> Value {
    assert_eq!(answer.get("state").map(String::as_str), Some("state-of-the-test"), "{answer:?}");
    assert_eq!(answer["iss"], client.tenant.issuer());
    assert!(answer["code"].len() >= 43, "{answer:?}");
    let (status, tokens) = client.redeem(&answer["code"], &[]).await;
    assert_eq!(status, 200, "{tokens}");
    assert!(tokens["expires_in"].as_i64().is_some_and(|life| (1..=31_536_000).contains(&life)));
    let claims = part(tokens["id_token"].as_str().unwrap(), 1);
    assert_eq!(claims["iss"], client.tenant.issuer());
    assert_eq!(claims["aud"], client.id.as_str());
    assert!(claims["sub"].as_str().is_some_and(|sub| (1..=255).contains(&sub.len())));
    assert!(claims["auth_time"].as_i64() <= claims["iat"].as_i64(), "{claims}");
    claims
}

/// A request that must succeed whatever else stands in it.
async fn succeeds(mode: &str, change: Change<'_>) -> Value {
    let world = TestBroker::start().await;
    let op = world.tenant("op").await;
    let client = op.application("client").await;
    let answer = ask(&client, &mut Browser::new().unwrap(), (mode, change)).await;
    signed_in(&client, &answer).await
}

/// Two requests of one browser, some seconds apart: the claims of both.
async fn twice(mode: &str, seconds: i64, second: Change<'_>) -> (Value, Value) {
    let world = TestBroker::start().await;
    let op = world.tenant("op").await;
    let client = op.application("client").await;
    let mut browser = Browser::new().unwrap();
    let first = ask(&client, &mut browser, (mode, &[])).await;
    let first = signed_in(&client, &first).await;
    world.clock.advance(TimeDelta::seconds(seconds));
    let second = ask(&client, &mut browser, (mode, second)).await;
    (first, signed_in(&client, &second).await)
}

pub(super) async fn oidcc_server(mode: &str) {
    let claims = succeeds(mode, &[("scope", Some("openid"))]).await;
    assert_eq!(claims["nonce"], "nonce-of-the-test");
    for unrequested in ["name", "email", "roles", "preferred_username"] {
        assert_eq!(claims.get(unrequested), None, "{claims}");
    }
}

pub(super) async fn oidcc_response_type_missing(mode: &str) {
    refused(mode, &[("response_type", None)], &["invalid_request"]).await;
}

/// Told to the application, with its state and with one of these errors.
async fn refused(mode: &str, change: Change<'_>, errors: &[&str]) {
    let world = TestBroker::start().await;
    let op = world.tenant("op").await;
    let client = op.application("client").await;
    let answer = ask(&client, &mut Browser::new().unwrap(), (mode, change)).await;
    assert!(errors.contains(&answer["error"].as_str()), "{answer:?}");
    assert_eq!(answer["state"], "state-of-the-test");
    let allowed = |c: char| matches!(c, ' '..='!' | '#'..='[' | ']'..='~');
    assert!(answer["error_description"].chars().all(allowed), "BC-03: {answer:?}");
    assert!(!answer.contains_key("code"));
}

pub(super) async fn oidcc_idtoken_signature(mode: &str) {
    let world = TestBroker::start().await;
    let op = world.tenant("op").await;
    let client = op.application("client").await;
    let answer = ask(&client, &mut Browser::new().unwrap(), (mode, &[])).await;
    let (_, tokens) = client.redeem(&answer["code"], &[]).await;
    let header = part(tokens["id_token"].as_str().unwrap(), 0);
    assert_ne!(header["alg"], "none");
    assert!(header["kid"].is_string(), "{header}");
}

pub(super) async fn oidcc_ensure_request_without_nonce_succeeds_for_code_flow(mode: &str) {
    assert_eq!(succeeds(mode, &[("nonce", None)]).await.get("nonce"), None);
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
    succeeds(mode, &[]).await;
}

pub(super) async fn oidcc_claims_essential(mode: &str) {
    let claims = json!({ "userinfo": { "name": { "essential": true } } }).to_string();
    succeeds(mode, &[("claims", Some(&claims))]).await;
}

pub(super) async fn oidcc_prompt_login(mode: &str) {
    let (first, second) = twice(mode, 2, &[("prompt", Some("login"))]).await;
    assert!(second["auth_time"].as_i64() > first["auth_time"].as_i64(), "{first} {second}");
    assert_eq!(first["sub"], second["sub"]);
}

pub(super) async fn oidcc_prompt_none_logged_in(mode: &str) {
    let (first, second) = twice(mode, 5, &[("prompt", Some("none"))]).await;
    assert_eq!((&first["sub"], &first["auth_time"]), (&second["sub"], &second["auth_time"]));
}

pub(super) async fn oidcc_prompt_none_not_logged_in(mode: &str) {
    let errors = ["login_required", "interaction_required"];
    refused(mode, &[("prompt", Some("none"))], &errors).await;
}

pub(super) async fn oidcc_max_age_1(mode: &str) {
    let (first, second) = twice(mode, 2, &[("max_age", Some("1"))]).await;
    assert!(second["auth_time"].as_i64() > first["auth_time"].as_i64(), "{first} {second}");
}

pub(super) async fn oidcc_max_age_10000(mode: &str) {
    let (first, second) = twice(mode, 2, &[("max_age", Some("10000"))]).await;
    assert!(second["auth_time"].is_i64());
    assert_eq!(first["auth_time"], second["auth_time"]);
}

pub(super) async fn oidcc_id_token_hint(mode: &str) {
    let world = TestBroker::start().await;
    let op = world.tenant("op").await;
    let client = op.application("client").await;
    let mut browser = Browser::new().unwrap();
    let first = ask(&client, &mut browser, (mode, &[])).await;
    let (_, tokens) = client.redeem(&first["code"], &[]).await;
    let hint = tokens["id_token"].as_str();
    let change = [("prompt", Some("none")), ("id_token_hint", hint)];
    let second = ask(&client, &mut browser, (mode, &change)).await;
    let second = signed_in(&client, &second).await;
    assert_eq!(part(hint.unwrap(), 1)["sub"], second["sub"]);
}

pub(super) async fn oidcc_ensure_registered_redirect_uri(mode: &str) {
    let world = TestBroker::start().await;
    let op = world.tenant("op").await;
    let client = op.application("client").await;
    let other = format!("{}/foobar", client.running.redirect_uri());
    let change = [("redirect_uri", Some(other.as_str())), ("response_mode", Some(mode))];
    let page = open(&client, &mut Browser::new().unwrap(), &client.authorize_url(&change)).await;
    assert_page(&op, &page, "400 authorize.redirect_uri_mismatch").await;
    assert!(page.body().contains("redirect_uri"), "PG-3");
}

pub(super) async fn oidcc_ensure_post_request_succeeds(mode: &str) {
    let world = TestBroker::start().await;
    let op = world.tenant("op").await;
    let client = op.application("client").await;
    world.provider.sign_in_automatically(AutomaticSignIn::As("alice".into()));
    let url = Url::parse(&client.authorize_url(&[("response_mode", Some(mode))])).unwrap();
    let fields: Vec<(String, String)> = url.query_pairs().into_owned().collect();
    let fields: Vec<_> = fields.iter().map(|(name, value)| (&**name, &**value)).collect();
    let mut browser = Browser::new().unwrap();
    browser.stop_before(&client.running.url());
    let page = browser.post(&format!("{}/authorize", op.issuer()), &fields).await.unwrap();
    signed_in(&client, &answer_in(&client, &page, mode)).await;
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
