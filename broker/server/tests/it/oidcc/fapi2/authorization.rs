//! The modules about what a request says: state, nonce, scope, claims, and what stands beside it (FA-06, FA-09).

use serde_json::json;
use symbolon_testkit::application::ApplicationKey;

use super::{Bank, bank, succeeds, succeeds_with};
use crate::downstream::{open, told};
use crate::world::{TestBroker, parameter};

#[actix_web::test]
async fn fapi2_security_profile_final_ensure_authorization_request_without_state_success() {
    let (claims, answer) = succeeds(&[("state", None)]).await;
    assert_eq!((parameter(&answer, "state"), claims.get("s_hash")), (None, None));
}

#[actix_web::test]
async fn fapi2_security_profile_final_ensure_authorization_request_without_nonce_success() {
    let (claims, _) = succeeds(&[("nonce", None)]).await;
    assert!(claims.get("nonce").is_none(), "{claims}");
}

#[actix_web::test]
async fn fapi2_security_profile_final_ensure_authorization_request_with_64_char_nonce_success() {
    let nonce = "n".repeat(64);
    let (claims, _) = succeeds(&[("nonce", Some(&nonce))]).await;
    assert_eq!(claims["nonce"], nonce);
}

#[actix_web::test]
async fn fapi2_security_profile_final_ensure_authorization_request_with_long_nonce() {
    let nonce = "n".repeat(384);
    let (claims, _) = succeeds(&[("nonce", Some(&nonce))]).await;
    assert_eq!(claims["nonce"], nonce);
}

#[actix_web::test]
async fn fapi2_security_profile_final_ensure_authorization_request_with_long_state() {
    let state = "s".repeat(384);
    let (_, answer) = succeeds(&[("state", Some(&state))]).await;
    assert_eq!(parameter(&answer, "state"), Some(state));
}

#[actix_web::test]
async fn fapi2_security_profile_final_ensure_other_scope_order_succeeds() {
    let (claims, _) = succeeds(&[("scope", Some("email profile openid"))]).await;
    assert_eq!(claims["aud"], "bank");
}

/// Every claim that is asked for is told where it was asked for, and of its type.
#[actix_web::test]
async fn fapi2_security_profile_final_test_claims_parameter_identity_claims() {
    let world = TestBroker::start().await;
    let contoso = world.tenant("contoso").await;
    let mut bank = bank(&contoso, "bank").await;
    let wished =
        json!({ "email": { "essential": true }, "email_verified": null, "zoneinfo": null });
    let asked = json!({ "id_token": wished, "userinfo": { "name": null, "email": null } });
    let asked = asked.to_string();
    let tokens = bank.tokens(&[("scope", Some("openid")), ("claims", Some(&asked))]).await;
    let claims = bank.looked_at(&tokens).await;
    assert_eq!(
        (&claims["email"], claims["email_verified"].is_boolean()),
        (&json!("alice@contoso.com"), true)
    );
    assert!(claims.get("name").is_none(), "{claims}");
    let told = bank.userinfo(tokens["access_token"].as_str().unwrap()).await.body;
    assert_eq!((&told["name"], &told["email"]), (&json!("Alice Martin"), &claims["email"]));
}

/// Opens a pushed request with something beside it; gives the claims and what the application was told.
async fn with_beside(
    bank: &mut Bank<'_>,
    (url, beside): (&str, &str),
) -> (serde_json::Value, url::Url) {
    let answer = bank.told_at(&format!("{url}{beside}")).await;
    (succeeds_with(bank, &answer).await, answer)
}

#[actix_web::test]
async fn fapi2_security_profile_final_ensure_different_nonce_inside_and_outside_request_object() {
    let world = TestBroker::start().await;
    let contoso = world.tenant("contoso").await;
    let mut bank = bank(&contoso, "bank").await;
    let url = bank.pushed(&[("nonce", Some("inside"))]).await;
    let (claims, _) = with_beside(&mut bank, (&url, "&nonce=outside")).await;
    assert_eq!(claims["nonce"], "inside");
}

#[actix_web::test]
async fn fapi2_security_profile_final_ensure_different_state_inside_and_outside_request_object() {
    let world = TestBroker::start().await;
    let contoso = world.tenant("contoso").await;
    let mut bank = bank(&contoso, "bank").await;
    let url = bank.pushed(&[("state", Some("inside"))]).await;
    let (_, answer) = with_beside(&mut bank, (&url, "&state=outside")).await;
    assert_eq!(parameter(&answer, "state").as_deref(), Some("inside"));
}

