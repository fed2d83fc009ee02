//! Sign-ins that begin at the identity provider (SP3): off unless a connector says otherwise, and then only the start
//! of a sign-in of the application's own, of one browser, for two minutes, once.

use chrono::TimeDelta;
use futures_util::future::join_all;
use symbolon_contract::{ApplicationId, ConnectorId};
use symbolon_identity::connectors::saml::IdpInitiated;
use symbolon_identity::policy::ConnectorMode;
use symbolon_storage::UserStatus;
use symbolon_testkit::Browser;
use symbolon_testkit::browser::Page;
use symbolon_testkit::saml_idp::AutomaticSignIn;
use url::Url;

use crate::downstream::{assert_page, disable, set_status};
use crate::world::{Posted, SAML, SamlWorld, TestApplication, TestTenant, parameter};

/// An application that can begin a sign-in at `/sign-in`.
async fn starting<'a>(tenant: &'a TestTenant<'a>, id: &str) -> TestApplication<'a> {
    let application = tenant.application_with(id, |new| {
        let origin = Url::parse(new.settings.redirect_uris[0].as_str()).unwrap();
        new.settings.initiate_login_uri = Some(origin.join("/sign-in").unwrap());
    });
    application.await
}

async fn to_application(saml: &SamlWorld, tenant: &TestTenant<'_>, id: &str) {
    let application = Some(ApplicationId::parse(id).unwrap());
    let change = IdpInitiated { application };
    saml.connector(tenant, SAML, |_, settings| settings.idp_initiated = Some(change))
        .await
        .unwrap();
}

/// What the identity provider's own page for a person hands to the browser.
async fn unasked(saml: &SamlWorld, tenant: &TestTenant<'_>, person: &str) -> Posted {
    let entity_id = format!("{}/saml/{SAML}/metadata", tenant.issuer());
    let start = saml.idp.start_url(&entity_id, person);
    Posted::on(&Browser::new().unwrap().get(&start).await.unwrap()).unwrap()
}

/// What an application's request leads to: `code`, `identity provider`, or the refusal.
async fn asks(
    saml: &SamlWorld,
    application: &TestApplication<'_>,
    (browser, change): (&mut Browser, &[(&str, Option<&str>)]),
) -> String {
    saml.idp.sign_in_automatically(AutomaticSignIn::Off);
    browser.stop_before(&application.running.url());
    let page = browser.get(&application.authorize_url(change)).await.unwrap();
    browser.stop_nowhere();
    match page.location() {
        Some(url) if parameter(&url, "code").is_some() => "code".to_owned(),
        _ if page.has("demo-provider-title") => "identity provider".to_owned(),
        _ => page.text("reason-code").unwrap_or_else(|| page.body().to_owned()),
    }
}

fn starts(page: &Page) -> Option<Url> {
    page.steps().iter().map(|step| step.url.clone()).find(|url| url.path() == "/sign-in")
}

#[actix_web::test]
async fn saml_sp3_nobody_comes_in_unasked_by_default() {
    let saml = SamlWorld::start().await;
    let contoso = saml.tenant("contoso").await;
    let mut browser = Browser::new().unwrap();
    let page = unasked(&saml, &contoso, "alice").await.send(&mut browser).await;
    assert_page(&contoso, &page, "400 saml.unsolicited").await;
    contoso.assert_told_and_kept(&page, Some(SAML)).await;
    assert_eq!((contoso.sessions().await, saml.users(&contoso).await.len()), (0, 0));
}

#[actix_web::test]
async fn saml_sp3_a_person_lands_on_the_tenants_own_page() {
    let saml = SamlWorld::start().await;
    let change = Some(IdpInitiated::default());
    let contoso = saml.tenant_with("contoso", |_, one| one.idp_initiated = change).await;
    let mut browser = Browser::new().unwrap();
    let posted = unasked(&saml, &contoso, "alice").await;
    let bare = posted.send_without_cookies().await;
    assert_eq!(bare.status(), 303, "{}", bare.body());
    assert_eq!(contoso.sessions().await, 0, "what waits is no session");
    let page = browser.get(bare.location().unwrap().as_str()).await.unwrap();
    assert!(page.has("signed-in"), "{}", page.body());
    assert_eq!(contoso.sessions().await, 1);
    assert_eq!(contoso.audit_trail().await, ["user.sso_provisioned", "user.sso_login"]);
}

