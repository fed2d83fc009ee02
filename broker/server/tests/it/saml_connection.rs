//! Test connection and test sign-in of a SAML connector (SP15), and what an admin may save.

use chrono::TimeDelta;
use secrecy::ExposeSecret as _;
use serde_json::json;
use symbolon_contract::ConnectorId;
use symbolon_identity::admin::{self, AdminError};
use symbolon_identity::clock::Clock as _;
use symbolon_identity::connectors::saml::{GraphAccess, SamlSettings};
use symbolon_identity::policy::ConnectorMode;
use symbolon_identity::test_sign_in::{TestReport, Verdict};
use symbolon_storage::Connection;
use symbolon_testkit::Browser;
use symbolon_testkit::browser::Page;
use symbolon_testkit::saml_idp::{AutomaticSignIn, Misbehaviour as Fault, StatusError, Vendor};

use crate::world::{CONTOSO, SAML, SamlWorld, TestTenant, caller};

fn id() -> ConnectorId {
    ConnectorId::parse(SAML).unwrap()
}

/// Name, outcome and reason of each check, a line each.
async fn connection(tenant: &TestTenant<'_>) -> Vec<String> {
    let report = admin::test_connection(&tenant.world.broker, &tenant.record, &id()).await.unwrap();
    let line = |check| {
        let told = json!(check);
        let text = |member: &str| told[member].as_str().unwrap_or_default().to_owned();
        format!("{} {} {}", text("name"), text("outcome"), text("reason")).trim().to_owned()
    };
    report.checks.iter().map(line).collect()
}

/// A person opens a fresh link of a test: the page, and the report as it was kept.
async fn tested(saml: &SamlWorld, tenant: &TestTenant<'_>, person: &str) -> (Page, TestReport) {
    saml.idp.sign_in_automatically(AutomaticSignIn::As(person.to_owned()));
    let broker = &saml.world.broker;
    let link = admin::begin_test_sign_in(broker, &caller(), &tenant.record, &id()).await.unwrap();
    let mut browser = Browser::new().unwrap();
    let page = browser.get(link.url.expose_secret()).await.unwrap();
    let page = saml.follow(&mut browser, page).await;
    assert!(page.has("test-verdict"), "{}", page.body());
    let session = browser.cookie("127.0.0.1", "symbolon-session-contoso");
    assert_eq!(session, None, "nobody is signed in");
    let report = admin::read_test_sign_in(broker, &tenant.record, &link.id).await.unwrap().unwrap();
    (page, *report)
}

#[actix_web::test]
async fn saml_sp15_a_test_of_the_connection_says_what_it_looked_at() {
    let saml = SamlWorld::start().await;
    let contoso = saml.tenant("contoso").await;
    assert_eq!(connection(&contoso).await, ["certificates passed", "sign_on passed"]);
    let until = saml.world.clock.now() + TimeDelta::days(30);
    saml.change(&contoso, |settings| settings.sha1_until = Some(until)).await.unwrap();
    let told = connection(&contoso).await;
    assert!(told.contains(&"sha1 warning saml.weak_algorithm".to_owned()), "API-3: {told:?}");
    saml.change(&contoso, |settings| settings.sha1_until = None).await.unwrap();
    let gone = |settings: &mut SamlSettings| {
        for one in &mut settings.identity_provider.sign_on {
            "http://127.0.0.1:9/sso".clone_into(&mut one.location);
        }
    };
    saml.change(&contoso, gone).await.unwrap();
    let told = connection(&contoso).await;
    let warned = |line: &String| line.starts_with("sign_on warning");
    assert!(told.iter().any(warned), "browsers may reach it all the same: {told:?}");
}

#[actix_web::test]
async fn saml_me09_si07_an_end_that_comes_near_is_told_and_keeps_nobody_out() {
    let saml = SamlWorld::start().await;
    let contoso = saml.tenant("contoso").await;
    // Ours end in 2036, the identity provider's in 2049.
    saml.world.clock.advance(TimeDelta::days(3620));
    let told = connection(&contoso).await;
    assert!(told.contains(&"own_keys warning saml.own_keys_ending".to_owned()), "{told:?}");
    assert!(told.contains(&"certificates passed".to_owned()), "{told:?}");
    saml.world.clock.advance(TimeDelta::days(4620));
    let told = connection(&contoso).await;
    let ending = "certificates warning saml.certificate_ending".to_owned();
    assert!(told.contains(&ending), "{told:?}");
    saml.world.clock.advance(TimeDelta::days(365));
    let wiki = contoso.application("wiki").await;
    let outcome = saml.log_in(&wiki, "alice").await.outcome();
    assert!(outcome.starts_with("signed in as alice@"), "only the key counts: {outcome}");
}

