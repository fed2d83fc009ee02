//! The modules about the address of a pushed request (FA-09): it stands in the request, and is a registered one.

use symbolon_identity::clock::Clock as _;
use url::Url;

use super::{Bank, bank};
use crate::downstream::assert_refused;
use crate::grants::ask;
use crate::world::TestBroker;

const MISSING: &str = "400 invalid_request authorize.redirect_uri_missing";
const MISMATCH: &str = "400 invalid_request authorize.redirect_uri_mismatch";

#[actix_web::test]
async fn fapi2_security_profile_final_ensure_redirect_uri_in_authorization_request() {
    let world = TestBroker::start().await;
    let contoso = world.tenant("contoso").await;
    let bank = bank(&contoso, "bank").await;
    bank.refused(&[("redirect_uri", None)], MISSING).await;
    bank.refused(&[("redirect_uri", Some(""))], MISSING).await;
}

/// The same where the request is an object that the application signed: what stands beside it does not mend it.
#[actix_web::test]
async fn fapi2_security_profile_final_ensure_request_object_without_redirect_uri_fails() {
    let world = TestBroker::start().await;
    let contoso = world.tenant("contoso").await;
    let bank = bank(&contoso, "bank").await;
    bank.refused(&[("redirect_uri", None)], MISSING).await;
    let whole = object(&bank, |_| true);
    let push = |object: &str| ask(&bank.app, "par").with("request", object).signed_by(&bank.key);
    assert_eq!(push(&whole).send().await.status, 201);
    let object = object(&bank, |name| name != "redirect_uri");
    assert_refused(&contoso, &push(&object).send().await, MISSING).await;
    let beside = push(&object).with("redirect_uri", &bank.app.running.redirect_uri());
    assert_refused(&contoso, &beside.send().await, MISSING).await;
}

/// The application's request as an object, with what is kept of it.
fn object(bank: &Bank<'_>, keep: impl Fn(&str) -> bool) -> String {
    let url = Url::parse(&bank.app.authorize_url(&[])).unwrap();
    let inside: Vec<(String, String)> =
        url.query_pairs().into_owned().filter(|(name, _)| keep(name)).collect();
    let inside: Vec<_> = inside.iter().map(|(name, value)| (&**name, &**value)).collect();
    let now = bank.app.tenant.world.clock.now().timestamp();
    bank.key.request_object((&bank.app.id, &bank.issuer()), &inside, now).unwrap()
}

#[actix_web::test]
async fn fapi2_security_profile_final_ensure_registered_redirect_uri() {
    let world = TestBroker::start().await;
    let contoso = world.tenant("contoso").await;
    let bank = bank(&contoso, "bank").await;
    let appended = format!("{}/x4f8d2", bank.app.running.redirect_uri());
    for foreign in [appended.as_str(), "https://other.example/callback"] {
        bank.refused(&[("redirect_uri", Some(foreign))], MISMATCH).await;
    }
}

/// RFC 9126 2.4 lets a server take an address that is not registered; ours never does.
#[actix_web::test]
async fn fapi2_security_profile_final_plain_fapi_tolerate_unregistered_redirect_uri() {
    let world = TestBroker::start().await;
    let contoso = world.tenant("contoso").await;
    let mut bank = bank(&contoso, "bank").await;
    let appended = format!("{}/x4f8d2", bank.app.running.redirect_uri());
    bank.refused(&[("redirect_uri", Some(&appended))], MISMATCH).await;
    bank.tokens(&[]).await;
}
