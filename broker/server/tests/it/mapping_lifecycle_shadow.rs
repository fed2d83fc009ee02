//! A version beside the active one (WP-82): its differences are told, it changes nothing, it ends.

use chrono::TimeDelta;
use serde_json::json;
use symbolon_identity::admin::{self, PluginChoice};
use symbolon_testkit::ProviderUser;

use crate::mapping_lifecycle::by_group;
use crate::world::{TestBroker, caller, component, target, unsigned, version};

const ALICE: &str = "signed in as alice@contoso.com with roles [viewer]";
const BOB: &str = "signed in as bob@contoso.com with roles [viewer]";

#[actix_web::test]
async fn wp82_differences_of_a_shadow_are_audited_and_counted_and_change_nothing() {
    let world = TestBroker::start().await;
    let contoso = world.tenant("contoso").await;
    let wiki = contoso.application("wiki").await;
    let beside = contoso.save(&by_group("admin")).await;
    contoso.shadow(beside, TimeDelta::hours(2)).await;
    assert_eq!(wiki.log_in("alice").await.outcome(), ALICE);
    assert_eq!(contoso.shadow_ran(1).await.shadow_differences, 1);
    assert_eq!(wiki.log_in("bob").await.outcome(), BOB);
    let status = contoso.shadow_ran(2).await;
    assert_eq!((status.shadow_runs, status.shadow_differences), (2, 1), "bob is the same in both");
    let told = contoso.events("plugin.shadow_difference").await;
    assert_eq!(told.len(), 1);
    let details = &told[0]["details"];
    assert_eq!(details["active_version"], 1);
    assert_eq!(details["shadow_version"], beside);
    assert_eq!((&details["gained"], &details["lost"]), (&json!(["admin"]), &json!(["viewer"])));
    let login = contoso.events("user.sso_login").await;
    assert_eq!(told[0]["trace_id"], login[0]["trace_id"], "told with the sign-in that shows it");
    assert_eq!(contoso.roles_of(&contoso.user_of("alice@contoso.com").await).await, ["viewer"]);

    // It ends when its time is over.
    world.clock.advance(TimeDelta::hours(2));
    for person in ["alice", "bob", "alice"] {
        wiki.log_in(person).await;
    }
    assert_eq!(contoso.mapping_status().await.shadow_runs, 2);
    // Or when an admin says so, or because it became the active one.
    contoso.shadow(beside, TimeDelta::hours(2)).await;
    admin::end_shadow(&world.broker, &caller(), &contoso.record, &target()).await.unwrap();
    wiki.log_in("alice").await;
    assert_eq!(contoso.mapping_status().await.shadow_version, None);
    contoso.shadow(beside, TimeDelta::hours(2)).await;
    contoso.activate(beside).await.unwrap();
    assert_eq!(contoso.mapping_status().await.shadow_version, None);
    assert_eq!(contoso.events("plugin.shadow_difference").await.len(), 1);
    assert_eq!(contoso.events("plugin.shadow_started").await.len(), 3);
    assert_eq!(contoso.events("plugin.shadow_ended").await.len(), 1);
}

#[actix_web::test]
async fn wp82_a_shadow_that_loops_refuses_and_quarantines_nobody() {
    let world = TestBroker::start().await;
    let contoso = world.tenant("contoso").await;
    let wiki = contoso.application("wiki").await;
    let plugin = PluginChoice::Upload(unsigned(component("misbehaving")));
    let beside = contoso.save_as(&target(), version(plugin, &json!({}))).await.unwrap();
    contoso.shadow(beside, TimeDelta::hours(2)).await;
    for behaviour in ["loop", "trap", "deny"] {
        let email = format!("{behaviour}@contoso.com");
        world.provider.set_user(ProviderUser::new(behaviour).email(&email));
    }
    for round in 0..8 {
        let person = ["loop", "trap", "deny"][round % 3];
        let expected = format!("signed in as {person}@contoso.com with roles [viewer]");
        assert_eq!(wiki.log_in(person).await.outcome(), expected);
        assert_eq!(wiki.log_in("bob").await.outcome(), BOB);
    }
    let status = contoso.shadow_ran(16).await;
    assert_eq!(status.shadow_differences, 8);
    assert_eq!((status.failures, status.quarantined_at), (0, None), "the live one is innocent");
    let told = contoso.events("plugin.shadow_difference").await;
    assert_eq!(told[0]["details"]["ends"], json!(["allowed", "failed"]));
    assert_eq!(told[0]["details"]["lost"], json!(["viewer"]));
    assert!(told.iter().any(|row| row["details"]["ends"] == json!(["allowed", "denied"])));
}
