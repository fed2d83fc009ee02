//! When a plugin fails (wasm.md §10): closed or last known, never open; after twenty crashes it is stopped.

use chrono::TimeDelta;
use serde_json::json;
use symbolon_identity::admin::{self, NewConnector, PluginChoice};
use symbolon_identity::mapping::QUARANTINE_AFTER;
use symbolon_storage::testing::TestDatabase;
use symbolon_testkit::ProviderUser;

use crate::mapping_lifecycle::by_group;
use crate::world::{
    CONNECTOR, TestApplication, TestBroker, TestTenant, caller, component, target, unsigned,
    version,
};

/// People whose subject is what the misbehaving plugin does with them; all of them admins by group.
fn people(world: &TestBroker, behaviours: &[&str]) {
    for behaviour in behaviours {
        let email = format!("{behaviour}@contoso.com");
        let person = ProviderUser::new(behaviour).email(&email).groups(["wiki-admins"]);
        world.provider.set_user(person);
    }
}

/// From now on the plugin does what the subject says.
async fn misbehave(tenant: &TestTenant<'_>) -> i32 {
    tenant.mapping("{}".into(), Some(component("misbehaving"))).await.unwrap()
}

async fn outcome(app: &TestApplication<'_>, person: &str) -> String {
    app.log_in(person).await.outcome()
}

fn admin_of(person: &str) -> String {
    format!("signed in as {person}@contoso.com with roles [admin]")
}

#[actix_web::test]
async fn wp87_closed_refuses_also_those_who_are_known() {
    let world = TestBroker::start().await;
    let contoso = world.tenant("contoso").await;
    contoso.rules(by_group("admin")).await;
    people(&world, &["trap"]);
    let wiki = contoso.application("wiki").await;
    assert_eq!(outcome(&wiki, "trap").await, admin_of("trap"));
    misbehave(&contoso).await;
    let refused = wiki.log_in("trap").await;
    assert_eq!(refused.outcome(), "403 plugin.trap");
    contoso.assert_told_and_kept(&refused.page, Some(CONNECTOR)).await;
    let user = contoso.user_of("trap@contoso.com").await;
    assert_eq!(contoso.roles_of(&user).await, ["admin"], "a crash takes nothing away");
}

/// The connector demands an address of its domain: a failed plugin does not say one, the person has one.
fn demanding(new: &mut NewConnector) {
    new.configuration.provisioning.require_email = true;
    new.configuration.provisioning.email_domains = vec!["contoso.com".into()];
}

async fn known_people_stay_in(world: TestBroker) {
    let contoso = world.tenant_with("contoso", demanding).await;
    contoso.rules(by_group("admin")).await;
    people(&world, &["trap", "unknown-role", "reserved-field", "deny", "loop"]);
    let wiki = contoso.application("wiki").await;
    for person in ["trap", "unknown-role", "reserved-field", "deny"] {
        assert_eq!(outcome(&wiki, person).await, admin_of(person));
    }
    let user = contoso.user_of("trap@contoso.com").await;
    let before = contoso.grants_of(&user).await;
    contoso.mapping_policy(json!({ "on_failure": "last_known", "last_known_hours": 5 })).await;
    misbehave(&contoso).await;

    world.clock.advance(TimeDelta::hours(3));
    for (person, reason) in [
        ("trap", "plugin.trap"),
        ("unknown-role", "plugin.unknown_role"),
        ("reserved-field", "plugin.output_refused"),
    ] {
        assert_eq!(outcome(&wiki, person).await, admin_of(person));
        let row = contoso.events("user.sso_login").await.pop().unwrap();
        let warning = row["details"]["warnings"].to_string();
        assert!(warning.contains(&format!("{reason}: answered from the mapping of")), "{row}");
    }
    assert_eq!(contoso.grants_of(&user).await, before, "what was given keeps its provenance");
    // Never a decision, and never somebody new.
    assert_eq!(outcome(&wiki, "deny").await, "403 plugin.denied");
    assert_eq!(outcome(&wiki, "loop").await, "403 plugin.fuel_exhausted");
    assert!(contoso.roles_of(&contoso.user_of("deny@contoso.com").await).await == ["admin"]);
    // The time runs from the last good mapping, not from the last sign-in.
    world.clock.advance(TimeDelta::hours(2) + TimeDelta::seconds(1));
    assert_eq!(outcome(&wiki, "trap").await, "403 plugin.trap");
    // A good mapping begins it anew.
    contoso.roll_back().await;
    assert_eq!(outcome(&wiki, "trap").await, admin_of("trap"));
    contoso.roll_back().await;
    assert_eq!(outcome(&wiki, "trap").await, admin_of("trap"));
}

#[actix_web::test]
async fn wp88_last_known_lets_known_people_in_with_what_they_had_for_a_while() {
    known_people_stay_in(TestBroker::start().await).await;
}

#[actix_web::test]
async fn wp88_the_same_on_postgresql() {
    let Some(database) = TestDatabase::postgres().await else {
        return;
    };
    known_people_stay_in(TestBroker::start_on(database, &[]).await).await;
}

async fn quarantined(tenant: &TestTenant<'_>) -> bool {
    tenant.mapping_status().await.quarantined_at.is_some()
}

