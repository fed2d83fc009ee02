//! Groups and roles (E-24 to E-30, N48, N49, B13, B14): by object id, also when they do not fit into a token,
//! and never by guessing when Graph cannot be asked.

use symbolon_identity::connectors::entra::Overage;
use symbolon_testkit::ForbiddenListener;
use symbolon_testkit::entra::{EntraFault as Fault, GraphFault, GraphSwitches, Group, Times};

use crate::world::{ADMINS, APP, CONTOSO, ENTRA, EntraWorld, TestTenant, group_rules};

async fn tenant<'a>(entra: &'a EntraWorld, slug: &str, overage: Overage) -> TestTenant<'a> {
    entra
        .tenant_with(slug, |new, settings| {
            new.rules = group_rules().to_string();
            settings.groups.overage = overage;
        })
        .await
}

async fn outcome(entra: &EntraWorld, tenant: &TestTenant<'_>, person: &str) -> String {
    entra.log_in(&tenant.application("wiki").await, person).await.outcome()
}

#[actix_web::test]
async fn feat_n48_n49_groups_become_roles_by_object_id() {
    let entra = EntraWorld::start().await;
    let contoso = tenant(&entra, "contoso", Overage::Resolve).await;
    let wiki = contoso.application("wiki").await;
    let alice = entra.log_in(&wiki, "alice").await;
    assert_eq!(alice.outcome(), "signed in as alice@contoso.com with roles [admin]");
    let bob = entra.log_in(&wiki, "bob").await;
    assert_eq!(bob.outcome(), "signed in as bob@contoso.com with roles [viewer]");
    // The directory takes the group away: so does the next sign-in (MP5).
    entra.entra.set_groups(CONTOSO, "alice", []);
    let again = entra.log_in(&wiki, "alice").await;
    assert_eq!(again.outcome(), "signed in as alice@contoso.com with roles []");
}

#[actix_web::test]
async fn entra_e24_app_roles_are_a_source_of_roles_too() {
    let entra = EntraWorld::start().await;
    entra.entra.change_application(APP, |app| app.app_role("alice", "admin"));
    let contoso = entra.tenant("contoso").await;
    let wiki = contoso.application("wiki").await;
    entra.log_in(&wiki, "alice").await;
    let rows = contoso.audit_rows().await;
    assert!(rows.iter().any(|row| row["type"] == "user.sso_login"));
}

#[actix_web::test]
async fn entra_e26_rules_by_name_are_refused_until_names_are_confirmed() {
    let entra = EntraWorld::start().await;
    let contoso = entra.empty_tenant("contoso").await;
    let by_name =
        r#"{"assign_role_by_group":true,"group_roles":[{"group":"Noxys Admins","role":"admin"}]}"#;
    let refused = entra.connector(&contoso, |new, _| new.rules = by_name.into()).await.unwrap_err();
    assert!(refused.to_string().contains("is no object id"), "{refused}");
    let confirmed = entra
        .connector(&contoso, |new, settings| {
            new.rules = by_name.into();
            settings.groups.names_confirmed = true;
        })
        .await;
    confirmed.unwrap();
}

#[actix_web::test]
async fn entra_e27_overage_in_both_forms_is_resolved_through_graph() {
    let entra = EntraWorld::start().await;
    for (slug, faults) in [
        ("names", vec![Fault::GroupsOverage]),
        ("flag", vec![Fault::GroupsOverage, Fault::OverageAsHasGroups]),
    ] {
        let contoso = tenant(&entra, slug, Overage::Resolve).await;
        faults.into_iter().for_each(|fault| entra.entra.misbehave(fault));
        let outcome = outcome(&entra, &contoso, "alice").await;
        assert_eq!(outcome, "signed in as alice@contoso.com with roles [admin]", "{slug}");
        entra.entra.behave();
    }
}

