//! Who gets a user, which one, with what in it: from the person's return to the rows (entra.md 9.2, security.md E).

use serde_json::{Value, json};
use symbolon_contract::{ConnectorId, RoleName, UserId};
use symbolon_identity::admin::{self, NewConnector, NewUser};
use symbolon_identity::connectors::ConnectorSettings;
use symbolon_identity::connectors::oidc::TrustEmail;
use symbolon_identity::policy::ConnectorMode;
use symbolon_identity::provisioning::{IdentityKey, ProvisioningPolicy, SameEmail};
use symbolon_storage::{User, UserStatus};
use symbolon_testkit::{Browser, ProviderUser};

use crate::world::{CONNECTOR, TestApplication, TestBroker, TestTenant, caller};

const ALICE: &str = "signed in as alice@contoso.com with roles [viewer]";

async fn users(tenant: &TestTenant<'_>) -> Vec<User> {
    admin::list_users(&tenant.world.broker, &tenant.record, (None, 100))
        .await
        .unwrap()
}

fn identity(tenant: &TestTenant<'_>, subject: &str) -> IdentityKey {
    IdentityKey {
        connector: ConnectorId::parse(CONNECTOR).unwrap(),
        issuer: tenant.world.provider.issuer().to_owned(),
        subject: subject.to_owned(),
    }
}

async fn make(tenant: &TestTenant<'_>, new: NewUser) -> UserId {
    admin::create_user(&tenant.world.broker, &caller(), &tenant.record, new)
        .await
        .unwrap()
}

/// A refused sign-in: told on the page, kept in the audit trail, no session.
async fn refused(app: &TestApplication<'_>, person: &str, expected: &str) {
    let login = app.log_in(person).await;
    assert_eq!(login.outcome(), expected, "{person}");
    assert_eq!(
        login.session(app.tenant.record.slug.as_str()),
        None,
        "{person}"
    );
    app.tenant
        .assert_told_and_kept(&login.page, Some(CONNECTOR))
        .await;
}

fn nobody_new(new: &mut NewConnector) {
    new.configuration.provisioning = ProvisioningPolicy::default();
}

#[actix_web::test]
async fn feat_n3_a_stranger_is_refused_asks_for_access_and_comes_in_once_linked() {
    let world = TestBroker::start().await;
    let contoso = world.tenant_with("contoso", nobody_new).await;
    let wiki = contoso.application("wiki").await;
    refused(&wiki, "alice", "403 policy.not_provisioned").await;
    let again = wiki.log_in("alice").await;
    assert_eq!(
        again.page.text("contact").as_deref(),
        Some("help@contoso.example")
    );
    let requests = admin::list_access_requests(&world.broker, &contoso.record)
        .await
        .unwrap();
    let told: Vec<Value> = requests
        .iter()
        .map(|one| json!([one.subject, one.email, one.display_name, one.times]))
        .collect();
    assert_eq!(
        told,
        [json!(["alice", "alice@contoso.com", "Alice Martin", 2])]
    );
    assert!(users(&contoso).await.is_empty());

    let known = NewUser {
        identity: Some(identity(&contoso, "alice")),
        ..NewUser::default()
    };
    let id = make(&contoso, known).await;

    assert_eq!(wiki.log_in("alice").await.outcome(), ALICE);
    let people: Vec<UserId> = users(&contoso)
        .await
        .into_iter()
        .map(|user| user.id)
        .collect();
    assert_eq!(people, [id]);
    let left = admin::list_access_requests(&world.broker, &contoso.record)
        .await
        .unwrap();
    assert!(left.is_empty(), "who is in asks no more");
}

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
        world
            .provider
            .set_user(ProviderUser::new(email).email(email));
    }
    let (wiki, desk) = (
        strict.application("wiki").await,
        apart.application("desk").await,
    );
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
        let ConnectorSettings::Oidc(settings) = &mut new.configuration.upstream;
        settings.trust_email = if lacks.trust {
            TrustEmail::Never
        } else {
            TrustEmail::WhenVerified
        };
    };
    let tenant = world.tenant_with(slug, change).await;
    tenant.role_kept_to_admins("owner").await;
    let connector = (!lacks.domain_of_connector).then(|| ConnectorId::parse(CONNECTOR).unwrap());
    if !lacks.domain {
        let domain = ("contoso.com".to_owned(), connector);
        admin::put_domain(&world.broker, &caller(), &tenant.record, domain)
            .await
            .unwrap();
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
        admin::set_user_status(&world.broker, &caller(), &tenant.record, switch)
            .await
            .unwrap();
    }
    let person = ProviderUser::new("alice").email("alice@contoso.com");
    world
        .provider
        .set_user(person.email_verified(!lacks.upstream_proof));
    let wiki = tenant.application("wiki").await;
    let outcome = wiki.log_in("alice").await.outcome();
    assert_eq!(users(&tenant).await.len(), 1, "{slug}: nobody new");
    let linked = tenant
        .audit_trail()
        .await
        .contains(&"user.sso_linked".to_owned());
    assert_eq!(
        linked,
        outcome.starts_with("signed in"),
        "{slug}: {outcome}"
    );
    outcome
}

