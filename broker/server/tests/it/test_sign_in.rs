//! Test sign-ins (N34, W-4, issue point 6): an admin sees what would happen, and nothing happens.

use chrono::TimeDelta;
use secrecy::ExposeSecret;
use serde_json::{Value, json};
use symbolon_contract::ConnectorId;
use symbolon_identity::admin::{self, AdminError, TestSignInLink};
use symbolon_identity::policy::ConnectorMode;
use symbolon_identity::secrets::sha256_hex;
use symbolon_identity::test_sign_in::{TestReport, Verdict};
use symbolon_storage::{Connection, SingleUseKind};
use symbolon_testkit::Browser;
use symbolon_testkit::browser::Page;
use symbolon_testkit::entra::{EntraFault, Shown, Times};
use symbolon_testkit::provider::AutomaticSignIn;

use crate::downstream::assert_page;
use crate::world::{APP, CONTOSO, ENTRA, EntraWorld, TestTenant, caller, group_rules, parameter};

async fn link(tenant: &TestTenant<'_>) -> TestSignInLink {
    let (broker, id) = (&tenant.world.broker, ConnectorId::parse(ENTRA).unwrap());
    admin::begin_test_sign_in(broker, &caller(), &tenant.record, &id).await.unwrap()
}

/// A person opens a fresh link: the page, and the report as it was kept.
async fn tested(entra: &EntraWorld, tenant: &TestTenant<'_>, person: &str) -> (Page, TestReport) {
    entra.entra.sign_in_automatically(AutomaticSignIn::As(person.to_owned()));
    let link = link(tenant).await;
    let page = Browser::new().unwrap().get(link.url.expose_secret()).await.unwrap();
    assert!(page.has("test-verdict"), "{}", page.body());
    (page, report(tenant, &link.id).await.unwrap().unwrap())
}

async fn report(tenant: &TestTenant<'_>, id: &str) -> Result<Option<TestReport>, AdminError> {
    let kept = admin::read_test_sign_in(&tenant.world.broker, &tenant.record, id).await?;
    Ok(kept.map(|report| *report))
}

async fn users(tenant: &TestTenant<'_>) -> usize {
    admin::list_users(&tenant.world.broker, &tenant.record, (None, 10)).await.unwrap().len()
}

async fn test_outcome(tenant: &TestTenant<'_>) -> Option<String> {
    let (id, connector) = (tenant.record.id.clone(), ConnectorId::parse(ENTRA).unwrap());
    let version =
        move |conn: &mut Connection| conn.tenant(&id).connector_versions().find(&connector, 1);
    tenant.world.broker.database.read(version).await.unwrap().unwrap().test_outcome
}

async fn test_rows(tenant: &TestTenant<'_>) -> Vec<Value> {
    let rows = tenant.audit_rows().await.into_iter();
    rows.filter(|row| row["type"] == "connector.test_sign_in").collect()
}

