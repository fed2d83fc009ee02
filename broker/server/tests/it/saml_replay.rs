//! One response is one sign-in of one browser (A30, VA-09, VA-14): whoever comes second, in whatever way, on
//! whatever node, is refused.

use std::net::TcpListener;
use std::sync::Arc;

use actix_web::web::Data;
use futures_util::future::join_all;
use symbolon_identity::plugins::Compile;
use symbolon_server::app::AppState;
use symbolon_server::startup::{build_broker_at, serve};
use symbolon_storage::testing::TestDatabase;
use symbolon_testkit::Browser;
use symbolon_testkit::saml_idp::{Misbehaviour, Vendor};

use crate::downstream::assert_page;
use crate::world::{Posted, SamlWorld, TestBroker, TestTenant, http, settings};

/// A second server on the same database and clock that stands for the same public address: where it listens.
pub(crate) fn another_node(world: &TestBroker) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let here = listener.local_addr().unwrap().to_string();
    let settings = settings(&world.url, &world.database, &[]);
    let (database, clock) = (world.database.database().clone(), Arc::new(world.clock.clone()));
    let broker = build_broker_at(&settings, database, clock, Compile::InProcess).unwrap();
    let state = Data::new(AppState::new(broker, settings).unwrap());
    actix_web::rt::spawn(serve(state, listener, Some(1)).unwrap());
    here
}

