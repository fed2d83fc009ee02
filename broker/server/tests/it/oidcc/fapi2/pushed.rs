//! The modules about the endpoint for pushed requests (FA-02 to FA-07): who may push, what, and how long it is good.

use chrono::TimeDelta;
use serde_json::{Value, json};
use symbolon_testkit::Browser;
use symbolon_testkit::provider::AutomaticSignIn;

use super::{Bank, bank, succeeds_with};
use crate::downstream::{assert_page, assert_refused, open};
use crate::pushed_requests::address;
use crate::world::{TestBroker, answer, http, parameter};

const BAD_ASSERTION: &str = "401 invalid_client token.client_assertion_invalid";
const UNKNOWN: &str = "400 authorize.pushed_request_unknown";

#[actix_web::test]
async fn fapi2_security_profile_final_par_attempt_invalid_http_method() {
    let world = TestBroker::start().await;
    let contoso = world.tenant("contoso").await;
    let url = format!("{}/par", contoso.issuer());
    for request in [http().put(&url), http().get(&url), http().delete(&url)] {
        assert_eq!(answer(request).await.0, 405);
    }
}

#[actix_web::test]
async fn fapi2_security_profile_final_par_authorization_request_containing_request_uri_form_param()
{
    let world = TestBroker::start().await;
    let contoso = world.tenant("contoso").await;
    let bank = bank(&contoso, "bank").await;
    let pushed = bank.push(&[]).send().await.text("request_uri");
    for uri in ["urn:ietf:params:oauth:request_uri:4f8d2", "https://bank.example/request", &pushed]
    {
        let expected = "400 invalid_request token.invalid_request";
        bank.refused(&[("request_uri", Some(uri))], expected).await;
    }
}

#[actix_web::test]
async fn fapi2_security_profile_final_par_ensure_pkce_required() {
    let world = TestBroker::start().await;
    let contoso = world.tenant("contoso").await;
    let bank = bank(&contoso, "bank").await;
    let none = [("code_challenge", None), ("code_challenge_method", None)];
    bank.refused(&none, "400 invalid_request authorize.pkce_missing").await;
}

#[actix_web::test]
async fn fapi2_security_profile_final_par_plain_pkce_rejected() {
    let world = TestBroker::start().await;
    let contoso = world.tenant("contoso").await;
    let bank = bank(&contoso, "bank").await;
    for method in [Some("plain"), None] {
        let change = [("code_challenge_method", method)];
        bank.refused(&change, "400 invalid_request authorize.pkce_method_refused").await;
    }
}

#[actix_web::test]
async fn fapi2_security_profile_final_par_attempt_to_use_expired_request_uri() {
    let world = TestBroker::start().await;
    let contoso = world.tenant("contoso").await;
    let mut bank = bank(&contoso, "bank").await;
    let pushed = bank.push(&[]).send().await;
    let url = bank.address(&pushed);
    world.clock.advance(TimeDelta::seconds(pushed.body["expires_in"].as_i64().unwrap()));
    let page = open(&bank.app, &mut bank.browser, &url).await;
    assert_page(&contoso, &page, UNKNOWN).await;
    assert!(page.body().contains("request_uri"), "PG-3");
}

#[actix_web::test]
async fn fapi2_security_profile_final_par_attempt_to_use_request_uri_for_different_client() {
    let world = TestBroker::start().await;
    let contoso = world.tenant("contoso").await;
    let (mut one, mut two) = (bank(&contoso, "bank").await, bank(&contoso, "shop").await);
    let pushed = one.push(&[]).send().await;
    let stolen = address(&two.app, &pushed.text("request_uri"));
    let page = open(&two.app, &mut two.browser, &stolen).await;
    assert_page(&contoso, &page, UNKNOWN).await;
    // It costs the owner nothing.
    let answer = one.answer(pushed).await;
    succeeds_with(&one, &answer).await;
}

#[actix_web::test]
async fn fapi2_security_profile_final_par_attempt_reuse_request_uri() {
    let world = TestBroker::start().await;
    let contoso = world.tenant("contoso").await;
    let mut bank = bank(&contoso, "bank").await;
    let url = bank.pushed(&[]).await;
    let answer = bank.told_at(&url).await;
    succeeds_with(&bank, &answer).await;
    for mut browser in [bank.browser, Browser::new().unwrap()] {
        let page = open(&bank.app, &mut browser, &url).await;
        assert_page(&contoso, &page, "400 authorize.pushed_request_used").await;
        assert!(page.body().contains("request_uri"), "PG-3");
    }
}

