//! Recorded sign-ins (MP13, MP14, WP-79, WP-91): what is kept of people, for how long, and that nobody is
//! refused for it.

use chrono::TimeDelta;
use secrecy::ExposeSecret;
use serde_json::{Value, json};
use symbolon_contract::ConnectorId;
use symbolon_identity::admin::{self, AdminError, OpenedRecord, RecordedQuery};
use symbolon_identity::jobs;
use symbolon_identity::policy::ConnectorMode;
use symbolon_identity::secrets::Purpose;
use symbolon_identity::tenants::{RecordingKeep, RecordingSettings};
use symbolon_identity::traces::{Happened, RecordedFacts, RecordedOutcome, Stop};
use symbolon_storage::testing::TestDatabase;
use symbolon_storage::{Connection, RecordedSignIn};
use symbolon_testkit::provider::AutomaticSignIn;
use symbolon_testkit::{Browser, ProviderUser};

use crate::world::{CONNECTOR, ENTRA, EntraWorld, TestApplication, TestBroker, TestTenant, caller};

fn connector() -> ConnectorId {
    ConnectorId::parse(CONNECTOR).unwrap()
}

async fn records_of(tenant: &TestTenant<'_>, connector: &str) -> Vec<RecordedFacts> {
    let (broker, id) = (&tenant.world.broker, ConnectorId::parse(connector).unwrap());
    admin::list_recorded(broker, &tenant.record, &id, RecordedQuery::default()).await.unwrap()
}

async fn records(tenant: &TestTenant<'_>) -> Vec<RecordedFacts> {
    records_of(tenant, CONNECTOR).await
}

async fn open(tenant: &TestTenant<'_>, id: &str) -> Result<OpenedRecord, AdminError> {
    admin::read_recorded(&tenant.world.broker, &caller(), &tenant.record, id).await
}

async fn newest(tenant: &TestTenant<'_>) -> OpenedRecord {
    let facts = records(tenant).await;
    open(tenant, &facts.first().unwrap().id).await.unwrap()
}

async fn set(tenant: &TestTenant<'_>, settings: Value) -> Result<usize, AdminError> {
    let settings: RecordingSettings = serde_json::from_value(settings).unwrap();
    admin::set_recording(&tenant.world.broker, &caller(), &tenant.record, settings).await
}

async fn audited(tenant: &TestTenant<'_>, event: &str) -> Vec<Value> {
    tenant.audit_rows().await.into_iter().filter(|row| row["type"] == event).collect()
}

/// By the group that Alice is in.
fn rules() -> Value {
    json!({
        "sync_fields": ["email", "name"],
        "assign_role_by_group": true,
        "group_roles": [{ "group": "wiki-admins", "role": "admin" }],
        "default_role": "viewer",
    })
}

async fn alice_is_recorded_redacted(world: &TestBroker) {
    let contoso = world.tenant("contoso").await;
    contoso.rules(rules()).await;
    let wiki = contoso.application("wiki").await;
    let outcome = wiki.log_in("alice").await.outcome();
    assert_eq!(outcome, "signed in as alice@contoso.com with roles [admin]");
    let facts = records(&contoso).await;
    assert_eq!(facts.len(), 1);
    let user =
        admin::list_users(&world.broker, &contoso.record, (None, 1)).await.unwrap().remove(0);
    assert_eq!((facts[0].outcome, &facts[0].user), (RecordedOutcome::SignedIn, &Some(user.id)));
    assert_eq!(facts[0].mapping_version, Some(2));
    let login = audited(&contoso, "user.sso_login").await;
    assert_eq!(login[0]["trace_id"], json!(facts[0].trace));
    let record = open(&contoso, &facts[0].id).await.unwrap();
    let said = json!(record).to_string();
    for personal in ["Alice", "alice", "Martin", "Engineering"] {
        assert!(!said.contains(personal), "{personal}: {said}");
    }
    assert_eq!(record.content.input.claims.groups, ["wiki-admins", "staff"]);
    assert!(record.content.input.claims.email.unwrap().ends_with("@contoso.com"));
    let made = record.content.user.unwrap();
    assert_eq!((made.happened, made.gained), (Happened::Created, vec!["admin".to_owned()]));
    let stops: Vec<Stop> = record.steps.iter().map(|step| step.stop).collect();
    let all = [Stop::Upstream, Stop::Normalised, Stop::Mapping, Stop::Provisioning, Stop::Gate];
    assert_eq!(stops, [&all[..], &[Stop::Session]].concat());
    assert!(record.content.mapping.fuel.unwrap() > 0, "what the plugin used");
    let because = &record.steps[2].after["grants"][0]["because"];
    assert!(because.as_str().unwrap().contains("wiki-admins"), "{because}");
    assert_eq!(
        audited(&contoso, "recorded_sign_in.read").await.len(),
        0,
        "nothing personal was read"
    );
}

