//! Who gets a user, which one, with what in it: from the person's return to the rows (entra.md 9.2, security.md E).

use serde_json::{Value, json};
use symbolon_contract::{ConnectorId, UserId};
use symbolon_identity::admin::{self, NewConnector, NewUser};
use symbolon_identity::policy::ConnectorMode;
use symbolon_identity::provisioning::{IdentityKey, ProvisioningPolicy};
use symbolon_storage::User;
use symbolon_testkit::{Browser, ProviderUser};

use crate::world::{CONNECTOR, TestApplication, TestBroker, TestTenant, caller};

pub(crate) const ALICE: &str = "signed in as alice@contoso.com with roles [viewer]";

pub(crate) async fn users(tenant: &TestTenant<'_>) -> Vec<User> {
    admin::list_users(&tenant.world.broker, &tenant.record, (None, 100)).await.unwrap()
}

pub(crate) fn identity(tenant: &TestTenant<'_>, subject: &str) -> IdentityKey {
    IdentityKey {
        connector: ConnectorId::parse(CONNECTOR).unwrap(),
        issuer: tenant.world.provider.issuer().to_owned(),
        subject: subject.to_owned(),
    }
}

pub(crate) async fn make(tenant: &TestTenant<'_>, new: NewUser) -> UserId {
    admin::create_user(&tenant.world.broker, &caller(), &tenant.record, new).await.unwrap()
}

/// A refused sign-in: told on the page, kept in the audit trail, no session.
pub(crate) async fn refused(app: &TestApplication<'_>, person: &str, expected: &str) {
    let login = app.log_in(person).await;
    assert_eq!(login.outcome(), expected, "{person}");
    assert_eq!(login.session(app.tenant.record.slug.as_str()), None, "{person}");
    app.tenant.assert_told_and_kept(&login.page, Some(CONNECTOR)).await;
}

fn nobody_new(new: &mut NewConnector) {
    new.configuration.provisioning = ProvisioningPolicy::default();
}

#[actix_web::test]
async fn feat_n3_a_stranger_is_refused_asks_for_access_and_comes_in_once_linked() {
    let world = TestBroker::start().await;
    let contoso = world.tenant_with("contoso", nobody_new).await;
    let wiki = contoso.application("wiki").await;
    refused(&wiki, "alice", "403 policy.not_provisioned").await;
    let again = wiki.log_in("alice").await;
    assert_eq!(again.page.text("contact").as_deref(), Some("help@contoso.example"));
    let requests = admin::list_access_requests(&world.broker, &contoso.record).await.unwrap();
    let told: Vec<Value> = requests
        .iter()
        .map(|one| json!([one.subject, one.email, one.display_name, one.times]))
        .collect();
    assert_eq!(told, [json!(["alice", "alice@contoso.com", "Alice Martin", 2])]);
    assert!(users(&contoso).await.is_empty());

    let known = NewUser { identity: Some(identity(&contoso, "alice")), ..NewUser::default() };
    let id = make(&contoso, known).await;

    assert_eq!(wiki.log_in("alice").await.outcome(), ALICE);
    let people: Vec<UserId> = users(&contoso).await.into_iter().map(|user| user.id).collect();
    assert_eq!(people, [id]);
    let left = admin::list_access_requests(&world.broker, &contoso.record).await.unwrap();
    assert!(left.is_empty(), "who is in asks no more");
}

#[actix_web::test]
async fn neg_e5_an_email_outside_the_connectors_domains() {
    let world = TestBroker::start().await;
    let change = |new: &mut NewConnector| {
        new.configuration.provisioning.email_domains = vec!["contoso.com".into()];
    };
    let contoso = world.tenant_with("contoso", change).await;
    let wiki = contoso.application("wiki").await;
    for (email, expected) in [
        ("alice@evil.example", "403 policy.email_domain"),
        ("alice@contoso.com.evil.example", "403 policy.email_domain"),
        ("alice@evilcontoso.com", "403 policy.email_domain"),
        ("alice@evil@contoso.com", "403 policy.email_domain"),
        ("@contoso.com", "403 policy.email_domain"),
        ("contoso.com", "403 policy.email_domain"),
        ("", "403 policy.email_missing"),
    ] {
        world.provider.set_user(ProviderUser::new("alice").email(email));
        refused(&wiki, "alice", expected).await;
    }
    world.provider.set_user(ProviderUser::new("alice").email("Alice@CONTOSO.com"));
    assert!(wiki.log_in("alice").await.outcome().starts_with("signed in"));
    world.provider.set_user(ProviderUser::new("alice").email("alice@evil.example"));
    refused(&wiki, "alice", "403 policy.email_domain").await;
}