#[actix_web::test]
async fn fapi2_security_profile_final_par_ensure_reused_request_uri_prior_to_auth_completion_succeeds()
 {
    let world = TestBroker::start().await;
    let contoso = world.tenant("contoso").await;
    let mut bank = bank(&contoso, "bank").await;
    let url = bank.pushed(&[]).await;
    bank.browser = Browser::new().unwrap();
    world.provider.sign_in_automatically(AutomaticSignIn::Off);
    let page = open(&bank.app, &mut bank.browser, &url).await;
    assert!(page.has("demo-provider-title"), "nobody signs in yet: {}", page.body());
    world.provider.sign_in_automatically(AutomaticSignIn::As("alice".into()));
    let answer = bank.told_at(&url).await;
    assert_eq!(parameter(&answer, "state").as_deref(), Some("state-of-the-test"));
    succeeds_with(&bank, &answer).await;
}

/// A statement of who pushes, with other claims.
fn stating(bank: &Bank<'_>, change: &[(&str, Value)]) -> String {
    let now = bank.now();
    let mut claims = json!({
        "iss": bank.app.id, "sub": bank.app.id, "aud": bank.issuer(), "iat": now, "exp": now + 60,
        "jti": format!("{change:?}"),
    });
    for (name, value) in change {
        claims[*name] = value.clone();
    }
    bank.key.sign(json!({ "typ": "JWT" }), &claims).unwrap()
}

#[actix_web::test]
async fn fapi2_security_profile_final_par_ensure_jwt_client_assertions_nbf_8_seconds_in_the_future_is_accepted()
 {
    let world = TestBroker::start().await;
    let contoso = world.tenant("contoso").await;
    let mut bank = bank(&contoso, "bank").await;
    let soon = json!(bank.now() + 8);
    let statement = stating(&bank, &[("iat", soon.clone()), ("nbf", soon)]);
    let pushed = bank.request(&[]).assertion(&statement).send().await;
    let answer = bank.answer(pushed).await;
    succeeds_with(&bank, &answer).await;
}

#[actix_web::test]
async fn fapi2_security_profile_final_par_ensure_jwt_client_assertions_nbf_over_60_seconds_in_the_future_fails()
 {
    let world = TestBroker::start().await;
    let contoso = world.tenant("contoso").await;
    let bank = bank(&contoso, "bank").await;
    let at = |seconds: i64| json!(bank.now() + seconds);
    let statement = stating(&bank, &[("iat", at(70)), ("nbf", at(70)), ("exp", at(130))]);
    let reply = bank.request(&[]).assertion(&statement).send().await;
    assert_refused(&contoso, &reply, BAD_ASSERTION).await;
}

#[actix_web::test]
async fn fapi2_security_profile_final_par_test_array_as_audience_fails() {
    refused_audience(|issuer| json!([issuer, "https://other.example"])).await;
    refused_audience(|issuer| json!([issuer])).await;
}

#[actix_web::test]
async fn fapi2_security_profile_final_par_test_par_endpoint_url_as_audience_fails() {
    refused_audience(|issuer| json!(format!("{issuer}/par"))).await;
}

#[actix_web::test]
async fn fapi2_security_profile_final_par_test_token_endpoint_url_as_audience_fails() {
    refused_audience(|issuer| json!(format!("{issuer}/token"))).await;
}

async fn refused_audience(audience: impl Fn(&str) -> Value) {
    let world = TestBroker::start().await;
    let contoso = world.tenant("contoso").await;
    let bank = bank(&contoso, "bank").await;
    let statement = stating(&bank, &[("aud", audience(&bank.issuer()))]);
    let reply = bank.request(&[]).assertion(&statement).send().await;
    assert_refused(&contoso, &reply, BAD_ASSERTION).await;
    // The same statement with the issuer as text passes.
    let good = stating(&bank, &[]);
    assert_eq!(bank.request(&[]).assertion(&good).send().await.status, 201);
}
