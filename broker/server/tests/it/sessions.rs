//! Sessions of our own: what opens them, what they are good for, and what ends them.

use chrono::TimeDelta;
use symbolon_contract::ConnectorId;
use symbolon_identity::admin::{self, ConnectorChange, ModeChange};
use symbolon_identity::connectors::ConnectorConfiguration;
use symbolon_identity::policy::ConnectorMode;
use symbolon_storage::Connection;
use symbolon_testkit::Browser;
use symbolon_testkit::browser::Page;
use symbolon_testkit::provider::AutomaticSignIn;

use crate::downstream::{
    Reply, assert_page, code_of, only_user, open, part, restarted, signed_in, tokens, userinfo,
};
use crate::world::{CONNECTOR, TestBroker, TestTenant, caller, http};

const HOST: &str = "127.0.0.1";

pub(crate) fn cookie_name(tenant: &TestTenant<'_>) -> String {
    format!("symbolon-session-{}", tenant.record.slug)
}

pub(crate) fn cookie(tenant: &TestTenant<'_>, browser: &Browser) -> Option<String> {
    browser.cookie(HOST, &cookie_name(tenant)).map(str::to_owned)
}

/// Whether a browser with only this session cookie is signed in.
pub(crate) async fn opens(tenant: &TestTenant<'_>, value: &str) -> bool {
    let mut browser = Browser::new().unwrap();
    browser.set_cookie(HOST, &cookie_name(tenant), value);
    tenant.world.provider.sign_in_automatically(AutomaticSignIn::Off);
    let page = browser.get(&format!("{}/", tenant.issuer())).await.unwrap();
    assert!(page.has("signed-in") || page.has("demo-provider-title"), "{}", page.body());
    page.has("signed-in")
}

/// The attributes of the session cookie that a page on the way set.
fn set_cookie(page: &Page, name: &str) -> String {
    let headers = page.steps().iter().flat_map(|step| step.headers.get_all("set-cookie"));
    let mut texts = headers.filter_map(|value| value.to_str().ok());
    let found = texts.rfind(|text| text.starts_with(&format!("{name}="))).unwrap();
    found.split_once("; ").unwrap().1.to_owned()
}

#[actix_web::test]
async fn one_session_serves_every_application_of_the_tenant() {
    let world = TestBroker::start().await;
    let contoso = world.tenant("contoso").await;
    let wiki = contoso.application("wiki").await;
    let crm = contoso.application("crm").await;
    let first = wiki.log_in("alice").await;
    let before = first.session("contoso").unwrap();
    let hits = world.provider.hits("authorize");
    // Whoever the upstream would name now, the session answers.
    let second = crm.log_in_with(first.browser, "bob", "").await;
    assert!(second.outcome().starts_with("signed in as alice@contoso.com"), "{}", second.outcome());
    assert_eq!(world.provider.hits("authorize"), hits);
    assert_eq!(second.session("contoso"), Some(before));
    assert_eq!(contoso.sessions().await, 1);
}

#[actix_web::test]
async fn both_applications_see_one_sid_and_one_person() {
    let world = TestBroker::start().await;
    let contoso = world.tenant("contoso").await;
    let wiki = contoso.application("wiki").await;
    let crm = contoso.application("crm").await;
    let mut browser = signed_in(&contoso, "alice").await;
    let mut seen = Vec::new();
    for app in [&wiki, &crm] {
        let code = code_of(app, &open(app, &mut browser, &app.authorize_url(&[])).await);
        let (_, tokens) = app.redeem(&code, &[]).await;
        let claims = part(tokens["id_token"].as_str().unwrap(), 1);
        seen.push((claims["sid"].clone(), claims["sub"].clone(), claims["auth_time"].clone()));
    }
    assert_eq!(seen[0], seen[1]);
}

#[actix_web::test]
async fn b39_a_session_ends_by_idling_and_by_age() {
    let world = TestBroker::start().await;
    let contoso = world.tenant("contoso").await;
    let browser = signed_in(&contoso, "alice").await;
    let idle = cookie(&contoso, &browser).unwrap();
    world.clock.advance(TimeDelta::hours(8) - TimeDelta::seconds(1));
    assert!(opens(&contoso, &idle).await, "one second before the idle end");
    world.clock.advance(TimeDelta::hours(8));
    assert!(!opens(&contoso, &idle).await, "eight hours without use");
    // Used every four hours it lives for a day, and no longer.
    let browser = signed_in(&contoso, "alice").await;
    let used = cookie(&contoso, &browser).unwrap();
    for hours in [4, 8, 12, 16, 20] {
        world.clock.advance(TimeDelta::hours(4));
        assert!(opens(&contoso, &used).await, "{hours} hours old");
    }
    world.clock.advance(TimeDelta::hours(4));
    assert!(!opens(&contoso, &used).await, "24 hours old");
}