#[actix_web::test]
async fn feat_an_email_can_be_required() {
    let world = TestBroker::start().await;
    let change = |new: &mut NewConnector| new.configuration.provisioning.require_email = true;
    let strict = world.tenant_with("strict", change).await;
    let lenient = world.tenant("lenient").await;
    world.provider.set_user(ProviderUser::new("silent").name("S"));
    refused(&strict.application("wiki").await, "silent", "403 policy.email_missing").await;
    let desk = lenient.application("desk").await;
    desk.log_in("silent").await;
    assert_eq!(users(&lenient).await.len(), 1);
}

#[actix_web::test]
async fn feat_a_pilot_is_for_the_people_who_were_named() {
    let world = TestBroker::start().await;
    for (slug, people, domains, expected) in [
        ("by-email", &["ALICE@contoso.com"][..], &[][..], "403 connector.not_pilot"),
        (
            "by-domain",
            &[][..],
            &["Contoso.com"][..],
            "signed in as bob@contoso.com with roles [viewer]",
        ),
        ("by-both", &["alice@contoso.com"][..], &["fabrikam.com"][..], "403 connector.not_pilot"),
    ] {
        let change = |new: &mut NewConnector| {
            new.mode = ConnectorMode::Pilot;
            new.configuration.pilot.users = people.iter().map(|one| (*one).to_owned()).collect();
            new.configuration.pilot.domains = domains.iter().map(|one| (*one).to_owned()).collect();
        };
        let tenant = world.tenant_with(slug, change).await;
        let wiki = tenant.application("wiki").await;
        assert_eq!(wiki.log_in("alice").await.outcome(), ALICE, "{slug}");
        assert_eq!(wiki.log_in("bob").await.outcome(), expected, "{slug}");
        let expected_users = if expected.starts_with("signed in") { 2 } else { 1 };
        assert_eq!(
            users(&tenant).await.len(),
            expected_users,
            "{slug}: nobody is made for a refusal"
        );
    }
}

#[actix_web::test]
async fn feat_a_connector_that_is_off_or_in_test_lets_nobody_in_and_comes_back() {
    let world = TestBroker::start().await;
    let contoso = world.tenant("contoso").await;
    let wiki = contoso.application("wiki").await;
    for mode in [ConnectorMode::Off, ConnectorMode::Test] {
        contoso.mode(CONNECTOR, mode).await;
        let login = wiki.log_in("alice").await;
        assert_eq!(login.outcome(), "403 connector.none_available", "{}", mode.as_str());
        contoso.assert_told_and_kept(&login.page, None).await;
    }
    for mode in [ConnectorMode::On, ConnectorMode::Enforced] {
        contoso.mode(CONNECTOR, mode).await;
        assert_eq!(wiki.log_in("alice").await.outcome(), ALICE, "{}", mode.as_str());
    }
}

#[actix_web::test]
async fn feat_n6_a_second_factor_can_be_demanded() {
    let world = TestBroker::start().await;
    let change = |new: &mut NewConnector| {
        new.configuration.required_amr = vec!["mfa".into(), "hwk".into()];
    };
    let contoso = world.tenant_with("contoso", change).await;
    let wiki = contoso.application("wiki").await;
    let alice = || ProviderUser::new("alice").email("alice@contoso.com");
    for (amr, expected) in [
        (Value::Null, "403 policy.mfa_required"),
        (json!(["pwd"]), "403 policy.mfa_required"),
        (json!("mfa"), "400 oidc.token_malformed"),
        (json!(["pwd", "mfa"]), ALICE),
        (json!(["hwk"]), ALICE),
    ] {
        world.provider.set_user(alice().claim("amr", amr.clone()));
        assert_eq!(wiki.log_in("alice").await.outcome(), expected, "{amr}");
    }
}

/// F1: what the browser brought is not what it leaves with.
#[actix_web::test]
async fn neg_f1_a_planted_session_cookie_does_not_survive_the_sign_in() {
    let world = TestBroker::start().await;
    let contoso = world.tenant("contoso").await;
    let wiki = contoso.application("wiki").await;
    let mut browser = Browser::new().unwrap();
    let planted = "A".repeat(43);
    browser.set_cookie("127.0.0.1", "symbolon-session-contoso", &planted);
    let login = wiki.log_in_with(browser, "alice", "").await;
    assert_eq!(login.outcome(), ALICE);
    assert_ne!(login.session("contoso"), Some(planted));
}
