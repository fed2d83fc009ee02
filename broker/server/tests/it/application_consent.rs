//! The person is asked before an application of somebody else learns about them, and may take it back.

use chrono::TimeDelta;
use serde_json::{Value, json};
use symbolon_identity::admin::NewApplication;
use symbolon_identity::downstream::GrantType;
use symbolon_storage::UserStatus;
use symbolon_storage::testing::TestDatabase;
use symbolon_testkit::Browser;
use symbolon_testkit::browser::Page;
use symbolon_testkit::provider::AutomaticSignIn;
use url::Url;

use crate::authorize::Change;
use crate::downstream::{
    assert_page, code_of, only_user, open, set_status, signed_in, told, userinfo,
};
use crate::grants::{refresh, text};
use crate::world::{TestApplication, TestBroker, TestTenant, parameter};

fn of_somebody_else(new: &mut NewApplication) {
    new.settings.third_party = true;
    new.settings.policy_uri = Url::parse("https://planner.example/policy").ok();
    new.settings.grant_types.push(GrantType::RefreshToken);
}

/// Asks for an answer with a browser that has a session.
async fn ask(app: &TestApplication<'_>, browser: &mut Browser, change: Change<'_>) -> Page {
    open(app, browser, &app.authorize_url(change)).await
}

/// What the person is asked, line by line.
fn asked(page: &Page) -> Vec<String> {
    assert!(page.has("consent-title"), "{}", page.body());
    page.texts("#consent-wishes li")
}

async fn events(tenant: &TestTenant<'_>) -> Vec<String> {
    let rows = tenant.audit_rows().await.into_iter();
    let names = rows.filter_map(|row| row["type"].as_str().map(str::to_owned));
    names.filter(|name| name.starts_with("user.consent")).collect()
}

const MAIL: Change<'_> = &[("scope", Some("openid email"))];

#[actix_web::test]
async fn consent_is_asked_once_and_again_for_more() {
    let world = TestBroker::start().await;
    let contoso = world.tenant("contoso").await;
    let planner = contoso.application_with("planner", of_somebody_else).await;
    let mut browser = signed_in(&contoso, "alice").await;
    let page = ask(&planner, &mut browser, MAIL).await;
    let both = ["Know that it is you, each time that you come", "Your e-mail address"];
    assert_eq!(asked(&page), both);
    assert_eq!(page.text("application-name").as_deref(), Some("PLANNER"));
    assert_eq!(page.text("user-name").as_deref(), Some("alice@contoso.com"));
    assert_eq!(
        page.attribute("application-policy", "href").as_deref(),
        Some("https://planner.example/policy")
    );
    let code = code_of(&planner, &browser.click("allow").await.unwrap());
    assert_eq!(planner.redeem(&code, &[]).await.0, 200);
    // The same, and less, is not asked again; more, or when the application wants it asked, is.
    for known in [MAIL, &[("scope", Some("openid"))], &[("prompt", Some("none")), MAIL[0]]] {
        code_of(&planner, &ask(&planner, &mut browser, known).await);
    }
    let name = json!({ "id_token": { "name": null, "email": null } }).to_string();
    let more = [MAIL[0], ("claims", Some(&*name))];
    assert_eq!(asked(&ask(&planner, &mut browser, &more).await), [both[0], both[1], "Your name"]);
    let again = [MAIL[0], ("prompt", Some("consent"))];
    assert_eq!(asked(&ask(&planner, &mut browser, &again).await), both);
    assert_eq!(events(&contoso).await, ["user.consent_given"]);
}

#[actix_web::test]
async fn consent_is_asked_behind_a_sign_in_too_and_no_code_is_made_before() {
    let world = TestBroker::start().await;
    let contoso = world.tenant("contoso").await;
    let planner = contoso.application_with("planner", of_somebody_else).await;
    world.provider.sign_in_automatically(AutomaticSignIn::As("alice".into()));
    let mut browser = Browser::new().unwrap();
    let page = ask(&planner, &mut browser, &[]).await;
    assert!(asked(&page).contains(&"Your roles".to_owned()));
    let policy = page.header("content-security-policy").unwrap();
    assert!(policy.ends_with(&format!("form-action 'self' {}", planner.running.url())), "{policy}");
    assert_eq!(page.header("cache-control"), Some("no-store"));
    let code = code_of(&planner, &browser.click("allow").await.unwrap());
    assert_eq!(planner.redeem(&code, &[]).await.0, 200);
}