#[actix_web::test]
async fn link_l3_l4_an_email_links_only_when_every_condition_holds() {
    let world = TestBroker::start().await;
    let all = Lacks::default();
    let outcome = link(&world, "all", all).await;
    assert_eq!(
        outcome,
        "signed in as alice@contoso.com with roles [admin, viewer]"
    );
    for (slug, lacks) in [
        (
            "option",
            Lacks {
                option: true,
                ..all
            },
        ),
        (
            "domain",
            Lacks {
                domain: true,
                ..all
            },
        ),
        (
            "domain-of-connector",
            Lacks {
                domain_of_connector: true,
                ..all
            },
        ),
        ("trust", Lacks { trust: true, ..all }),
        (
            "upstream-proof",
            Lacks {
                upstream_proof: true,
                ..all
            },
        ),
        (
            "local-proof",
            Lacks {
                local_proof: true,
                ..all
            },
        ),
        (
            "standing",
            Lacks {
                standing: true,
                ..all
            },
        ),
        (
            "other-identity",
            Lacks {
                other_identity: true,
                ..all
            },
        ),
        (
            "privilege",
            Lacks {
                privilege: true,
                ..all
            },
        ),
    ] {
        assert_eq!(
            link(&world, slug, lacks).await,
            "403 policy.email_taken",
            "{slug}"
        );
    }
}