#[actix_web::test]
async fn saml_sp15_a_test_sign_in_shows_every_check_and_does_nothing() {
    let saml = SamlWorld::start().await;
    let contoso = saml.tenant("contoso").await;
    contoso.mode(SAML, ConnectorMode::Test).await;
    let (page, report) = tested(&saml, &contoso, "alice").await;
    assert_eq!(report.verdict, Verdict::Passed, "{:?}", report.refusal);
    assert!(report.settings_tested && report.redirect_uri_proved);
    assert!(report.checks.len() >= 8, "{:?}", report.checks);
    for check in &report.checks {
        assert!(check.passed && check.fix.is_none(), "{check:?}");
        assert!(!check.expected.contains("PRIVATE"));
    }
    let names: Vec<&str> = report.checks.iter().map(|check| check.name.as_str()).collect();
    for name in ["signature", "issuer", "audience"] {
        assert!(names.contains(&name), "{names:?}");
    }
    assert!(page.body().contains("Alice Martin"));
    assert_eq!((contoso.sessions().await, saml.users(&contoso).await.len()), (0, 0));
    assert_eq!(contoso.audit_trail().await, [""; 0], "no event of a person");
}

#[actix_web::test]
async fn saml_sp15_a_failed_test_shows_seen_expected_and_fix_of_each_fault() {
    let saml = SamlWorld::start().await;
    let contoso = saml.tenant("contoso").await;
    saml.idp.misbehave(Fault::WrongAudience);
    saml.idp.misbehave(Fault::WrongRecipient);
    let (page, report) = tested(&saml, &contoso, "alice").await;
    assert_eq!(report.verdict, Verdict::Failed);
    let failed: Vec<_> = report.checks.iter().filter(|check| !check.passed).collect();
    assert!(failed.len() >= 2, "all faults at once: {:?}", report.checks);
    let audience = failed.iter().find(|check| check.name == "audience").unwrap();
    assert!(audience.seen.contains("https://elsewhere.example/"), "{audience:?}");
    assert!(audience.expected.contains("/saml/saml/metadata"), "{audience:?}");
    assert!(audience.fix.as_ref().is_some_and(|fix| !fix.is_empty()));
    assert!(page.body().contains("elsewhere.example"), "{}", page.body());
    assert_eq!((contoso.sessions().await, saml.users(&contoso).await.len()), (0, 0));
    saml.idp.behave();
    saml.idp.misbehave(Fault::BadSignature);
    let (_, report) = tested(&saml, &contoso, "alice").await;
    assert_eq!(report.refusal.unwrap().reason.as_str(), "saml.bad_signature");
    assert!(report.statement.is_none(), "nothing of an unsigned text is shown as a statement");
}

#[actix_web::test]
async fn saml_ei08_er01_microsofts_words_are_shown_as_text_and_believed_by_nobody() {
    let saml = SamlWorld::start_as(Vendor::Entra { tid: CONTOSO.into() }).await;
    let contoso = saml.tenant("contoso").await;
    let says = "AADSTS50105: <script>alert(1)</script> is not assigned to a role";
    saml.idp.world(|world| world.status = Some(StatusError::new("Responder", "AuthnFailed", says)));
    let (page, report) = tested(&saml, &contoso, "alice").await;
    assert_eq!(report.verdict, Verdict::Failed);
    let refusal = report.refusal.unwrap();
    assert!(refusal.reason.as_str().starts_with("entra."), "{refusal:?}");
    assert!(refusal.detail.contains("AADSTS50105"), "{refusal:?}");
    assert!(page.text("refusal-detail").unwrap().contains("AADSTS50105"));
    assert!(!page.body().contains("<script>alert"), "escaped");
    assert!(!report.settings_tested);
    assert_eq!((contoso.sessions().await, saml.users(&contoso).await.len()), (0, 0));
}

