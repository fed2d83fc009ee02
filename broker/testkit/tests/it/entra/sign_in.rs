//! From the authorization endpoint to the ID token, and out again.

use serde_json::json;
use symbolon_testkit::Browser;
use symbolon_testkit::entra::{AutomaticSignIn, EntraFault};

use super::*;

#[actix_web::test]
async fn entra_e01_a_person_picks_an_account_and_gets_a_version_2_token() {
    let world = world();
    world.entra.sign_in_automatically(AutomaticSignIn::Off);
    let mut browser = Browser::new().unwrap();
    browser.stop_before(CALLBACK);
    let page = browser.get(&world.address("Contoso.onmicrosoft.com", &[])).await.unwrap();
    assert!(page.title().unwrap().contains("Mock of Microsoft Entra ID, not Microsoft"));
    let back = browser.click("user-alice").await.unwrap().location().unwrap();
    assert_eq!(field(&back, "state").as_deref(), Some("the-state"));
    let (status, tokens) = world.redeem(&field(&back, "code").unwrap()).await;
    assert_eq!(status, 200, "{tokens}");
    assert_eq!(world.entra.last_client_authentication(), Some("client_secret_post"));

    let claims = world.verified(tokens["id_token"].as_str().unwrap(), "").await.unwrap();
    assert_eq!(claims["iss"], json!(world.entra.issuer_of(TID)));
    assert_eq!((&claims["tid"], &claims["oid"]), (&json!(TID), &json!(ALICE)));
    assert_eq!((&claims["ver"], &claims["nonce"]), (&json!("2.0"), &json!("the-nonce")));
    assert_eq!(claims["preferred_username"], json!("alice@contoso.example"));
    assert_eq!((&claims["name"], &claims["acct"]), (&json!("Alice Adams"), &json!(0)));
    assert_eq!(claims["groups"], json!([STAFF, ADMINS]));
    for absent in ["amr", "email_verified", "at_hash", "xms_edov"] {
        assert!(claims.get(absent).is_none(), "{absent}");
    }
}

#[actix_web::test]
async fn entra_e02_documents_name_the_issuer_of_their_path() {
    let world = world();
    let document = async |tenant: &str| {
        world.get(&format!("/{tenant}/v2.0/.well-known/openid-configuration")).await.1
    };
    let base = world.entra.authority_url();
    for tenant in [TID, "contoso.onmicrosoft.com", "CONTOSO.onmicrosoft.com"] {
        assert_eq!(document(tenant).await["issuer"], json!(world.entra.issuer_of(TID)));
    }
    assert_eq!(document("common").await["issuer"], json!(format!("{base}/{{tenantid}}/v2.0")));
    let personal = symbolon_testkit::entra::PERSONAL_DIRECTORY;
    assert_eq!(document("consumers").await["issuer"], json!(world.entra.issuer_of(personal)));
    let (_, version1) = world.get(&format!("/{TID}/.well-known/openid-configuration")).await;
    assert_eq!(version1["issuer"], json!(world.entra.issuer_version1_of(TID)));

    let (status, error) = world.get("/nowhere.example/v2.0/.well-known/openid-configuration").await;
    assert_eq!((status, &error["error"]), (400, &json!("invalid_tenant")));
    assert_eq!(error["error_codes"], json!([90002]));
    world.entra.misbehave(EntraFault::DiscoveryGraphHost("graph.invalid".to_owned()));
    assert_eq!(document(TID).await["msgraph_host"], json!("graph.invalid"));
}

#[actix_web::test]
async fn entra_e41_form_post_and_e42_prompt_none() {
    let world = world();
    let mut browser = Browser::new().unwrap();
    browser.stop_before(CALLBACK);
    let silent = world.address(TID, &[("prompt", "none")]);
    let refused = browser.get(&silent).await.unwrap().location().unwrap();
    assert_eq!(field(&refused, "error").as_deref(), Some("login_required"));
    assert!(field(&refused, "error_description").unwrap().starts_with("AADSTS50058: "));
    let form = world.address(TID, &[("response_mode", "form_post")]);
    let page = browser.get(&form).await.unwrap();
    assert!(page.is_form_to_send_on());
    assert!(page.attribute_of("input[name=code]", "value").is_some());
    let again = browser.get(&silent).await.unwrap().location().unwrap();
    assert!(field(&again, "code").is_some());
    world.pass(100);
    let older = world.address(TID, &[("prompt", "none"), ("max_age", "99")]);
    let refused = browser.get(&older).await.unwrap().location().unwrap();
    assert_eq!(field(&refused, "error").as_deref(), Some("login_required"));
}

