//! Browser and upstream do not send each other round in circles (E-80).

use chrono::TimeDelta;
use symbolon_testkit::browser::Page;
use symbolon_testkit::provider::AutomaticSignIn;
use symbolon_testkit::{Browser, Misbehaviour};

use crate::world::{CONNECTOR, TestBroker, TestTenant};

async fn sign_in(tenant: &TestTenant<'_>, browser: &mut Browser) -> Page {
    browser.get(&format!("{}/login", tenant.issuer())).await.unwrap()
}

fn told(page: &Page) -> String {
    let reason = page.text("reason-code");
    format!("{} {}", page.status(), reason.unwrap_or_else(|| "signed in".into()))
}

#[actix_web::test]
async fn entra_e80_after_three_failed_round_trips_the_page_with_the_last_reason_is_shown() {
    let world = TestBroker::start().await;
    let contoso = world.tenant("contoso").await;
    world.provider.sign_in_automatically(AutomaticSignIn::As("alice".into()));
    world.provider.misbehave(Misbehaviour::WrongNonce).unwrap();
    let mut browser = Browser::new().unwrap();
    for _ in 0..3 {
        assert_eq!(told(&sign_in(&contoso, &mut browser).await), "400 oidc.nonce_mismatch");
    }
    let trips = world.provider.hits("authorize");
    let page = sign_in(&contoso, &mut browser).await;
    assert_eq!(told(&page), "429 attempt.loop");
    let sentence = page.text("error-sentence").unwrap();
    assert!(sentence.contains("oidc.nonce_mismatch"), "{sentence}");
    assert_eq!(world.provider.hits("authorize"), trips, "no further trip");
    contoso.assert_told_and_kept(&page, Some(CONNECTOR)).await;
    // Another browser is another person.
    world.provider.behave();
    assert_eq!(told(&sign_in(&contoso, &mut Browser::new().unwrap()).await), "200 signed in");
    // After the time this one may go on.
    world.clock.advance(TimeDelta::minutes(5) + TimeDelta::seconds(1));
    assert_eq!(told(&sign_in(&contoso, &mut browser).await), "200 signed in");
}

#[actix_web::test]
async fn entra_e80_the_choice_of_a_connector_is_guarded_too() {
    let world = TestBroker::start().await;
    let contoso = world.tenant("contoso").await;
    contoso.connector("second", |_| ()).await;
    world.provider.sign_in_automatically(AutomaticSignIn::As("alice".into()));
    world.provider.misbehave(Misbehaviour::WrongNonce).unwrap();
    let mut browser = Browser::new().unwrap();
    for expected in ["400 oidc.nonce_mismatch"; 3].into_iter().chain(["429 attempt.loop"]) {
        sign_in(&contoso, &mut browser).await;
        let page = browser.click("connector-second").await.unwrap();
        assert_eq!(told(&page), expected);
    }
}

#[actix_web::test]
async fn entra_e80_a_sign_in_that_succeeds_begins_the_count_anew() {
    let world = TestBroker::start().await;
    let contoso = world.tenant("contoso").await;
    world.provider.sign_in_automatically(AutomaticSignIn::As("alice".into()));
    let mut browser = Browser::new().unwrap();
    for round in 0..2 {
        world.provider.misbehave(Misbehaviour::WrongNonce).unwrap();
        for _ in 0..2 {
            let told = told(&sign_in(&contoso, &mut browser).await);
            assert_eq!(told, "400 oidc.nonce_mismatch", "{round}");
        }
        world.provider.behave();
        assert_eq!(told(&sign_in(&contoso, &mut browser).await), "200 signed in", "{round}");
    }
}
