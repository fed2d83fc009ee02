//! What a sign-in leaves behind: roles, fields and the audit trail (N51, N61, ADV-5).

use serde_json::{Value, json};
use symbolon_contract::RoleName;
use symbolon_identity::admin::{self, NewUser};
use symbolon_testkit::ProviderUser;

use crate::provisioning::{ALICE, identity, make, users};
use crate::world::{CONNECTOR, TestBroker};

/// ADV-5: whatever came before, somebody has what an admin gave and what the last mapping gave.
#[actix_web::test]
async fn prop_roles_are_the_admins_and_the_last_mappings() {
    let world = TestBroker::start().await;
    let contoso = world.tenant("contoso").await;
    let rows = ["admin", "editor", "auditor"];
    for role in rows {
        contoso.role(role).await;
    }
    let group_roles: Vec<Value> =
        rows.iter().map(|role| json!({ "group": format!("g-{role}"), "role": role })).collect();
    contoso.rules(json!({ "assign_role_by_group": true, "group_roles": group_roles, "default_role": "viewer" })).await;
    let wiki = contoso.application("wiki").await;
    let mut random = 7_u32;
    for person in 0..3 {
        let subject = format!("p{person}");
        let by_admin: Vec<&str> = rows.into_iter().take(person).collect();
        let roles = by_admin.iter().map(|role| RoleName::parse(*role).unwrap()).collect();
        let id = make(
            &contoso,
            NewUser { roles, identity: Some(identity(&contoso, &subject)), ..NewUser::default() },
        )
        .await;
        for step in 0..8 {
            random = random.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let mapped: Vec<&str> = rows
                .into_iter()
                .zip(28..)
                .filter(|(_, bit)| random >> bit & 1 == 1)
                .map(|(role, _)| role)
                .collect();
            let groups: Vec<String> = mapped.iter().map(|role| format!("g-{role}")).collect();
            let groups = groups.iter().map(String::as_str);
            world.provider.set_user(
                ProviderUser::new(&subject).email(&format!("{subject}@contoso.com")).groups(groups),
            );
            assert!(wiki.log_in(&subject).await.outcome().starts_with("signed in"));
            let mut expected = [by_admin.clone(), mapped.clone()].concat();
            expected.extend(mapped.is_empty().then_some("viewer"));
            expected.sort_unstable();
            expected.dedup();
            assert_eq!(contoso.roles_of(&id).await, expected, "{subject}, step {step}");
        }
    }
}

#[actix_web::test]
async fn feat_fields_are_copied_when_asked_and_left_when_the_upstream_says_nothing() {
    let world = TestBroker::start().await;
    let contoso = world.tenant("contoso").await;
    let wiki = contoso.application("wiki").await;
    assert_eq!(wiki.log_in("alice").await.outcome(), ALICE);
    let alice = users(&contoso).await.remove(0);
    assert_eq!(alice.display_name.as_deref(), Some("Alice Martin"));
    assert_eq!(alice.metadata, json!({}), "a department that nobody asked for");
    contoso.rules(json!({ "sync_fields": ["name", "department"] })).await;
    let person = || ProviderUser::new("alice").name("Alice");
    for (person, department) in [
        (person().department("Engineering"), json!({ "department": "Engineering" })),
        (person(), json!({ "department": "Engineering" })),
        (person().department("Sales"), json!({ "department": "Sales" })),
        (person().department(""), json!({ "department": "Sales" })),
    ] {
        world.provider.set_user(person);
        assert_eq!(wiki.log_in("alice").await.outcome(), ALICE, "the e-mail is left as it was");
        let alice = users(&contoso).await.remove(0);
        assert_eq!((alice.metadata, alice.display_name.as_deref()), (department, Some("Alice")));
    }
}

/// N61, N62: the three details of the seed, to the letter.
#[actix_web::test]
async fn feat_n61_a_sign_in_is_kept_as_the_seed_says_and_the_chain_holds() {
    let world = TestBroker::start().await;
    let contoso = world.tenant("contoso").await;
    let wiki = contoso.application("wiki").await;
    assert_eq!(wiki.log_in("alice").await.outcome(), ALICE);
    let rows = contoso.audit_rows().await;
    let row = rows.iter().find(|row| row["type"] == "user.sso_login").unwrap();
    let details = &row["details"];
    let of_the_seed = ["provider", "email", "timestamp"].map(|name| details[name].clone());
    assert_eq!(
        of_the_seed,
        [json!("oidc"), json!("alice@contoso.com"), json!("2026-05-28T20:26:40Z")]
    );
    assert_eq!((&details["subject"], &details["connector"]), (&json!("alice"), &json!(CONNECTOR)));

    let checked = admin::verify_audit(&world.broker, &contoso.record).await.unwrap();
    assert_eq!(checked, Ok(rows.len() as u64));
    let id = row["id"].as_str().unwrap();
    world
        .database
        .tamper(&format!("update audit_events set reason = 'oidc.mixup' where id = '{id}'"));
    let fault = admin::verify_audit(&world.broker, &contoso.record).await.unwrap().unwrap_err();
    assert_eq!(json!(fault.seq), row["seq"]);
}
