//! Pushed authorization requests (RFC 9126; R-21, FA-04 to FA-09): pushed by the application, opened by a browser.

use chrono::TimeDelta;
use serde_json::json;
use symbolon_identity::clock::Clock as _;
use symbolon_identity::downstream::SecurityProfile;
use symbolon_testkit::Browser;
use symbolon_testkit::application::{ApplicationAlgorithm, ApplicationKey};
use symbolon_testkit::browser::Page;
use symbolon_testkit::provider::AutomaticSignIn;
use url::Url;

use crate::authorize::Change;
use crate::downstream::{
    Reply, assert_page, assert_refused, code_of, open, part, signed_in, told, userinfo,
};
use crate::world::{TestApplication, TestBroker, http, parameter, post_form};

/// The application's request, changed, as form fields.
fn fields(app: &TestApplication<'_>, change: Change<'_>) -> Vec<(String, String)> {
    let url = Url::parse(&app.authorize_url(change)).unwrap();
    url.query_pairs().into_owned().collect()
}

fn post(app: &TestApplication<'_>, change: Change<'_>) -> reqwest::RequestBuilder {
    let fields = fields(app, change);
    let fields: Vec<_> = fields.iter().map(|(name, value)| (&**name, &**value)).collect();
    let request = post_form(&format!("{}/par", app.tenant.issuer()), &fields);
    match &app.secret {
        Some(secret) => request.basic_auth(&app.id, Some(secret)),
        None => request,
    }
}

pub(crate) async fn push(app: &TestApplication<'_>, change: Change<'_>) -> Reply {
    Reply::of(post(app, change)).await
}

/// The address that the browser opens for a pushed request.
pub(crate) fn address(app: &TestApplication<'_>, request_uri: &str) -> String {
    let mut url = Url::parse(&format!("{}/authorize", app.tenant.issuer())).unwrap();
    url.query_pairs_mut().append_pair("client_id", &app.id).append_pair("request_uri", request_uri);
    url.into()
}

async fn pushed(app: &TestApplication<'_>, change: Change<'_>) -> String {
    let reply = push(app, change).await;
    assert_eq!(reply.status, 201, "{}", reply.body);
    address(app, &reply.text("request_uri"))
}

#[actix_web::test]
async fn r21_fa_04_a_pushed_request_is_answered_like_any_other() {
    let world = TestBroker::start().await;
    let contoso = world.tenant("contoso").await;
    let wiki = contoso.application("wiki").await;
    let mut browser = signed_in(&contoso, "alice").await;
    let reply = push(&wiki, &[]).await;
    assert_eq!((reply.status, reply.header("cache-control")), (201, "no-store"));
    assert_eq!(reply.body["expires_in"], 90);
    let uri = reply.text("request_uri");
    let secret = uri.strip_prefix("urn:ietf:params:oauth:request_uri:").unwrap();
    assert_eq!(secret.len(), 43, "256 random bits");
    let page = open(&wiki, &mut browser, &address(&wiki, &uri)).await;
    assert_eq!(wiki.redeem(&code_of(&wiki, &page), &[]).await.0, 200);
    assert_ne!(push(&wiki, &[]).await.text("request_uri"), uri);
}

#[actix_web::test]
async fn fa_06_what_stands_beside_a_pushed_request_does_not_count() {
    let world = TestBroker::start().await;
    let contoso = world.tenant("contoso").await;
    let wiki = contoso.application("wiki").await;
    let mut browser = signed_in(&contoso, "alice").await;
    let beside = "&state=other&nonce=other&scope=openid&redirect_uri=https://evil.example/\
                  &response_type=token&prompt=login&request=x";
    let url = pushed(&wiki, &[]).await;
    let page = open(&wiki, &mut browser, &format!("{url}{beside}")).await;
    let answer = told(&wiki, &page);
    assert_eq!(parameter(&answer, "state").as_deref(), Some("state-of-the-test"));
    let (_, tokens) = wiki.redeem(&code_of(&wiki, &page), &[]).await;
    assert_eq!(part(tokens["id_token"].as_str().unwrap(), 1)["nonce"], "nonce-of-the-test");
    assert_eq!(tokens["scope"], "openid profile email roles");
}

