//! Versions of a connector's settings (B18 to B21): each save is one, each has a state, any can come back.

use symbolon_contract::{ConnectorId, ReasonCode};
use symbolon_identity::admin::{
    self, ConnectorChange, VersionState, VersionSummary, read_connector,
};
use symbolon_identity::connectors::{ConnectorConfiguration, ConnectorSettings};
use symbolon_identity::policy::ConnectorMode;

use crate::world::{APP, ENTRA, EntraWorld, SECRET, TestTenant, caller};

fn id() -> ConnectorId {
    ConnectorId::parse(ENTRA).unwrap()
}

async fn versions(tenant: &TestTenant<'_>) -> Vec<VersionSummary> {
    admin::list_versions(&tenant.world.broker, &tenant.record, &id()).await.unwrap()
}

async fn states(tenant: &TestTenant<'_>) -> Vec<(i32, VersionState)> {
    versions(tenant).await.iter().map(|one| (one.version, one.state)).collect()
}

async fn settings(tenant: &TestTenant<'_>) -> ConnectorConfiguration {
    let read = read_connector(&tenant.world.broker, &tenant.record.id, &id()).await;
    read.unwrap().configuration
}

async fn let_guests_in(tenant: &TestTenant<'_>) -> i32 {
    let mut configuration = settings(tenant).await;
    if let ConnectorSettings::Entra(entra) = &mut configuration.upstream {
        entra.allow_guests = true;
    }
    configuration.provisioning.auto_provision = false;
    let change = ConnectorChange { configuration, note: Some("guests".into()) };
    let broker = &tenant.world.broker;
    admin::update_connector(broker, &caller(), &tenant.record, (&id(), change)).await.unwrap()
}

async fn test(tenant: &TestTenant<'_>) {
    admin::test_connection(&tenant.world.broker, &tenant.record, &id()).await.unwrap();
}

#[actix_web::test]
async fn feat_b18_b19_every_save_is_a_version_from_draft_to_active() {
    use VersionState::{Active, Draft, Failed, Tested};
    let entra = EntraWorld::start().await;
    let contoso = entra
        .tenant_with("contoso", |new, _| {
            new.mode = ConnectorMode::Test;
            new.untested = false;
        })
        .await;
    assert_eq!(states(&contoso).await, [(1, Draft)]);
    test(&contoso).await;
    assert_eq!(states(&contoso).await, [(1, Tested)]);
    contoso.mode(ENTRA, ConnectorMode::On).await;
    assert_eq!(states(&contoso).await, [(1, Active)]);
    contoso.mode(ENTRA, ConnectorMode::Test).await;
    assert_eq!(let_guests_in(&contoso).await, 2);
    assert_eq!(states(&contoso).await, [(2, Draft), (1, Tested)]);
    entra.entra.change_application(APP, |app| app.without_credentials().secret("another"));
    test(&contoso).await;
    assert_eq!(states(&contoso).await, [(2, Failed), (1, Tested)]);
    let newest = &versions(&contoso).await[0];
    assert_eq!((newest.author.as_str(), newest.note.as_deref()), ("command line", Some("guests")));
    assert!(newest.current && newest.tested_at.is_some());
}

#[actix_web::test]
async fn feat_b18_versions_are_compared_field_by_field_and_brought_back() {
    let entra = EntraWorld::start().await;
    let contoso = entra.tenant("contoso").await;
    let first = settings(&contoso).await;
    let_guests_in(&contoso).await;
    let (broker, who) = (&entra.world.broker, caller());
    let diff = admin::diff_versions(broker, &contoso.record, (&id(), 1, 2)).await.unwrap();
    let fields: Vec<&str> = diff.iter().map(|change| change.field.as_str()).collect();
    assert_eq!(fields, ["provisioning.auto_provision", "upstream.allow_guests"]);
    assert!(!format!("{diff:?}").contains(SECRET));

    let back = (&id(), 1, None);
    let made = admin::restore_version(broker, &who, &contoso.record, back).await.unwrap();
    assert_eq!((made, settings(&contoso).await), (3, first));
    let newest = &versions(&contoso).await[0];
    assert_eq!(newest.note.as_deref(), Some("version 1 again"));
    let same = admin::diff_versions(broker, &contoso.record, (&id(), 1, 3)).await.unwrap();
    assert_eq!(same, []);
    let gone = admin::restore_version(broker, &who, &contoso.record, (&id(), 9, None)).await;
    assert_eq!(gone.unwrap_err().reason(), ReasonCode::SettingNotFound);
}

#[actix_web::test]
async fn feat_b20_b21_a_new_version_counts_at_once_and_ends_no_session() {
    let entra = EntraWorld::start().await;
    let contoso = entra.tenant("contoso").await;
    let wiki = contoso.application("wiki").await;
    entra.log_in(&wiki, "alice").await;
    assert_eq!(contoso.sessions().await, 1);
    let_guests_in(&contoso).await;
    let refused = entra.log_in(&wiki, "bob").await.outcome();
    assert!(refused.contains("not_provisioned"), "no automatic users any more: {refused}");
    let back = (&id(), 1, None);
    let broker = &entra.world.broker;
    admin::restore_version(broker, &caller(), &contoso.record, back).await.unwrap();
    assert!(entra.log_in(&wiki, "bob").await.outcome().starts_with("signed in"));
    assert_eq!(contoso.sessions().await, 2);
}
