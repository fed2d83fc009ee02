//! Each vendor's way of saying who somebody is (EI-09 to EI-12, OI-1 to OI-3).

use serde_json::json;
use symbolon_contract::ConnectorId;
use symbolon_identity::connectors::saml::GraphAccess;
use symbolon_testkit::entra::{GraphFault, Times};
use symbolon_testkit::saml_idp::{
    Encryption, Misbehaviour, NameId, StatusError, UNSPECIFIED, Vendor, guid,
};
use symbolon_testkit::{ForbiddenListener, ProviderUser};

use crate::world::{
    ALICE, APP, CONTOSO, EntraWorld, SAML, SECRET, SamlWorld, TestTenant, group_rules,
};

fn admins(group: &str) -> String {
    let rules = json!({
        "sync_fields": ["email", "name"],
        "assign_role_by_group": true,
        "group_roles": [{ "group": group, "label": "Wiki Admins", "role": "admin" }],
        "default_role": "viewer",
    });
    rules.to_string()
}

/// Issuer and subject of the only person's link.
async fn link(saml: &SamlWorld, tenant: &TestTenant<'_>) -> (String, String) {
    let users = saml.users(tenant).await;
    assert_eq!(users.len(), 1);
    let (id, user) = (tenant.record.id.clone(), users[0].clone());
    let read = move |conn: &mut symbolon_storage::Connection| {
        conn.tenant(&id).identity_links().of_user(&user)
    };
    let links = saml.world.broker.database.read(read).await.unwrap();
    assert_eq!(links.len(), 1);
    (links[0].issuer.clone(), links[0].subject.clone())
}

async fn signs_in_as_admin(saml: &SamlWorld, tenant: &TestTenant<'_>) {
    let wiki = tenant.application("wiki").await;
    let login = saml.log_in(&wiki, "alice").await;
    assert_eq!(login.outcome(), "signed in as alice@contoso.com with roles [admin]");
    assert_eq!(login.page.text("signed-in-name").as_deref(), Some("Alice Martin"));
}

#[actix_web::test]
async fn saml_ei12_an_entra_person_is_directory_and_object_whatever_name_and_e_mail_say() {
    let saml = SamlWorld::start_as(Vendor::Entra { tid: CONTOSO.into() }).await;
    let alice = |email: &str| {
        let user = ProviderUser::new("alice").email(email).name("Alice Martin");
        user.groups(["wiki-admins"]).claim("oid", json!(ALICE.to_uppercase()))
    };
    saml.idp.set_user(alice("alice@contoso.com"));
    let rules = admins(&guid("wiki-admins"));
    let contoso = saml.tenant_with("contoso", |new, _| new.rules = rules).await;
    signs_in_as_admin(&saml, &contoso).await;
    let (issuer, subject) = link(&saml, &contoso).await;
    assert_eq!(issuer, format!("https://sts.windows.net/{CONTOSO}/"));
    assert_eq!(subject, format!("{CONTOSO}|{ALICE}"));
    let shop = contoso.application("shop").await;
    saml.idp.set_user(alice("alice.smith@contoso.com"));
    let renamed = NameId::new(UNSPECIFIED, "alice.smith@contoso.com");
    saml.idp.world(|world| world.name_ids.insert("alice".into(), renamed));
    let again = saml.log_in(&shop, "alice").await;
    assert!(again.outcome().starts_with("signed in as alice.smith@"), "{}", again.outcome());
    link(&saml, &contoso).await;
    let request = saml.idp.requests().pop().unwrap();
    assert!(request.name_id_format.is_none(), "EI-01: no format that Entra refuses");
}

#[actix_web::test]
async fn saml_ei12_an_entra_response_without_its_ids_is_nobody() {
    let saml = SamlWorld::start_as(Vendor::Entra { tid: CONTOSO.into() }).await;
    let contoso = saml.tenant("contoso").await;
    let wiki = contoso.application("wiki").await;
    for (from, to) in [
        ("identity/claims/objectidentifier", "identity/claims/other"),
        ("identity/claims/tenantid", "identity/claims/other"),
    ] {
        saml.idp.world(|world| world.tamper_before(move |xml| xml.replace(from, to)));
        let refused = saml.log_in(&wiki, "alice").await;
        assert_eq!(refused.outcome(), "400 saml.subject_invalid", "{from}");
        contoso.assert_told_and_kept(&refused.page, Some(SAML)).await;
    }
}

