//! Second factors and fresh sign-ins (N6, N7, E-43, E-45, K-12): what Microsoft proves counts, nothing else.

use symbolon_testkit::entra::EntraFault as Fault;

use crate::world::{CONTOSO, ENTRA, EntraWorld};

#[actix_web::test]
async fn feat_n6_entra_e45_a_required_context_is_asked_for_and_checked() {
    let entra = EntraWorld::start().await;
    let contoso = entra
        .tenant_with("contoso", |_, settings| {
            settings.assurance.required_context = Some("c1".into());
        })
        .await;
    let wiki = contoso.application("wiki").await;
    let refused = entra.log_in(&wiki, "alice").await;
    assert_eq!(refused.outcome(), "403 entra.auth_context_not_met");
    contoso.assert_told_and_kept(&refused.page, Some(ENTRA)).await;
    let asked = entra.entra.last_authorize();
    assert_eq!(asked["claims"], r#"{"id_token":{"acrs":{"essential":true,"value":"c1"}}}"#);
    entra.entra.change_person(CONTOSO, "alice", |alice| alice.does_mfa(true));
    let fine = entra.log_in(&wiki, "alice").await;
    assert_eq!(fine.outcome(), "signed in as alice@contoso.com with roles [viewer]");
}

#[actix_web::test]
async fn entra_k12_applications_hear_of_a_context_only_when_it_was_proved() {
    let entra = EntraWorld::start().await;
    let contoso = entra
        .tenant_with("contoso", |_, settings| {
            settings.assurance.contexts.insert("urn:contoso:mfa".into(), "c1".into());
        })
        .await;
    let wiki = contoso.application("wiki").await;
    let wish = "acr_values=urn%3Acontoso%3Amfa";
    entra.log_in_with(&wiki, "alice", wish).await;
    assert!(!wiki.running.last_sign_in().unwrap().claims.contains_key("acr"));
    assert!(entra.entra.last_authorize()["claims"].contains("\"c1\""));
    entra.entra.change_person(CONTOSO, "alice", |alice| alice.does_mfa(true));
    entra.log_in_with(&wiki, "alice", wish).await;
    assert_eq!(wiki.running.last_sign_in().unwrap().text("acr"), "urn:contoso:mfa");
}

#[actix_web::test]
async fn feat_n7_prompt_is_passed_through_and_a_hint_never_beside_select_account() {
    let entra = EntraWorld::start().await;
    let contoso = entra.tenant("contoso").await;
    let wiki = contoso.application("wiki").await;
    entra.log_in_with(&wiki, "alice", "prompt=login&login_hint=alice%40contoso.com").await;
    let asked = entra.entra.last_authorize();
    assert_eq!(
        (asked["prompt"].as_str(), asked["login_hint"].as_str()),
        ("login", "alice@contoso.com")
    );
    entra.log_in_with(&wiki, "alice", "prompt=select_account&login_hint=alice%40contoso.com").await;
    let asked = entra.entra.last_authorize();
    assert_eq!(asked["prompt"], "select_account");
    assert!(!asked.contains_key("login_hint"), "E-42");
}

#[actix_web::test]
async fn entra_e43_max_age_is_enforced_by_auth_time_and_asked_for_once_more() {
    let entra = EntraWorld::start().await;
    let contoso = entra.tenant("contoso").await;
    let wiki = contoso.application("wiki").await;
    let now = symbolon_identity::clock::Clock::now(&entra.world.clock).timestamp();
    // Microsoft answers with an old sign-in: the person is asked to prove themselves anew, once.
    entra.entra.misbehave(Fault::TokenClaim("auth_time".into(), (now - 3600).into()));
    let before = entra.entra.hits("authorize");
    let refused = entra.log_in_with(&wiki, "alice", "max_age=60").await;
    assert_eq!(refused.told().as_deref(), Some("login_required oidc.auth_time_stale"));
    assert_eq!(entra.entra.hits("authorize") - before, 2);
    assert_eq!(entra.entra.last_authorize()["prompt"], "login");
    entra.entra.behave();
    entra.entra.misbehave(Fault::TokenWithoutClaim("auth_time".into()));
    let refused = entra.log_in_with(&wiki, "alice", "max_age=60").await;
    let told = refused.told();
    assert_eq!(
        told.as_deref(),
        Some("login_required oidc.auth_time_stale"),
        "no claim, no freshness"
    );
    entra.entra.behave();
    let fine = entra.log_in_with(&wiki, "alice", "max_age=60").await;
    assert!(fine.outcome().starts_with("signed in"), "{}", fine.outcome());
}
