//! The FAPI 2.0 profile at the token endpoint (FA-02, FA-03, FA-07, FA-12).

use serde_json::Value;
use symbolon_identity::admin::NewApplication;
use symbolon_identity::clock::Clock as _;
use symbolon_identity::downstream::{
    ApplicationAuthentication, GrantType, OpenidSettings, SecurityProfile,
};
use symbolon_testkit::{ApplicationAlgorithm, ApplicationKey};

use super::{Ask, ask, refresh, text};
use crate::downstream::assert_refused;
use crate::world::{TestApplication, TestBroker};

const INVALID: &str = "401 invalid_client token.client_assertion_invalid";

fn fapi2(new: &mut NewApplication, key: &ApplicationKey) {
    let settings = &mut new.settings;
    settings.profile = SecurityProfile::Fapi2;
    settings.authentication = ApplicationAuthentication::PrivateKeyJwt;
    settings.jwks = Some(key.jwks());
    settings.grant_types = vec![GrantType::ClientCredentials, GrantType::AuthorizationCode];
    settings.grant_types.push(GrantType::RefreshToken);
    settings.service_scopes = vec!["pay".into()];
}

fn own<'a>(app: &'a TestApplication<'a>) -> Ask<'a> {
    ask(app, "token").with("grant_type", "client_credentials")
}

#[actix_web::test]
async fn fa_02_the_audience_of_a_statement_is_the_issuer_as_text() {
    let world = TestBroker::start().await;
    let contoso = world.tenant("contoso").await;
    let key = ApplicationKey::new(ApplicationAlgorithm::Ps256).unwrap();
    let app = contoso.application_with("bank", |new| fapi2(new, &key)).await;
    let (now, issuer) = (world.clock.now().timestamp(), contoso.issuer());
    own(&app).signed_by(&key).proof(&key).tokens().await;
    for endpoint in ["token", "par"] {
        let assertion = key.assertion("bank", &format!("{issuer}/{endpoint}"), now).unwrap();
        let reply = own(&app).assertion(&assertion).proof(&key).send().await;
        assert_refused(&contoso, &reply, INVALID).await;
    }
    let claims = serde_json::json!({
        "iss": "bank", "sub": "bank", "aud": [issuer], "iat": now, "exp": now + 60, "jti": "array",
    });
    let array = key.sign(serde_json::json!({ "typ": "JWT" }), &claims).unwrap();
    assert_eq!(own(&app).assertion(&array).proof(&key).refusal().await, INVALID);
}

#[actix_web::test]
async fn fa_03_fa_11_no_secret_no_rs256_no_bearer_token() {
    let world = TestBroker::start().await;
    let contoso = world.tenant("contoso").await;
    let key = ApplicationKey::new(ApplicationAlgorithm::Rs256).unwrap();
    let app = contoso.application_with("bank", |new| fapi2(new, &key)).await;
    let proof = ApplicationKey::new(ApplicationAlgorithm::Es256).unwrap();
    let rs256 = own(&app).signed_by(&key).proof(&proof).send().await;
    assert_refused(&contoso, &rs256, INVALID).await;
    let plain = own(&app).proof(&proof).send().await;
    let failed = "401 invalid_client token.client_authentication_failed";
    assert_refused(&contoso, &plain, failed).await;
    let key = ApplicationKey::new(ApplicationAlgorithm::EdDsa).unwrap();
    let shop = contoso.application_with("shop", |new| fapi2(new, &key)).await;
    let unbound = own(&shop).signed_by(&key).send().await;
    assert_refused(&contoso, &unbound, "400 invalid_dpop_proof token.dpop_proof_invalid").await;
    let by_rs256 = ApplicationKey::new(ApplicationAlgorithm::Rs256).unwrap();
    let proved = own(&shop).signed_by(&key).proof(&by_rs256).refusal().await;
    assert_eq!(proved, "400 invalid_dpop_proof token.dpop_proof_invalid");
}

/// A code without the way through the authorization endpoint, which has its own tests.
async fn sign_in(app: &TestApplication<'_>, key: &ApplicationKey) -> Value {
    let code = code_of_a_session(app).await;
    let ask = ask(app, "token").with("grant_type", "authorization_code").with("code", &code);
    let ask = ask.with("redirect_uri", &app.running.redirect_uri());
    ask.with("code_verifier", crate::world::VERIFIER).signed_by(key).proof(key).tokens().await
}

/// The application is put under the profile after its sign-in has begun.
async fn code_of_a_session(app: &TestApplication<'_>) -> String {
    set(app, |settings| settings.profile = SecurityProfile::Oauth).await;
    let code = app.code("alice", &[]).await;
    set(app, |settings| settings.profile = SecurityProfile::Fapi2).await;
    code
}

async fn set(app: &TestApplication<'_>, change: impl FnOnce(&mut OpenidSettings)) {
    let id = symbolon_contract::ApplicationId::parse(&app.id).unwrap();
    let (tenant, database) = (app.tenant.record.id.clone(), &app.tenant.world.broker.database);
    let (of, which) = (tenant.clone(), id.clone());
    let row = database.read(move |conn| conn.tenant(&of).applications().find(&which)).await;
    let mut row = row.unwrap().unwrap();
    let mut settings: OpenidSettings = serde_json::from_value(row.settings).unwrap();
    change(&mut settings);
    row.settings = serde_json::to_value(settings).unwrap();
    let version = row.version;
    let write = move |conn: &mut symbolon_storage::Connection| {
        conn.tenant(&tenant).applications().update(&row, version)
    };
    database.write(write).await.unwrap();
}

#[actix_web::test]
async fn fa_12_a_refresh_token_is_not_rotated_and_needs_the_applications_key() {
    let world = TestBroker::start().await;
    let contoso = world.tenant("contoso").await;
    let key = ApplicationKey::new(ApplicationAlgorithm::Es256).unwrap();
    let app = contoso.application_with("bank", |new| fapi2(new, &key)).await;
    let held = sign_in(&app, &key).await;
    assert_eq!(text(&held, "token_type"), "DPoP");
    let token = text(&held, "refresh_token");
    // FA-12: it is not rotated, and stays good.
    for _ in 0..3 {
        let renewed = refresh(&app, token).signed_by(&key).proof(&key).tokens().await;
        assert!(renewed.get("refresh_token").is_none(), "{renewed}");
    }
    // It is worth nothing without the application's key.
    let failed = "401 invalid_client token.client_authentication_failed";
    assert_eq!(refresh(&app, token).refusal().await, failed);
}

#[actix_web::test]
async fn fa_07_a_code_needs_its_verifier() {
    let world = TestBroker::start().await;
    let contoso = world.tenant("contoso").await;
    let key = ApplicationKey::new(ApplicationAlgorithm::Es256).unwrap();
    let app = contoso.application_with("bank", |new| fapi2(new, &key)).await;
    let uri = app.running.redirect_uri();
    for (verifier, reason) in [(None, "pkce_mismatch"), (Some("x"), "pkce_mismatch")] {
        let code = code_of_a_session(&app).await;
        let mut redeem = ask(&app, "token").with("grant_type", "authorization_code");
        redeem = redeem.with("code", &code).with("redirect_uri", &uri);
        if let Some(verifier) = verifier {
            redeem = redeem.with("code_verifier", verifier);
        }
        let refused = redeem.signed_by(&key).proof(&key).refusal().await;
        assert_eq!(refused, format!("400 invalid_grant token.{reason}"));
    }
}