#[actix_web::test]
async fn saml_oi1_ad_fs_is_read_by_its_claim_names_and_encrypts_as_it_does() {
    let saml = SamlWorld::start_as(Vendor::Adfs).await;
    let rules = admins("wiki-admins");
    let contoso = saml.tenant_with("contoso", |new, _| new.rules = rules).await;
    saml.idp.world(|world| world.encrypt = Some(Encryption::default()));
    signs_in_as_admin(&saml, &contoso).await;
    let (issuer, subject) = link(&saml, &contoso).await;
    assert_eq!((issuer, subject.as_str()), (saml.idp.entity_id(), "CONTOSO\\alice"));
}

#[actix_web::test]
async fn saml_oi2_oi3_okta_and_google_are_read_by_the_names_that_they_suggest() {
    for vendor in [Vendor::Okta, Vendor::Google] {
        let saml = SamlWorld::start_as(vendor.clone()).await;
        let rules = admins("wiki-admins");
        let contoso = saml.tenant_with("contoso", |new, _| new.rules = rules).await;
        signs_in_as_admin(&saml, &contoso).await;
        let (issuer, subject) = link(&saml, &contoso).await;
        assert_eq!(issuer, saml.idp.entity_id(), "{vendor:?}");
        assert_eq!(subject, "alice@contoso.com", "{vendor:?}");
    }
}

#[actix_web::test]
async fn saml_rb4_ad_fs_signs_its_redirects_over_its_own_lower_case_octets() {
    let saml = SamlWorld::start_as(Vendor::Adfs).await;
    let contoso = saml.tenant("contoso").await;
    let wiki = contoso.application("wiki").await;
    let mut alice = saml.log_in(&wiki, "alice").await;
    let page = alice.browser.get(&saml.idp.logout_url("alice")).await.unwrap();
    let status = page.text("logout-status").unwrap_or_else(|| page.body().to_owned());
    assert!(status.ends_with("status:Success"), "{status}");
}

#[actix_web::test]
async fn saml_sp7_names_of_the_settings_win_over_the_vendors() {
    let saml = SamlWorld::start().await;
    let rules = admins("Engineering");
    let contoso = saml
        .tenant_with("contoso", |new, settings| {
            new.rules = rules;
            settings.attributes.name = Some("department".into());
            settings.attributes.groups = Some("department".into());
        })
        .await;
    let wiki = contoso.application("wiki").await;
    let login = saml.log_in(&wiki, "alice").await;
    assert_eq!(login.outcome(), "signed in as alice@contoso.com with roles [admin]");
    assert_eq!(login.page.text("signed-in-name").as_deref(), Some("Engineering"));
}

fn with_many_groups() -> ProviderUser {
    let many: Vec<String> = (0..151).map(|number| format!("group-{number}")).collect();
    ProviderUser::new("alice")
        .email("alice@contoso.com")
        .name("Alice Martin")
        .groups(many.iter().map(String::as_str))
        .claim("oid", json!(ALICE))
}

#[actix_web::test]
async fn saml_ei10_more_groups_than_fit_are_never_fetched_from_where_the_response_says() {
    let forbidden = ForbiddenListener::start().unwrap();
    let saml = SamlWorld::start_as(Vendor::Entra { tid: CONTOSO.into() }).await;
    let rules = admins(&guid("wiki-admins"));
    let contoso = saml.tenant_with("contoso", |new, _| new.rules = rules).await;
    signs_in_as_admin(&saml, &contoso).await;
    let before = saml.tables(&contoso).await;
    saml.idp.set_user(with_many_groups());
    let link = format!("{}/", forbidden.url());
    saml.idp.world(|world| {
        world.tamper_before(move |xml| xml.replace("https://graph.windows.net/", &link));
    });
    let shop = contoso.application("shop").await;
    let refused = saml.log_in(&shop, "alice").await;
    assert!(refused.outcome().ends_with(" entra.groups_unresolved"), "{}", refused.outcome());
    contoso.assert_told_and_kept(&refused.page, Some(SAML)).await;
    assert_eq!(forbidden.first_lines(), [""; 0], "no request leaves");
    assert_eq!(saml.tables(&contoso).await, before, "K-5: roles as they were");
}