#[actix_web::test]
async fn the_operator_decides_how_long_sessions_live() {
    let settings = [("SYMBOLON__SESSIONS__IDLE", "10m"), ("SYMBOLON__SESSIONS__ABSOLUTE", "30m")];
    let world = TestBroker::start_with(&settings).await;
    let contoso = world.tenant("contoso").await;
    let wiki = contoso.application("wiki").await;
    let mut browser = signed_in(&contoso, "alice").await;
    let hits = world.provider.hits("authorize");
    world.clock.advance(TimeDelta::minutes(9));
    code_of(&wiki, &open(&wiki, &mut browser, &wiki.authorize_url(&[])).await);
    assert_eq!(world.provider.hits("authorize"), hits);
    world.clock.advance(TimeDelta::minutes(10));
    code_of(&wiki, &open(&wiki, &mut browser, &wiki.authorize_url(&[])).await);
    assert_eq!(world.provider.hits("authorize"), hits + 1);
}

#[actix_web::test]
async fn f1_a_planted_cookie_is_not_adopted_and_each_sign_in_has_a_new_one() {
    let world = TestBroker::start().await;
    let contoso = world.tenant("contoso").await;
    let wiki = contoso.application("wiki").await;
    let planted = "A".repeat(43);
    let mut browser = Browser::new().unwrap();
    browser.set_cookie(HOST, &cookie_name(&contoso), &planted);
    let first = wiki.log_in_with(browser, "alice", "").await;
    let one = first.session("contoso").unwrap();
    assert_ne!(one, planted);
    assert!(!opens(&contoso, &planted).await);
    assert!(opens(&contoso, &one).await);
    let second = wiki.log_in_with(first.browser, "alice", "prompt=login").await;
    let two = second.session("contoso").unwrap();
    assert_ne!(one, two);
    assert!(!opens(&contoso, &one).await, "the session before the second sign-in lives on");
    assert!(opens(&contoso, &two).await);
}

#[actix_web::test]
async fn a_stolen_login_cookie_or_the_row_of_a_session_opens_nothing() {
    let world = TestBroker::start().await;
    let contoso = world.tenant("contoso").await;
    let browser = signed_in(&contoso, "alice").await;
    let login = browser.cookie(HOST, "symbolon-login-contoso").unwrap();
    let user = only_user(&contoso).await;
    let id = contoso.record.id.clone();
    let list = move |conn: &mut Connection| conn.tenant(&id).sessions().of_user(&user);
    let rows = world.broker.database.read(list).await.unwrap();
    for value in [login, rows[0].id.as_str(), rows[0].secret_hash.as_str()] {
        assert!(!opens(&contoso, value).await, "{value}");
    }
}

#[actix_web::test]
async fn the_cookie_is_for_this_host_not_for_scripts_and_not_for_other_sites() {
    let world = TestBroker::start().await;
    let contoso = world.tenant("contoso").await;
    world.provider.sign_in_automatically(AutomaticSignIn::As("alice".into()));
    let mut browser = Browser::new().unwrap();
    let page = browser.get(&format!("{}/login", contoso.issuer())).await.unwrap();
    let day = "HttpOnly; SameSite=Lax; Path=/; Max-Age=86400";
    assert_eq!(set_cookie(&page, "symbolon-session-contoso"), day);
    let hour = "HttpOnly; SameSite=Lax; Path=/; Max-Age=3600";
    assert_eq!(set_cookie(&page, "symbolon-login-contoso"), hour);
    // 256 bits, in neither a URL nor a page.
    let value = cookie(&contoso, &browser).unwrap();
    assert_eq!(value.len(), 43);
    assert!(!page.body().contains(&value));
    assert!(page.steps().iter().all(|step| !step.url.as_str().contains(&value)));
}

#[actix_web::test]
async fn f2_a_session_of_one_tenant_is_nothing_at_another() {
    let world = TestBroker::start().await;
    let contoso = world.tenant("contoso").await;
    let fabrikam = world.tenant("fabrikam").await;
    let wiki = fabrikam.application("wiki").await;
    let mut browser = signed_in(&contoso, "alice").await;
    let value = cookie(&contoso, &browser).unwrap();
    assert!(!opens(&fabrikam, &value).await);
    browser.set_cookie(HOST, &cookie_name(&fabrikam), &value);
    let silent = wiki.authorize_url(&[("prompt", Some("none"))]);
    let page = open(&wiki, &mut browser, &silent).await;
    assert!(page.location().unwrap().as_str().contains("error=login_required"));
    assert_eq!(fabrikam.sessions().await, 0);
    assert!(opens(&contoso, &value).await);
}

