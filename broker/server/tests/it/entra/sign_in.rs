//! People of an accepted directory come in; they are `tid` and `oid`, whatever their e-mail says (K-1).

use symbolon_identity::connectors::entra::{AcceptedDirectories, DirectoryId, EntraTrustEmail};
use symbolon_storage::testing::TestDatabase;
use symbolon_testkit::entra::{AppRegistration, EntraFault, Person};

use crate::world::{ALICE, APP, CONTOSO, ENTRA, EntraWorld, FABRIKAM, group_rules};

fn fabrikam() -> DirectoryId {
    DirectoryId::parse(FABRIKAM).unwrap()
}

#[actix_web::test]
async fn feat_n13_b1_b2_alice_signs_in_through_microsoft() {
    let entra = EntraWorld::start().await;
    let contoso = entra.tenant("contoso").await;
    let wiki = contoso.application("wiki").await;
    let login = entra.log_in(&wiki, "alice").await;
    assert_eq!(login.outcome(), "signed in as alice@contoso.com with roles [viewer]");
    assert_eq!(contoso.audit_trail().await, ["user.sso_provisioned", "user.sso_login"]);
    let row = contoso.audit_rows().await.pop().unwrap();
    assert_eq!(row["details"]["provider"], "entra_id", "N62");
    assert_eq!(row["details"]["subject"], format!("{CONTOSO}|{ALICE}"));
}

#[actix_web::test]
async fn the_same_on_postgresql_with_groups_asked_of_graph() {
    let Some(database) = TestDatabase::postgres().await else {
        return;
    };
    let entra = EntraWorld::start_on(database).await;
    let contoso =
        entra.tenant_with("contoso", |new, _| new.rules = group_rules().to_string()).await;
    entra.entra.misbehave(EntraFault::GroupsOverage);
    let wiki = contoso.application("wiki").await;
    for _ in 0..2 {
        let login = entra.log_in(&wiki, "alice").await;
        assert_eq!(login.outcome(), "signed in as alice@contoso.com with roles [admin]");
    }
}

#[actix_web::test]
async fn entra_e40_e03_the_request_has_pkce_state_nonce_and_least_scopes() {
    let entra = EntraWorld::start().await;
    let contoso = entra
        .tenant_with("contoso", |_, settings| settings.domain_hint = Some("contoso.com".into()))
        .await;
    let wiki = contoso.application("wiki").await;
    entra.log_in_with(&wiki, "alice", "login_hint=alice%40contoso.com").await;
    let asked = entra.entra.last_authorize();
    assert_eq!(asked["code_challenge_method"], "S256");
    assert_eq!(asked["scope"], "openid profile email", "N23: no Graph permission unasked");
    assert_eq!(asked["domain_hint"], "contoso.com", "E10");
    assert_eq!(asked["login_hint"], "alice@contoso.com");
    assert_eq!(asked["redirect_uri"], contoso.callback(ENTRA));
    assert!(asked.contains_key("nonce") && asked.contains_key("state"));
    assert_eq!(entra.entra.last_client_authentication(), Some("client_secret_post"));
}

#[actix_web::test]
async fn entra_k1_noauth_the_same_email_from_elsewhere_is_somebody_else() {
    let entra = EntraWorld::start().await;
    let contoso = entra
        .tenant_with("contoso", |_, settings| {
            settings.accepted_directories = AcceptedDirectories::List([fabrikam()].into());
        })
        .await;
    let wiki = contoso.application("wiki").await;
    let alice = entra.log_in(&wiki, "alice").await;
    assert_eq!(alice.outcome(), "signed in as alice@contoso.com with roles [viewer]");
    // Eve's directory says that her mail is Alice's: the nOAuth attack.
    let eve = entra.log_in(&wiki, "eve").await;
    assert_eq!(eve.outcome(), "403 policy.email_taken");
    assert_eq!(contoso.sessions().await, 1);
}

#[actix_web::test]
async fn entra_e11_l10_a_directory_that_is_not_accepted_is_refused() {
    let entra = EntraWorld::start().await;
    let other = DirectoryId::parse("33333333-2222-4333-8444-555555555555").unwrap();
    let contoso = entra
        .tenant_with("contoso", |_, settings| {
            settings.accepted_directories = AcceptedDirectories::List([other].into());
        })
        .await;
    let wiki = contoso.application("wiki").await;
    let eve = entra.log_in(&wiki, "eve").await;
    assert_eq!(eve.outcome(), "403 entra.directory_not_accepted");
    contoso.assert_told_and_kept(&eve.page, Some(ENTRA)).await;
    assert_eq!(contoso.sessions().await, 0);
    let alice = entra.log_in(&wiki, "alice").await;
    assert!(alice.outcome().starts_with("signed in"), "{}", alice.outcome());
}

#[actix_web::test]
async fn feat_b31_any_directory_comes_in_once_that_is_confirmed() {
    let entra = EntraWorld::start().await;
    let contoso = entra
        .tenant_with("contoso", |_, settings| {
            settings.accepted_directories = AcceptedDirectories::Any { confirmed: true };
        })
        .await;
    let wiki = contoso.application("wiki").await;
    let eve = entra.log_in(&wiki, "eve").await;
    assert_eq!(eve.outcome(), "signed in as alice@contoso.com with roles [viewer]");
}

