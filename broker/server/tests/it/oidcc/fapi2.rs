//! FAPI 2.0 Security Profile from the pushed request to UserInfo, by `private_key_jwt` and DPoP: what the other
//! files of this folder and `pushed_requests` do not ask by the name of a module.

use chrono::TimeDelta;
use serde_json::{Value, json};
use symbolon_identity::admin::NewApplication;
use symbolon_identity::clock::Clock as _;
use symbolon_identity::downstream::{ApplicationAuthentication, RedirectUri, SecurityProfile};
use symbolon_testkit::{ApplicationAlgorithm, ApplicationKey, Browser};
use url::Url;

use crate::authorize::Change;
use crate::downstream::{Reply, open, part, signed_in, told};
use crate::grants::{Ask, ask, redeem, userinfo_by};
use crate::pushed_requests::address;
use crate::world::{TestApplication, TestBroker, TestTenant, http, parameter};

/// An application under the profile, its key, and a browser in which somebody is signed in.
struct Bank<'a> {
    app: TestApplication<'a>,
    key: ApplicationKey,
    browser: Browser,
}

fn profile(new: &mut NewApplication, key: &ApplicationKey) {
    new.settings.profile = SecurityProfile::Fapi2;
    new.settings.authentication = ApplicationAuthentication::PrivateKeyJwt;
    new.settings.jwks = Some(key.jwks());
}

async fn bank<'a>(tenant: &'a TestTenant<'a>, id: &str) -> Bank<'a> {
    let key = ApplicationKey::new(ApplicationAlgorithm::Es256).unwrap();
    let app = tenant.application_with(id, |new| profile(new, &key)).await;
    let browser = signed_in(tenant, "alice").await;
    Bank { app, key, browser }
}

impl Bank<'_> {
    fn push(&self, change: Change<'_>) -> Ask<'_> {
        let url = Url::parse(&self.app.authorize_url(change)).unwrap();
        let request = ask(&self.app, "par").signed_by(&self.key);
        let pairs = url.query_pairs().into_owned();
        pairs.fold(request, |request, (name, value)| request.with(&name, &value))
    }

    /// What the application is told for a pushed request.
    async fn answer(&mut self, pushed: Reply) -> Url {
        assert_eq!(pushed.status, 201, "{}", pushed.body);
        let url = address(&self.app, &pushed.text("request_uri"));
        told(&self.app, &open(&self.app, &mut self.browser, &url).await)
    }

    async fn code(&mut self, change: Change<'_>) -> String {
        let pushed = self.push(change).send().await;
        parameter(&self.answer(pushed).await, "code").unwrap()
    }

    fn redeem(&self, code: &str) -> Ask<'_> {
        redeem(&self.app, code).signed_by(&self.key)
    }

    async fn tokens(&mut self, change: Change<'_>) -> Value {
        let code = self.code(change).await;
        self.redeem(&code).proof(&self.key).tokens().await
    }
}

/// A request that succeeds; gives the claims of the ID token and what the application was told.
async fn succeeds(change: Change<'_>) -> (Value, Url) {
    let world = TestBroker::start().await;
    let contoso = world.tenant("contoso").await;
    let mut bank = bank(&contoso, "bank").await;
    let pushed = bank.push(change).send().await;
    let answer = bank.answer(pushed).await;
    let code = parameter(&answer, "code").unwrap();
    let tokens = bank.redeem(&code).proof(&bank.key).tokens().await;
    (part(tokens["id_token"].as_str().unwrap(), 1), answer)
}

#[actix_web::test]
async fn oidcc_discovery_endpoint_verification() {
    let world = TestBroker::start().await;
    let contoso = world.tenant("contoso").await;
    let url = format!("{}/.well-known/openid-configuration", contoso.issuer());
    let found = Reply::of(http().get(url)).await.body;
    assert_eq!(found["issuer"], contoso.issuer(), "CF-1");
    let holds = |name: &str, value: &str| {
        assert!(found[name].as_array().unwrap().contains(&json!(value)), "{name} {value}");
    };
    holds("id_token_signing_alg_values_supported", "RS256");
    for one in ["openid", "profile", "email", "address", "phone", "offline_access"] {
        holds("scopes_supported", one);
    }
    holds("response_types_supported", "code");
    holds("subject_types_supported", "pairwise");
    holds("code_challenge_methods_supported", "S256");
    for (name, value) in found.as_object().unwrap() {
        let below = value.as_str().is_some_and(|url| url.starts_with(&contoso.issuer()));
        assert!(below || !(name.ends_with("_endpoint") || name == "jwks_uri"), "{name} {value}");
    }
}