#[actix_web::test]
async fn fa_13_who_declines_is_told_to_the_application_as_access_denied() {
    let world = TestBroker::start().await;
    let contoso = world.tenant("contoso").await;
    let planner = contoso.application_with("planner", of_somebody_else).await;
    let mut browser = signed_in(&contoso, "alice").await;
    let silent = ask(&planner, &mut browser, &[("prompt", Some("none"))]).await;
    let error = |page: &Page| parameter(&told(&planner, page), "error");
    assert_eq!(error(&silent).as_deref(), Some("consent_required"));
    let question = ask(&planner, &mut browser, MAIL).await.url().clone();
    let denied = browser.click("deny").await.unwrap();
    assert_eq!(error(&denied).as_deref(), Some("access_denied"));
    assert_eq!(parameter(&told(&planner, &denied), "iss"), Some(contoso.issuer()));
    let trail = contoso.audit_trail().await;
    assert!(trail.last().unwrap().ends_with("authorize.consent_denied"), "{trail:?}");
    // The question is answered; the next request asks again.
    let page = browser.get(question.as_str()).await.unwrap();
    assert_page(&contoso, &page, "400 authorize.consent_unknown").await;
    asked(&ask(&planner, &mut browser, MAIL).await);
}

#[actix_web::test]
async fn h07_only_the_browser_that_was_asked_answers_and_only_by_our_form() {
    let world = TestBroker::start().await;
    let contoso = world.tenant("contoso").await;
    let planner = contoso.application_with("planner", of_somebody_else).await;
    let mut alice = signed_in(&contoso, "alice").await;
    let mut bob = signed_in(&contoso, "bob").await;
    let page = ask(&planner, &mut alice, MAIL).await;
    let (url, waiting) = (page.url().clone(), parameter(page.url(), "waiting").unwrap());
    for browser in [&mut bob, &mut Browser::new().unwrap()] {
        let page = browser.get(url.as_str()).await.unwrap();
        assert_page(&contoso, &page, "400 authorize.consent_unknown").await;
    }
    let answer = format!("{}/consent", contoso.issuer());
    let allow = [("waiting", waiting.as_str()), ("decision", "allow")];
    let page = alice.post(&answer, &allow).await.unwrap();
    assert_page(&contoso, &page, "403 request.csrf").await;
    // Bob's own token does not answer Alice's question.
    let own = ask(&planner, &mut bob, MAIL).await;
    let token = own.attribute_of("#allow-form input[name=csrf]", "value").unwrap();
    let page = bob.post(&answer, &[allow[0], allow[1], ("csrf", &token)]).await.unwrap();
    assert_page(&contoso, &page, "400 authorize.consent_unknown").await;
    assert_eq!(events(&contoso).await, Vec::<String>::new());
}

#[actix_web::test]
async fn e7_the_gate_is_asked_again_when_the_person_agrees() {
    let world = TestBroker::start().await;
    let contoso = world.tenant("contoso").await;
    let planner = contoso.application_with("planner", of_somebody_else).await;
    let mut browser = signed_in(&contoso, "alice").await;
    asked(&ask(&planner, &mut browser, MAIL).await);
    set_status(&contoso, &only_user(&contoso).await, UserStatus::Inactive).await;
    let page = browser.click("allow").await.unwrap();
    assert!(page.has("reason-code"), "{}", page.body());
    assert_eq!(events(&contoso).await, Vec::<String>::new());
}

#[actix_web::test]
async fn the_person_takes_a_consent_back_and_with_it_every_token() {
    let world = TestBroker::start().await;
    let contoso = world.tenant("contoso").await;
    let planner = contoso.application_with("planner", of_somebody_else).await;
    let mut browser = signed_in(&contoso, "alice").await;
    let offline: Change<'_> =
        &[("scope", Some("openid email offline_access")), ("prompt", Some("consent"))];
    let page = ask(&planner, &mut browser, offline).await;
    assert!(asked(&page).contains(&"Keep its access while you are not there".to_owned()));
    let code = code_of(&planner, &browser.click("allow").await.unwrap());
    let (_, tokens) = planner.redeem(&code, &[]).await;
    let access = tokens["access_token"].as_str().unwrap();
    assert_eq!(userinfo(&contoso, access).await.status, 200);
    browser.stop_nowhere();
    let own = browser.get(&format!("{}/", contoso.issuer())).await.unwrap();
    assert!(own.text("application-planner").unwrap().contains("PLANNER"), "{}", own.body());
    let after = browser.click("withdraw-planner").await.unwrap();
    assert!(after.has("signed-in") && !after.has("applications"), "{}", after.body());
    assert_eq!(userinfo(&contoso, access).await.status, 401);
    let refresh = tokens["refresh_token"].as_str().unwrap();
    let change = [("grant_type", Some("refresh_token")), ("refresh_token", Some(refresh))];
    assert_eq!(planner.redeem("", &change).await.0, 400);
    asked(&ask(&planner, &mut browser, MAIL).await);
    assert_eq!(events(&contoso).await, ["user.consent_given", "user.consent_withdrawn"]);
}

