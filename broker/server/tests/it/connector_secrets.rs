//! What a connector proves itself with (B12, B37, E-50 to E-54, ADV-7): a new credential is proved before it
//! counts, the one before serves on, and all of them can be revoked at once.

use secrecy::SecretString;
use serde_json::Value;
use symbolon_contract::{ConnectorId, ReasonCode};
use symbolon_identity::admin::{
    self, AdminError, ConnectorChange, NewSecret, ReplacedSecret, read_connector,
};
use symbolon_identity::clock::Clock as _;
use symbolon_identity::connectors::entra::EntraAuthentication;
use symbolon_identity::connectors::{ConnectorRecord, ConnectorSettings};
use symbolon_identity::policy::ConnectorMode;
use symbolon_testkit::entra::{AppRegistration, Certificate};

use crate::world::{APP, CONNECTOR, ENTRA, EntraWorld, SECRET, TestBroker, TestTenant, caller};

const NEXT: &str = "Zyx8Q~wVu.tsr-qpo_nml-9876543210";

fn id() -> ConnectorId {
    ConnectorId::parse(ENTRA).unwrap()
}

async fn replace(tenant: &TestTenant<'_>, secret: &str) -> Result<ReplacedSecret, AdminError> {
    let new = NewSecret { secret: SecretString::from(secret), ends_at: None };
    let broker = &tenant.world.broker;
    admin::replace_client_secret(broker, &caller(), &tenant.record, (&id(), new)).await
}

async fn refused(tenant: &TestTenant<'_>, secret: &str) -> ReasonCode {
    replace(tenant, secret).await.unwrap_err().reason()
}

async fn drop_previous(tenant: &TestTenant<'_>) -> Result<(), AdminError> {
    let broker = &tenant.world.broker;
    admin::drop_previous_secret(broker, &caller(), &tenant.record, &id()).await
}

async fn record(tenant: &TestTenant<'_>) -> ConnectorRecord {
    read_connector(&tenant.world.broker, &tenant.record.id, &id()).await.unwrap()
}

async fn set_authentication(tenant: &TestTenant<'_>, to: EntraAuthentication) {
    let mut configuration = record(tenant).await.configuration;
    if let ConnectorSettings::Entra(settings) = &mut configuration.upstream {
        settings.client_authentication = to;
    }
    let change = ConnectorChange { configuration, note: None };
    let broker = &tenant.world.broker;
    admin::update_connector(broker, &caller(), &tenant.record, (&id(), change)).await.unwrap();
}

async fn events(tenant: &TestTenant<'_>, name: &str) -> Vec<Value> {
    let rows = tenant.audit_rows().await.into_iter();
    rows.filter(|row| row["type"] == name).collect()
}

fn registration(entra: &EntraWorld, change: impl FnOnce(AppRegistration) -> AppRegistration) {
    entra.entra.change_application(APP, change);
}

#[actix_web::test]
async fn feat_b12_entra_e54_a_new_secret_is_proved_before_the_one_before_goes() {
    let entra = EntraWorld::start().await;
    let contoso = entra.tenant("contoso").await;
    let wiki = contoso.application("wiki").await;
    assert_eq!(refused(&contoso, NEXT).await, ReasonCode::EntraSecretInvalid);
    assert!(events(&contoso, "connector.secret_replaced").await.is_empty());
    assert_eq!(entra.log_in(&wiki, "alice").await.page.status(), 200, "nothing changed");

    registration(&entra, |app| app.secret(NEXT));
    let done = replace(&contoso, NEXT).await.unwrap();
    assert!(done.proved && done.previous_kept);
    assert_eq!(done.hint.as_deref(), Some("3210"), "N19: the last four characters");
    entra.log_in(&wiki, "bob").await;
    assert_eq!(entra.entra.last_token_request()["client_secret"], NEXT);
    let told = events(&contoso, "connector.secret_replaced").await;
    assert_eq!(told.len(), 1);
    let told = told[0].to_string();
    assert!(told.contains("3210") && !told.contains(NEXT) && !told.contains(SECRET), "{told}");
}

#[actix_web::test]
async fn feat_n54_b35_a_wrong_secret_is_told_from_an_expired_one() {
    let entra = EntraWorld::start().await;
    let contoso = entra.tenant("contoso").await;
    let now = entra.world.clock.now().timestamp();
    registration(&entra, |app| app.secret_until(NEXT, now - 1));
    assert_eq!(refused(&contoso, NEXT).await, ReasonCode::EntraSecretExpired);
    assert_eq!(refused(&contoso, "some~other~secret").await, ReasonCode::EntraSecretInvalid);
}

#[actix_web::test]
async fn feat_n21_n22_what_is_no_secret_is_refused_before_anybody_is_asked() {
    let entra = EntraWorld::start().await;
    let contoso = entra.tenant("contoso").await;
    let before = entra.entra.hits("token");
    for wrong in ["", " abc", "abc ", "a b", "12345678-1234-4234-8234-123456789012", SECRET] {
        assert_eq!(refused(&contoso, wrong).await, ReasonCode::SettingInvalid, "{wrong:?}");
    }
    assert_eq!(entra.entra.hits("token"), before);
}