#[actix_web::test]
async fn fapi2_security_profile_final_state_only_outside_request_object_not_used() {
    let world = TestBroker::start().await;
    let contoso = world.tenant("contoso").await;
    let mut bank = bank(&contoso, "bank").await;
    let url = bank.pushed(&[("state", None)]).await;
    let (claims, answer) = with_beside(&mut bank, (&url, "&state=outside")).await;
    assert_eq!((parameter(&answer, "state"), claims.get("s_hash")), (None, None));
}

#[actix_web::test]
async fn fapi2_security_profile_final_par_without_duplicate_parameters() {
    let world = TestBroker::start().await;
    let contoso = world.tenant("contoso").await;
    let mut bank = bank(&contoso, "bank").await;
    let url = bank.pushed(&[]).await;
    let names: Vec<String> =
        url::Url::parse(&url).unwrap().query_pairs().map(|(name, _)| name.into_owned()).collect();
    assert_eq!(names, ["client_id", "request_uri"]);
    let (claims, answer) = with_beside(&mut bank, (&url, "")).await;
    assert_eq!(claims["nonce"], "nonce-of-the-test");
    assert_eq!(parameter(&answer, "state").as_deref(), Some("state-of-the-test"));
}

#[actix_web::test]
async fn fapi2_security_profile_final_ensure_response_type_code_idtoken_fails() {
    refused_response_type("code id_token").await;
}

#[actix_web::test]
async fn fapi2_security_profile_final_ensure_response_type_token_fails() {
    refused_response_type("token").await;
}

async fn refused_response_type(response_type: &str) {
    let world = TestBroker::start().await;
    let contoso = world.tenant("contoso").await;
    let bank = bank(&contoso, "bank").await;
    let expected = "400 unsupported_response_type authorize.response_type_unsupported";
    bank.refused(&[("response_type", Some(response_type))], expected).await;
}

#[actix_web::test]
async fn fapi2_security_profile_final_ensure_unsigned_authorization_request_without_using_par_fails()
 {
    let world = TestBroker::start().await;
    let contoso = world.tenant("contoso").await;
    let mut bank = bank(&contoso, "bank").await;
    let answer = bank.told_at(&bank.app.authorize_url(&[])).await;
    let get = |name: &str| parameter(&answer, name);
    assert_eq!(get("error").as_deref(), Some("invalid_request"), "{answer}");
    assert!(get("error_description").unwrap().starts_with("authorize.not_pushed"), "{answer}");
    assert_eq!((get("state").as_deref(), get("code")), (Some("state-of-the-test"), None));
    assert_eq!(get("iss"), Some(contoso.issuer()));
}

/// Two applications in a row; the second is called back at an address with a query.
#[actix_web::test]
async fn fapi2_security_profile_final_user_rejects_authentication() {
    use symbolon_testkit::{Browser, Misbehaviour};
    let world = TestBroker::start().await;
    let contoso = world.tenant("contoso").await;
    let state = "s".repeat(128);
    for query in ["", "?dummy1=lorem&dummy2=ipsum"] {
        let mut bank = bank_at(&contoso, query).await;
        bank.browser = Browser::new().unwrap();
        let uri = format!("{}{query}", bank.app.running.redirect_uri());
        let url = bank.pushed(&[("state", Some(&state)), ("redirect_uri", Some(&uri))]).await;
        world.provider.misbehave(Misbehaviour::AuthorizeError("access_denied".into())).unwrap();
        let page = open(&bank.app, &mut bank.browser, &url).await;
        world.provider.behave();
        let answer = told(&bank.app, &page);
        assert!(answer.as_str().starts_with(&uri), "{answer}");
        assert_eq!(parameter(&answer, "error").as_deref(), Some("access_denied"));
        assert_eq!(parameter(&answer, "state").as_deref(), Some(&*state));
        assert_eq!(
            (parameter(&answer, "iss"), parameter(&answer, "code")),
            (Some(contoso.issuer()), None)
        );
    }
}

/// An application that registered its address with this query.
async fn bank_at<'a>(tenant: &'a crate::world::TestTenant<'a>, query: &str) -> Bank<'a> {
    let key: ApplicationKey = super::key();
    let id = format!("bank{}", query.len());
    let app = tenant.application_with(&id, |new| {
        super::profile(new, &key);
        let uri = format!("{}{query}", new.settings.redirect_uris[0].as_str());
        new.settings.redirect_uris = vec![uri.parse().unwrap()];
    });
    let (app, browser) = (app.await, crate::downstream::signed_in(tenant, "alice").await);
    Bank { app, key, browser }
}