/// The person takes it back on their own page.
async fn take_back(tenant: &TestTenant<'_>, browser: &mut Browser) {
    browser.stop_nowhere();
    browser.get(&format!("{}/", tenant.issuer())).await.unwrap();
    browser.click("withdraw-planner").await.unwrap();
}

#[actix_web::test]
async fn neg_d08_a_code_from_before_the_consent_was_taken_back_is_worth_nothing() {
    let world = TestBroker::start().await;
    let contoso = world.tenant("contoso").await;
    let planner = contoso.application_with("planner", of_somebody_else).await;
    let mut browser = signed_in(&contoso, "alice").await;
    ask(&planner, &mut browser, MAIL).await;
    let first = code_of(&planner, &browser.click("allow").await.unwrap());
    let second = code_of(&planner, &ask(&planner, &mut browser, MAIL).await);
    world.clock.advance(TimeDelta::seconds(1));
    take_back(&contoso, &mut browser).await;
    let gone = |(status, body): (u16, Value)| {
        assert_eq!((status, text(&body, "reason")), (400, "token.grant_no_longer_valid"), "{body}");
    };
    gone(planner.redeem(&first, &[]).await);
    // Given anew it speaks for later codes only.
    world.clock.advance(TimeDelta::seconds(1));
    asked(&ask(&planner, &mut browser, MAIL).await);
    let third = code_of(&planner, &browser.click("allow").await.unwrap());
    gone(planner.redeem(&second, &[]).await);
    assert_eq!(planner.redeem(&third, &[]).await.0, 200);
}

/// A code is redeemed while the consent is taken back: whoever comes first, nothing is left.
async fn race(database: TestDatabase) {
    let world = TestBroker::start_on(database, &[]).await;
    let contoso = world.tenant("contoso").await;
    let planner = contoso.application_with("planner", of_somebody_else).await;
    let mut browser = signed_in(&contoso, "alice").await;
    for _ in 0..5 {
        world.clock.advance(TimeDelta::seconds(1));
        asked(&ask(&planner, &mut browser, MAIL).await);
        let code = code_of(&planner, &browser.click("allow").await.unwrap());
        browser.stop_nowhere();
        browser.get(&format!("{}/", contoso.issuer())).await.unwrap();
        let redeemed = planner.redeem(&code, &[]);
        let withdrawn = browser.click("withdraw-planner");
        let ((status, tokens), page) = futures_util::future::join(redeemed, withdrawn).await;
        assert!(page.unwrap().has("signed-in"));
        if status == 200 {
            assert_eq!(userinfo(&contoso, text(&tokens, "access_token")).await.status, 401);
            let renewed = refresh(&planner, text(&tokens, "refresh_token")).send().await;
            assert_eq!(renewed.status, 400, "{}", renewed.body);
        }
    }
}

#[actix_web::test]
async fn neg_d08_a_code_that_is_redeemed_while_the_consent_is_taken_back_leaves_no_token() {
    race(TestDatabase::sqlite().await).await;
}

#[actix_web::test]
async fn neg_d08_a_code_redeemed_meanwhile_leaves_no_token_on_postgresql() {
    let Some(database) = TestDatabase::postgres().await else {
        return;
    };
    race(database).await;
}

#[actix_web::test]
async fn dy_08_the_login_page_shows_what_the_application_registered() {
    let world = TestBroker::start().await;
    let contoso = world.tenant("contoso").await;
    contoso.connector("partners", |_| ()).await;
    let planner = contoso
        .application_with("planner", |new| {
            of_somebody_else(new);
            new.settings.logo_uri = Url::parse("https://planner.example/logo.png").ok();
            new.settings.tos_uri = Url::parse("https://planner.example/terms").ok();
        })
        .await;
    let page = ask(&planner, &mut Browser::new().unwrap(), &[]).await;
    for (id, path) in [("logo", "logo.png"), ("policy", "policy"), ("terms", "terms")] {
        let href = page.attribute(&format!("application-{id}"), "href");
        assert_eq!(href, Some(format!("https://planner.example/{path}")));
    }
}