#[actix_web::test]
async fn feat_adv4_more_than_two_hundred_and_five_thousand_groups_all_count() {
    let entra = EntraWorld::start().await;
    let mut ids: Vec<String> =
        (0..5000).map(|n| format!("5b6c9e3a-1000-4000-8000-{n:012}")).collect();
    for id in &ids {
        entra.entra.add_group(CONTOSO, Group::new(id, "Team"));
    }
    ids.push(ADMINS.to_owned());
    for (slug, groups) in [("g201", &ids[4800..]), ("g5000", &ids[..])] {
        let contoso = tenant(&entra, slug, Overage::Resolve).await;
        entra.entra.set_groups(CONTOSO, "alice", groups.iter().map(String::as_str));
        let login = entra.log_in(&contoso.application("wiki").await, "alice").await;
        assert_eq!(login.outcome(), "signed in as alice@contoso.com with roles [admin]", "{slug}");
        let cookie = login.session(slug).unwrap();
        assert!(cookie.len() < 100, "groups never go into a cookie");
    }
}

#[actix_web::test]
async fn entra_e28_groups_through_groups_count_and_long_lists_are_read_by_pages() {
    let entra = EntraWorld::start().await;
    let team = "5b6c9e3a-0003-4000-8000-00000000beef";
    entra.entra.add_group(CONTOSO, Group::new(team, "Core team").inside(ADMINS));
    entra.entra.set_groups(CONTOSO, "alice", [team]);
    let contoso = tenant(&entra, "contoso", Overage::Resolve).await;
    let wiki = contoso.application("wiki").await;
    entra.entra.misbehave(Fault::GroupsOverage);
    let nested = entra.log_in(&wiki, "alice").await;
    assert_eq!(nested.outcome(), "signed in as alice@contoso.com with roles [admin]");
    // One answer would be too long: Graph says so, and the pages are read.
    entra.entra.graph_fault("getMemberGroups", GraphFault::ResultTooLarge, Times::Always);
    entra.entra.graph_switches(GraphSwitches { page_size: Some(1), ..GraphSwitches::default() });
    let paged = entra.log_in(&wiki, "alice").await;
    assert_eq!(paged.outcome(), "signed in as alice@contoso.com with roles [admin]");
}

#[actix_web::test]
async fn graph_g11_a_throttled_graph_is_asked_again() {
    let entra = EntraWorld::start().await;
    let contoso = tenant(&entra, "contoso", Overage::Resolve).await;
    entra.entra.misbehave(Fault::GroupsOverage);
    entra.entra.graph_fault("getMemberGroups", GraphFault::TooManyRequests(0), Times::Next(2));
    let outcome = outcome(&entra, &contoso, "alice").await;
    assert_eq!(outcome, "signed in as alice@contoso.com with roles [admin]");
}

#[actix_web::test]
async fn entra_e29_when_graph_cannot_be_asked_nobody_comes_in_without_groups() {
    let entra = EntraWorld::start().await;
    for (slug, fault) in [
        ("throttled", GraphFault::TooManyRequests(60)),
        ("down", GraphFault::Unavailable(60)),
        ("forbidden", GraphFault::Forbidden),
    ] {
        let contoso = tenant(&entra, slug, Overage::Resolve).await;
        let wiki = contoso.application("wiki").await;
        entra.entra.misbehave(Fault::GroupsOverage);
        entra.entra.graph_fault("", fault, Times::Always);
        let refused = entra.log_in(&wiki, "alice").await;
        assert_eq!(refused.outcome(), "403 entra.groups_unresolved", "{slug}");
        assert_eq!(contoso.sessions().await, 0);
        contoso.assert_told_and_kept(&refused.page, Some(ENTRA)).await;
        entra.entra.behave();
        let fine = entra.log_in(&wiki, "alice").await;
        assert!(fine.outcome().starts_with("signed in"), "{slug}: {}", fine.outcome());
    }
}