#[actix_web::test]
async fn feat_n34_a_test_sign_in_shows_everything_and_does_nothing() {
    let entra = EntraWorld::start().await;
    let contoso =
        entra.tenant_with("contoso", |new, _| new.rules = group_rules().to_string()).await;
    entra.entra.sign_in_automatically(AutomaticSignIn::As("alice".into()));
    let mut browser = Browser::new().unwrap();
    let link = link(&contoso).await;
    assert_eq!(report(&contoso, &link.id).await.unwrap(), None, "nobody came back yet");
    let page = browser.get(link.url.expose_secret()).await.unwrap();
    assert_eq!(page.text("test-verdict").as_deref(), Some("The test sign-in succeeded"));
    assert_eq!(page.text("test-user").as_deref(), Some("a new user would be created"));
    let roles = page.text("test-roles").unwrap();
    assert!(roles.contains("admin") && roles.contains("because of"), "{roles}");
    assert!(page.text("test-claims").unwrap().contains("Alice Martin"), "{}", page.body());
    assert!(page.text("redirect-uri").unwrap().contains("proved: the upstream sent you back"));
    for secret in ["eyJ", "nonce", "code="] {
        assert!(!page.body().contains(secret), "the page shows {secret}");
    }
    // Nobody was made and nobody is in.
    assert_eq!((users(&contoso).await, contoso.sessions().await), (0, 0));
    assert_eq!(browser.cookie("127.0.0.1", "symbolon-session-contoso"), None);
    assert_eq!(contoso.audit_trail().await, [""; 0], "no event of a person");
    let rows = test_rows(&contoso).await;
    assert_eq!(rows.len(), 1);
    assert_eq!((&rows[0]["outcome"], &rows[0]["connection"]), (&json!("success"), &json!(ENTRA)));
    let kept = report(&contoso, &link.id).await.unwrap().unwrap();
    assert_eq!(kept.verdict, Verdict::Passed);
    assert!(kept.settings_tested);
    assert_eq!(test_outcome(&contoso).await.as_deref(), Some("passed"), "N33, N55");
    // The report is kept for an hour, for this tenant alone.
    let fabrikam = entra.empty_tenant("fabrikam").await;
    assert!(report(&fabrikam, &link.id).await.is_err());
    contoso.world.clock.advance(TimeDelta::minutes(61));
    assert!(matches!(report(&contoso, &link.id).await, Err(AdminError::NotFound { .. })));
}

#[actix_web::test]
async fn feat_n34_it_works_in_mode_test_and_not_when_the_connector_is_off() {
    let entra = EntraWorld::start().await;
    let contoso = entra.tenant_with("contoso", |new, _| new.mode = ConnectorMode::Test).await;
    let (page, report) = tested(&entra, &contoso, "alice").await;
    assert_eq!(report.verdict, Verdict::Passed);
    assert!(page.text("warnings").unwrap().contains("people cannot use it yet"));
    // A sign-in of a person is still refused.
    let wiki = contoso.application("wiki").await;
    let login = entra.log_in(&wiki, "alice").await;
    assert_eq!(login.outcome(), "403 connector.none_available");
    let made = link(&contoso).await;
    contoso.mode(ENTRA, ConnectorMode::Off).await;
    let (broker, id) = (&contoso.world.broker, ConnectorId::parse(ENTRA).unwrap());
    let refused = admin::begin_test_sign_in(broker, &caller(), &contoso.record, &id).await;
    assert!(matches!(refused, Err(AdminError::Invalid(_))));
    let page = Browser::new().unwrap().get(made.url.expose_secret()).await.unwrap();
    assert_page(&contoso, &page, "403 connector.off").await;
}

#[actix_web::test]
async fn feat_n36_feat_n35_a_failed_test_tells_cause_and_fix_and_is_kept() {
    let entra = EntraWorld::start().await;
    let contoso = entra.tenant("contoso").await;
    let cases = [(7_000_222, "entra.secret_expired"), (65001, "entra.consent_missing")];
    for (number, reason) in cases {
        entra.entra.behave();
        match number {
            65001 => entra.entra.fail_authorize(number, Shown::AtCallback, Times::Always),
            _ => entra.entra.fail_token(number, Times::Always),
        }
        let (page, report) = tested(&entra, &contoso, "alice").await;
        assert_eq!(page.status(), 200);
        assert_eq!(page.text("reason-code").as_deref(), Some(reason));
        let refusal = report.refusal.unwrap();
        assert_eq!(page.text("refusal-cause"), Some(refusal.cause));
        assert!(page.has("refusal-fix") && refusal.detail.contains(&number.to_string()));
        assert_eq!(report.verdict, Verdict::Failed);
        assert!(report.redirect_uri_proved && !report.settings_tested, "{number}");
    }
    assert_eq!(contoso.audit_trail().await, [""; 0], "no failed sign-in of a person");
    let reasons: Vec<Value> =
        test_rows(&contoso).await.into_iter().map(|row| row["reason"].clone()).collect();
    assert_eq!(reasons, cases.map(|(_, reason)| json!(reason)));
    assert_eq!(test_outcome(&contoso).await, None);
}