#[actix_web::test]
async fn saml_ei10_with_a_credential_the_groups_come_from_graph() {
    let EntraWorld { entra, world } = EntraWorld::start().await;
    let saml = SamlWorld::beside(world, Vendor::Entra { tid: CONTOSO.into() });
    saml.idp.set_user(with_many_groups());
    let contoso = saml
        .tenant_with("contoso", |new, settings| {
            new.rules = group_rules().to_string();
            new.client_secret = Some(SECRET.into());
            settings.graph = Some(GraphAccess { client_id: APP.into(), cloud: "mock".into() });
        })
        .await;
    let wiki = contoso.application("wiki").await;
    let login = saml.log_in(&wiki, "alice").await;
    assert!(login.outcome().ends_with("with roles [admin]"), "{}", login.outcome());
    entra.graph_fault("", GraphFault::Unauthorized, Times::Always);
    let before = saml.tables(&contoso).await;
    let refused = saml.log_in(&wiki, "alice").await;
    assert!(!refused.outcome().starts_with("signed in"), "{}", refused.outcome());
    assert_eq!(saml.tables(&contoso).await, before, "E-29: roles as they were");
}

#[actix_web::test]
async fn saml_ei08_the_error_of_an_unsigned_status_is_kept_for_the_admin_and_trusted_by_nobody() {
    let saml = SamlWorld::start_as(Vendor::Entra { tid: CONTOSO.into() }).await;
    let contoso = saml.tenant("contoso").await;
    let wiki = contoso.application("wiki").await;
    let says = "AADSTS50105: The signed in user <b>is not assigned</b> to a role";
    saml.idp.world(|world| world.status = Some(StatusError::new("Responder", "AuthnFailed", says)));
    let refused = saml.log_in(&wiki, "alice").await;
    let reason = refused.page.text("reason-code").unwrap();
    assert!(reason.starts_with("entra."), "{reason}");
    assert!((400..500).contains(&refused.page.status()), "{}", refused.page.status());
    contoso.assert_told_and_kept(&refused.page, Some(SAML)).await;
    assert!(!refused.page.body().contains("is not assigned"), "not the person's business");
    let rows = contoso.audit_rows().await;
    let row = rows.iter().rfind(|row| row["type"] == "user.sso_login_failed").unwrap();
    assert!(row.to_string().contains("AADSTS50105"), "{row}");
    saml.idp.world(|world| {
        world.status = Some(StatusError { code: "Requester".into(), inner: None, message: None });
    });
    assert!(saml.log_in(&wiki, "alice").await.outcome().ends_with(" saml.status"));
    saml.idp.behave();
    // An assertion under an error is no assertion (AT-18).
    saml.idp
        .world(|world| world.tamper_with(|xml| xml.replace("status:Success", "status:Responder")));
    let refused = saml.log_in(&wiki, "alice").await.outcome();
    assert!(refused.contains(" saml."), "{refused}");
    saml.idp.behave();
    saml.idp.misbehave(Misbehaviour::NoAssertion);
    assert_eq!(saml.log_in(&wiki, "alice").await.outcome(), "400 saml.assertion_count");
    assert_eq!(contoso.sessions().await, 0);
}

#[actix_web::test]
async fn saml_at56_a_thousand_groups_are_read_and_give_their_role() {
    let saml = SamlWorld::start().await;
    let rules = admins("group-999");
    let contoso = saml.tenant_with("contoso", |new, _| new.rules = rules).await;
    let wiki = contoso.application("wiki").await;
    let many: Vec<String> = (0..1000).map(|number| format!("group-{number}")).collect();
    let alice = ProviderUser::new("alice").email("alice@contoso.com").name("Alice Martin");
    saml.idp.set_user(alice.groups(many.iter().map(String::as_str)));
    let login = saml.log_in(&wiki, "alice").await;
    assert_eq!(login.outcome(), "signed in as alice@contoso.com with roles [admin]");
}

#[actix_web::test]
async fn saml_e4_the_same_name_from_two_connectors_is_two_people() {
    let saml = SamlWorld::start().await;
    let contoso = saml.tenant("contoso").await;
    saml.connector(&contoso, "second", |_, _| ()).await.unwrap();
    let root = NameId::new(UNSPECIFIED, "root");
    saml.idp.world(|world| {
        world.name_ids.insert("alice".into(), root.clone());
        world.name_ids.insert("bob".into(), root);
    });
    for (id, person) in [(SAML, "alice"), ("second", "bob")] {
        let name = format!("app-{id}");
        let only = vec![ConnectorId::parse(id).unwrap()];
        let application = contoso.application_with(&name, |new| new.settings.connectors = only);
        let application = application.await;
        let outcome = saml.log_in(&application, person).await.outcome();
        assert!(outcome.starts_with(&format!("signed in as {person}@")), "{outcome}");
    }
    assert_eq!(saml.users(&contoso).await.len(), 2);
}