#[actix_web::test]
async fn saml_sp3_the_application_begins_a_sign_in_of_its_own_and_gets_its_answer() {
    let saml = SamlWorld::start().await;
    let contoso = saml.empty_tenant("contoso").await;
    let wiki = starting(&contoso, "wiki").await;
    to_application(&saml, &contoso, "wiki").await;
    let mut browser = Browser::new().unwrap();
    let page = unasked(&saml, &contoso, "alice").await.send(&mut browser).await;
    assert_eq!(
        page.text("signed-in-email").as_deref(),
        Some("alice@contoso.com"),
        "{}",
        page.body()
    );
    let start = starts(&page).unwrap();
    assert_eq!(parameter(&start, "iss"), Some(contoso.issuer()), "OpenID Core 4");
    assert_eq!(parameter(&start, "target_link_uri"), None);
    assert_eq!(saml.idp.requests().len(), 0, "nobody was sent away");
    assert!(wiki.running.last_sign_in().is_some());
}

#[actix_web::test]
async fn saml_sp3_what_waits_is_for_one_browser_one_application_once() {
    let saml = SamlWorld::start().await;
    let contoso = saml.empty_tenant("contoso").await;
    let (wiki, shop) = (starting(&contoso, "wiki").await, starting(&contoso, "shop").await);
    to_application(&saml, &contoso, "wiki").await;
    let mut browser = Browser::new().unwrap();
    browser.stop_before(&wiki.running.url());
    let page = unasked(&saml, &contoso, "alice").await.send(&mut browser).await;
    assert!(page.location().is_some(), "{}", page.body());
    let mut other = Browser::new().unwrap();
    let there = "identity provider";
    assert_eq!(asks(&saml, &wiki, (&mut other, &[])).await, there, "another browser");
    assert_eq!(asks(&saml, &shop, (&mut browser, &[])).await, there, "another application");
    let anew = [("prompt", Some("login"))];
    assert_eq!(asks(&saml, &wiki, (&mut browser, &anew)).await, there, "a fresh proof is wanted");
    let recent = [("max_age", Some("60"))];
    assert_eq!(asks(&saml, &wiki, (&mut browser, &recent)).await, there, "a recent one too");
    assert_eq!(contoso.sessions().await, 0);
    assert_eq!(asks(&saml, &wiki, (&mut browser, &[])).await, "code");
    browser.set_cookie("127.0.0.1", "symbolon-session-contoso", "");
    assert_eq!(asks(&saml, &wiki, (&mut browser, &[])).await, there, "used up");
    assert_eq!(contoso.sessions().await, 1);
}

#[actix_web::test]
async fn saml_sp3_what_waits_is_gone_after_two_minutes() {
    let saml = SamlWorld::start().await;
    let contoso = saml.empty_tenant("contoso").await;
    let wiki = starting(&contoso, "wiki").await;
    to_application(&saml, &contoso, "wiki").await;
    let late = unasked(&saml, &contoso, "alice").await.send_without_cookies().await;
    let mut browser = Browser::new().unwrap();
    browser.stop_before(&wiki.running.url());
    unasked(&saml, &contoso, "alice").await.send(&mut browser).await;
    saml.world.clock.advance(TimeDelta::seconds(121));
    assert_eq!(asks(&saml, &wiki, (&mut browser, &[])).await, "identity provider");
    let page = browser.get(late.location().unwrap().as_str()).await.unwrap();
    assert_page(&contoso, &page, "400 attempt.unknown").await;
}

