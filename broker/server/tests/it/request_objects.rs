//! Requests that the application signs, by value (RFC 9101; R-22, FA-14), at the front door and pushed.

use symbolon_identity::clock::Clock as _;
use symbolon_testkit::Browser;
use symbolon_testkit::application::{ApplicationAlgorithm, ApplicationKey};
use url::Url;

use crate::authorize::Change;
use crate::downstream::{code_of, open, part, signed_in, told};
use crate::pushed_requests::{address, push};
use crate::world::{TestApplication, TestBroker, TestTenant, parameter};

/// An application with a key of this algorithm.
async fn signing<'a>(
    tenant: &'a TestTenant<'a>,
    required: bool,
) -> (TestApplication<'a>, ApplicationKey) {
    let key = ApplicationKey::new(ApplicationAlgorithm::Es256).unwrap();
    let jwks = key.jwks();
    let app = tenant.application_with("wiki", |new| {
        new.settings.jwks = Some(jwks);
        new.settings.require_signed_requests = required;
    });
    (app.await, key)
}

/// The application's request, changed, inside an object.
fn object(app: &TestApplication<'_>, key: &ApplicationKey, change: Change<'_>) -> String {
    let url = Url::parse(&app.authorize_url(change)).unwrap();
    let inside: Vec<(String, String)> = url.query_pairs().into_owned().collect();
    let inside: Vec<_> = inside.iter().map(|(name, value)| (&**name, &**value)).collect();
    let now = app.tenant.world.clock.now().timestamp();
    key.request_object((&app.id, &app.tenant.issuer()), &inside, now).unwrap()
}

#[actix_web::test]
async fn r22_what_is_signed_counts_and_what_stands_beside_it_does_not() {
    let world = TestBroker::start().await;
    let contoso = world.tenant("contoso").await;
    let (wiki, key) = signing(&contoso, true).await;
    let mut browser = signed_in(&contoso, "alice").await;
    let signed = object(&wiki, &key, &[("state", Some("inside")), ("nonce", Some("inside"))]);
    let url = wiki.authorize_url(&[("request", Some(&signed)), ("prompt", Some("login"))]);
    let page = open(&wiki, &mut browser, &url).await;
    assert_eq!(page.steps().len(), 1, "prompt=login stands outside");
    assert_eq!(parameter(&told(&wiki, &page), "state").as_deref(), Some("inside"));
    let (_, tokens) = wiki.redeem(&code_of(&wiki, &page), &[]).await;
    assert_eq!(part(tokens["id_token"].as_str().unwrap(), 1)["nonce"], "inside");
}

#[actix_web::test]
async fn r22_a_signed_request_may_be_pushed() {
    let world = TestBroker::start().await;
    let contoso = world.tenant("contoso").await;
    let (wiki, key) = signing(&contoso, true).await;
    let mut browser = signed_in(&contoso, "alice").await;
    let signed = object(&wiki, &key, &[("state", Some("inside"))]);
    let reply = push(&wiki, &[("request", Some(&signed))]).await;
    assert_eq!(reply.status, 201, "{}", reply.body);
    let page = open(&wiki, &mut browser, &address(&wiki, &reply.text("request_uri"))).await;
    assert_eq!(parameter(&told(&wiki, &page), "state").as_deref(), Some("inside"));
    let plain = push(&wiki, &[]).await;
    assert_eq!(plain.refusal(), "400 invalid_request authorize.not_signed");
}

#[actix_web::test]
async fn fa_14_an_object_that_cannot_be_trusted_is_refused_and_never_ignored() {
    let world = TestBroker::start().await;
    let contoso = world.tenant("contoso").await;
    let (wiki, key) = signing(&contoso, false).await;
    let foreign = ApplicationKey::new(ApplicationAlgorithm::Es256).unwrap();
    let now = world.clock.now().timestamp();
    let good = object(&wiki, &key, &[]);
    let audience = key.request_object(("wiki", "https://other.example"), &[], now).unwrap();
    let elsewhere = key.request_object(("crm", &contoso.issuer()), &[], now).unwrap();
    let old = key.request_object(("wiki", &contoso.issuer()), &[], now - 4000).unwrap();
    let nested = [("request_uri", "https://evil.example/")];
    let nested = key.request_object(("wiki", &contoso.issuer()), &nested, now).unwrap();
    let unsigned = "eyJhbGciOiJub25lIn0.e30.".to_owned();
    let cut = good[..good.len() - 3].to_owned();
    for bad in
        [object(&wiki, &foreign, &[]), audience, elsewhere, old, nested, unsigned, cut, "x".into()]
    {
        let url = wiki.authorize_url(&[("request", Some(&bad))]);
        let answer = told(&wiki, &open(&wiki, &mut Browser::new().unwrap(), &url).await);
        let error = parameter(&answer, "error");
        assert_eq!(error.as_deref(), Some("invalid_request_object"), "{bad}: {answer}");
        assert_eq!(parameter(&answer, "state").as_deref(), Some("state-of-the-test"));
    }
    // A rule that the signed request breaks is told where the signed request says.
    let broken = object(&wiki, &key, &[("state", Some("inside")), ("prompt", Some("dance"))]);
    let url = wiki.authorize_url(&[("request", Some(&broken))]);
    let answer = told(&wiki, &open(&wiki, &mut Browser::new().unwrap(), &url).await);
    assert_eq!(parameter(&answer, "state").as_deref(), Some("inside"));
    assert_eq!(parameter(&answer, "error").as_deref(), Some("invalid_request"));
}

#[actix_web::test]
async fn r22_without_an_address_outside_a_bad_object_is_shown_and_nobody_is_redirected() {
    let world = TestBroker::start().await;
    let contoso = world.tenant("contoso").await;
    let (wiki, _) = signing(&contoso, false).await;
    let url = wiki.authorize_url(&[("request", Some("x")), ("redirect_uri", None)]);
    let page = open(&wiki, &mut Browser::new().unwrap(), &url).await;
    let expected = "400 authorize.request_object_invalid";
    crate::downstream::assert_page(&contoso, &page, expected).await;
}