/// C19: only a real `true` beside the very address proves it.
#[actix_web::test]
async fn neg_c19_what_is_not_quite_verified_links_nobody() {
    let world = TestBroker::start().await;
    let change = |new: &mut NewConnector| {
        new.configuration.provisioning.link_by_email = true;
        let ConnectorSettings::Oidc(settings) = &mut new.configuration.upstream;
        settings.trust_email = TrustEmail::WhenVerified;
    };
    let contoso = world.tenant_with("contoso", change).await;
    let domain = (
        "contoso.com".to_owned(),
        Some(ConnectorId::parse(CONNECTOR).unwrap()),
    );
    admin::put_domain(&world.broker, &caller(), &contoso.record, domain)
        .await
        .unwrap();
    let email = Some("alice@contoso.com".to_owned());
    make(
        &contoso,
        NewUser {
            email,
            email_verified: true,
            ..NewUser::default()
        },
    )
    .await;
    let wiki = contoso.application("wiki").await;
    let alice = || ProviderUser::new("alice").email("alice@contoso.com");
    for (person, expected) in [
        (
            alice().without_claim("email_verified"),
            "403 policy.email_taken",
        ),
        (
            alice().claim("email_verified", json!("true")),
            "403 policy.email_taken",
        ),
        (
            alice().claim("email_verified", json!(1)),
            "400 oidc.token_malformed",
        ),
        (
            alice().claim("email_verified", json!([true])),
            "400 oidc.token_malformed",
        ),
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
    world
        .provider
        .set_user(ProviderUser::new("alice").email("alice.martin@contoso.com"));
    let renamed = wiki.log_in("alice").await.outcome();
    assert_eq!(
        renamed,
        "signed in as alice.martin@contoso.com with roles [viewer]"
    );
    let after = users(&contoso).await;
    assert_eq!((after.len(), &after[0].id), (1, &before[0].id));
    world
        .provider
        .set_user(ProviderUser::new("heir").email("alice@contoso.com"));
    assert_eq!(
        wiki.log_in("heir").await.outcome(),
        ALICE,
        "a free address makes a user of its own"
    );
    assert_eq!(users(&contoso).await.len(), 2);
}

async fn through(app: &TestApplication<'_>, connector: &str) -> String {
    let mut login = app.log_in("alice").await;
    let page = login
        .browser
        .click(&format!("connector-{connector}"))
        .await
        .unwrap();
    page.text("signed-in-email")
        .or(page.text("reason-code"))
        .unwrap()
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
        admin::set_user_status(&world.broker, &caller(), &contoso.record, switch)
            .await
            .unwrap();
        refused(&wiki, "alice", expected).await;
    }
    let with_old_session = wiki.log_in_with(alice.browser, "alice", "").await;
    assert_eq!(
        with_old_session.outcome(),
        "403 policy.user_deactivated",
        "the session is dead too"
    );
    let switch = (&id, UserStatus::Active);
    admin::set_user_status(&world.broker, &caller(), &contoso.record, switch)
        .await
        .unwrap();
    assert_eq!(wiki.log_in("alice").await.outcome(), ALICE);
    assert_eq!(users(&contoso).await.len(), 1);
}

#[actix_web::test]
async fn neg_e5_an_email_outside_the_connectors_domains() {
    let world = TestBroker::start().await;
    let change = |new: &mut NewConnector| {
        new.configuration.provisioning.email_domains = vec!["contoso.com".into()];
    };
    let contoso = world.tenant_with("contoso", change).await;
    let wiki = contoso.application("wiki").await;
    for (email, expected) in [
        ("alice@evil.example", "403 policy.email_domain"),
        ("alice@contoso.com.evil.example", "403 policy.email_domain"),
        ("alice@evilcontoso.com", "403 policy.email_domain"),
        ("alice@evil@contoso.com", "403 policy.email_domain"),
        ("@contoso.com", "403 policy.email_domain"),
        ("contoso.com", "403 policy.email_domain"),
        ("", "403 policy.email_missing"),
    ] {
        world
            .provider
            .set_user(ProviderUser::new("alice").email(email));
        refused(&wiki, "alice", expected).await;
    }
    world
        .provider
        .set_user(ProviderUser::new("alice").email("Alice@CONTOSO.com"));
    assert!(
        wiki.log_in("alice")
            .await
            .outcome()
            .starts_with("signed in")
    );
    world
        .provider
        .set_user(ProviderUser::new("alice").email("alice@evil.example"));
    refused(&wiki, "alice", "403 policy.email_domain").await;
}

#[actix_web::test]
async fn feat_an_email_can_be_required() {
    let world = TestBroker::start().await;
    let change = |new: &mut NewConnector| new.configuration.provisioning.require_email = true;
    let strict = world.tenant_with("strict", change).await;
    let lenient = world.tenant("lenient").await;
    world
        .provider
        .set_user(ProviderUser::new("silent").name("S"));
    refused(
        &strict.application("wiki").await,
        "silent",
        "403 policy.email_missing",
    )
    .await;
    let desk = lenient.application("desk").await;
    desk.log_in("silent").await;
    assert_eq!(users(&lenient).await.len(), 1);
}

