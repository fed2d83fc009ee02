//! A mapping plugin that does everything wrong: the person is refused with a reason of its own, nobody is made,
//! and the next person signs in (security.md P; wasm.md WP-91 to WP-95).

use serde_json::{Value, json};
use symbolon_contract::ReasonCode;
use symbolon_identity::admin;
use symbolon_testkit::ProviderUser;

use crate::world::{CONNECTOR, Login, TestApplication, TestBroker, TestTenant};

/// Does what the subject of the request says.
fn misbehaving() -> Vec<u8> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../plugins/dist/misbehaving.wasm");
    std::fs::read(path).unwrap()
}

async fn hostile(world: &TestBroker) -> TestTenant<'_> {
    let contoso = world.tenant("contoso").await;
    contoso.mapping("{}".into(), Some(misbehaving())).await.unwrap();
    contoso
}

/// A person whose subject chooses what the plugin does.
async fn provoke(app: &TestApplication<'_>, behaviour: &str) -> Login {
    let email = format!("{behaviour}@contoso.com");
    app.tenant.world.provider.set_user(ProviderUser::new(behaviour).email(&email).name("P"));
    app.log_in(behaviour).await
}

#[actix_web::test]
async fn neg_p1_p2_p5_each_misdeed_has_its_reason_and_harms_nobody_else() {
    let world = TestBroker::start().await;
    let contoso = hostile(&world).await;
    let wiki = contoso.application("wiki").await;
    for (behaviour, expected) in [
        ("loop", "403 plugin.fuel_exhausted"),
        ("memory", "403 plugin.memory_limit"),
        ("recurse", "403 plugin.trap"),
        ("trap", "403 plugin.trap"),
        ("panic", "403 plugin.trap"),
        ("huge-output", "403 plugin.output_refused"),
        ("many-roles", "403 plugin.output_refused"),
        ("flood-of-roles", "403 plugin.fuel_exhausted"),
        ("many-fields", "403 plugin.output_refused"),
        ("many-notes", "403 plugin.output_refused"),
        ("long-value", "403 plugin.output_refused"),
        ("control-characters", "403 plugin.output_refused"),
        ("control-in-field", "403 plugin.output_refused"),
        ("reserved-field", "403 plugin.output_refused"),
        ("unknown-role", "403 plugin.unknown_role"),
        ("tenant-name", "403 plugin.unknown_role"),
        ("memory-fill", "403 plugin.fuel_exhausted"),
        ("failure", "403 plugin.failed"),
        ("deny", "403 plugin.denied"),
    ] {
        let refused = provoke(&wiki, behaviour).await;
        assert_eq!(refused.outcome(), expected, "{behaviour}");
        assert_eq!(refused.session("contoso"), None, "{behaviour}");
        contoso.assert_told_and_kept(&refused.page, Some(CONNECTOR)).await;
        let fine = wiki.log_in("bob").await;
        assert_eq!(fine.outcome(), "signed in as bob@contoso.com with roles [viewer]");
    }
    let users = admin::list_users(&world.broker, &contoso.record, (None, 100)).await.unwrap();
    let emails: Vec<_> = users.iter().filter_map(|user| user.email.as_deref()).collect();
    assert_eq!(emails, ["bob@contoso.com"], "nobody was made for a refusal");
}

#[actix_web::test]
async fn feat_a_denial_speaks_to_the_person_in_its_own_words() {
    let world = TestBroker::start().await;
    let contoso = hostile(&world).await;
    let wiki = contoso.application("wiki").await;
    let denied = provoke(&wiki, "deny").await;
    assert_eq!(denied.page.text("error-sentence").as_deref(), Some("Not today."));
    let failed = provoke(&wiki, "failure").await;
    assert!(!failed.page.body().contains("asked to fail"), "a failure's words are for the admin");
    let rows = contoso.audit_rows().await;
    let detail = rows.last().unwrap()["details"]["detail"].as_str().unwrap();
    assert!(detail.contains("asked to fail") && !detail.chars().any(char::is_control), "{detail}");
}

#[actix_web::test]
async fn neg_p8_nothing_is_carried_from_one_sign_in_to_the_next() {
    let world = TestBroker::start().await;
    let contoso = hostile(&world).await;
    let wiki = contoso.application("wiki").await;
    for _ in 0..3 {
        assert!(provoke(&wiki, "counter").await.outcome().starts_with("signed in"));
        let users = admin::list_users(&world.broker, &contoso.record, (None, 10)).await.unwrap();
        assert_eq!(users[0].metadata, json!({ "counter": "1" }));
    }
}