/// Opens an address and goes as far as the provider's page, where nobody has signed in yet.
async fn at_provider(app: &TestApplication<'_>, browser: &mut Browser, url: &str) -> Page {
    app.tenant.world.provider.sign_in_automatically(AutomaticSignIn::Off);
    let page = open(app, browser, url).await;
    assert!(page.has("demo-provider-title"), "{}", page.body());
    page
}

#[actix_web::test]
async fn fa_05_a_pushed_request_is_spent_when_it_is_answered_not_when_it_is_opened() {
    let world = TestBroker::start().await;
    let contoso = world.tenant("contoso").await;
    let wiki = contoso.application("wiki").await;
    let url = pushed(&wiki, &[]).await;
    let mut browser = Browser::new().unwrap();
    for _ in 0..3 {
        at_provider(&wiki, &mut browser, &url).await;
    }
    world.provider.sign_in_automatically(AutomaticSignIn::As("alice".into()));
    let page = open(&wiki, &mut browser, &url).await;
    assert_eq!(wiki.redeem(&code_of(&wiki, &page), &[]).await.0, 200);
    for mut browser in [browser, Browser::new().unwrap()] {
        let page = open(&wiki, &mut browser, &url).await;
        assert_page(&contoso, &page, "400 authorize.pushed_request_used").await;
        assert!(page.body().contains("request_uri"), "PG-3");
    }
}

#[actix_web::test]
async fn fa_05_of_two_sign_ins_by_one_pushed_request_one_is_answered() {
    let world = TestBroker::start().await;
    let contoso = world.tenant("contoso").await;
    let wiki = contoso.application("wiki").await;
    let url = pushed(&wiki, &[]).await;
    let (mut one, mut two) = (Browser::new().unwrap(), Browser::new().unwrap());
    world.provider.sign_in_automatically(AutomaticSignIn::As("alice".into()));
    for browser in [&mut one, &mut two] {
        browser.stop_before(&contoso.callback("upstream"));
    }
    let first = one.get(&url).await.unwrap().location().unwrap();
    let second = two.get(&url).await.unwrap().location().unwrap();
    // Nobody has to hurry at the upstream.
    world.clock.advance(TimeDelta::minutes(4));
    code_of(&wiki, &open(&wiki, &mut one, first.as_str()).await);
    let page = open(&wiki, &mut two, second.as_str()).await;
    assert_page_of_sign_in(&page, "400 authorize.pushed_request_used");
}

fn assert_page_of_sign_in(page: &Page, expected: &str) {
    let reason = page.text("reason-code").unwrap_or_else(|| page.body().to_owned());
    assert_eq!(format!("{} {reason}", page.status()), expected);
}

#[actix_web::test]
async fn fa_05_an_error_that_was_told_spends_it_too() {
    let world = TestBroker::start().await;
    let contoso = world.tenant("contoso").await;
    let wiki = contoso.application("wiki").await;
    let url = pushed(&wiki, &[("prompt", Some("none"))]).await;
    let mut browser = Browser::new().unwrap();
    let answer = told(&wiki, &open(&wiki, &mut browser, &url).await);
    assert_eq!(parameter(&answer, "error").as_deref(), Some("login_required"));
    let page = open(&wiki, &mut browser, &url).await;
    assert_page(&contoso, &page, "400 authorize.pushed_request_used").await;
}

#[actix_web::test]
async fn fa_04_a_request_uri_is_good_for_its_application_for_90_seconds() {
    let world = TestBroker::start().await;
    let contoso = world.tenant("contoso").await;
    let fabrikam = world.tenant("fabrikam").await;
    let wiki = contoso.application("wiki").await;
    let crm = contoso.application("crm").await;
    let elsewhere = fabrikam.application("wiki").await;
    let reply = push(&wiki, &[]).await;
    let uri = reply.text("request_uri");
    let mut browser = signed_in(&contoso, "alice").await;
    let unknown = "400 authorize.pushed_request_unknown";
    let page = open(&crm, &mut browser, &address(&crm, &uri)).await;
    assert_page(&contoso, &page, unknown).await;
    let page = open(&elsewhere, &mut browser, &address(&elsewhere, &uri)).await;
    assert_page(&fabrikam, &page, unknown).await;
    let none = "urn:ietf:params:oauth:request_uri:none";
    assert_page(&contoso, &open(&wiki, &mut browser, &address(&wiki, none)).await, unknown).await;
    world.clock.advance(TimeDelta::seconds(90));
    assert_page(&contoso, &open(&wiki, &mut browser, &address(&wiki, &uri)).await, unknown).await;
}