#[actix_web::test]
async fn feat_a_pilot_is_for_the_people_who_were_named() {
    let world = TestBroker::start().await;
    for (slug, people, domains, expected) in [
        (
            "by-email",
            &["ALICE@contoso.com"][..],
            &[][..],
            "403 connector.not_pilot",
        ),
        (
            "by-domain",
            &[][..],
            &["Contoso.com"][..],
            "signed in as bob@contoso.com with roles [viewer]",
        ),
        (
            "by-both",
            &["alice@contoso.com"][..],
            &["fabrikam.com"][..],
            "403 connector.not_pilot",
        ),
    ] {
        let change = |new: &mut NewConnector| {
            new.mode = ConnectorMode::Pilot;
            new.configuration.pilot.users = people.iter().map(|one| (*one).to_owned()).collect();
            new.configuration.pilot.domains = domains.iter().map(|one| (*one).to_owned()).collect();
        };
        let tenant = world.tenant_with(slug, change).await;
        let wiki = tenant.application("wiki").await;
        assert_eq!(wiki.log_in("alice").await.outcome(), ALICE, "{slug}");
        assert_eq!(wiki.log_in("bob").await.outcome(), expected, "{slug}");
        let expected_users = if expected.starts_with("signed in") {
            2
        } else {
            1
        };
        assert_eq!(
            users(&tenant).await.len(),
            expected_users,
            "{slug}: nobody is made for a refusal"
        );
    }
}

#[actix_web::test]
async fn feat_a_connector_that_is_off_or_in_test_lets_nobody_in_and_comes_back() {
    let world = TestBroker::start().await;
    let contoso = world.tenant("contoso").await;
    let wiki = contoso.application("wiki").await;
    for mode in [ConnectorMode::Off, ConnectorMode::Test] {
        contoso.mode(CONNECTOR, mode).await;
        let login = wiki.log_in("alice").await;
        assert_eq!(
            login.outcome(),
            "403 connector.none_available",
            "{}",
            mode.as_str()
        );
        contoso.assert_told_and_kept(&login.page, None).await;
    }
    for mode in [ConnectorMode::On, ConnectorMode::Enforced] {
        contoso.mode(CONNECTOR, mode).await;
        assert_eq!(
            wiki.log_in("alice").await.outcome(),
            ALICE,
            "{}",
            mode.as_str()
        );
    }
}

#[actix_web::test]
async fn feat_n6_a_second_factor_can_be_demanded() {
    let world = TestBroker::start().await;
    let change = |new: &mut NewConnector| {
        new.configuration.required_amr = vec!["mfa".into(), "hwk".into()];
    };
    let contoso = world.tenant_with("contoso", change).await;
    let wiki = contoso.application("wiki").await;
    let alice = || ProviderUser::new("alice").email("alice@contoso.com");
    for (amr, expected) in [
        (Value::Null, "403 policy.mfa_required"),
        (json!(["pwd"]), "403 policy.mfa_required"),
        (json!("mfa"), "400 oidc.token_malformed"),
        (json!(["pwd", "mfa"]), ALICE),
        (json!(["hwk"]), ALICE),
    ] {
        world.provider.set_user(alice().claim("amr", amr.clone()));
        assert_eq!(wiki.log_in("alice").await.outcome(), expected, "{amr}");
    }
}

