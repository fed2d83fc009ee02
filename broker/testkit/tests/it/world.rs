//! The fakes against each other: a whole sign-in without any broker, and each fault where an
//! application can see it.

use serde_json::json;
use symbolon_testkit::application::Registration;
use symbolon_testkit::browser::Page;
use symbolon_testkit::provider::{AutomaticSignIn, KeyKind};
use symbolon_testkit::{
    Browser, DemoApplication, FakeProvider, ForbiddenListener, Misbehaviour, ProviderUser,
    RegisteredClient,
};

struct World {
    provider: FakeProvider,
    application: DemoApplication,
}

fn alice() -> ProviderUser {
    ProviderUser::new("alice")
        .email("alice@contoso.example")
        .name("Alice Adams")
        .department("Engineering")
        .groups(["Wiki Admins"])
        .claim("roles", json!(["admin", "reader"]))
}

fn world() -> World {
    let application = DemoApplication::builder().start().unwrap();
    let provider = FakeProvider::builder()
        .user(alice())
        .user(ProviderUser::new("bob").email("bob@contoso.example").name("Bob <b>"))
        .client(RegisteredClient::new("app", "s3cret:%").redirect_uri(&application.redirect_uri()))
        .start()
        .unwrap();
    application.register(Registration {
        issuer: provider.issuer().to_owned(),
        client_id: "app".to_owned(),
        client_secret: Some("s3cret:%".to_owned()),
    });
    World { provider, application }
}

impl World {
    async fn sign_in(&self) -> Page {
        let mut browser = Browser::new().unwrap();
        self.provider.sign_in_automatically(AutomaticSignIn::As("alice".to_owned()));
        browser.get(&self.application.url()).await.unwrap();
        browser.click("sign-in").await.unwrap()
    }
}

#[actix_web::test]
async fn a_person_signs_in_and_sees_who_they_are() {
    let world = world();
    let mut browser = Browser::new().unwrap();
    browser.get(&world.application.url()).await.unwrap();
    let choice = browser.click("sign-in").await.unwrap();
    assert!(choice.body().contains("not Symbolon"));
    let page = browser.click("user-alice").await.unwrap();

    assert_eq!(page.text("signed-in-email").as_deref(), Some("alice@contoso.example"));
    assert_eq!(page.text("signed-in-name").as_deref(), Some("Alice Adams"));
    assert_eq!(page.text("signed-in-department").as_deref(), Some("Engineering"));
    assert_eq!(page.text("signed-in-roles").as_deref(), Some("admin, reader"));
    assert_eq!(world.provider.last_client_authentication(), Some("client_secret_basic"));
    let out = browser.click("application-sign-out").await.unwrap();
    assert!(out.has("sign-in"), "back from the provider: {}", out.body());
    assert_eq!(world.provider.hits("end_session"), 1);
}

#[actix_web::test]
async fn a_hint_puts_the_person_first_and_cancelling_is_told_to_the_application() {
    let world = world();
    let mut browser = Browser::new().unwrap();
    let hinted = format!("{}/sign-in?login_hint=bob@contoso.example", world.application.url());
    let choice = browser.get(&hinted).await.unwrap();
    assert_eq!(choice.attribute("user-bob", "class").as_deref(), Some("hinted"));
    assert!(choice.texts("button").first().unwrap().starts_with("Bob <b>"));
    let page = browser.click("cancel").await.unwrap();
    assert_eq!(page.text("application-error-code").as_deref(), Some("access_denied"));
}

#[actix_web::test]
async fn silence_needs_a_session_that_is_young_enough() {
    let world = world();
    let mut browser = Browser::new().unwrap();
    let silent = format!("{}/sign-in?prompt=none", world.application.url());
    let page = browser.get(&silent).await.unwrap();
    assert_eq!(page.text("application-error-code").as_deref(), Some("login_required"));
    browser.get(&format!("{}/sign-in", world.application.url())).await.unwrap();
    browser.click("user-bob").await.unwrap();
    let page = browser.get(&silent).await.unwrap();
    assert_eq!(page.text("signed-in-email").as_deref(), Some("bob@contoso.example"));
    let page = browser.get(&format!("{silent}&max_age=-1")).await.unwrap();
    assert_eq!(page.text("application-error-code").as_deref(), Some("login_required"));
}

#[actix_web::test]
async fn faults_of_the_id_token_are_seen_and_end() {
    const FAULTS: [Misbehaviour; 15] = [
        Misbehaviour::WrongIssuer,
        Misbehaviour::WrongAudience,
        Misbehaviour::ExtraAudience,
        Misbehaviour::WrongNonce,
        Misbehaviour::NoNonce,
        Misbehaviour::AlgNone,
        Misbehaviour::Hs256WithClientSecret,
        Misbehaviour::UnknownKid,
        Misbehaviour::BadSignature,
        Misbehaviour::Expired,
        Misbehaviour::IssuedInFuture,
        Misbehaviour::EmptySubject,
        Misbehaviour::LongSubject,
        Misbehaviour::AzpOther,
        Misbehaviour::AtHashWrong,
    ];
    let world = world();
    for fault in FAULTS {
        world.provider.misbehave(fault.clone()).unwrap();
        let page = world.sign_in().await;
        assert_eq!(
            page.text("application-error-code").as_deref(),
            Some("bad_id_token"),
            "{fault:?}"
        );
        world.provider.behave();
        let page = world.sign_in().await;
        assert!(page.has("signed-in-email"), "after {fault:?}: {}", page.body());
    }
}