#[actix_web::test]
async fn entra_e29_the_last_known_groups_serve_for_a_while_where_an_admin_allows_it() {
    let entra = EntraWorld::start().await;
    let known = Overage::LastKnown { max_age_minutes: 60 };
    let contoso = tenant(&entra, "contoso", known).await;
    let wiki = contoso.application("wiki").await;
    entra.entra.misbehave(Fault::GroupsOverage);
    entra.log_in(&wiki, "alice").await;
    entra.entra.graph_fault("", GraphFault::Unavailable(60), Times::Always);
    let served = entra.log_in(&wiki, "alice").await;
    assert_eq!(served.outcome(), "signed in as alice@contoso.com with roles [admin]");
    let row = contoso.audit_rows().await.pop().unwrap();
    let warning = row["details"]["warnings"][0].as_str().unwrap();
    assert!(warning.starts_with("entra.graph_unavailable: the groups of"), "{warning}");
    entra.world.clock.advance(chrono::TimeDelta::minutes(61));
    let refused = entra.log_in(&wiki, "alice").await;
    assert_eq!(refused.outcome(), "403 entra.groups_unresolved");
}

#[actix_web::test]
async fn entra_e29_a_sign_in_that_old_groups_served_does_not_make_them_new() {
    let entra = EntraWorld::start().await;
    let known = Overage::LastKnown { max_age_minutes: 60 };
    let contoso = tenant(&entra, "contoso", known).await;
    let wiki = contoso.application("wiki").await;
    // What fitted into the token is as well known as what Graph said.
    entra.log_in(&wiki, "alice").await;
    entra.entra.misbehave(Fault::GroupsOverage);
    entra.entra.graph_fault("", GraphFault::Unavailable(60), Times::Always);
    entra.world.clock.advance(chrono::TimeDelta::minutes(50));
    let served = entra.log_in(&wiki, "alice").await;
    assert_eq!(served.outcome(), "signed in as alice@contoso.com with roles [admin]");
    entra.world.clock.advance(chrono::TimeDelta::minutes(11));
    let refused = entra.log_in(&wiki, "alice").await;
    assert_eq!(refused.outcome(), "403 entra.groups_unresolved");
}

#[actix_web::test]
async fn entra_e29_where_graph_is_not_asked_rules_by_group_refuse() {
    let entra = EntraWorld::start().await;
    let contoso = tenant(&entra, "contoso", Overage::Leave).await;
    entra.entra.misbehave(Fault::GroupsOverage);
    let outcome = outcome(&entra, &contoso, "alice").await;
    assert_eq!(outcome, "403 plugin.failed");
    assert!(entra.entra.graph_requests().is_empty());
}

#[actix_web::test]
async fn entra_k5_a_forged_claim_source_is_never_followed() {
    let forbidden = ForbiddenListener::start().unwrap();
    let entra = EntraWorld::start().await;
    let contoso = tenant(&entra, "contoso", Overage::Resolve).await;
    entra.entra.misbehave(Fault::GroupsOverage);
    entra.entra.misbehave(Fault::OverageEndpoint(forbidden.url()));
    let outcome = outcome(&entra, &contoso, "alice").await;
    assert_eq!(outcome, "signed in as alice@contoso.com with roles [admin]");
    assert_eq!(forbidden.first_lines(), [""; 0]);
}

#[actix_web::test]
async fn graph_g04_a_paging_link_that_leads_elsewhere_is_not_followed() {
    let forbidden = ForbiddenListener::start().unwrap();
    let entra = EntraWorld::start().await;
    let contoso = tenant(&entra, "contoso", Overage::Resolve).await;
    entra.entra.misbehave(Fault::GroupsOverage);
    entra.entra.graph_fault("getMemberGroups", GraphFault::ResultTooLarge, Times::Always);
    entra.entra.set_groups(CONTOSO, "alice", [ADMINS, crate::world::VIEWERS]);
    entra.entra.graph_switches(GraphSwitches {
        page_size: Some(1),
        next_link_origin: Some(forbidden.url()),
        ..GraphSwitches::default()
    });
    let outcome = outcome(&entra, &contoso, "alice").await;
    assert_eq!(outcome, "403 entra.groups_unresolved");
    assert_eq!(forbidden.first_lines(), [""; 0]);
}