#[actix_web::test]
async fn feat_n34_an_upstream_that_cannot_be_reached_fails_the_test_at_once() {
    let entra = EntraWorld::start().await;
    let contoso = entra.tenant("contoso").await;
    entra.entra.misbehave(EntraFault::DiscoveryDown);
    let (page, report) = tested(&entra, &contoso, "alice").await;
    assert_eq!(page.text("test-verdict").as_deref(), Some("The test sign-in failed"));
    assert!(!report.redirect_uri_proved);
}

#[actix_web::test]
async fn feat_n33_a_green_test_sign_in_does_not_hide_a_failed_test_of_the_connection() {
    let entra = EntraWorld::start().await;
    let contoso = entra.tenant("contoso").await;
    entra.entra.misbehave(EntraFault::DiscoveryDown);
    let (broker, id) = (&contoso.world.broker, ConnectorId::parse(ENTRA).unwrap());
    admin::test_connection(broker, &contoso.record, &id).await.unwrap();
    assert_eq!(test_outcome(&contoso).await.as_deref(), Some("failed"));
    entra.entra.behave();
    contoso.world.clock.advance(TimeDelta::minutes(20));
    let (_, report) = tested(&entra, &contoso, "alice").await;
    assert_eq!((report.verdict, report.settings_tested), (Verdict::Passed, false));
    assert_eq!(test_outcome(&contoso).await.as_deref(), Some("failed"));
}

#[actix_web::test]
async fn feat_b13_b14_it_says_what_became_of_groups_and_keeps_directory_roles_apart() {
    const ROLE: &str = "62e90394-69f5-4237-9190-012177145e10";
    let entra = EntraWorld::start().await;
    let contoso = entra.tenant("contoso").await;
    let (page, _) = tested(&entra, &contoso, "alice").await;
    assert_eq!(page.text("groups-claim").as_deref(), Some("present (1)"));
    assert_eq!(page.text("directory-roles").as_deref(), Some("none came"));
    entra.entra.change_application(APP, |app| app.optional_claims(["groups", "wids", "email"]));
    entra.entra.change_person(CONTOSO, "alice", |person| person.directory_role(ROLE));
    entra.entra.misbehave(EntraFault::GroupsOverage);
    let (page, report) = tested(&entra, &contoso, "alice").await;
    let words = page.text("groups-claim").unwrap();
    assert!(words.starts_with("overage") && words.ends_with("lists 1"), "{words}");
    assert_eq!(page.text("directory-roles").as_deref(), Some(ROLE));
    assert!(report.roles.iter().all(|role| role.role != ROLE));
    entra.entra.behave();
    entra.entra.misbehave(EntraFault::TokenWithoutClaim("groups".into()));
    let (page, _) = tested(&entra, &contoso, "alice").await;
    assert_eq!(page.text("groups-claim").as_deref(), Some("absent"));
}

#[actix_web::test]
async fn entra_e32_w5_it_names_the_optional_claims_that_did_not_come_and_what_they_are_for() {
    let entra = EntraWorld::start().await;
    let contoso = entra.tenant("contoso").await;
    let (page, report) = tested(&entra, &contoso, "alice").await;
    let missing: Vec<String> = report
        .statement
        .unwrap()
        .optional_claims
        .into_iter()
        .filter(|claim| !claim.arrived)
        .map(|claim| claim.name)
        .collect();
    assert_eq!(missing, ["xms_edov", "upn"]);
    let shown = page.text("optional-claims").unwrap();
    assert!(shown.contains("missing: an e-mail address can count as proved"), "{shown}");
    assert!(page.text("warnings").unwrap().contains("xms_edov, upn"));
}

