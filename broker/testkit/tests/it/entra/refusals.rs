//! Errors where Microsoft shows them: on its own page, at the callback, at the token endpoint.

use serde_json::json;
use symbolon_testkit::Browser;
use symbolon_testkit::entra::{AutomaticSignIn, Shown, Times};

use super::*;

async fn page_error(world: &World, tenant: &str, more: &[(&str, &str)]) -> String {
    let mut browser = Browser::new().unwrap();
    browser.stop_before(CALLBACK);
    let page = browser.get(&world.address(tenant, more)).await.unwrap();
    assert_eq!(page.status(), 400, "{:?}", page.location());
    assert!(page.has("trace-id") && page.has("correlation-id") && page.has("timestamp"));
    let text = page.text("aadsts-error").unwrap();
    text.split(':').next().unwrap().to_owned()
}

#[actix_web::test]
async fn aadsts_faults_of_the_setup_stay_on_microsofts_page() {
    let world = world();
    let cases = [
        (TID, ("redirect_uri", "http://127.0.0.1:9/callback/"), "AADSTS50011"),
        (TID, ("client_id", "nobody"), "AADSTS700016"),
        (FABRIKAM, ("state", "s"), "AADSTS700016"),
        ("organizations", ("state", "s"), "AADSTS50194"),
        ("common", ("state", "s"), "AADSTS50194"),
        ("nowhere.example", ("state", "s"), "AADSTS90002"),
        (TID, ("response_type", "id_token"), "AADSTS700054"),
        (TID, ("scope", "openid Mail.Read"), "AADSTS65001"),
    ];
    for (tenant, change, expected) in cases {
        assert_eq!(page_error(&world, tenant, &[change]).await, expected, "{change:?}");
    }
    let silent = [("prompt", "none"), ("redirect_uri", "https://elsewhere.invalid/")];
    assert_eq!(page_error(&world, TID, &silent).await, "AADSTS50011");
}

#[actix_web::test]
async fn aadsts_faults_of_the_person_stay_on_microsofts_page() {
    let world = world();
    world.entra.disable_person(TID, "alice");
    assert_eq!(page_error(&world, TID, &[]).await, "AADSTS50057");
    world.entra.change_person(TID, "alice", |alice| alice.enabled(true).refused_with(50053));
    assert_eq!(page_error(&world, TID, &[]).await, "AADSTS50053");
    world.entra.change_person(TID, "alice", Person::not_refused);
    world.entra.change_application(APP, |app| app.only_for([BOB]));
    assert_eq!(page_error(&world, TID, &[]).await, "AADSTS50105");
    world.entra.change_application(APP, |app| app.only_for([ADMINS]));
    assert!(field(&world.callback(TID, &[]).await, "code").is_some());
    world.entra.sign_in_automatically(AutomaticSignIn::Off);
    let mut browser = Browser::new().unwrap();
    browser.get(&world.address(TID, &[])).await.unwrap();
    let page = browser.click("stranger").await.unwrap();
    assert!(page.text("aadsts-error").unwrap().starts_with("AADSTS50020: "));
}

#[actix_web::test]
async fn aadsts_what_the_person_declines_comes_to_the_callback() {
    let world = world();
    world.entra.sign_in_automatically(AutomaticSignIn::Off);
    let mut browser = Browser::new().unwrap();
    browser.stop_before(CALLBACK);
    browser.get(&world.address(TID, &[])).await.unwrap();
    let back = browser.click("cancel").await.unwrap().location().unwrap();
    assert_eq!(field(&back, "error").as_deref(), Some("access_denied"));
    assert!(field(&back, "error_description").unwrap().starts_with("AADSTS65004: "));
    assert_eq!(field(&back, "state").as_deref(), Some("the-state"));
}

#[actix_web::test]
async fn aadsts_any_number_can_be_injected_once_or_always() {
    let world = world();
    world.entra.fail_authorize(53003, Shown::OnPage, Times::Next(1));
    world.entra.fail_authorize(50076, Shown::AtCallback, Times::Next(1));
    assert_eq!(page_error(&world, TID, &[]).await, "AADSTS53003");
    let back = world.callback(TID, &[]).await;
    assert_eq!(field(&back, "error").as_deref(), Some("interaction_required"));
    let code = world.code(&[]).await;
    world.entra.fail_token(90033, Times::Next(1));
    let (status, error) = world.redeem(&code).await;
    assert_eq!((status, &error["error"]), (503, &json!("temporarily_unavailable")));
    assert_eq!(world.redeem(&code).await.0, 200);
    world.entra.fail_token(50079, Times::Always);
    for _ in 0..2 {
        let (_, error) = world.redeem(&code).await;
        assert_eq!(error["suberror"], json!("basic_action"));
        assert!(error["claims"].is_string());
    }
}

#[actix_web::test]
async fn aadsts_codes_are_redeemed_once_in_time_where_they_came_from() {
    let world = world_with(app().multi_tenant());
    let code = world.code(&[]).await;
    assert_eq!(world.redeem(&code).await.0, 200);
    let (status, error) = world.redeem(&code).await;
    assert_eq!((status, &error["error_codes"]), (400, &json!([54005])));
    let said = error["error_description"].as_str().unwrap();
    assert!(said.starts_with("AADSTS54005: ") && said.contains(" Trace ID: "));
    assert!(said.ends_with(error["timestamp"].as_str().unwrap()));
    for name in ["trace_id", "correlation_id", "error_uri"] {
        assert!(error[name].is_string(), "{name}");
    }

    let code = field(&world.callback("organizations", &[]).await, "code").unwrap();
    assert_eq!(world.redeem(&code).await.1["error_codes"], json!([700005]));
    let code = world.code(&[]).await;
    world.pass(601);
    assert_eq!(world.redeem(&code).await.1["error_codes"], json!([70008]));
    let code = world.code(&[]).await;
    let mut form = code_form(&code);
    form.retain(|(name, _)| *name != "code_verifier");
    assert_eq!(world.token(TID, &form).await.1["error_codes"], json!([501481]));
    let code = world.code(&[("code_challenge", ""), ("code_challenge_method", "")]).await;
    assert_eq!(world.redeem(&code).await.1["error_codes"], json!([501481]));
    let short = world.callback(TID, &[("code_challenge", "short")]).await;
    assert!(field(&short, "error_description").unwrap().starts_with("AADSTS501491: "));
}

#[actix_web::test]
async fn aadsts_each_number_has_its_own_oauth_error() {
    let world = world();
    let cases = [
        (50011, "invalid_request", 400),
        (53001, "interaction_required", 400),
        (700082, "invalid_grant", 400),
        (7000222, "invalid_client", 401),
        (90055, "temporarily_unavailable", 429),
        (1, "invalid_request", 400),
    ];
    for (number, error, expected) in cases {
        world.entra.fail_token(number, Times::Next(1));
        let (status, body) = world.redeem("any").await;
        assert_eq!((status, &body["error"]), (expected, &json!(error)), "{number}");
        assert_eq!(body["error_codes"], json!([number]));
    }
}
