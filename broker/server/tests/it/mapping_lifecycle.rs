//! A version's way: saved, tried, activated, rolled back (wasm.md §9), seen in the next sign-in.

use serde_json::{Value, json};
use symbolon_contract::ReasonCode;
use symbolon_identity::admin::{self, AdminError, PluginChoice, RecordedQuery};
use symbolon_identity::mapping::{CaseLogin, Verdict};
use symbolon_storage::testing::TestDatabase;

use crate::world::{
    CONNECTOR, TestApplication, TestBroker, TestTenant, caller, component, target, unsigned,
    version,
};

/// Alice is in the group of this row.
pub(crate) fn by_group(role: &str) -> Value {
    json!({
        "assign_role_by_group": true,
        "group_roles": [{ "group": "wiki-admins", "role": role }],
        "default_role": "viewer",
    })
}

async fn roles(app: &TestApplication<'_>, person: &str) -> String {
    let outcome = app.log_in(person).await.outcome();
    let roles = outcome.split_once(" with roles ").map(|(_, roles)| roles.to_owned());
    roles.unwrap_or(outcome)
}

/// What the audit trail says of a change of versions.
fn told(event: &Value) -> (Value, Value) {
    let changes = &event["details"]["changes"];
    (changes[0]["to"].clone(), changes[1]["to"].clone())
}

async fn versions_count_from_the_next_sign_in(world: TestBroker) {
    let contoso = world.tenant("contoso").await;
    let wiki = contoso.application("wiki").await;
    assert_eq!(roles(&wiki, "alice").await, "[viewer]");
    let admins = contoso.save(&by_group("admin")).await;
    assert_eq!(roles(&wiki, "alice").await, "[viewer]", "a draft decides nothing");
    let broker = &world.broker;
    let report = admin::try_mapping(broker, &contoso.record, (&target(), admins)).await.unwrap();
    assert!(report.passed, "{:?}", report.problems);
    assert_eq!(roles(&wiki, "alice").await, "[viewer]", "nor does one that was tried");
    contoso.activate(admins).await.unwrap();
    assert_eq!(roles(&wiki, "alice").await, "[admin]");
    assert_eq!(contoso.roll_back().await, 1);
    assert_eq!(roles(&wiki, "alice").await, "[viewer]");
    assert_eq!(contoso.roll_back().await, admins, "and the other way round");
    assert_eq!(roles(&wiki, "alice").await, "[admin]");

    let (saved, active) =
        (contoso.events("mapping.saved").await, contoso.events("plugin.activated").await);
    let digest = json!(symbolon_identity::plugins::PluginHost::bundled().0);
    assert_eq!(told(saved.last().unwrap()), (json!(admins), digest.clone()));
    assert_eq!(told(active.last().unwrap()), (json!(admins), digest));
    let back: Vec<Value> =
        contoso.events("plugin.rolled_back").await.iter().map(|row| told(row).0).collect();
    assert_eq!(back, [json!(1), json!(admins)]);
    let changed = contoso.events("user.roles_changed").await;
    assert_eq!(changed.len(), 3, "each switch is seen in the person's roles");
}

#[actix_web::test]
async fn wp81_wp83_a_version_counts_from_the_next_sign_in_and_rollback_is_one_step() {
    versions_count_from_the_next_sign_in(TestBroker::start().await).await;
}

#[actix_web::test]
async fn wp81_wp83_the_same_on_postgresql() {
    let Some(database) = TestDatabase::postgres().await else {
        return;
    };
    versions_count_from_the_next_sign_in(TestBroker::start_on(database, &[]).await).await;
}

#[actix_web::test]
async fn wp81_what_one_node_activates_counts_on_the_other_at_once() {
    let world = TestBroker::start().await;
    let contoso = world.tenant("contoso").await;
    contoso.role("builder").await;
    let wiki = contoso.application("wiki").await;
    assert_eq!(roles(&wiki, "alice").await, "[viewer]");
    // The other node takes a plugin that this one has never seen.
    let other = world.second_node();
    let plugin = PluginChoice::Upload(unsigned(component("examples/rust")));
    let new = version(plugin, &json!({ "departments": { "Engineering": "builder" } }));
    let saved = admin::save_mapping(&other, &caller(), &contoso.record, (&target(), new)).await;
    let version = saved.unwrap().version;
    let asked = (&target(), version);
    admin::activate_mapping(&other, &caller(), &contoso.record, asked).await.unwrap();
    assert_eq!(roles(&wiki, "alice").await, "[builder]");
    admin::roll_back_mapping(&other, &caller(), &contoso.record, &target()).await.unwrap();
    assert_eq!(roles(&wiki, "alice").await, "[viewer]");
}

#[actix_web::test]
async fn wp83_ten_versions_are_kept_and_whichever_is_in_use() {
    let world = TestBroker::start().await;
    let contoso = world.tenant("contoso").await;
    let second = contoso.save(&by_group("admin")).await;
    contoso.activate(second).await.unwrap();
    for _ in 0..12 {
        contoso.save(&json!({})).await;
    }
    let list = admin::list_mappings(&world.broker, &contoso.record, &target()).await.unwrap();
    let numbers: Vec<i32> = list.iter().map(|one| one.version).collect();
    assert_eq!(numbers, [14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 2, 1]);
    assert!(list[10].active && list[11].previous);
    assert_eq!(contoso.roll_back().await, 1);
    let gone = contoso.activate(3).await.unwrap_err();
    assert_eq!(gone.reason(), ReasonCode::SettingNotFound);
    let diff = admin::diff_mappings(&world.broker, &contoso.record, (&target(), 1, 2)).await;
    let diff = diff.unwrap();
    assert_eq!(diff.plugins, None);
    let fields: Vec<&str> = diff.configuration.iter().map(|one| one.field.as_str()).collect();
    assert!(fields.iter().any(|field| field.contains("group_roles")), "{fields:?}");
}

