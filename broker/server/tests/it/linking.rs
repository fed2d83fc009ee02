//! Which user somebody is: the identity key alone, or every condition at once (entra.md 9.2, L-1 to L-11).

use serde_json::json;
use symbolon_contract::{ConnectorId, RoleName};
use symbolon_identity::admin::{self, NewConnector, NewUser};
use symbolon_identity::connectors::oidc::TrustEmail;
use symbolon_identity::provisioning::SameEmail;
use symbolon_storage::UserStatus;
use symbolon_testkit::ProviderUser;

use crate::provisioning::{ALICE, identity, make, refused, users};
use crate::world::{CONNECTOR, TestApplication, TestBroker, caller, oidc_settings};

#[actix_web::test]
async fn link_l1_the_same_email_with_another_subject_is_never_the_same_user() {
    let world = TestBroker::start().await;
    let (strict, apart) = (
        world.tenant("strict").await,
        world
            .tenant_with("apart", |new| {
                new.configuration.provisioning.same_email = SameEmail::SeparateUser;
            })
            .await,
    );
    for email in ["alice@contoso.com", " ALICE@Contoso.com"] {
        world.provider.set_user(ProviderUser::new(email).email(email));
    }
    let (wiki, desk) = (strict.application("wiki").await, apart.application("desk").await);
    assert_eq!(wiki.log_in("alice").await.outcome(), ALICE);
    refused(&wiki, "alice@contoso.com", "403 policy.email_taken").await;
    refused(&wiki, " ALICE@Contoso.com", "403 policy.email_taken").await;
    assert_eq!(users(&strict).await.len(), 1);
    assert_eq!(desk.log_in("alice").await.outcome(), ALICE);
    assert_eq!(desk.log_in("alice@contoso.com").await.outcome(), ALICE);
    assert_eq!(users(&apart).await.len(), 2);
}

/// Everything that L-4 asks for; each field takes one condition away.
#[derive(Clone, Copy, Default)]
struct Lacks {
    option: bool,
    domain: bool,
    domain_of_connector: bool,
    trust: bool,
    upstream_proof: bool,
    local_proof: bool,
    standing: bool,
    other_identity: bool,
    privilege: bool,
}

/// Somebody is known by a proved e-mail alone; then a person with that e-mail comes for the first time.
async fn link(world: &TestBroker, slug: &str, lacks: Lacks) -> String {
    let change = |new: &mut NewConnector| {
        new.configuration.provisioning.link_by_email = !lacks.option;
        let settings = oidc_settings(new);
        settings.trust_email =
            if lacks.trust { TrustEmail::Never } else { TrustEmail::WhenVerified };
    };
    let tenant = world.tenant_with(slug, change).await;
    tenant.role_kept_to_admins("owner").await;
    let connector = (!lacks.domain_of_connector).then(|| ConnectorId::parse(CONNECTOR).unwrap());
    if !lacks.domain {
        let domain = ("contoso.com".to_owned(), connector);
        admin::put_domain(&world.broker, &caller(), &tenant.record, domain).await.unwrap();
    }
    let role = if lacks.privilege { "owner" } else { "admin" };
    let known = make(
        &tenant,
        NewUser {
            email: Some("Alice@contoso.com".into()),
            email_verified: !lacks.local_proof,
            roles: vec![RoleName::parse(role).unwrap()],
            identity: lacks.other_identity.then(|| identity(&tenant, "another")),
            ..NewUser::default()
        },
    )
    .await;
    if lacks.standing {
        let switch = (&known, UserStatus::Inactive);
        admin::set_user_status(&world.broker, &caller(), &tenant.record, switch).await.unwrap();
    }
    let person = ProviderUser::new("alice").email("alice@contoso.com");
    world.provider.set_user(person.email_verified(!lacks.upstream_proof));
    let wiki = tenant.application("wiki").await;
    let outcome = wiki.log_in("alice").await.outcome();
    assert_eq!(users(&tenant).await.len(), 1, "{slug}: nobody new");
    let linked = tenant.audit_trail().await.contains(&"user.sso_linked".to_owned());
    assert_eq!(linked, outcome.starts_with("signed in"), "{slug}: {outcome}");
    outcome
}

#[actix_web::test]
async fn link_l3_l4_an_email_links_only_when_every_condition_holds() {
    let world = TestBroker::start().await;
    let all = Lacks::default();
    let outcome = link(&world, "all", all).await;
    assert_eq!(outcome, "signed in as alice@contoso.com with roles [admin, viewer]");
    for (slug, lacks) in [
        ("option", Lacks { option: true, ..all }),
        ("domain", Lacks { domain: true, ..all }),
        ("domain-of-connector", Lacks { domain_of_connector: true, ..all }),
        ("trust", Lacks { trust: true, ..all }),
        ("upstream-proof", Lacks { upstream_proof: true, ..all }),
        ("local-proof", Lacks { local_proof: true, ..all }),
        ("standing", Lacks { standing: true, ..all }),
        ("other-identity", Lacks { other_identity: true, ..all }),
        ("privilege", Lacks { privilege: true, ..all }),
    ] {
        assert_eq!(link(&world, slug, lacks).await, "403 policy.email_taken", "{slug}");
    }
}