#[actix_web::test]
async fn mp13_a_sign_in_is_recorded_stop_by_stop_without_who_it_was() {
    alice_is_recorded_redacted(&TestBroker::start().await).await;
}

#[actix_web::test]
async fn mp13_the_same_on_postgresql() {
    let Some(database) = TestDatabase::postgres().await else {
        return;
    };
    alice_is_recorded_redacted(&TestBroker::start_on(database, &[]).await).await;
}

#[actix_web::test]
async fn mp13_a_second_sign_in_tells_which_roles_were_gained_and_lost() {
    let world = TestBroker::start().await;
    let contoso = world.tenant("contoso").await;
    contoso.rules(rules()).await;
    let wiki = contoso.application("wiki").await;
    wiki.log_in("alice").await;
    contoso.rules(json!({ "default_role": "viewer" })).await;
    world.clock.advance(TimeDelta::minutes(1));
    wiki.log_in("alice").await;
    let user = newest(&contoso).await.content.user.unwrap();
    assert_eq!(user.happened, Happened::Updated);
    assert_eq!((user.gained, user.lost), (vec!["viewer".to_owned()], vec!["admin".to_owned()]));
}

/// Each refusal behind the upstream, told as before and recorded with its reason.
async fn refused(app: &TestApplication<'_>, person: &str, (stop, outcome): (Stop, &str)) {
    let contoso = app.tenant;
    let before = records(contoso).await.len();
    let login = app.log_in(person).await;
    assert_eq!(login.outcome(), outcome);
    contoso.assert_told_and_kept(&login.page, Some(CONNECTOR)).await;
    let facts = records(contoso).await;
    assert_eq!(facts.len(), before + 1, "{outcome}");
    let trace = login.page.text("trace-id").unwrap();
    let of_it = facts.iter().find(|one| one.trace.as_str() == trace).unwrap();
    assert_eq!((of_it.outcome, &of_it.user), (RecordedOutcome::Refused, &None));
    assert!(outcome.ends_with(of_it.reason.as_deref().unwrap()));
    let record = open(contoso, &of_it.id).await.unwrap();
    assert_eq!(record.steps.last().unwrap().stop, stop);
    assert_eq!(record.content.refusal.unwrap().stop, stop);
    let (broker, tenant) = (&contoso.world.broker, &contoso.record);
    let input = admin::failing_input(broker, &caller(), tenant, &of_it.id).await.unwrap();
    assert!(input.subject.starts_with('~'), "as redacted as it was kept");
}

#[actix_web::test]
async fn wp91_a_refusal_is_recorded_with_its_reason_and_changes_nothing_of_it() {
    let world = TestBroker::start().await;
    let contoso = world
        .tenant_with("contoso", |new| {
            new.mode = ConnectorMode::Pilot;
            new.configuration.pilot.users = vec!["alice@contoso.com".into()];
        })
        .await;
    let wiki = contoso.application("wiki").await;
    refused(&wiki, "bob", (Stop::Gate, "403 connector.not_pilot")).await;
    let alice = ProviderUser::new("alice").email("alice@contoso.com");
    world.provider.set_user(alice.claim("hasgroups", json!(true)));
    contoso.rules(rules()).await;
    refused(&wiki, "alice", (Stop::Mapping, "403 plugin.failed")).await;
}

#[actix_web::test]
async fn mp13_a_stranger_without_a_user_is_recorded_as_refused() {
    let world = TestBroker::start().await;
    let closed = |new: &mut admin::NewConnector| {
        new.configuration.provisioning.auto_provision = false;
    };
    let contoso = world.tenant_with("contoso", closed).await;
    let wiki = contoso.application("wiki").await;
    refused(&wiki, "alice", (Stop::Provisioning, "403 policy.not_provisioned")).await;
}