#[actix_web::test]
async fn neg_p4_p13_what_is_no_plugin_is_refused_at_upload_and_the_old_one_stays() {
    let world = TestBroker::start().await;
    let contoso = hostile(&world).await;
    let wiki = contoso.application("wiki").await;
    let wat = |text: &str| wat::parse_str(text).unwrap();
    for (what, bytes, said) in [
        ("nothing", Vec::new(), "not a WebAssembly component"),
        (
            "rubbish",
            b"MZ this is a program for another machine".to_vec(),
            "not a WebAssembly component",
        ),
        ("a core module", wat("(module)"), "not a WebAssembly component"),
        ("an empty component", wat("(component)"), "does not export symbolon:mapping/mapper"),
        (
            "a component that imports",
            wat(r#"(component (import "wasi:cli/environment@0.2.0" (instance)))"#),
            "imports",
        ),
        ("native code", b"\x7fELF\x02\x01\x01".to_vec(), ""),
    ] {
        let refused = contoso.mapping("{}".into(), Some(bytes)).await.unwrap_err();
        assert_eq!(refused.reason(), ReasonCode::PluginComponentRefused, "{what}: {refused}");
        assert!(refused.to_string().contains(said), "{what}: {refused}");
    }
    assert_eq!(
        provoke(&wiki, "deny").await.outcome(),
        "403 plugin.denied",
        "the old plugin is active"
    );
}

/// Rules by group, with `change` in place of what they say otherwise.
fn rules(change: Value) -> Value {
    let rules = json!({
        "sync_fields": ["email", "name"],
        "assign_role_by_group": true,
        "group_roles": [{ "group": "wiki-admins", "role": "admin" }],
        "default_role": "viewer",
    });
    let (Value::Object(mut rules), Value::Object(change)) = (rules, change) else {
        return Value::Null;
    };
    rules.extend(change);
    Value::Object(rules)
}

#[actix_web::test]
async fn neg_rules_with_errors_are_refused_and_the_old_ones_stay() {
    let world = TestBroker::start().await;
    let contoso = world.tenant("contoso").await;
    contoso.rules(rules(json!({}))).await;
    let wiki = contoso.application("wiki").await;
    for (wrong, said) in [
        (r#"{"default_role": 7}"#, "default_role"),
        (r#"{"sync_felds": []}"#, "sync_felds"),
        (r#"{"group_roles": [{"group": "x"}]}"#, "role"),
        (r#"{"attributes": [{"from": "sub", "to": "sub"}]}"#, "attributes"),
        ("[]", ""),
        ("not json", ""),
    ] {
        let refused = contoso.mapping(wrong.into(), None).await.unwrap_err();
        assert_eq!(refused.reason(), ReasonCode::SettingInvalid, "{wrong}: {refused}");
        assert!(refused.to_string().contains(said), "{wrong}: {refused}");
    }
    assert_eq!(
        wiki.log_in("alice").await.outcome(),
        "signed in as alice@contoso.com with roles [admin]"
    );
}

/// Entra leaves the groups out when there are too many: silence grants and takes nothing (C20).
#[actix_web::test]
async fn neg_c20_incomplete_groups_fail_closed() {
    let world = TestBroker::start().await;
    let contoso = world.tenant("contoso").await;
    contoso.rules(rules(json!({}))).await;
    let wiki = contoso.application("wiki").await;
    assert!(wiki.log_in("alice").await.outcome().ends_with("[admin]"));
    let alice = || ProviderUser::new("alice").email("alice@contoso.com");
    for overage in [
        alice().claim("_claim_names", json!({ "groups": "src1" })),
        alice().claim("hasgroups", json!(true)),
    ] {
        world.provider.set_user(overage);
        let refused = wiki.log_in("alice").await;
        assert_eq!(refused.outcome(), "403 plugin.failed");
        contoso.assert_told_and_kept(&refused.page, Some(CONNECTOR)).await;
    }
    let users = admin::list_users(&world.broker, &contoso.record, (None, 10)).await.unwrap();
    assert_eq!(contoso.roles_of(&users[0].id).await, ["admin"], "silence takes nothing away");
    // Of very many groups those that the rules name are enough to know.
    let many = json!((0..1001).map(|n| format!("g{n}")).collect::<Vec<_>>());
    world.provider.set_user(alice().claim("groups", many));
    let none = wiki.log_in("alice").await;
    assert_eq!(none.outcome(), "signed in as alice@contoso.com with roles [viewer]");
    contoso.rules(rules(json!({ "assign_role_by_group": false }))).await;
    assert!(
        wiki.log_in("alice").await.outcome().starts_with("signed in"),
        "nobody asks for groups"
    );
}

/// E10: a role that the tenant does not have, or keeps to admins, is refused when rules are saved.
#[actix_web::test]
async fn neg_e10_rules_cannot_name_a_role_outside_the_catalogue() {
    let world = TestBroker::start().await;
    let contoso = world.tenant("contoso").await;
    let fabrikam = world.tenant("fabrikam").await;
    fabrikam.role("auditor").await;
    contoso.role_kept_to_admins("owner").await;
    for role in ["operator", "auditor", "owner"] {
        let rows = rules(json!({ "group_roles": [{ "group": "staff", "role": role }] }));
        for wrong in [rows, rules(json!({ "default_role": role }))] {
            let refused = contoso.mapping(wrong.to_string(), None).await.unwrap_err();
            assert_eq!(refused.reason(), ReasonCode::SettingInvalid, "{role}");
            assert!(refused.to_string().contains(role), "{refused}");
        }
    }
}

/// E10: and at sign-in, because the catalogue may change after the rules were saved.
#[actix_web::test]
async fn neg_e10_a_role_that_left_the_catalogue_is_refused_at_sign_in() {
    let world = TestBroker::start().await;
    let contoso = world.tenant("contoso").await;
    contoso.role("owner").await;
    contoso.rules(rules(json!({ "group_roles": [{ "group": "staff", "role": "owner" }] }))).await;
    contoso.role_kept_to_admins("owner").await;
    let wiki = contoso.application("wiki").await;
    let refused = wiki.log_in("alice").await;
    assert_eq!(refused.outcome(), "403 plugin.unknown_role");
    contoso.assert_told_and_kept(&refused.page, Some(CONNECTOR)).await;
    let bob = wiki.log_in("bob").await;
    assert_eq!(bob.outcome(), "signed in as bob@contoso.com with roles [viewer]");
}