#[actix_web::test]
async fn saml_si01_a2_a_connector_without_a_usable_certificate_is_never_saved() {
    let saml = SamlWorld::start().await;
    let contoso = saml.tenant("contoso").await;
    let wiki = contoso.application("wiki").await;
    let not_pem = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----";
    let garbage = vec![not_pem.to_owned(), saml.idp.certificate_pem()];
    for certificates in [Vec::new(), vec![String::new()], garbage] {
        let set = |settings: &mut SamlSettings| {
            settings.identity_provider.certificates.clone_from(&certificates);
        };
        let made = saml.connector(&contoso, "second", |_, settings| set(settings)).await;
        let refused = made.unwrap_err().to_string();
        assert!(refused.contains("certificates"), "{refused}");
        let refused = saml.change(&contoso, set).await.unwrap_err().to_string();
        assert!(refused.contains("certificates"), "{refused}");
    }
    // Forced into the database, it lets nobody in.
    let tenant = contoso.record.id.clone();
    let force = move |conn: &mut Connection| {
        let mut row = conn.tenant(&tenant).connectors().find(&id())?.unwrap();
        let place = "/upstream/identity_provider/certificates";
        *row.settings.pointer_mut(place).unwrap() = json!([]);
        let version = row.version;
        row.version += 1;
        conn.tenant(&tenant).connectors().update(&row, version)
    };
    saml.world.broker.database.write(force).await.unwrap();
    for fault in [Fault::ForeignKey, Fault::BadSignature] {
        saml.idp.misbehave(fault);
        let outcome = saml.log_in(&wiki, "alice").await.outcome();
        assert!(outcome.starts_with("4"), "{outcome}");
        saml.idp.behave();
    }
    saml.idp.world(|world| world.sign = symbolon_testkit::saml_idp::Sign::Nothing);
    let outcome = saml.log_in(&wiki, "alice").await.outcome();
    assert!(outcome.starts_with("4"), "AT-02: {outcome}");
    let told = connection(&contoso).await;
    assert!(
        told[0].starts_with("certificates failed") || told[0].starts_with("settings"),
        "{told:?}"
    );
    assert_eq!(contoso.sessions().await, 0);
}

#[actix_web::test]
async fn saml_va13_ei13_settings_that_cannot_be_safe_are_refused_all_at_once() {
    let saml = SamlWorld::start().await;
    let contoso = saml.tenant("contoso").await;
    let wrong = |settings: &mut SamlSettings| {
        settings.clock_skew_seconds = 301;
        settings.identity_provider.entity_id = "https://sts.windows.net/{tenantid}/".into();
        settings.identity_provider.sign_on.clear();
        settings.entity_id = Some("x".repeat(257));
    };
    let refused = saml.change(&contoso, wrong).await.unwrap_err();
    assert!(matches!(refused, AdminError::Invalid(_)));
    let refused = refused.to_string();
    for place in ["clock_skew_seconds", "placeholder", "sign_on", "256"] {
        assert!(refused.contains(place), "{place}: {refused}");
    }
    let graph = GraphAccess { client_id: "x".into(), cloud: "global".into() };
    let refused = saml.change(&contoso, |one| one.graph = Some(graph)).await.unwrap_err();
    assert!(refused.to_string().contains("graph"), "{refused}");
}

#[actix_web::test]
async fn saml_sp8_a_revocation_forgets_every_key_and_new_ones_begin_anew() {
    let saml = SamlWorld::start().await;
    let contoso = saml.tenant("contoso").await;
    let wiki = contoso.application("wiki").await;
    let (broker, tenant) = (&saml.world.broker, &contoso.record);
    admin::create_saml_keys(broker, &caller(), tenant, &id()).await.unwrap();
    let forgotten = admin::revoke_secrets(broker, &caller(), tenant, &id()).await.unwrap();
    assert_eq!(forgotten, 2);
    assert!(admin::list_saml_keys(broker, tenant, &id()).await.unwrap().is_empty());
    let outcome = saml.log_in(&wiki, "alice").await.outcome();
    assert!(!outcome.starts_with("signed in"), "it is off: {outcome}");
    assert!(admin::saml_metadata(broker, tenant, &id()).await.is_err());
    admin::create_saml_keys(broker, &caller(), tenant, &id()).await.unwrap();
    contoso.mode(SAML, ConnectorMode::On).await;
    saml.register(&contoso, SAML).await;
    let outcome = saml.log_in(&wiki, "alice").await.outcome();
    assert!(outcome.starts_with("signed in as alice@"), "{outcome}");
}