#[actix_web::test]
async fn mp13_full_records_are_asked_for_and_their_reading_is_audited() {
    let world = TestBroker::start().await;
    let contoso = world.tenant("contoso").await;
    let full = json!({ "keep": "full", "redact": ["department"] });
    assert_eq!(set(&contoso, full).await.unwrap(), 0);
    let wiki = contoso.application("wiki").await;
    wiki.log_in("alice").await;
    let record = newest(&contoso).await;
    assert_eq!(record.content.keep, RecordingKeep::Full);
    assert_eq!(record.content.input.claims.email.as_deref(), Some("alice@contoso.com"));
    assert!(!json!(record).to_string().contains("Engineering"), "named in redact");
    let read = audited(&contoso, "recorded_sign_in.read").await;
    assert_eq!(read.len(), 1);
    assert_eq!(read[0]["target"]["id"], json!(record.facts.id));
    // Less is kept from now on, and of before, too.
    assert_eq!(set(&contoso, json!({ "keep": "redacted" })).await.unwrap(), 1);
    assert!(records(&contoso).await.is_empty());
}

#[actix_web::test]
async fn mp13_off_records_nothing_and_deletes_what_is_there() {
    let world = TestBroker::start().await;
    let contoso = world.tenant("contoso").await;
    let wiki = contoso.application("wiki").await;
    wiki.log_in("alice").await;
    assert_eq!(records(&contoso).await.len(), 1);
    assert_eq!(set(&contoso, json!({ "keep": "off" })).await.unwrap(), 1);
    wiki.log_in("bob").await;
    assert!(records(&contoso).await.is_empty());
    let changed = audited(&contoso, "tenant.recording_changed").await;
    let changes = &changed[0]["details"]["changes"];
    assert_eq!(changes[0]["from"]["keep"], "redacted");
    assert_eq!((&changes[0]["to"]["keep"], &changes[1]["to"]), (&json!("off"), &json!(1)));
    let refused = set(&contoso, json!({ "days": 0, "most": 0 })).await.unwrap_err();
    assert!(matches!(refused, AdminError::Invalid(problems) if problems.len() == 2));
    // Whom people may ask is another choice and stays.
    let slug = &contoso.record.slug;
    let contact = admin::read_tenant(&world.broker, slug).await.unwrap().settings.contact;
    assert_eq!(contact.as_deref(), Some("help@contoso.example"));
    let (broker, tenant) = (&world.broker, &contoso.record);
    admin::set_tenant_contact(broker, &caller(), tenant, None).await.unwrap();
    let settings = admin::read_tenant(broker, slug).await.unwrap().settings;
    assert_eq!(settings.recording.keep, RecordingKeep::Off);
}

#[actix_web::test]
async fn mp13_a_test_sign_in_is_not_recorded() {
    let entra = EntraWorld::start().await;
    let contoso = entra.tenant("contoso").await;
    let (broker, id) = (&contoso.world.broker, ConnectorId::parse(ENTRA).unwrap());
    let link = admin::begin_test_sign_in(broker, &caller(), &contoso.record, &id).await.unwrap();
    entra.entra.sign_in_automatically(AutomaticSignIn::As("alice".into()));
    let page = Browser::new().unwrap().get(link.url.expose_secret()).await.unwrap();
    assert!(page.has("test-verdict"));
    assert!(records_of(&contoso, ENTRA).await.is_empty());
    let wiki = contoso.application("wiki").await;
    assert!(entra.log_in(&wiki, "alice").await.outcome().starts_with("signed in"));
    let facts = records_of(&contoso, ENTRA).await;
    let said = json!(open(&contoso, &facts[0].id).await.unwrap()).to_string();
    assert!(!said.contains("Alice Martin") && !said.contains(crate::world::ALICE), "{said}");
}

#[actix_web::test]
async fn mp13_nobody_is_refused_because_a_sign_in_could_not_be_recorded() {
    let world = TestBroker::start().await;
    let contoso = world.tenant("contoso").await;
    let wiki = contoso.application("wiki").await;
    // More than is kept of anybody.
    let huge = ProviderUser::new("hugo")
        .email("hugo@contoso.com")
        .claim("blob", json!("x".repeat(300_000)));
    world.provider.set_user(huge);
    let hugo = wiki.log_in("hugo").await.outcome();
    assert!(records(&contoso).await.is_empty(), "{hugo}");
    world.database.tamper("drop table recorded_sign_ins");
    let alice = wiki.log_in("alice").await.outcome();
    assert_eq!(alice, "signed in as alice@contoso.com with roles [viewer]");
    world.provider.set_user(
        ProviderUser::new("eve").email("eve@contoso.com").claim("hasgroups", json!(true)),
    );
    contoso.rules(rules()).await;
    let eve = wiki.log_in("eve").await;
    assert_eq!(eve.outcome(), "403 plugin.failed");
    contoso.assert_told_and_kept(&eve.page, Some(CONNECTOR)).await;
}