#[actix_web::test]
async fn fapi2_security_profile_final_discovery_end_point_verification() {
    let world = TestBroker::start().await;
    let contoso = world.tenant("contoso").await;
    let url = format!("{}/.well-known/openid-configuration", contoso.issuer());
    let found = Reply::of(http().get(url)).await.body;
    assert_eq!(found["authorization_response_iss_parameter_supported"], true);
    assert_eq!(found["pushed_authorization_request_endpoint"], format!("{}/par", contoso.issuer()));
    let proofs = found["dpop_signing_alg_values_supported"].as_array().unwrap();
    assert!(proofs.contains(&json!("PS256")) && !proofs.contains(&json!("RS256")), "{proofs:?}");
    for methods in ["token", "revocation", "introspection"] {
        let name = format!("{methods}_endpoint_auth_methods_supported");
        assert!(found[&name].as_array().unwrap().contains(&json!("private_key_jwt")), "{name}");
    }
}

/// `none` is no algorithm of ours: not announced, and asked for it is no reason to use it (OD-11).
#[actix_web::test]
async fn oidcc_idtoken_unsigned() {
    let world = TestBroker::start().await;
    let contoso = world.tenant("contoso").await;
    let url = format!("{}/.well-known/openid-configuration", contoso.issuer());
    let found = Reply::of(http().get(url)).await.body;
    for (name, value) in found.as_object().unwrap() {
        let announces = name.ends_with("_alg_values_supported");
        assert!(!announces || !value.as_array().unwrap().contains(&json!("none")), "{name}");
    }
}