#[actix_web::test]
async fn faults_of_the_endpoints_are_seen() {
    let cases = [
        (Misbehaviour::TokenEndpointHtml, "unreachable"),
        (Misbehaviour::TokenEndpoint500, "unreachable"),
        (Misbehaviour::TokenEndpointInvalidClient, "invalid_client"),
        (Misbehaviour::NoIdToken, "unreachable"),
        (Misbehaviour::JwksDown, "unreachable"),
        (Misbehaviour::DiscoveryDown, "unreachable"),
        (Misbehaviour::DiscoveryNotJson, "unreachable"),
        (Misbehaviour::DiscoveryIssuerOther, "other_issuer"),
        (Misbehaviour::UserinfoDown, "unreachable"),
        (Misbehaviour::UserinfoOtherSubject, "other_subject"),
        (Misbehaviour::IssParameterWrong, "wrong_iss"),
        (Misbehaviour::NoIssParameter, "wrong_iss"),
        (
            Misbehaviour::AuthorizeError("temporarily_unavailable".to_owned()),
            "temporarily_unavailable",
        ),
    ];
    let world = world();
    for (fault, code) in cases {
        world.provider.misbehave(fault.clone()).unwrap();
        let page = world.sign_in().await;
        assert_eq!(page.text("application-error-code").as_deref(), Some(code), "{fault:?}");
        world.provider.behave();
    }
    assert!(world.sign_in().await.has("signed-in-email"));
}

#[actix_web::test]
async fn a_redirecting_endpoint_does_not_lead_to_the_forbidden_address() {
    let world = world();
    let forbidden = ForbiddenListener::start().unwrap();
    world.provider.misbehave(Misbehaviour::TokenEndpointRedirect(forbidden.url())).unwrap();
    let page = world.sign_in().await;
    assert_eq!(page.text("application-error-code").as_deref(), Some("unreachable"));
    world.provider.behave();
    world.provider.misbehave(Misbehaviour::JkuHeader(forbidden.url())).unwrap();
    let page = world.sign_in().await;
    assert_eq!(page.text("application-error-code").as_deref(), Some("bad_id_token"));
    assert_eq!(forbidden.first_lines(), Vec::<String>::new());
}

#[actix_web::test]
async fn the_forbidden_address_remembers_who_came() {
    let forbidden = ForbiddenListener::start().unwrap();
    let mut browser = Browser::new().unwrap();
    assert!(browser.get(&format!("{}/keys", forbidden.url())).await.is_err());
    assert_eq!(forbidden.connections(), 1);
    assert_eq!(forbidden.first_lines(), ["GET /keys HTTP/1.1"]);
}

#[actix_web::test]
async fn keys_rotate_with_and_without_overlap() {
    let world = world();
    assert!(world.sign_in().await.has("signed-in-email"));
    world.provider.rotate_keys(KeyKind::Es256).unwrap();
    assert!(world.sign_in().await.has("signed-in-email"));
    world.provider.misbehave(Misbehaviour::JwksRotatedNow).unwrap();
    assert!(world.sign_in().await.has("signed-in-email"));
    assert_eq!(world.provider.hits("jwks"), 3);
    assert_eq!(world.provider.hits("token"), 3);
}

#[actix_web::test]
async fn a_form_post_answer_and_a_code_work_once() {
    let world = world();
    world.provider.sign_in_automatically(AutomaticSignIn::InTurn);
    let callback = world.application.redirect_uri();
    let mut browser = Browser::new().unwrap();
    let address = format!(
        "{}/authorize?response_type=code&client_id=app&scope=openid&state=s&response_mode=form_post\
         &redirect_uri={callback}",
        world.provider.url()
    );
    let page = browser.get(&address).await.unwrap();
    assert!(page.is_form_to_send_on());
    let code = page.attribute_of("input[name=code]", "value").unwrap();
    let form = [
        ("grant_type", "authorization_code"),
        ("code", code.as_str()),
        ("redirect_uri", callback.as_str()),
        ("client_id", "app"),
        ("client_secret", "s3cret:%"),
    ];
    let token = format!("{}/token", world.provider.url());
    assert_eq!(browser.post(&token, &form).await.unwrap().status(), 200);
    assert_eq!(world.provider.last_client_authentication(), Some("client_secret_post"));
    let again = browser.post(&token, &form).await.unwrap();
    assert_eq!(again.status(), 400);
    assert!(again.body().contains("invalid_grant"));
}

#[actix_web::test]
async fn a_redirect_uri_must_be_registered_exactly() {
    let world = world();
    let mut browser = Browser::new().unwrap();
    let address = format!(
        "{}/authorize?response_type=code&client_id=app&scope=openid&redirect_uri={}/",
        world.provider.url(),
        world.application.redirect_uri()
    );
    let page = browser.get(&address).await.unwrap();
    assert_eq!(page.status(), 400);
    assert!(page.has("provider-error"));
}

#[actix_web::test]
async fn a_hanging_endpoint_does_not_keep_the_provider_from_stopping() {
    let world = world();
    world.provider.misbehave(Misbehaviour::TokenEndpointHangs).unwrap();
    let sign_in = tokio::time::timeout(std::time::Duration::from_millis(300), world.sign_in());
    assert!(sign_in.await.is_err());
    drop(world);
}