#[actix_web::test]
async fn mp13_records_go_when_their_time_is_over_or_there_are_too_many() {
    let world = TestBroker::start().await;
    let contoso = world.tenant("contoso").await;
    set(&contoso, json!({ "most": 2, "days": 3 })).await.unwrap();
    let wiki = contoso.application("wiki").await;
    for _ in 0..3 {
        wiki.log_in("alice").await;
        world.clock.advance(TimeDelta::minutes(1));
    }
    let before = records(&contoso).await;
    assert_eq!(before.len(), 3);
    jobs::run_due(&world.broker, "node").await;
    assert_eq!(records(&contoso).await, before[..2], "the oldest went");
    world.clock.advance(TimeDelta::days(3));
    assert!(records(&contoso).await.is_empty(), "they count no more, before any sweep");
    assert!(matches!(open(&contoso, &before[0].id).await, Err(AdminError::NotFound { .. })));
    jobs::run_due(&world.broker, "node").await;
    assert_eq!(stored(&contoso).await, 0);
}

async fn stored(tenant: &TestTenant<'_>) -> i64 {
    let id = tenant.record.id.clone();
    let count =
        move |conn: &mut Connection| conn.tenant(&id).recorded_sign_ins().count(&connector());
    tenant.world.broker.database.read(count).await.unwrap()
}

#[actix_web::test]
async fn mp13_another_tenant_sees_and_opens_nothing() {
    let world = TestBroker::start().await;
    let (contoso, fabrikam) = (world.tenant("contoso").await, world.tenant("fabrikam").await);
    let wiki = contoso.application("wiki").await;
    wiki.log_in("alice").await;
    let id = records(&contoso).await.remove(0).id;
    assert!(records(&fabrikam).await.is_empty());
    assert!(matches!(open(&fabrikam, &id).await, Err(AdminError::NotFound { .. })));
}

#[actix_web::test]
async fn mp14_thousands_are_read_for_a_replay_a_page_at_a_time_the_newest_first() {
    let world = TestBroker::start().await;
    let contoso = world.tenant("contoso").await;
    let wiki = contoso.application("wiki").await;
    wiki.log_in("alice").await;
    let (broker, tenant) = (&world.broker, &contoso.record);
    copies(&contoso, 1100).await;
    let mut inputs = admin::recorded_inputs(broker, tenant, &connector(), 1001).await.unwrap();
    assert_eq!(inputs.left(), 1001);
    let (mut pages, mut times) = (Vec::new(), Vec::new());
    loop {
        let page = inputs.next_page(broker).await.unwrap();
        if page.is_empty() {
            break;
        }
        assert!(page.iter().all(|one| one.input.claims.groups == ["wiki-admins", "staff"]));
        pages.push(page.len());
        times.extend(page.into_iter().map(|one| one.facts.at));
    }
    assert_eq!(pages, [500, 500, 1]);
    assert!(times.is_sorted_by(|one, next| one > next), "the newest first");
}

/// As many records as wanted, with what the one that is there holds.
async fn copies(tenant: &TestTenant<'_>, count: u32) {
    let (broker, id) = (&tenant.world.broker, tenant.record.id.clone());
    let original = newest(tenant).await;
    let sealer = broker.secrets.sealer(&id).await.unwrap();
    let plaintext = json!(original.content).to_string();
    let copy = |number: u32| {
        let id = format!("copy-{number}");
        let sealed = sealer.seal(Purpose::RecordedSignIn, &id, plaintext.as_bytes()).unwrap();
        RecordedSignIn {
            id,
            connector_id: connector(),
            at: original.facts.at + TimeDelta::seconds(i64::from(number) + 1),
            trace_id: original.facts.trace.clone(),
            user_id: None,
            outcome: RecordedOutcome::SignedIn,
            reason: None,
            mapping_version: None,
            sealed,
            expires_at: original.facts.expires_at,
        }
    };
    let rows: Vec<RecordedSignIn> = (0..count).map(copy).collect();
    let insert = move |conn: &mut Connection| {
        let mut tenant = conn.tenant(&id);
        rows.iter().try_for_each(|row| tenant.recorded_sign_ins().insert(row))
    };
    broker.database.write(insert).await.unwrap();
}