/// Posts a response with this login cookie to a node, as a browser of the same site would; `true` when a code came.
async fn post(
    (node, world): (&str, &TestBroker),
    posted: &Posted,
    (tenant, cookie): (&TestTenant<'_>, &str),
) -> bool {
    let public = world.url.trim_start_matches("http://");
    let mut body = url::form_urlencoded::Serializer::new(String::new());
    let body = body.extend_pairs(&posted.fields).finish();
    let request = http()
        .post(posted.action.replacen(public, node, 1))
        .header("host", public)
        .header("content-type", "application/x-www-form-urlencoded")
        .header("cookie", format!("symbolon-login-{}={cookie}", tenant.record.slug));
    let answer = request.body(body).send().await.unwrap();
    let status = answer.status().as_u16();
    let location = answer.headers().get("location").map(|one| one.to_str().unwrap().to_owned());
    let came_in = location.is_some_and(|location| location.contains("code="));
    assert!(came_in || (400..500).contains(&status), "{status}");
    came_in
}

fn login_cookie(browser: &Browser, tenant: &TestTenant<'_>) -> String {
    let name = format!("symbolon-login-{}", tenant.record.slug);
    browser.cookie("127.0.0.1", &name).unwrap().to_owned()
}

async fn of_many_exactly_one(database: TestDatabase) {
    let saml = SamlWorld::start_on(database, Vendor::Generic).await;
    let contoso = saml.tenant("contoso").await;
    let wiki = contoso.application("wiki").await;
    let mut browser = Browser::new().unwrap();
    let posted = saml.answer_for(&wiki, (&mut browser, "alice")).await;
    let cookie = login_cookie(&browser, &contoso);
    let here = saml.world.url.trim_start_matches("http://").to_owned();
    let there = another_node(&saml.world);
    let all = (0..100).map(|number| {
        let node = if number % 2 == 0 { &here } else { &there };
        post((node, &saml.world), &posted, (&contoso, &cookie))
    });
    let came_in = join_all(all).await.into_iter().filter(|one| *one).count();
    assert_eq!(came_in, 1);
    assert_eq!((contoso.sessions().await, saml.users(&contoso).await.len()), (1, 1));
}

#[actix_web::test]
async fn saml_a30_of_a_hundred_at_once_on_two_nodes_exactly_one_comes_in() {
    of_many_exactly_one(TestDatabase::sqlite().await).await;
}

#[actix_web::test]
async fn saml_a30_of_a_hundred_at_once_exactly_one_comes_in_on_postgresql() {
    if let Some(database) = TestDatabase::postgres().await {
        of_many_exactly_one(database).await;
    }
}

/// Many attempts, one assertion: only the row that remembers assertions tells them apart.
async fn of_many_attempts_exactly_one(database: TestDatabase) {
    let saml = SamlWorld::start_on(database, Vendor::Generic).await;
    let contoso = saml.tenant("contoso").await;
    let wiki = contoso.application("wiki").await;
    saml.idp.misbehave(Misbehaviour::FixedAssertionId);
    let (mut browsers, mut answers) = (Vec::new(), Vec::new());
    for _ in 0..12 {
        let mut browser = Browser::new().unwrap();
        answers.push(saml.answer_for(&wiki, (&mut browser, "alice")).await);
        browsers.push(login_cookie(&browser, &contoso));
    }
    let here = saml.world.url.trim_start_matches("http://").to_owned();
    let there = another_node(&saml.world);
    let all = answers.iter().zip(&browsers).enumerate().map(|(number, (posted, cookie))| {
        let node = if number % 2 == 0 { &here } else { &there };
        post((node, &saml.world), posted, (&contoso, cookie))
    });
    let came_in = join_all(all).await.into_iter().filter(|one| *one).count();
    assert_eq!((came_in, contoso.sessions().await), (1, 1));
    let rows = contoso.audit_rows().await;
    let replayed = rows.iter().filter(|row| row["reason"] == "saml.replayed").count();
    assert_eq!(replayed, 11);
}

#[actix_web::test]
async fn saml_va14_one_assertion_is_believed_once_whoever_brings_it() {
    of_many_attempts_exactly_one(TestDatabase::sqlite().await).await;
}

#[actix_web::test]
async fn saml_va14_one_assertion_is_believed_once_on_postgresql() {
    if let Some(database) = TestDatabase::postgres().await {
        of_many_attempts_exactly_one(database).await;
    }
}

#[actix_web::test]
async fn saml_at37_a_response_that_was_used_is_used_up_for_every_browser() {
    let saml = SamlWorld::start().await;
    let contoso = saml.tenant("contoso").await;
    let wiki = contoso.application("wiki").await;
    let mut browser = Browser::new().unwrap();
    let posted = saml.answer_for(&wiki, (&mut browser, "alice")).await;
    assert!(posted.send(&mut browser).await.has("signed-in-email"));
    let again = posted.send(&mut browser).await;
    assert_page(&contoso, &again, "400 attempt.already_used").await;
    let other = posted.send(&mut Browser::new().unwrap()).await;
    assert_page(&contoso, &other, "400 oidc.state_mismatch").await;
    // Another attempt of the same browser, whose state the attacker puts beside it.
    browser.set_cookie("127.0.0.1", "symbolon-session-contoso", "");
    let fresh = saml.answer_for(&wiki, (&mut browser, "alice")).await;
    let used = posted.fields[0].1.clone();
    let mixed = fresh.with("SAMLResponse", Some(&used)).send(&mut browser).await;
    assert_page(&contoso, &mixed, "400 saml.in_response_to_mismatch").await;
    // After a restart.
    let node = another_node(&saml.world);
    let cookie = login_cookie(&browser, &contoso);
    assert!(!post((&node, &saml.world), &posted, (&contoso, &cookie)).await);
    assert_eq!(contoso.sessions().await, 1);
}

#[actix_web::test]
async fn saml_va09_an_attackers_response_in_a_victims_browser_signs_nobody_in() {
    let saml = SamlWorld::start().await;
    let contoso = saml.tenant("contoso").await;
    let wiki = contoso.application("wiki").await;
    let mut attacker = Browser::new().unwrap();
    let theirs = saml.answer_for(&wiki, (&mut attacker, "bob")).await;
    // The victim has never been here, or is signing in just now.
    let mut victim = Browser::new().unwrap();
    let page = theirs.send(&mut victim).await;
    assert_page(&contoso, &page, "400 oidc.state_mismatch").await;
    let own = saml.answer_for(&wiki, (&mut victim, "alice")).await;
    let page = theirs.send(&mut victim).await;
    assert_page(&contoso, &page, "400 oidc.state_mismatch").await;
    // The victim's state with the attacker's response.
    let response = theirs.fields[0].1.clone();
    let mixed = own.with("SAMLResponse", Some(&response)).send(&mut victim).await;
    assert_page(&contoso, &mixed, "400 saml.in_response_to_mismatch").await;
    assert_eq!(contoso.sessions().await, 0);
    // Nothing of this spent the attacker's own attempt; in their own browser it is theirs.
    assert!(theirs.send(&mut attacker).await.has("signed-in-email"));
}

#[actix_web::test]
async fn saml_h04_an_answer_that_comes_too_late_is_refused() {
    let saml = SamlWorld::start().await;
    let contoso = saml.tenant("contoso").await;
    let wiki = contoso.application("wiki").await;
    let mut browser = Browser::new().unwrap();
    let posted = saml.answer_for(&wiki, (&mut browser, "alice")).await;
    saml.world.clock.advance(chrono::TimeDelta::hours(2));
    let page = posted.send(&mut browser).await;
    assert_page(&contoso, &page, "400 attempt.expired").await;
    assert_eq!(contoso.sessions().await, 0);
}