#[actix_web::test]
async fn saml_sp3_a_handle_counts_once_and_only_where_it_was_made() {
    let saml = SamlWorld::start().await;
    let contoso = saml.empty_tenant("contoso").await;
    starting(&contoso, "wiki").await;
    to_application(&saml, &contoso, "wiki").await;
    let on = Some(IdpInitiated::default());
    saml.connector(&contoso, "second", |_, one| one.idp_initiated = on).await.unwrap();
    let handle = |page: &Page| page.location().unwrap().to_string();
    let mut browser = Browser::new().unwrap();
    browser.stop_before("http");
    let bare = handle(&unasked(&saml, &contoso, "alice").await.send_without_cookies().await);
    assert_eq!(browser.get(&bare).await.unwrap().status(), 303);
    let again = browser.get(&bare).await.unwrap();
    assert_page(&contoso, &again, "400 attempt.unknown").await;
    let bare = handle(&unasked(&saml, &contoso, "alice").await.send_without_cookies().await);
    let elsewhere = browser.get(&bare.replace("/saml/saml/", "/saml/second/")).await.unwrap();
    assert_page(&contoso, &elsewhere, "400 attempt.unknown").await;
    let fabrikam = saml.tenant("fabrikam").await;
    let bare = handle(&unasked(&saml, &contoso, "alice").await.send_without_cookies().await);
    let foreign = browser.get(&bare.replace("/t/contoso/", "/t/fabrikam/")).await.unwrap();
    assert_page(&fabrikam, &foreign, "400 attempt.unknown").await;
    let start = format!("{}/saml/{SAML}/start", contoso.issuer());
    for made_up in [start.clone(), format!("{start}?waiting="), format!("{start}?waiting=x")] {
        let page = browser.get(&made_up).await.unwrap();
        assert_page(&contoso, &page, "400 attempt.unknown").await;
    }
}

#[actix_web::test]
async fn saml_a32_an_answer_to_somebodys_request_is_no_sign_in_that_began_there() {
    let saml = SamlWorld::start().await;
    let change = Some(IdpInitiated::default());
    let contoso = saml.tenant_with("contoso", |_, one| one.idp_initiated = change).await;
    let wiki = contoso.application("wiki").await;
    let mut victim = Browser::new().unwrap();
    let answer = saml.answer_for(&wiki, (&mut victim, "alice")).await;
    let mut attacker = Browser::new().unwrap();
    let stolen = answer.clone().with("RelayState", None).send(&mut attacker).await;
    assert_page(&contoso, &stolen, "400 saml.in_response_to_mismatch").await;
    assert!(answer.send(&mut victim).await.has("signed-in-email"), "nothing was spent");
    let used = answer.with("RelayState", Some("https://wiki.example/")).send(&mut attacker).await;
    assert_page(&contoso, &used, "400 saml.in_response_to_mismatch").await;
    assert_eq!(contoso.sessions().await, 1);
}

#[actix_web::test]
async fn saml_a30_a_response_that_nobody_asked_for_counts_once_too() {
    let saml = SamlWorld::start().await;
    let change = Some(IdpInitiated::default());
    let contoso = saml.tenant_with("contoso", |_, one| one.idp_initiated = change).await;
    let posted = unasked(&saml, &contoso, "alice").await;
    let all = join_all((0..40).map(|_| posted.send_without_cookies())).await;
    assert_eq!(all.iter().filter(|page| page.status() == 303).count(), 1);
    let replayed = all.iter().find(|page| page.status() != 303).unwrap();
    assert_page(&contoso, replayed, "400 saml.replayed").await;
    saml.world.clock.advance(TimeDelta::minutes(5));
    let later = posted.send_without_cookies().await;
    assert_eq!(later.status(), 400, "{}", later.body());
}

#[actix_web::test]
async fn saml_a33_a_connector_that_was_switched_off_meanwhile_lets_nobody_in() {
    let saml = SamlWorld::start().await;
    let contoso = saml.empty_tenant("contoso").await;
    let wiki = starting(&contoso, "wiki").await;
    to_application(&saml, &contoso, "wiki").await;
    let mut browser = Browser::new().unwrap();
    browser.stop_before(&wiki.running.url());
    unasked(&saml, &contoso, "alice").await.send(&mut browser).await;
    let posted = unasked(&saml, &contoso, "alice").await;
    let bare = unasked(&saml, &contoso, "alice").await.send_without_cookies().await;
    contoso.mode(SAML, ConnectorMode::Off).await;
    assert_page(&contoso, &posted.send(&mut browser).await, "403 connector.off").await;
    let page = browser.get(bare.location().unwrap().as_str()).await.unwrap();
    assert_page(&contoso, &page, "403 connector.off").await;
    assert_ne!(asks(&saml, &wiki, (&mut browser, &[])).await, "code");
    contoso.mode(SAML, ConnectorMode::Test).await;
    let posted = unasked(&saml, &contoso, "alice").await;
    assert_page(&contoso, &posted.send(&mut browser).await, "403 connector.test_only").await;
    assert_eq!((contoso.sessions().await, saml.users(&contoso).await.len()), (0, 0));
}