/// A sign-in at every step of a rotation, also while Microsoft does not know the new secret everywhere yet.
#[actix_web::test]
async fn feat_adv7_a_rotation_with_a_sign_in_at_every_step_fails_nobody() {
    let entra = EntraWorld::start().await;
    let contoso = entra.tenant("contoso").await;
    let wiki = contoso.application("wiki").await;
    let mut failed = Vec::new();
    for step in 0..8 {
        match step {
            1 => registration(&entra, |app| app.secret(NEXT)),
            2 => drop(replace(&contoso, NEXT).await.unwrap()),
            // A part of Microsoft that has not heard of the new one yet.
            3 => registration(&entra, |app| app.without_credentials().secret(SECRET)),
            4 => registration(&entra, |app| app.secret(NEXT)),
            5 => registration(&entra, |app| app.without_credentials().secret(NEXT)),
            6 => drop_previous(&contoso).await.unwrap(),
            _ => {}
        }
        for person in ["alice", "bob"] {
            let login = entra.log_in(&wiki, person).await;
            if !login.outcome().starts_with("signed in") {
                failed.push((step, login.outcome()));
            }
        }
    }
    assert_eq!(failed, [], "0 failures");
    assert_eq!(drop_previous(&contoso).await.unwrap_err().reason(), ReasonCode::SettingNotFound);
}

#[actix_web::test]
async fn feat_b37_revoking_forgets_every_credential_and_closes_the_connector_at_once() {
    let entra = EntraWorld::start().await;
    let contoso = entra.tenant("contoso").await;
    let wiki = contoso.application("wiki").await;
    registration(&entra, |app| app.secret(NEXT));
    replace(&contoso, NEXT).await.unwrap();
    let broker = &entra.world.broker;
    let create = (&id(), 30);
    admin::create_certificate(broker, &caller(), &contoso.record, create).await.unwrap();
    let forgotten = admin::revoke_secrets(broker, &caller(), &contoso.record, &id()).await.unwrap();
    assert_eq!(forgotten, 3, "two secrets and a waiting certificate");
    assert_eq!(record(&contoso).await.mode, ConnectorMode::Off);
    assert!(!entra.log_in(&wiki, "alice").await.outcome().starts_with("signed in"));
    assert_eq!(events(&contoso, "connector.secrets_revoked").await.len(), 1);
    // A stolen database row or backup of the moment after holds nothing to open.
    contoso.mode(ENTRA, ConnectorMode::On).await;
    let outcome = entra.log_in(&wiki, "alice").await.outcome();
    assert!(outcome.contains("connector.misconfigured"), "{outcome}");
    replace(&contoso, NEXT).await.unwrap();
    assert!(entra.log_in(&wiki, "alice").await.outcome().starts_with("signed in"));
}

#[actix_web::test]
async fn entra_e51_a_certificate_counts_only_once_microsoft_takes_it() {
    let entra = EntraWorld::start().await;
    let contoso = entra.tenant("contoso").await;
    let wiki = contoso.application("wiki").await;
    let (broker, who) = (&entra.world.broker, caller());
    let activate = async || admin::activate_certificate(broker, &who, &contoso.record, &id()).await;
    assert_eq!(activate().await.unwrap_err().reason(), ReasonCode::SettingNotFound);
    for round in 0..2 {
        let made = admin::create_certificate(broker, &who, &contoso.record, (&id(), 365)).await;
        let made = made.unwrap();
        let early = activate().await.unwrap_err();
        assert_eq!(early.reason(), ReasonCode::EntraAssertionRefused, "round {round}");
        assert!(entra.log_in(&wiki, "bob").await.outcome().starts_with("signed in"));
        let uploaded = Certificate::from_pem(&made.certificate_pem).unwrap();
        registration(&entra, |app| app.without_credentials().secret(SECRET).certificate(uploaded));
        assert_eq!(activate().await.unwrap(), made.thumbprint);
        set_authentication(&contoso, EntraAuthentication::Certificate).await;
        let login = entra.log_in(&wiki, "alice").await;
        assert!(login.outcome().starts_with("signed in"), "round {round}: {}", login.outcome());
        assert_eq!(entra.entra.last_client_authentication(), Some("certificate"));
    }
    assert_eq!(events(&contoso, "connector.certificate_activated").await.len(), 2);
    assert!(!format!("{:?}", contoso.audit_rows().await).contains("PRIVATE KEY"));
}

#[actix_web::test]
async fn entra_e52_what_is_shown_for_a_federated_credential_is_what_microsoft_must_know() {
    let entra = EntraWorld::start().await;
    let contoso = entra.tenant("contoso").await;
    let wiki = contoso.application("wiki").await;
    let trust = admin::federated_trust(&entra.world.broker, &contoso.record, &id()).await.unwrap();
    assert_eq!((trust.issuer.as_str(), trust.subject.as_str()), (&*contoso.issuer(), ENTRA));
    assert_eq!(trust.audience, "api://AzureADTokenExchange");
    set_authentication(&contoso, EntraAuthentication::Federated).await;
    let before = entra.log_in(&wiki, "alice").await.outcome();
    assert!(before.contains("entra.federated_credential_unknown"), "{before}");
    registration(&entra, |app| app.without_credentials().federated(&trust.issuer, &trust.subject));
    let login = entra.log_in(&wiki, "alice").await;
    assert!(login.outcome().starts_with("signed in"), "{}", login.outcome());
    assert_eq!(entra.entra.last_client_authentication(), Some("federated"));
}

#[actix_web::test]
async fn feat_b12_where_no_token_request_can_prove_a_secret_that_is_said() {
    let world = TestBroker::start().await;
    let contoso = world.tenant("contoso").await;
    let connector = ConnectorId::parse(CONNECTOR).unwrap();
    let new = NewSecret { secret: SecretString::from("another-secret-0123456789"), ends_at: None };
    let (who, change) = (caller(), (&connector, new));
    let done = admin::replace_client_secret(&world.broker, &who, &contoso.record, change).await;
    let done = done.unwrap();
    assert!(!done.proved && done.previous_kept);
}