async fn case(
    tenant: &TestTenant<'_>,
    name: &str,
    (login, expected): (CaseLogin, Option<Verdict>),
) -> Result<admin::SavedCase, AdminError> {
    let (broker, target) = (&tenant.world.broker, target());
    admin::put_case(broker, &caller(), &tenant.record, &target, (name, login, expected)).await
}

fn in_group(group: &str) -> CaseLogin {
    CaseLogin { groups: vec![group.to_owned()], ..CaseLogin::default() }
}

#[actix_web::test]
async fn ux7_a_version_whose_saved_case_fails_is_not_activated() {
    let world = TestBroker::start().await;
    let contoso = world.tenant("contoso").await;
    contoso.rules(by_group("admin")).await;
    let wiki = contoso.application("wiki").await;
    // What the active version says now is what is expected from then on.
    let saved = case(&contoso, "admins", (in_group("wiki-admins"), None)).await.unwrap();
    assert!(
        matches!(&saved.case.expected, Verdict::Allowed { roles, .. } if roles.contains("admin"))
    );

    let wrong = contoso.save(&by_group("viewer")).await;
    let refused = contoso.activate(wrong).await.unwrap_err();
    assert_eq!(refused.reason(), ReasonCode::PluginTrialFailed);
    assert!(refused.to_string().contains("case \"admins\""), "{refused}");
    assert_eq!(roles(&wiki, "alice").await, "[admin]", "the old one keeps deciding");
    let report = admin::try_mapping(&world.broker, &contoso.record, (&target(), wrong)).await;
    let report = report.unwrap();
    let difference = report.cases[0].difference.as_ref().unwrap();
    assert_eq!(
        (&difference.gained[..], &difference.lost[..]),
        (&["viewer".to_owned()][..], &["admin".to_owned()][..])
    );
    let list = admin::list_mappings(&world.broker, &contoso.record, &target()).await.unwrap();
    assert_eq!(list[0].trial.as_ref().unwrap()["passed"], json!(false), "kept with the version");
    let shadow = (&target(), wrong, chrono::TimeDelta::hours(1));
    let refused = admin::start_shadow(&world.broker, &caller(), &contoso.record, shadow).await;
    assert_eq!(refused.unwrap_err().reason(), ReasonCode::PluginTrialFailed);

    let mut right = by_group("admin");
    right["default_role"] = Value::Null;
    let right = contoso.save(&right).await;
    assert!(contoso.activate(right).await.unwrap().cases[0].passed);
    let (broker, tenant) = (&world.broker, &contoso.record);
    admin::delete_case(broker, &caller(), tenant, (&target(), "admins")).await.unwrap();
    contoso.activate(wrong).await.unwrap();
    assert_eq!(roles(&wiki, "alice").await, "[viewer]", "no case, no objection");
}

/// A thousand groups, squared, are more than the fuel of a sign-in.
#[actix_web::test]
async fn wp79_a_version_that_runs_out_of_fuel_on_an_ordinary_sign_in_is_not_activated() {
    let world = TestBroker::start().await;
    let contoso = world.tenant("contoso").await;
    let wiki = contoso.application("wiki").await;
    let slow = "size(groups.map(a, groups.map(b, a + b))) >= 0";
    let slow = json!({
        "assign_role_by_group": true,
        "group_roles": [{ "when": slow, "role": "admin" }],
    });
    let slow = contoso.save(&slow).await;
    let refused = contoso.activate(slow).await.unwrap_err();
    assert_eq!(refused.reason(), ReasonCode::PluginTrialFailed);
    assert!(refused.to_string().contains("sample \"a thousand groups\""), "{refused}");
    assert_eq!(roles(&wiki, "alice").await, "[viewer]");
}

#[actix_web::test]
async fn wp91_a_recorded_refusal_becomes_a_case_that_the_next_version_must_pass() {
    let world = TestBroker::start().await;
    let contoso = world.tenant("contoso").await;
    contoso.record_sign_ins(json!({ "keep": "full" })).await;
    let refusing = json!({ "deny": [
        { "when": "claims.department == 'Engineering'", "code": "wrong", "message": "Not you." }
    ] });
    contoso.rules(refusing.clone()).await;
    let wiki = contoso.application("wiki").await;
    assert_eq!(wiki.log_in("alice").await.outcome(), "403 plugin.denied");
    let connector = symbolon_contract::ConnectorId::parse(CONNECTOR).unwrap();
    let query = RecordedQuery::default();
    let (broker, tenant) = (&world.broker, &contoso.record);
    let records = admin::list_recorded(broker, tenant, &connector, query).await.unwrap();
    let input = admin::failing_input(broker, &caller(), tenant, &records[0].id).await.unwrap();
    let expected: Verdict = serde_json::from_value(json!({ "allowed": {
        "fields": { "email": ["alice@contoso.com"], "display_name": ["Alice Martin"] },
        "roles": ["viewer"],
    } }))
    .unwrap();
    case(&contoso, "alice gets in", (CaseLogin::from(&input), Some(expected))).await.unwrap();
    let same = contoso.save(&refusing).await;
    let refused = contoso.activate(same).await.unwrap_err();
    assert!(refused.to_string().contains("alice gets in"), "{refused}");
    let mended = contoso.save(&json!({})).await;
    contoso.activate(mended).await.unwrap();
    assert_eq!(roles(&wiki, "alice").await, "[viewer]");
}