/// ADV-5: whatever came before, somebody has what an admin gave and what the last mapping gave.
#[actix_web::test]
async fn prop_roles_are_the_admins_and_the_last_mappings() {
    let world = TestBroker::start().await;
    let contoso = world.tenant("contoso").await;
    let rows = ["admin", "editor", "auditor"];
    for role in rows {
        contoso.role(role).await;
    }
    let group_roles: Vec<Value> = rows
        .iter()
        .map(|role| json!({ "group": format!("g-{role}"), "role": role }))
        .collect();
    contoso.rules(json!({ "assign_role_by_group": true, "group_roles": group_roles, "default_role": "viewer" })).await;
    let wiki = contoso.application("wiki").await;
    let mut random = 7_u32;
    for person in 0..3 {
        let subject = format!("p{person}");
        let by_admin: Vec<&str> = rows.into_iter().take(person).collect();
        let roles = by_admin
            .iter()
            .map(|role| RoleName::parse(*role).unwrap())
            .collect();
        let id = make(
            &contoso,
            NewUser {
                roles,
                identity: Some(identity(&contoso, &subject)),
                ..NewUser::default()
            },
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
                ProviderUser::new(&subject)
                    .email(&format!("{subject}@contoso.com"))
                    .groups(groups),
            );
            assert!(
                wiki.log_in(&subject)
                    .await
                    .outcome()
                    .starts_with("signed in")
            );
            let mut expected = [by_admin.clone(), mapped.clone()].concat();
            expected.extend(mapped.is_empty().then_some("viewer"));
            expected.sort_unstable();
            expected.dedup();
            assert_eq!(
                contoso.roles_of(&id).await,
                expected,
                "{subject}, step {step}"
            );
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
    assert_eq!(
        alice.metadata,
        json!({}),
        "a department that nobody asked for"
    );
    contoso
        .rules(json!({ "sync_fields": ["name", "department"] }))
        .await;
    let person = || ProviderUser::new("alice").name("Alice");
    for (person, department) in [
        (
            person().department("Engineering"),
            json!({ "department": "Engineering" }),
        ),
        (person(), json!({ "department": "Engineering" })),
        (
            person().department("Sales"),
            json!({ "department": "Sales" }),
        ),
        (person().department(""), json!({ "department": "Sales" })),
    ] {
        world.provider.set_user(person);
        assert_eq!(
            wiki.log_in("alice").await.outcome(),
            ALICE,
            "the e-mail is left as it was"
        );
        let alice = users(&contoso).await.remove(0);
        assert_eq!(
            (alice.metadata, alice.display_name.as_deref()),
            (department, Some("Alice"))
        );
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
    let row = rows
        .iter()
        .find(|row| row["type"] == "user.sso_login")
        .unwrap();
    let details = &row["details"];
    let of_the_seed = ["provider", "email", "timestamp"].map(|name| details[name].clone());
    assert_eq!(
        of_the_seed,
        [
            json!("oidc"),
            json!("alice@contoso.com"),
            json!("2026-05-28T20:26:40Z")
        ]
    );
    assert_eq!(
        (&details["subject"], &details["connector"]),
        (&json!("alice"), &json!(CONNECTOR))
    );

    let checked = admin::verify_audit(&world.broker, &contoso.record)
        .await
        .unwrap();
    assert_eq!(checked, Ok(rows.len() as u64));
    let id = row["id"].as_str().unwrap();
    world.database.tamper(&format!(
        "update audit_events set reason = 'oidc.mixup' where id = '{id}'"
    ));
    let fault = admin::verify_audit(&world.broker, &contoso.record)
        .await
        .unwrap()
        .unwrap_err();
    assert_eq!(json!(fault.seq), row["seq"]);
}

/// F1: what the browser brought is not what it leaves with.
#[actix_web::test]
async fn neg_f1_a_planted_session_cookie_does_not_survive_the_sign_in() {
    let world = TestBroker::start().await;
    let contoso = world.tenant("contoso").await;
    let wiki = contoso.application("wiki").await;
    let mut browser = Browser::new().unwrap();
    let planted = "A".repeat(43);
    browser.set_cookie("127.0.0.1", "symbolon-session-contoso", &planted);
    let login = wiki.log_in_with(browser, "alice", "").await;
    assert_eq!(login.outcome(), ALICE);
    assert_ne!(login.session("contoso"), Some(planted));
}