#[actix_web::test]
async fn saml_a33_an_application_that_is_gone_or_closed_to_the_connector_gets_nobody() {
    let saml = SamlWorld::start().await;
    let contoso = saml.empty_tenant("contoso").await;
    let wiki = contoso.application_with("wiki", |new| {
        let origin = Url::parse(new.settings.redirect_uris[0].as_str()).unwrap();
        new.settings.initiate_login_uri = Some(origin.join("/sign-in").unwrap());
        new.settings.connectors = vec![ConnectorId::parse("other").unwrap()];
    });
    let wiki = wiki.await;
    to_application(&saml, &contoso, "wiki").await;
    let mut browser = Browser::new().unwrap();
    browser.stop_before(&wiki.running.url());
    unasked(&saml, &contoso, "alice").await.send(&mut browser).await;
    assert_ne!(asks(&saml, &wiki, (&mut browser, &[])).await, "code");
    disable(&contoso, "wiki").await;
    let page = unasked(&saml, &contoso, "alice").await.send(&mut browser).await;
    assert!((400..500).contains(&page.status()), "{} {}", page.status(), page.body());
    assert!(page.location().is_none());
    assert_eq!((contoso.sessions().await, saml.users(&contoso).await.len()), (0, 0));
}

#[actix_web::test]
async fn saml_a39_a_relay_state_is_a_target_only_inside_the_application() {
    let saml = SamlWorld::start().await;
    let contoso = saml.empty_tenant("contoso").await;
    let wiki = starting(&contoso, "wiki").await;
    let shop = starting(&contoso, "shop").await;
    to_application(&saml, &contoso, "wiki").await;
    let inside = format!("{}/pages/1?x=y", wiki.running.url());
    for (state, expected) in [
        (inside.clone(), Some(inside)),
        (format!("{}/", shop.running.url()), None),
        (format!("{}/logout", contoso.issuer()), None),
        ("https://evil.example/".to_owned(), None),
        ("javascript:alert(1)".to_owned(), None),
        ("//evil.example".to_owned(), None),
        ("x\r\nLocation: https://evil.example".to_owned(), None),
        ("r".repeat(10_000), None),
    ] {
        saml.idp.world(|world| world.unsolicited_relay_state = Some(state.clone()));
        let mut browser = Browser::new().unwrap();
        browser.stop_before(&wiki.running.url());
        let page = unasked(&saml, &contoso, "alice").await.send(&mut browser).await;
        let start = page.location().unwrap();
        assert!(start.as_str().starts_with(&wiki.running.url()), "{start}");
        assert_eq!(parameter(&start, "target_link_uri"), expected, "{state:.40}");
    }
}

#[actix_web::test]
async fn saml_sp3_only_an_application_that_can_begin_is_a_target() {
    let saml = SamlWorld::start().await;
    let contoso = saml.tenant("contoso").await;
    contoso.application("plain").await;
    for id in ["plain", "nobody"] {
        let application = Some(ApplicationId::parse(id).unwrap());
        let wrong = Some(IdpInitiated { application });
        let refused = saml.change(&contoso, |one| one.idp_initiated = wrong).await.unwrap_err();
        assert!(refused.to_string().contains("idp_initiated"), "{refused}");
    }
}

#[actix_web::test]
async fn saml_e7_who_was_switched_off_comes_in_on_neither_way() {
    let saml = SamlWorld::start().await;
    let change = Some(IdpInitiated::default());
    let contoso = saml.tenant_with("contoso", |_, one| one.idp_initiated = change).await;
    let wiki = contoso.application("wiki").await;
    assert!(saml.log_in(&wiki, "alice").await.outcome().starts_with("signed in"));
    let users = saml.users(&contoso).await;
    set_status(&contoso, &users[0], UserStatus::Inactive).await;
    assert_eq!(saml.log_in(&wiki, "alice").await.outcome(), "403 policy.user_inactive");
    let mut browser = Browser::new().unwrap();
    let page = unasked(&saml, &contoso, "alice").await.send(&mut browser).await;
    assert_page(&contoso, &page, "403 policy.user_inactive").await;
    assert_eq!(browser.cookie("127.0.0.1", "symbolon-session-contoso"), None);
}