fn upstream() -> ConnectorId {
    ConnectorId::parse(CONNECTOR).unwrap()
}

async fn configuration(tenant: &TestTenant<'_>) -> ConnectorConfiguration {
    let broker = &tenant.world.broker;
    admin::read_connector(broker, &tenant.record.id, &upstream()).await.unwrap().configuration
}

#[actix_web::test]
async fn a_session_survives_a_change_of_its_connector_and_a_restart() {
    let world = TestBroker::start().await;
    let contoso = world.tenant("contoso").await;
    let browser = signed_in(&contoso, "alice").await;
    let value = cookie(&contoso, &browser).unwrap();
    let wiki = contoso.application("wiki").await;
    let held = tokens(&wiki, &[]).await;
    let token = held["access_token"].as_str().unwrap();
    let mut changed = configuration(&contoso).await;
    changed.provisioning.auto_provision = false;
    let change = (&upstream(), ConnectorChange { configuration: changed, note: None });
    admin::update_connector(&world.broker, &caller(), &contoso.record, change).await.unwrap();
    contoso.rules(serde_json::json!({ "default_role": "viewer" })).await;
    assert!(opens(&contoso, &value).await, "after the change");
    // A second process on the same database, with the same keys.
    let url = restarted(&world);
    let mut fresh = Browser::new().unwrap();
    fresh.set_cookie(HOST, &cookie_name(&contoso), &value);
    let page = fresh.get(&format!("{url}/t/contoso/")).await.unwrap();
    assert!(page.has("signed-in"), "{}", page.body());
    // It signs with the same keys, and knows the same access tokens.
    let keys = Reply::of(http().get(format!("{url}/t/contoso/jwks"))).await;
    let before = Reply::of(http().get(format!("{}/jwks", contoso.issuer()))).await;
    assert_eq!(keys.body, before.body);
    let person = http().get(format!("{url}/t/contoso/userinfo")).bearer_auth(token);
    assert_eq!(Reply::of(person).await.status, 200);
}

#[actix_web::test]
async fn n54_a_connector_that_is_switched_off_lets_nobody_in_and_ends_no_session() {
    let world = TestBroker::start().await;
    let contoso = world.tenant("contoso").await;
    let wiki = contoso.application("wiki").await;
    let mut browser = signed_in(&contoso, "alice").await;
    let value = cookie(&contoso, &browser).unwrap();
    let reach = wiki.authorize_url(&[]);
    let code = code_of(&wiki, &open(&wiki, &mut browser, &reach).await);
    let (_, held) = wiki.redeem(&code, &[]).await;
    let unspent = code_of(&wiki, &open(&wiki, &mut browser, &reach).await);
    let switch = async |mode| {
        let broker = &world.broker;
        let change = (&upstream(), ModeChange { mode, untested: true });
        admin::set_connector_mode(broker, &caller(), &contoso.record, change).await.unwrap();
    };
    switch(ConnectorMode::Off).await;
    let (_, body) = wiki.redeem(&unspent, &[]).await;
    assert_eq!(body["reason"], "token.grant_no_longer_valid");
    let token = held["access_token"].as_str().unwrap();
    assert_eq!(userinfo(&contoso, token).await.status, 401);
    let page = open(&wiki, &mut Browser::new().unwrap(), &reach).await;
    assert_page(&contoso, &page, "403 connector.none_available").await;
    let page = open(&wiki, &mut browser, &reach).await;
    assert_page(&contoso, &page, "403 connector.none_available").await;
    assert_eq!(contoso.sessions().await, 1);
    // On again, everything that was held works as before.
    switch(ConnectorMode::On).await;
    assert!(opens(&contoso, &value).await);
    assert_eq!(userinfo(&contoso, token).await.status, 200);
    code_of(&wiki, &open(&wiki, &mut browser, &reach).await);
}

#[actix_web::test]
async fn switching_off_counts_for_those_who_are_under_way() {
    let world = TestBroker::start().await;
    let contoso = world.tenant("contoso").await;
    world.provider.sign_in_automatically(AutomaticSignIn::Off);
    let mut browser = Browser::new().unwrap();
    let page = browser.get(&format!("{}/login", contoso.issuer())).await.unwrap();
    assert!(page.has("demo-provider-title"), "{}", page.body());
    let change = (&upstream(), ModeChange { mode: ConnectorMode::Off, untested: false });
    admin::set_connector_mode(&world.broker, &caller(), &contoso.record, change).await.unwrap();
    let page = browser.click("user-alice").await.unwrap();
    assert_page(&contoso, &page, "403 connector.off").await;
    assert_eq!(contoso.sessions().await, 0);
}