#[actix_web::test]
async fn fa_04_whoever_pushes_proves_itself_and_keeps_every_rule_of_a_request() {
    let world = TestBroker::start().await;
    let contoso = world.tenant("contoso").await;
    let wiki = contoso.application("wiki").await;
    let wrong = post_form(&format!("{}/par", contoso.issuer()), &[("response_type", "code")]);
    let reply = Reply::of(wrong.basic_auth("wiki", Some("wrong"))).await;
    assert_refused(&contoso, &reply, "401 invalid_client token.client_authentication_failed").await;
    let uri = push(&wiki, &[]).await.text("request_uri");
    let cases: [(Change<'_>, &str); 7] = [
        (&[("request_uri", Some(&uri))], "400 invalid_request token.invalid_request"),
        (&[("redirect_uri", None)], "400 invalid_request authorize.redirect_uri_missing"),
        (
            &[("redirect_uri", Some("https://evil.example/"))],
            "400 invalid_request authorize.redirect_uri_mismatch",
        ),
        (
            &[("response_type", Some("code id_token"))],
            "400 unsupported_response_type authorize.response_type_unsupported",
        ),
        (&[("code_challenge", None)], "400 invalid_request authorize.pkce_missing"),
        (
            &[("code_challenge_method", Some("plain"))],
            "400 invalid_request authorize.pkce_method_refused",
        ),
        (&[("dpop_jkt", Some("short"))], "400 invalid_request authorize.dpop_jkt_invalid"),
    ];
    for (change, expected) in cases {
        assert_refused(&contoso, &push(&wiki, change).await, expected).await;
    }
    let (status, _) = crate::world::answer(http().get(format!("{}/par", contoso.issuer()))).await;
    assert_eq!(status, 405);
}

#[actix_web::test]
async fn fa_09_who_must_push_is_refused_by_the_front_door() {
    let world = TestBroker::start().await;
    let contoso = world.tenant("contoso").await;
    let must = |new: &mut symbolon_identity::admin::NewApplication| {
        new.settings.require_pushed_requests = true;
    };
    let wiki = contoso.application_with("wiki", must).await;
    let mut browser = signed_in(&contoso, "alice").await;
    let answer = told(&wiki, &open(&wiki, &mut browser, &wiki.authorize_url(&[])).await);
    assert_eq!(parameter(&answer, "error").as_deref(), Some("invalid_request"));
    assert!(parameter(&answer, "error_description").unwrap().starts_with("authorize.not_pushed"));
    let page = open(&wiki, &mut browser, &pushed(&wiki, &[]).await).await;
    assert_eq!(wiki.redeem(&code_of(&wiki, &page), &[]).await.0, 200);
}

#[actix_web::test]
async fn neg_d07_a_value_of_one_kind_is_no_other_kind() {
    let world = TestBroker::start().await;
    let contoso = world.tenant("contoso").await;
    let wiki = contoso.application("wiki").await;
    let mut browser = signed_in(&contoso, "alice").await;
    let uri = push(&wiki, &[]).await.text("request_uri");
    let random = uri.rsplit(':').next().unwrap();
    let code = code_of(&wiki, &open(&wiki, &mut browser, &wiki.authorize_url(&[])).await);
    let state = wiki.callback_of(&mut Browser::new().unwrap(), ("bob", "s")).await;
    let (state, upstream) =
        (parameter(&state, "state").unwrap(), parameter(&state, "code").unwrap());
    let cookie = crate::sessions::cookie(&contoso, &browser).unwrap();
    for other in [uri.as_str(), random, &state, &upstream, &cookie] {
        let (status, body) = wiki.redeem(other, &[]).await;
        assert_eq!((status, &body["error"]), (400, &json!("invalid_grant")), "{other}");
        assert_eq!(userinfo(&contoso, other).await.status, 401, "{other}");
    }
    assert_eq!(userinfo(&contoso, &code).await.status, 401);
    let (_, tokens) = wiki.redeem(&code, &[]).await;
    let token = tokens["access_token"].as_str().unwrap();
    for other in [code.as_str(), &state, token, &cookie] {
        let uri = format!("urn:ietf:params:oauth:request_uri:{other}");
        let page = open(&wiki, &mut browser, &address(&wiki, &uri)).await;
        assert_page(&contoso, &page, "400 authorize.pushed_request_unknown").await;
        let question = format!("{}/consent?waiting={other}", contoso.issuer());
        let page = browser.get(&question).await.unwrap();
        assert_page(&contoso, &page, "400 authorize.consent_unknown").await;
    }
    let (status, body) = wiki.redeem(token, &[]).await;
    assert_eq!((status, &body["error"]), (400, &json!("invalid_grant")));
}

#[actix_web::test]
async fn fa_10_a_proof_that_is_pushed_along_binds_the_code_to_its_key() {
    let world = TestBroker::start().await;
    let contoso = world.tenant("contoso").await;
    let wiki = contoso.application("wiki").await;
    let mut browser = signed_in(&contoso, "alice").await;
    let key = |_| ApplicationKey::new(ApplicationAlgorithm::Es256).unwrap();
    let [own, other] = [(), ()].map(key);
    let now = world.clock.now().timestamp();
    let par = format!("{}/par", contoso.issuer());
    let proof = own.proof(("POST", &par), None, now).unwrap();
    let reply = Reply::of(post(&wiki, &[]).header("dpop", &proof)).await;
    assert_eq!(reply.status, 201, "{}", reply.body);
    let page = open(&wiki, &mut browser, &address(&wiki, &reply.text("request_uri"))).await;
    let code = code_of(&wiki, &page);
    assert_eq!(wiki.redeem(&code, &[]).await.0, 400, "without a proof");
    // The proof is taken once, and a thumbprint beside it must be its own.
    let again = Reply::of(post(&wiki, &[]).header("dpop", &proof)).await;
    assert_eq!(again.status, 400, "{}", again.body);
    let named = other.thumbprint().unwrap();
    let proof = own.proof(("POST", &par), None, now).unwrap();
    let two = Reply::of(post(&wiki, &[("dpop_jkt", Some(&named))]).header("dpop", proof)).await;
    assert_refused(&contoso, &two, "400 invalid_request authorize.dpop_jkt_invalid").await;
}

#[actix_web::test]
async fn fapi2_an_application_of_the_profile_pushes_and_proves_itself_by_its_key() {
    let world = TestBroker::start().await;
    let contoso = world.tenant("contoso").await;
    let key = ApplicationKey::new(ApplicationAlgorithm::Es256).unwrap();
    let jwks = key.jwks();
    let wiki = contoso
        .application_with("wiki", |new| {
            new.settings.profile = SecurityProfile::Fapi2;
            new.settings.authentication =
                symbolon_identity::downstream::ApplicationAuthentication::PrivateKeyJwt;
            new.settings.jwks = Some(jwks);
        })
        .await;
    let issuer = contoso.issuer();
    let now = world.clock.now().timestamp();
    let push = async |change: Change<'_>, audience: &str| {
        let mut fields = fields(&wiki, change);
        let kind = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
        fields.push(("client_assertion_type".into(), kind.into()));
        fields.push(("client_assertion".into(), key.assertion("wiki", audience, now).unwrap()));
        let fields: Vec<_> = fields.iter().map(|(name, value)| (&**name, &**value)).collect();
        Reply::of(post_form(&format!("{issuer}/par"), &fields)).await
    };
    // FA-02: the issuer, exactly; FA-07: PKCE whatever the settings say.
    let reply = push(&[], &format!("{issuer}/par")).await;
    assert_refused(&contoso, &reply, "401 invalid_client token.client_assertion_invalid").await;
    let reply = push(&[("code_challenge", None), ("code_challenge_method", None)], &issuer).await;
    assert_refused(&contoso, &reply, "400 invalid_request authorize.pkce_missing").await;
    let reply = push(&[], &issuer).await;
    assert_eq!(reply.status, 201, "{}", reply.body);
    let mut browser = signed_in(&contoso, "alice").await;
    let page = open(&wiki, &mut browser, &address(&wiki, &reply.text("request_uri"))).await;
    let answer = told(&wiki, &page);
    assert_eq!(parameter(&answer, "iss"), Some(issuer.clone()), "RFC 9207");
    // FA-09: nothing by the front door.
    let page = open(&wiki, &mut browser, &wiki.authorize_url(&[])).await;
    assert_eq!(parameter(&told(&wiki, &page), "error").as_deref(), Some("invalid_request"));
}
