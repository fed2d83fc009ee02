//! "Test connection" (entra.md 10, N31 to N33, N36, N54, N55, B32, B35): the documents' sentence of success, or
//! the cause and the fix; and what it cannot prove is said.

use symbolon_contract::{ConnectorId, ReasonCode};
use symbolon_identity::admin;
use symbolon_identity::connectors::{CheckOutcome, ConnectionReport};
use symbolon_testkit::entra::EntraFault as Fault;

use crate::world::{APP, CONTOSO, ENTRA, EntraWorld, TestTenant};

async fn test(tenant: &TestTenant<'_>) -> ConnectionReport {
    let id = ConnectorId::parse(ENTRA).unwrap();
    admin::test_connection(&tenant.world.broker, &tenant.record, &id).await.unwrap()
}

fn failures(report: &ConnectionReport) -> Vec<(&'static str, ReasonCode)> {
    let failed = report.checks.iter().filter(|check| check.outcome == CheckOutcome::Failed);
    failed.map(|check| (check.name, check.reason.unwrap())).collect()
}

fn warnings(report: &ConnectionReport) -> Vec<&'static str> {
    let warned = report.checks.iter().filter(|check| check.outcome == CheckOutcome::Warning);
    warned.map(|check| check.name).collect()
}

#[actix_web::test]
async fn feat_n31_n32_a_good_connection_says_the_documents_sentence() {
    let entra = EntraWorld::start().await;
    let contoso = entra.tenant("contoso").await;
    let report = test(&contoso).await;
    assert_eq!(failures(&report), []);
    assert_eq!(report.summary.as_deref(), Some("✓ Successfully connected to Entra ID"));
    let names: Vec<_> = report.checks.iter().map(|check| check.name).collect();
    let expected = [
        "directory",
        "keys",
        "clock",
        "credential_expiry",
        "redirect_uri",
        "credential",
        "graph_users",
        "graph_groups",
        "directory_name",
    ];
    assert_eq!(names, expected);
    assert_eq!(warnings(&report), ["credential_expiry"], "W-7: nobody told when the secret ends");
    assert!(report.unproved.iter().any(|line| line.contains("redirect URI")), "W-4");
}

#[actix_web::test]
async fn entra_w2_w6_discovery_alone_never_makes_it_green() {
    let entra = EntraWorld::start().await;
    let contoso = entra
        .tenant_with("contoso", |new, _| new.client_secret = Some("Wrong8Q~secret-000000".into()))
        .await;
    let report = test(&contoso).await;
    assert_eq!(report.summary, None);
    assert_eq!(failures(&report), [("credential", ReasonCode::EntraSecretInvalid)]);
    let fix = report.failure().unwrap().fix.unwrap();
    assert!(fix.contains("Value"), "the documents' first cause: {fix}");
}

#[actix_web::test]
async fn feat_n55_b32_a_redirect_uri_that_is_not_registered_is_predicted() {
    let entra = EntraWorld::start().await;
    let contoso = entra.tenant("contoso").await;
    entra.entra.change_application(APP, |app| {
        app.without_redirect_uris().redirect_uri("https://elsewhere.example/auth/callback")
    });
    let report = test(&contoso).await;
    assert_eq!(failures(&report), [("redirect_uri", ReasonCode::EntraRedirectUriMismatch)]);
    let check = report.failure().unwrap();
    assert!(check.detail.contains(&contoso.callback(ENTRA)), "{}", check.detail);
    assert!(check.fix.unwrap().contains("wait"), "B32: {}", check.fix.unwrap());
}

#[actix_web::test]
async fn entra_w1_w3_directory_clock_and_permissions_are_looked_at() {
    let entra = EntraWorld::start().await;
    let contoso = entra.tenant("contoso").await;
    entra.entra.skew_date(600);
    assert_eq!(failures(&test(&contoso).await), [("clock", ReasonCode::EntraClockSkew)]);
    entra.entra.skew_date(0);
    entra.entra.revoke_permission(CONTOSO, APP, "User.Read.All");
    entra.entra.revoke_permission(CONTOSO, APP, "Group.Read.All");
    let report = test(&contoso).await;
    assert_eq!(failures(&report), [], "sign-ins do not need them");
    assert_eq!(warnings(&report), ["credential_expiry", "graph_users", "graph_groups"]);
    let named = |name: &str| report.checks.iter().any(|check| check.detail.contains(name));
    assert!(named("User.Read.All") && named("Group.Read.All"), "N25: the missing ones are named");
    entra.entra.misbehave(Fault::DiscoveryDown);
    assert_eq!(failures(&test(&contoso).await), [("directory", ReasonCode::OidcDiscoveryFailed)]);
}

#[actix_web::test]
async fn entra_aadsts_wrong_tenant_and_wrong_client_are_told_apart() {
    let entra = EntraWorld::start().await;
    let gone = "99999999-2222-4333-8444-555555555555";
    let tenant_id = symbolon_identity::connectors::entra::DirectoryId::parse(gone).unwrap();
    let wrong = entra.tenant_with("wrong", |_, settings| settings.tenant_id = tenant_id).await;
    assert_eq!(failures(&test(&wrong).await), [("directory", ReasonCode::EntraDirectoryUnknown)]);
    let stranger = entra
        .tenant_with("stranger", |_, settings| {
            settings.client_id = "bbbbbbbb-bbbb-4ccc-8ddd-eeeeeeeeeeee".into();
        })
        .await;
    let found = failures(&test(&stranger).await);
    assert!(found.contains(&("credential", ReasonCode::EntraApplicationUnknown)), "{found:?}");
}

#[actix_web::test]
async fn feat_n33_an_untested_connector_is_opened_only_by_an_audited_override() {
    use symbolon_identity::admin::{AdminError, ModeChange};
    use symbolon_identity::policy::ConnectorMode::{On, Test};

    let entra = EntraWorld::start().await;
    let contoso = entra
        .tenant_with("contoso", |new, _| {
            new.mode = Test;
            new.untested = false;
        })
        .await;
    let (id, broker) = (ConnectorId::parse(ENTRA).unwrap(), &entra.world.broker);
    let caller = crate::world::caller();
    let open = async |untested| {
        let change = ModeChange { mode: On, untested };
        admin::set_connector_mode(broker, &caller, &contoso.record, (&id, change)).await
    };
    assert!(matches!(open(false).await, Err(AdminError::Untested(_))));
    test(&contoso).await;
    open(false).await.unwrap();
    let rows = contoso.audit_rows().await;
    let enabled = rows.iter().rev().find(|row| row["type"] == "connector.enabled").unwrap();
    assert!(!enabled.to_string().contains("override"));
}
