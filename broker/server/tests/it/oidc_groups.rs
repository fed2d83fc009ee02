//! Groups of any OpenID provider (RP-01, OD-7): found where the settings say, in the ID token or in UserInfo, they go
//! where Entra's and SAML's go: to rules, to what is kept of a person, to applications. What is no list of names is
//! told, and keeps nobody out.

use serde_json::{Value, json};
use symbolon_contract::{ConnectorId, TenantSlug};
use symbolon_identity::admin::{self, NewConnector};
use symbolon_identity::connectors::oidc::{ClaimNames, UserinfoUse};
use symbolon_identity::mapping::default_rules;
use symbolon_identity::test_sign_in::{GroupsClaim, TestReport};
use symbolon_testkit::provider::AutomaticSignIn;
use symbolon_testkit::{Browser, ProviderUser};

use crate::world::{
    CONNECTOR, EntraWorld, SamlWorld, TestApplication, TestBroker, TestTenant, caller,
    oidc_settings,
};

/// Members of this group are admins; whoever else comes is a viewer.
const GROUP: &str = "Wiki Admins";

fn alice() -> ProviderUser {
    ProviderUser::new("alice").email("alice@contoso.com").name("Alice Martin")
}

/// A tenant whose connector reads groups from there.
async fn tenant<'a>(
    world: &'a TestBroker,
    slug: &str,
    (claim, userinfo): (&str, UserinfoUse),
) -> TestTenant<'a> {
    let change = |new: &mut NewConnector| {
        let settings = oidc_settings(new);
        settings.claims = ClaimNames { groups: claim.to_owned(), ..ClaimNames::default() };
        settings.userinfo = userinfo;
        let fields = ["email", "name"].map(str::to_owned);
        let mut rules = default_rules(&new.configuration.upstream, &fields, Some("viewer"));
        rules["assign_role_by_group"] = json!(true);
        rules["group_roles"] = json!([{ "group": GROUP, "role": "admin" }]);
        new.rules = rules.to_string();
    };
    world.tenant_with(slug, change).await
}

/// An application that is told of groups by UserInfo.
async fn told_of_groups<'a>(tenant: &'a TestTenant<'a>) -> TestApplication<'a> {
    let row = json!({ "claim": "groups", "places": ["userinfo"] });
    tenant
        .application_with("groups", |new| {
            new.settings.release = vec![serde_json::from_value(row).unwrap()];
        })
        .await
}

fn told(application: &TestApplication<'_>) -> Value {
    application.running.last_sign_in().unwrap().claims.get("groups").cloned().unwrap_or_default()
}

#[actix_web::test]
async fn rp_01_groups_become_roles_wherever_the_provider_states_them() {
    use UserinfoUse::{FillGaps, Off, Override};
    let world = TestBroker::start().await;
    let realm = |roles: Value| json!({ "verify_caller": true, "roles": roles });
    let silent = json!({ "verify_caller": true });
    for (slug, person, reading, role) in [
        ("list", alice().groups([GROUP]), ("groups", FillGaps), "admin"),
        ("text", alice().claim("groups", json!(GROUP)), ("groups", FillGaps), "admin"),
        ("objects", alice().claim("teams", json!([{ "name": GROUP }])), ("teams", Off), "admin"),
        (
            "colon",
            alice().claim("cognito:groups", json!([GROUP])),
            ("cognito:groups", Off),
            "admin",
        ),
        (
            "nested",
            alice().claim("realm_access", realm(json!([GROUP]))),
            ("realm_access.roles", FillGaps),
            "admin",
        ),
        (
            "client",
            alice().claim("resource_access", json!({ "wiki.example": { "roles": [GROUP] } })),
            ("resource_access.wiki.example.roles", FillGaps),
            "admin",
        ),
        (
            "userinfo",
            alice().userinfo_claim("groups", json!([GROUP])),
            ("groups", FillGaps),
            "admin",
        ),
        (
            "beside",
            alice()
                .claim("realm_access", silent.clone())
                .userinfo_claim("realm_access", realm(json!([GROUP]))),
            ("realm_access.roles", FillGaps),
            "admin",
        ),
        (
            "silent",
            alice()
                .claim("realm_access", realm(json!([GROUP])))
                .userinfo_claim("realm_access", silent.clone()),
            ("realm_access.roles", Override),
            "admin",
        ),
        (
            "wins",
            alice().groups([GROUP]).userinfo_claim("groups", json!(["staff"])),
            ("groups", Override),
            "viewer",
        ),
        ("unasked", alice().userinfo_claim("groups", json!([GROUP])), ("groups", Off), "viewer"),
        ("unread", alice().groups([GROUP]), ("", FillGaps), "viewer"),
        ("absent", alice(), ("groups", FillGaps), "viewer"),
    ] {
        world.provider.set_user(person);
        let tenant = tenant(&world, slug, reading).await;
        let login = tenant.application("wiki").await.log_in("alice").await;
        let expected = format!("signed in as alice@contoso.com with roles [{role}]");
        assert_eq!(login.outcome(), expected, "{slug}");
        let row = tenant.audit_rows().await.pop().unwrap();
        assert_eq!(row["details"]["warnings"], json!([]), "{slug}");
    }
}

