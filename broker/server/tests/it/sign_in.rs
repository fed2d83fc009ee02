//! One sign-in, end to end.

use insta::assert_snapshot;
use serde_json::json;
use symbolon_storage::testing::TestDatabase;

use crate::world::TestBroker;

fn group_rules(role: &str) -> serde_json::Value {
    json!({
        "sync_fields": ["email", "name", "department"],
        "assign_role_by_group": true,
        "group_roles": [{ "group": "wiki-admins", "label": "Wiki Admins", "role": role }],
        "default_role": "viewer",
    })
}

#[actix_web::test]
async fn a_group_makes_alice_an_admin() {
    let world = TestBroker::start().await;
    let contoso = world.tenant("contoso").await;
    contoso.rules(group_rules("admin")).await;
    let wiki = contoso.application("wiki").await;

    let login = wiki.log_in("alice").await;

    assert_snapshot!(login.outcome(), @"signed in as alice@contoso.com with roles [admin]");
    assert_eq!(login.page.text("signed-in-department").as_deref(), Some("Engineering"));
    assert_snapshot!(contoso.audit_trail().await.join("\n"), @r"
    user.sso_provisioned
    user.sso_login
    ");
}

#[actix_web::test]
async fn the_same_sign_in_on_postgresql() {
    let Some(database) = TestDatabase::postgres().await else {
        return;
    };
    let world = TestBroker::start_on(database, &[]).await;
    let contoso = world.tenant("contoso").await;
    contoso.rules(group_rules("admin")).await;
    let wiki = contoso.application("wiki").await;
    let login = wiki.log_in("alice").await;
    assert_snapshot!(login.outcome(), @"signed in as alice@contoso.com with roles [admin]");
    let again = wiki.log_in("alice").await;
    assert_snapshot!(again.outcome(), @"signed in as alice@contoso.com with roles [admin]");
}

#[actix_web::test]
async fn changed_rules_count_at_the_next_sign_in_and_take_away_what_they_gave() {
    let world = TestBroker::start().await;
    let contoso = world.tenant("contoso").await;
    contoso.role("editor").await;
    contoso.rules(group_rules("admin")).await;
    let wiki = contoso.application("wiki").await;
    let first = wiki.log_in("alice").await;
    assert_snapshot!(first.outcome(), @"signed in as alice@contoso.com with roles [admin]");

    contoso.rules(group_rules("editor")).await;

    let second = wiki.log_in("alice").await;
    assert_snapshot!(second.outcome(), @"signed in as alice@contoso.com with roles [editor]");
}