#[actix_web::test]
async fn entra_e45_acrs_come_only_when_asked_for_and_done() {
    let world = world();
    let asked = json!({"id_token": {"acrs": {"essential": true, "value": "c1"}}}).to_string();
    let asked = [("claims", asked.as_str())];
    assert!(world.claims(&asked).await.get("acrs").is_none());
    world.entra.change_person(TID, "alice", |alice| alice.does_mfa(true));
    assert_eq!(world.claims(&asked).await["acrs"], json!(["c1"]));
    assert!(world.claims(&[]).await.get("acrs").is_none());
    assert!(world.claims(&[]).await.get("upn").is_none());
    let upn = [("claims", r#"{"id_token":{"upn":null}}"#)];
    assert_eq!(world.claims(&upn).await["upn"], json!("alice@contoso.example"));
}

#[actix_web::test]
async fn entra_e14_admin_consent_changes_what_is_allowed() {
    let world = world_with(app().not_consented());
    let page = Browser::new().unwrap().get(&world.address(TID, &[])).await.unwrap();
    assert!(page.text("aadsts-error").unwrap().starts_with("AADSTS65001: "));
    let base = world.entra.authority_url();
    let consent =
        format!("{base}/{TID}/adminconsent?client_id={APP}&redirect_uri={CALLBACK}&state=s");
    let mut browser = Browser::new().unwrap();
    browser.stop_before(CALLBACK);
    world.entra.misbehave(EntraFault::AdminConsentDenied);
    let back = browser.get(&consent).await.unwrap().location().unwrap();
    assert_eq!(field(&back, "error").as_deref(), Some("permission_denied"));
    world.entra.behave();
    let back = browser.get(&consent).await.unwrap().location().unwrap();
    assert_eq!(field(&back, "admin_consent").as_deref(), Some("True"));
    assert_eq!(field(&back, "tenant").as_deref(), Some(TID));
    assert_eq!(world.claims(&[]).await["oid"], json!(ALICE));
}

#[actix_web::test]
async fn entra_e60_e61_logout_tells_the_application_the_sid() {
    let told = "http://127.0.0.1:9/front-channel";
    let world = world_with(app().logout_url(told));
    let claims = world.claims(&[]).await;
    let sid = claims["sid"].as_str().unwrap();
    assert_eq!(world.entra.sid_of(TID, "alice").as_deref(), Some(sid));
    let url = world.entra.front_channel_logout_url(APP, sid).unwrap();
    assert_eq!(url, format!("{told}?sid={sid}"));
    let hint = claims["login_hint"].as_str().unwrap();
    let logout = format!(
        "{}/{TID}/oauth2/v2.0/logout?logout_hint={hint}&post_logout_redirect_uri={CALLBACK}&state=x",
        world.entra.authority_url()
    );
    let mut browser = Browser::new().unwrap();
    browser.stop_before(CALLBACK);
    let page = browser.get(&logout).await.unwrap();
    assert_eq!(page.attribute_of("iframe.front-channel", "src"), Some(url));
    assert_eq!(page.refresh_target(), Some(format!("{CALLBACK}?state=x")));
    let again = browser.get(&logout).await.unwrap();
    assert_eq!(again.location().unwrap().as_str(), format!("{CALLBACK}?state=x"));
}

#[actix_web::test]
async fn entra_msal_finds_the_instance_and_the_client_info() {
    let world = world();
    let asked = format!("{}/{TID}/oauth2/v2.0/authorize", world.entra.authority_url());
    let (_, instance) =
        world.get(&format!("/common/discovery/instance?authorization_endpoint={asked}")).await;
    let document = instance["tenant_discovery_endpoint"].as_str().unwrap();
    assert!(document.ends_with(&format!("/{TID}/v2.0/.well-known/openid-configuration")));
    let code = world.code(&[]).await;
    let mut form = code_form(&code);
    form.push(("client_info", "1"));
    let (_, tokens) = world.token(TID, &form).await;
    assert!(tokens["client_info"].is_string());
    let refresh = tokens["refresh_token"].as_str().unwrap();
    let form = [
        ("grant_type", "refresh_token"),
        ("refresh_token", refresh),
        ("client_id", APP),
        ("client_secret", "s3cret~value"),
    ];
    assert_eq!(world.token(TID, &form).await.0, 200);
    world.entra.delete_person(TID, "alice");
    let (status, error) = world.token(TID, &form).await;
    assert_eq!((status, &error["error_codes"]), (400, &json!([50173])));
}
