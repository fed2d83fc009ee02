//! What providers want otherwise: answers as posted forms (H-03), other proofs at the token endpoint (RFC 7523).

use serde_json::{Value, json};
use symbolon_identity::admin::NewConnector;
use symbolon_identity::connectors::oidc::{ClientAuthentication, ResponseMode};
use symbolon_identity::keys::SigningAlgorithm;
use symbolon_testkit::provider::AutomaticSignIn;
use symbolon_testkit::{Browser, RegisteredClient};

use crate::callback::{browser, open};
use crate::world::{
    CONNECTOR, TestApplication, TestBroker, TestTenant, http, oidc_settings, parameter, post_form,
};

async fn with_form_post(world: &TestBroker) -> TestTenant<'_> {
    let change = |new: &mut NewConnector| {
        let settings = oidc_settings(new);
        settings.response_mode = ResponseMode::FormPost;
    };
    world.tenant_with("contoso", change).await
}

/// The answer of the provider as a form, before it is posted.
async fn posted_fields(app: &TestApplication<'_>, browser: &mut Browser) -> Vec<(String, String)> {
    let provider = &app.tenant.world.provider;
    provider.sign_in_automatically(AutomaticSignIn::As("alice".into()));
    browser.stop_before(&app.running.url());
    let page = browser.get(&app.authorize_url(&[])).await.unwrap();
    let value = |name: &str| page.attribute_of(&format!("input[name={name}]"), "value").unwrap();
    ["code", "state", "iss"].map(|name| (name.to_owned(), value(name))).to_vec()
}

/// `SameSite=Lax`: a real browser posts across sites without cookies. It is sent round once, with them.
#[actix_web::test]
async fn feat_h03_a_posted_answer_works_without_cookies() {
    let world = TestBroker::start().await;
    let contoso = with_form_post(&world).await;
    let wiki = contoso.application("wiki").await;
    let mut alice = browser();
    let fields = posted_fields(&wiki, &mut alice).await;
    let fields: Vec<(&str, &str)> = fields.iter().map(|(k, v)| (&**k, &**v)).collect();
    let posted = post_form(&contoso.callback(CONNECTOR), &fields).send().await.unwrap();
    assert_eq!(posted.status(), 303);
    let location = posted.headers()["location"].to_str().unwrap();
    assert!(location.starts_with("/t/contoso/callback/upstream?held="), "{location}");
    let held = format!("{}{location}", world.url);
    assert_eq!(open(&wiki, &mut alice, &held).await, "code for state-of-the-test");
    let again = alice.get(&held).await.unwrap();
    assert_eq!(again.text("reason-code").as_deref(), Some("oidc.state_mismatch"), "taken once");
    assert_eq!(contoso.sessions().await, 1);
}

#[actix_web::test]
async fn feat_h03_a_posted_answer_works_with_cookies_too_and_nowhere_else() {
    let world = TestBroker::start().await;
    let contoso = with_form_post(&world).await;
    let wiki = contoso.application("wiki").await;
    let (mut alice, mut other) = (browser(), browser());
    let fields = posted_fields(&wiki, &mut alice).await;
    let fields: Vec<(&str, &str)> = fields.iter().map(|(k, v)| (&**k, &**v)).collect();
    let callback = contoso.callback(CONNECTOR);
    other.stop_before(&wiki.running.url());
    let refused = other.post(&callback, &fields).await.unwrap();
    assert_eq!(refused.text("reason-code").as_deref(), Some("oidc.state_mismatch"));
    let page = alice.post(&callback, &fields).await.unwrap();
    assert!(parameter(&page.location().unwrap(), "code").is_some());
}

#[actix_web::test]
async fn neg_h03_what_is_posted_without_a_state_of_ours_is_not_kept() {
    let world = TestBroker::start().await;
    let contoso = with_form_post(&world).await;
    for fields in [&[][..], &[("state", "x"), ("code", "y")][..], &[("code", "y")][..]] {
        let answer = post_form(&contoso.callback(CONNECTOR), fields).send().await.unwrap();
        assert_eq!(answer.status(), 400, "{fields:?}");
    }
    let held = format!("{}?held={}", contoso.callback(CONNECTOR), "A".repeat(43));
    let page = browser().get(&held).await.unwrap();
    assert_eq!(page.text("reason-code").as_deref(), Some("oidc.state_mismatch"));
}

#[actix_web::test]
async fn feat_client_authentication_as_the_provider_wants_it() {
    let world = TestBroker::start().await;
    let private_key = |algorithm| ClientAuthentication::PrivateKeyJwt { algorithm };
    for (slug, method, name) in [
        ("basic", ClientAuthentication::ClientSecretBasic, "client_secret_basic"),
        ("post", ClientAuthentication::ClientSecretPost, "client_secret_post"),
        ("rs256", private_key(SigningAlgorithm::Rs256), "private_key_jwt"),
        ("es256", private_key(SigningAlgorithm::Es256), "private_key_jwt"),
    ] {
        let change = |new: &mut NewConnector| {
            let settings = oidc_settings(new);
            settings.client_authentication = method;
        };
        let tenant = world.tenant_with(slug, change).await;
        if name == "private_key_jwt" {
            let keys = http().get(format!("{}/jwks", tenant.issuer())).send().await.unwrap();
            let keys: Value = serde_json::from_str(&keys.text().await.unwrap()).unwrap();
            let client = RegisteredClient::with_keys(&format!("{slug}-{CONNECTOR}"), keys);
            world.provider.set_client(client.redirect_uri(&tenant.callback(CONNECTOR)));
        }
        let login = tenant.application("wiki").await.log_in("alice").await;
        assert!(login.outcome().starts_with("signed in"), "{slug}: {}", login.outcome());
        assert_eq!(world.provider.last_client_authentication(), Some(name));
        let sent = json!(world.provider.last_token_request());
        assert_eq!(sent.get("client_secret").is_some(), slug == "post", "{slug}");
    }
}