#[actix_web::test]
async fn rp_01_what_is_no_list_of_names_is_told_and_keeps_nobody_out() {
    let world = TestBroker::start().await;
    let long = "x".repeat(2000);
    for (slug, groups, role, detail) in [
        ("object", json!({ GROUP: true }), "viewer", "groups is an object, where a list of names"),
        (
            "nameless",
            json!([{ "id": GROUP }, GROUP]),
            "admin",
            "of 2 entries of groups 1 are neither",
        ),
        ("lists", json!([[GROUP], null]), "viewer", "of 2 entries of groups 2 are neither"),
    ] {
        world.provider.set_user(alice().claim("groups", groups));
        let tenant = tenant(&world, slug, ("groups", UserinfoUse::Off)).await;
        let login = tenant.application("wiki").await.log_in("alice").await;
        let expected = format!("signed in as alice@contoso.com with roles [{role}]");
        assert_eq!(login.outcome(), expected, "{slug}");
        let row = tenant.audit_rows().await.pop().unwrap();
        let warning = row["details"]["warnings"][0].as_str().unwrap();
        let expected = format!("oidc.groups_unreadable: {detail}");
        assert!(warning.starts_with(&expected), "{slug}: {warning}");
        assert!(!warning.contains(GROUP), "{slug}: no value");
    }
    // A list that was cut is not whole: rules that look at groups decide nothing by it (E-29).
    world.provider.set_user(alice().claim("groups", json!([GROUP, long])));
    let cut = tenant(&world, "cut", ("groups", UserinfoUse::Off)).await;
    let refused = cut.application("wiki").await.log_in("alice").await;
    assert_eq!(refused.outcome(), "403 plugin.failed");
}

#[actix_web::test]
async fn od_7_applications_are_told_the_groups_of_the_last_sign_in() {
    let world = TestBroker::start().await;
    let contoso = tenant(&world, "contoso", ("realm_access.roles", UserinfoUse::FillGaps)).await;
    let wiki = told_of_groups(&contoso).await;
    for groups in [json!([GROUP, "staff"]), json!(["staff"]), json!([])] {
        world.provider.set_user(alice().claim("realm_access", json!({ "roles": groups })));
        wiki.log_in("alice").await;
        assert_eq!(told(&wiki), groups);
    }
}

#[actix_web::test]
async fn od_7_groups_in_an_entra_token_and_in_saml_attributes_are_told_as_well() {
    let entra = EntraWorld::start().await;
    let contoso = entra.tenant("contoso").await;
    let wiki = told_of_groups(&contoso).await;
    entra.log_in(&wiki, "alice").await;
    assert_eq!(told(&wiki), json!([crate::world::ADMINS]));
    let saml = SamlWorld::start().await;
    let contoso = saml.tenant("contoso").await;
    let wiki = told_of_groups(&contoso).await;
    saml.log_in(&wiki, "alice").await;
    assert_eq!(told(&wiki), json!(["wiki-admins", "staff"]));
    saml.idp.set_user(alice());
    saml.log_in(&wiki, "alice").await;
    assert_eq!(told(&wiki), json!([]), "who left every group is in none");
}

/// The report of a test sign-in.
async fn tested(tenant: &TestTenant<'_>) -> TestReport {
    let (broker, id) = (&tenant.world.broker, ConnectorId::parse(CONNECTOR).unwrap());
    tenant.world.provider.sign_in_automatically(AutomaticSignIn::As("alice".into()));
    let link = admin::begin_test_sign_in(broker, &caller(), &tenant.record, &id).await.unwrap();
    let url = secrecy::ExposeSecret::expose_secret(&link.url).to_owned();
    assert!(Browser::new().unwrap().get(&url).await.unwrap().has("test-verdict"));
    *admin::read_test_sign_in(broker, &tenant.record, &link.id).await.unwrap().unwrap()
}

#[actix_web::test]
async fn feat_b13_a_test_sign_in_says_what_became_of_the_groups_of_any_provider() {
    let world = TestBroker::start().await;
    let realm = |roles: Value| alice().claim("realm", json!({ "roles": roles }));
    for (slug, person, claim, became, warned) in [
        ("two", realm(json!(["a", "b"])), "realm.roles", GroupsClaim::Present { count: 2 }, false),
        ("none", realm(json!([])), "realm.roles", GroupsClaim::Present { count: 0 }, false),
        ("absent", alice(), "realm.roles", GroupsClaim::Absent, false),
        ("unread", realm(json!(["a"])), "", GroupsClaim::Unread, false),
        ("wrong", realm(json!({})), "realm.roles", GroupsClaim::Present { count: 0 }, true),
    ] {
        world.provider.set_user(person);
        let tenant = tenant(&world, slug, (claim, UserinfoUse::FillGaps)).await;
        assert_eq!(tenant.record.slug, TenantSlug::parse(slug).unwrap());
        let report = tested(&tenant).await;
        assert_eq!(report.statement.unwrap().groups, became, "{slug}");
        let told = report.warnings.iter().filter_map(|one| one.reason.as_ref());
        let warns = told.map(ToString::to_string).any(|code| code == "oidc.groups_unreadable");
        assert_eq!(warns, warned, "{slug}");
    }
}