#[actix_web::test]
async fn fapi2_security_profile_final_ensure_authorization_request_without_state_success() {
    let (_, answer) = succeeds(&[("state", None)]).await;
    assert_eq!(parameter(&answer, "state"), None);
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

#[actix_web::test]
async fn fapi2_security_profile_final_test_claims_parameter_identity_claims() {
    let asked = json!({ "id_token": { "email": { "essential": true } } }).to_string();
    let (claims, _) = succeeds(&[("scope", Some("openid email")), ("claims", Some(&asked))]).await;
    assert_eq!(claims["email"], "alice@contoso.com", "{claims}");
}

#[actix_web::test]
async fn fapi2_security_profile_final_access_token_type_header_case_sensitivity() {
    let world = TestBroker::start().await;
    let contoso = world.tenant("contoso").await;
    let mut bank = bank(&contoso, "bank").await;
    let tokens = bank.tokens(&[]).await;
    let token = tokens["access_token"].as_str().unwrap();
    let (url, now) = (format!("{}/userinfo", contoso.issuer()), world.clock.now().timestamp());
    let proof = || bank.key.proof(("GET", &url), Some(token), now).ok();
    for scheme in ["DPoP", "dpop", "DPOP"] {
        assert_eq!(userinfo_by(&bank.app, (token, scheme), proof()).await.status, 200, "{scheme}");
    }
    assert_eq!(userinfo_by(&bank.app, (token, "Bearer"), proof()).await.status, 401);
}

#[actix_web::test]
async fn fapi2_security_profile_final_ensure_token_endpoint_fails_with_mismatched_dpop_proof_jkt() {
    let world = TestBroker::start().await;
    let contoso = world.tenant("contoso").await;
    let mut bank = bank(&contoso, "bank").await;
    let pushed = bank.push(&[]).proof(&bank.key).send().await;
    let code = parameter(&bank.answer(pushed).await, "code").unwrap();
    let other = ApplicationKey::new(ApplicationAlgorithm::Es256).unwrap();
    assert!(bank.redeem(&code).proof(&other).refusal().await.starts_with("400 "));
}

#[actix_web::test]
async fn fapi2_security_profile_final_ensure_token_endpoint_fails_with_mismatched_dpop_jkt() {
    let world = TestBroker::start().await;
    let contoso = world.tenant("contoso").await;
    let mut bank = bank(&contoso, "bank").await;
    let other = ApplicationKey::new(ApplicationAlgorithm::Es256).unwrap();
    let code = bank.code(&[("dpop_jkt", Some(&other.thumbprint().unwrap()))]).await;
    assert!(bank.redeem(&code).proof(&bank.key).refusal().await.starts_with("400 "));
}

#[actix_web::test]
async fn fapi2_security_profile_final_plain_fapi_tolerate_unregistered_redirect_uri() {
    let world = TestBroker::start().await;
    let contoso = world.tenant("contoso").await;
    let bank = bank(&contoso, "bank").await;
    let foreign = RedirectUri::parse("https://other.example/callback").unwrap();
    let refusal = bank.push(&[("redirect_uri", Some(foreign.as_str()))]).refusal().await;
    assert_eq!(refusal, "400 invalid_request authorize.redirect_uri_mismatch");
}

#[actix_web::test]
async fn fapi2_security_profile_final_ensure_client_id_in_token_endpoint() {
    let world = TestBroker::start().await;
    let contoso = world.tenant("contoso").await;
    let mut bank = bank(&contoso, "bank").await;
    let code = bank.code(&[]).await;
    let other = bank.redeem(&code).with("client_id", "other").proof(&bank.key).send().await;
    assert!((400..402).contains(&other.status), "{}", other.body);
}

#[actix_web::test]
async fn fapi2_security_profile_final_ensure_authorization_code_is_bound_to_client() {
    let world = TestBroker::start().await;
    let contoso = world.tenant("contoso").await;
    let mut one = bank(&contoso, "bank").await;
    let two = bank(&contoso, "shop").await;
    let code = one.code(&[]).await;
    let refusal = two.redeem(&code).proof(&two.key).refusal().await;
    assert_eq!(refusal, "400 invalid_grant token.code_other_application");
    one.redeem(&code).proof(&one.key).tokens().await;
}

#[actix_web::test]
async fn fapi2_security_profile_final_ensure_token_endpoint_fails_with_expired_auth_code() {
    let world = TestBroker::start().await;
    let contoso = world.tenant("contoso").await;
    let mut bank = bank(&contoso, "bank").await;
    let code = bank.code(&[]).await;
    world.clock.advance(TimeDelta::seconds(61));
    let refusal = bank.redeem(&code).proof(&bank.key).refusal().await;
    assert_eq!(refusal, "400 invalid_grant token.code_expired");
}

#[actix_web::test]
async fn fapi2_security_profile_final_par_attempt_invalid_http_method() {
    let world = TestBroker::start().await;
    let contoso = world.tenant("contoso").await;
    let url = format!("{}/par", contoso.issuer());
    for request in [http().get(&url), http().put(&url), http().delete(&url)] {
        assert_eq!(crate::world::answer(request).await.0, 405);
    }
}

#[actix_web::test]
async fn fapi2_the_whole_way_is_bound_and_says_who_answers() {
    let world = TestBroker::start().await;
    let contoso = world.tenant("contoso").await;
    let mut bank = bank(&contoso, "bank").await;
    let pushed = bank.push(&[]).send().await;
    let answer = bank.answer(pushed).await;
    assert_eq!(parameter(&answer, "iss"), Some(contoso.issuer()), "RFC 9207");
    let code = parameter(&answer, "code").unwrap();
    let tokens = bank.redeem(&code).proof(&bank.key).tokens().await;
    assert_eq!(tokens["token_type"], "DPoP");
    let header = part(tokens["id_token"].as_str().unwrap(), 0);
    assert_eq!(header["alg"], "ES256", "FA-01");
    let page = open(&bank.app, &mut bank.browser, &bank.app.authorize_url(&[])).await;
    let error = parameter(&told(&bank.app, &page), "error");
    assert_eq!(error.as_deref(), Some("invalid_request"), "FA-09: nothing by the front door");
}