#[actix_web::test]
async fn entra_e13_guests_come_in_only_where_they_are_wanted() {
    let entra = EntraWorld::start().await;
    let guest = Person::new("gina", "00000000-0000-4000-8000-0000000061aa")
        .email("gina@fabrikam.com")
        .display_name("Gina")
        .guest_of(FABRIKAM);
    entra.entra.add_person(CONTOSO, guest);
    let closed = entra.tenant("closed").await;
    let refused = entra.log_in(&closed.application("wiki").await, "gina").await;
    assert_eq!(refused.outcome(), "403 entra.guest_refused");
    let open = entra.tenant_with("open", |_, settings| settings.allow_guests = true).await;
    let welcome = entra.log_in(&open.application("wiki").await, "gina").await;
    assert_eq!(welcome.outcome(), "signed in as gina@fabrikam.com with roles [viewer]");
}

#[actix_web::test]
async fn entra_e12_personal_accounts_are_refused_by_default() {
    let entra = EntraWorld::start().await;
    let guest = Person::new("pat", "00000000-0000-4000-8000-000000000fa7")
        .email("pat@outlook.com")
        .display_name("Pat")
        .guest_with_personal_account();
    entra.entra.add_person(CONTOSO, guest);
    let contoso = entra.tenant_with("contoso", |_, settings| settings.allow_guests = true).await;
    let refused = entra.log_in(&contoso.application("wiki").await, "pat").await;
    assert_eq!(refused.outcome(), "403 entra.personal_account");
}

#[actix_web::test]
async fn entra_l8_an_email_change_at_microsoft_changes_the_profile_never_the_person() {
    let entra = EntraWorld::start().await;
    let contoso = entra.tenant("contoso").await;
    let wiki = contoso.application("wiki").await;
    entra.log_in(&wiki, "alice").await;
    entra.entra.change_person(CONTOSO, "alice", |alice| alice.email("alice.new@contoso.com"));
    let again = entra.log_in(&wiki, ALICE).await;
    assert_eq!(again.outcome(), "signed in as alice.new@contoso.com with roles [viewer]");
    let trail = contoso.audit_trail().await;
    assert_eq!(trail.iter().filter(|line| *line == "user.sso_provisioned").count(), 1);
}

#[actix_web::test]
async fn entra_e21_an_email_is_verified_only_when_the_domains_owner_is() {
    let entra = EntraWorld::start().await;
    entra.entra.change_application(APP, |app| {
        app.optional_claims([
            "email",
            "groups",
            "acct",
            "sid",
            "login_hint",
            "auth_time",
            "xms_edov",
        ])
    });
    entra.entra.change_person(CONTOSO, "alice", |alice| alice.domain_verified(true));
    for (slug, trust, expected) in [
        ("never", EntraTrustEmail::Never, false),
        ("proved", EntraTrustEmail::WhenDomainVerified, true),
    ] {
        let tenant = entra.tenant_with(slug, |_, settings| settings.trust_email = trust).await;
        let wiki = tenant.application("wiki").await;
        entra.log_in(&wiki, "alice").await;
        let claims = wiki.running.last_sign_in().unwrap().claims;
        assert_eq!(claims["email_verified"], expected, "{slug}");
    }
}

#[actix_web::test]
async fn entra_e05_a_registration_with_its_own_keys_needs_appid() {
    let entra = EntraWorld::start().await;
    entra.entra.change_application(APP, AppRegistration::own_signing_key);
    let without = entra.tenant("without").await;
    let refused = entra.log_in(&without.application("wiki").await, "alice").await;
    assert_eq!(refused.outcome(), "400 oidc.unknown_key");
    let with = entra.tenant_with("with", |_, settings| settings.append_appid = true).await;
    let fine = entra.log_in(&with.application("wiki").await, "alice").await;
    assert_eq!(fine.outcome(), "signed in as alice@contoso.com with roles [viewer]");
}

#[actix_web::test]
async fn entra_e70_keys_are_rotated_without_anybody_noticing() {
    let entra = EntraWorld::start().await;
    let contoso = entra.tenant("contoso").await;
    let wiki = contoso.application("wiki").await;
    for round in 0..2 {
        let login = entra.log_in(&wiki, "alice").await;
        assert!(login.outcome().starts_with("signed in"), "{round}: {}", login.outcome());
        entra.entra.rotate_keys().unwrap();
    }
}

#[actix_web::test]
async fn feat_n56_a_person_without_mail_is_told_so_and_let_in_where_mail_is_not_needed() {
    let entra = EntraWorld::start().await;
    let nomail = Person::new("nora", "00000000-0000-4000-8000-0000000000aa").display_name("Nora");
    entra.entra.add_person(CONTOSO, nomail);
    let strict = entra.tenant("strict").await;
    let refused = entra.log_in(&strict.application("wiki").await, "nora").await;
    assert_eq!(refused.outcome(), "403 entra.mail_missing");
    strict.assert_told_and_kept(&refused.page, Some(ENTRA)).await;
    let lenient = entra.tenant_with("lenient", |_, settings| settings.require_mail = false).await;
    let wiki = lenient.application("wiki").await;
    entra.log_in(&wiki, "nora").await;
    assert_eq!(lenient.sessions().await, 1);
}