/// C19: only a real `true` beside the very address proves it.
#[actix_web::test]
async fn neg_c19_what_is_not_quite_verified_links_nobody() {
    let world = TestBroker::start().await;
    let change = |new: &mut NewConnector| {
        new.configuration.provisioning.link_by_email = true;
        let settings = oidc_settings(new);
        settings.trust_email = TrustEmail::WhenVerified;
    };
    let contoso = world.tenant_with("contoso", change).await;
    let domain = ("contoso.com".to_owned(), Some(ConnectorId::parse(CONNECTOR).unwrap()));
    admin::put_domain(&world.broker, &caller(), &contoso.record, domain).await.unwrap();
    let email = Some("alice@contoso.com".to_owned());
    make(&contoso, NewUser { email, email_verified: true, ..NewUser::default() }).await;
    let wiki = contoso.application("wiki").await;
    let alice = || ProviderUser::new("alice").email("alice@contoso.com");
    for (person, expected) in [
        (alice().without_claim("email_verified"), "403 policy.email_taken"),
        (alice().claim("email_verified", json!("true")), "403 policy.email_taken"),
        (alice().claim("email_verified", json!(1)), "400 oidc.token_malformed"),
        (alice().claim("email_verified", json!([true])), "400 oidc.token_malformed"),
    ] {
        world.provider.set_user(person);
        refused(&wiki, "alice", expected).await;
    }
}

#[actix_web::test]
async fn link_l8_a_changed_email_is_the_same_user() {
    let world = TestBroker::start().await;
    let contoso = world.tenant("contoso").await;
    let wiki = contoso.application("wiki").await;
    assert_eq!(wiki.log_in("alice").await.outcome(), ALICE);
    let before = users(&contoso).await;
    world.provider.set_user(ProviderUser::new("alice").email("alice.martin@contoso.com"));
    let renamed = wiki.log_in("alice").await.outcome();
    assert_eq!(renamed, "signed in as alice.martin@contoso.com with roles [viewer]");
    let after = users(&contoso).await;
    assert_eq!((after.len(), &after[0].id), (1, &before[0].id));
    world.provider.set_user(ProviderUser::new("heir").email("alice@contoso.com"));
    assert_eq!(
        wiki.log_in("heir").await.outcome(),
        ALICE,
        "a free address makes a user of its own"
    );
    assert_eq!(users(&contoso).await.len(), 2);
}

async fn through(app: &TestApplication<'_>, connector: &str) -> String {
    let mut login = app.log_in("alice").await;
    let page = login.browser.click(&format!("connector-{connector}")).await.unwrap();
    page.text("signed-in-email").or(page.text("reason-code")).unwrap()
}

#[actix_web::test]
async fn link_l9_two_connectors_with_the_same_person_are_two_identities() {
    let world = TestBroker::start().await;
    let contoso = world.tenant("contoso").await;
    contoso.connector("strict", |_| ()).await;
    let apart = |new: &mut NewConnector| {
        new.configuration.provisioning.same_email = SameEmail::SeparateUser;
    };
    contoso.connector("apart", apart).await;
    let wiki = contoso.application("wiki").await;
    assert_eq!(through(&wiki, CONNECTOR).await, "alice@contoso.com");
    assert_eq!(through(&wiki, "strict").await, "policy.email_taken");
    assert_eq!(through(&wiki, "apart").await, "alice@contoso.com");
    assert_eq!(through(&wiki, CONNECTOR).await, "alice@contoso.com");
    assert_eq!(users(&contoso).await.len(), 2);
}

#[actix_web::test]
async fn link_l11_who_was_switched_off_stays_out_and_is_not_made_again() {
    let world = TestBroker::start().await;
    let contoso = world.tenant("contoso").await;
    let wiki = contoso.application("wiki").await;
    let alice = wiki.log_in("alice").await;
    assert_eq!(alice.outcome(), ALICE);
    let id = users(&contoso).await.remove(0).id;
    for (status, expected) in [
        (UserStatus::Inactive, "403 policy.user_inactive"),
        (UserStatus::Deactivated, "403 policy.user_deactivated"),
    ] {
        let switch = (&id, status);
        admin::set_user_status(&world.broker, &caller(), &contoso.record, switch).await.unwrap();
        refused(&wiki, "alice", expected).await;
    }
    let with_old_session = wiki.log_in_with(alice.browser, "alice", "").await;
    assert_eq!(
        with_old_session.outcome(),
        "403 policy.user_deactivated",
        "the session is dead too"
    );
    let switch = (&id, UserStatus::Active);
    admin::set_user_status(&world.broker, &caller(), &contoso.record, switch).await.unwrap();
    assert_eq!(wiki.log_in("alice").await.outcome(), ALICE);
    assert_eq!(users(&contoso).await.len(), 1);
}