async fn crash(app: &TestApplication<'_>, person: &str, times: i32) {
    for _ in 0..times {
        assert_eq!(outcome(app, person).await, "403 plugin.trap");
    }
}

const BOB: &str = "signed in as bob@contoso.com with roles [viewer]";

#[actix_web::test]
async fn wp90_twenty_crashes_of_two_people_stop_a_plugin_and_one_person_never_does() {
    let world = TestBroker::start().await;
    let contoso = world.tenant("contoso").await;
    let version = misbehave(&contoso).await;
    people(&world, &["trap", "panic"]);
    let wiki = contoso.application("wiki").await;
    crash(&wiki, "trap", QUARANTINE_AFTER + 1).await;
    assert!(!quarantined(&contoso).await, "one odd claim set cannot stop a tenant");
    // Somebody for whom all is well shows that the plugin works.
    assert_eq!(outcome(&wiki, "bob").await, BOB);
    assert_eq!(contoso.mapping_status().await.failures, 0);
    crash(&wiki, "trap", QUARANTINE_AFTER - 2).await;
    crash(&wiki, "panic", 1).await;
    assert!(!quarantined(&contoso).await);
    assert_eq!(outcome(&wiki, "bob").await, BOB, "and the count begins anew");
    crash(&wiki, "panic", QUARANTINE_AFTER - 1).await;
    crash(&wiki, "trap", 1).await;
    assert!(quarantined(&contoso).await);
    let refused = wiki.log_in("bob").await;
    assert_eq!(refused.outcome(), "403 plugin.quarantined", "nobody falls back to other rules");
    contoso.assert_told_and_kept(&refused.page, Some(CONNECTOR)).await;
    let told = contoso.events("plugin.quarantined").await;
    assert_eq!(told.len(), 1);
    assert_eq!(told[0]["reason"], "plugin.quarantined");
    assert_eq!(told[0]["details"]["mapping_version"], version);
    let digest = symbolon_identity::plugins::PluginHost::digest_of(&component("misbehaving"));
    assert_eq!(told[0]["details"]["plugin_digest"], json!(digest));
    // Who was known before may still be answered by the policy.
    contoso.mapping_policy(json!({ "on_failure": "last_known" })).await;
    assert_eq!(outcome(&wiki, "bob").await, BOB);
    let (broker, tenant) = (&world.broker, &contoso.record);
    assert!(admin::retry_mapping(broker, &caller(), tenant, &target()).await.unwrap());
    assert!(!admin::retry_mapping(broker, &caller(), tenant, &target()).await.unwrap());
    assert_eq!(contoso.events("plugin.retried").await.len(), 1);
    contoso.mapping_policy(json!({})).await;
    assert_eq!(outcome(&wiki, "bob").await, BOB);
}

/// Straight in the database: the way there is another test.
async fn stop(tenant: &TestTenant<'_>) {
    let (id, now) = (tenant.record.id.clone(), chrono::DateTime::UNIX_EPOCH);
    let stop = move |conn: &mut symbolon_storage::Connection| {
        conn.tenant(&id).mapping(&target()).quarantine(now)
    };
    assert!(tenant.world.broker.database.write(stop).await.unwrap());
}

#[actix_web::test]
async fn wp90_activation_and_rollback_end_a_quarantine() {
    let world = TestBroker::start().await;
    let contoso = world.tenant("contoso").await;
    let version = misbehave(&contoso).await;
    let wiki = contoso.application("wiki").await;
    stop(&contoso).await;
    assert_eq!(outcome(&wiki, "bob").await, "403 plugin.quarantined");
    contoso.activate(version).await.unwrap();
    assert_eq!(outcome(&wiki, "bob").await, BOB);
    stop(&contoso).await;
    contoso.roll_back().await;
    assert_eq!(outcome(&wiki, "bob").await, BOB);
    stop(&contoso).await;
    contoso.rules(json!({})).await;
    assert_eq!(outcome(&wiki, "bob").await, BOB);
}

#[actix_web::test]
async fn wp94_a_tenant_may_have_unknown_roles_left_out_and_told() {
    let world = TestBroker::start().await;
    let contoso = world.tenant("contoso").await;
    let plugin = PluginChoice::Upload(unsigned(component("misbehaving")));
    let saved = contoso.save_as(&target(), version(plugin, &json!({}))).await.unwrap();
    contoso.activate(saved).await.unwrap();
    people(&world, &["unknown-role"]);
    let wiki = contoso.application("wiki").await;
    assert_eq!(outcome(&wiki, "unknown-role").await, "403 plugin.unknown_role");
    contoso.mapping_policy(json!({ "unknown_role": "drop" })).await;
    let expected = "signed in as unknown-role@contoso.com with roles [viewer]";
    assert_eq!(outcome(&wiki, "unknown-role").await, expected);
    let row = contoso.events("user.sso_login").await.pop().unwrap();
    let told = json!(["plugin.unknown_role: operator-of-everything is left out"]);
    assert_eq!(row["details"]["warnings"], told);
    let changed = contoso.events("mapping.policy_changed").await;
    assert_eq!(changed[0]["details"]["changes"][0]["to"]["unknown_role"], "drop");
}