#[actix_web::test]
async fn feat_n34_who_would_be_refused_sees_the_claims_and_why() {
    let entra = EntraWorld::start().await;
    let contoso = entra
        .tenant_with("contoso", |new, _| new.configuration.provisioning.auto_provision = false)
        .await;
    let (page, report) = tested(&entra, &contoso, "alice").await;
    assert_eq!(report.verdict, Verdict::Refused);
    assert_eq!(page.text("reason-code").as_deref(), Some("policy.not_provisioned"));
    assert_eq!(page.text("test-user").as_deref(), Some("would be refused"));
    assert!(page.has("test-claims") && page.text("redirect-uri").unwrap().contains("proved:"));
    let broker = &contoso.world.broker;
    let asked = admin::list_access_requests(broker, &contoso.record).await.unwrap();
    assert!(asked.is_empty(), "a test is no request for access");
}

#[actix_web::test]
async fn feat_n34_a_known_person_would_sign_in_as_themselves_and_is_not_touched() {
    let entra = EntraWorld::start().await;
    let contoso = entra.tenant("contoso").await;
    let wiki = contoso.application("wiki").await;
    entra.log_in(&wiki, "alice").await;
    let before = contoso.audit_trail().await;
    let (page, _) = tested(&entra, &contoso, "alice").await;
    let user = crate::downstream::only_user(&contoso).await;
    assert_eq!(page.text("test-user"), Some(format!("would sign in as user {user}")));
    assert_eq!((contoso.sessions().await, contoso.audit_trail().await), (1, before));
}

#[actix_web::test]
async fn feat_n34_a_link_works_once_for_a_quarter_of_an_hour_at_its_tenant() {
    let entra = EntraWorld::start().await;
    let contoso = entra.tenant("contoso").await;
    entra.empty_tenant("fabrikam").await;
    entra.entra.sign_in_automatically(AutomaticSignIn::As("alice".into()));
    let open = async |url: &str| {
        let page = Browser::new().unwrap().get(url).await.unwrap();
        let shown = page.text("reason-code").unwrap_or_else(|| page.text("test-verdict").unwrap());
        format!("{} {shown}", page.status())
    };
    let made = link(&contoso).await;
    let url = made.url.expose_secret();
    assert_eq!(open(&url.replace("/contoso/", "/fabrikam/")).await, "404 connector.test_unknown");
    assert_eq!(open(url).await, "200 The test sign-in succeeded");
    assert_eq!(open(url).await, "400 attempt.already_used");
    let late = link(&contoso).await;
    contoso.world.clock.advance(TimeDelta::minutes(15));
    assert_eq!(open(late.url.expose_secret()).await, "400 attempt.expired");
    assert_eq!(contoso.audit_trail().await, [""; 0]);
}

#[actix_web::test]
async fn feat_n34_the_attempt_of_a_test_cannot_be_turned_into_a_sign_in() {
    let entra = EntraWorld::start().await;
    let contoso = entra.tenant("contoso").await;
    entra.entra.sign_in_automatically(AutomaticSignIn::As("alice".into()));
    let mut browser = Browser::new().unwrap();
    browser.stop_before(&contoso.callback(ENTRA));
    let page = browser.get(link(&contoso).await.url.expose_secret()).await.unwrap();
    let state = parameter(&page.location().unwrap(), "state").unwrap();
    let (id, hash) = (contoso.record.id.clone(), sha256_hex(state.as_bytes()));
    let peek = move |conn: &mut Connection| {
        conn.tenant(&id).single_use(SingleUseKind::UpstreamState).peek(&hash)
    };
    let row = contoso.world.broker.database.read(peek).await.unwrap().unwrap();
    let attempt = row.payload["attempt"].as_str().unwrap().to_owned();
    for path in ["login", "login/entra"] {
        let page =
            browser.get(&format!("{}/{path}?attempt={attempt}", contoso.issuer())).await.unwrap();
        assert_page(&contoso, &page, "400 attempt.unknown").await;
    }
}
