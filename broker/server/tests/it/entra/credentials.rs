//! How the connector proves itself (E-50 to E-53): secret, certificate, or a statement of our own issuer.

use symbolon_identity::connectors::entra::EntraAuthentication;
use symbolon_testkit::entra::Times;

use crate::world::{APP, CONTOSO, ENTRA, EntraWorld, SECRET};

#[actix_web::test]
async fn entra_e52_k10_our_own_issuer_is_trusted_and_nothing_expires() {
    let entra = EntraWorld::start().await;
    let contoso = entra
        .tenant_with("contoso", |new, settings| {
            settings.client_authentication = EntraAuthentication::Federated;
            new.client_secret = None;
        })
        .await;
    let wiki = contoso.application("wiki").await;
    // The registration does not trust us yet.
    let refused = entra.log_in(&wiki, "alice").await;
    assert_eq!(refused.outcome(), "424 entra.federated_credential_unknown");
    let issuer = contoso.issuer();
    entra.entra.change_application(APP, |app| app.federated(&issuer, ENTRA));
    let fine = entra.log_in(&wiki, "alice").await;
    assert_eq!(fine.outcome(), "signed in as alice@contoso.com with roles [viewer]");
    assert_eq!(entra.entra.last_client_authentication(), Some("federated"));
}

#[actix_web::test]
async fn feat_n54_b35_wrong_and_expired_secrets_are_told_apart() {
    let entra = EntraWorld::start().await;
    let now = symbolon_identity::clock::Clock::now(&entra.world.clock).timestamp();
    entra.entra.change_application(APP, |app| {
        app.without_credentials().secret_until("Old8Q~secret-that-has-ended-000000", now - 60)
    });
    for (slug, secret, expected) in [
        ("wrong", SECRET, "424 entra.secret_invalid"),
        ("old", "Old8Q~secret-that-has-ended-000000", "424 entra.secret_expired"),
    ] {
        let tenant =
            entra.tenant_with(slug, |new, _| new.client_secret = Some(secret.into())).await;
        let refused = entra.log_in(&tenant.application("wiki").await, "alice").await;
        assert_eq!(refused.outcome(), expected, "{slug}");
        tenant.assert_told_and_kept(&refused.page, Some(ENTRA)).await;
        assert!(!refused.page.body().contains(secret));
    }
}

#[actix_web::test]
async fn entra_e55_microsofts_ids_are_kept_for_support_and_secrets_are_not() {
    let entra = EntraWorld::start().await;
    let contoso = entra.tenant("contoso").await;
    entra.entra.fail_token(7_000_222, Times::Next(1));
    entra.log_in(&contoso.application("wiki").await, "alice").await;
    let row = contoso.audit_rows().await.pop().unwrap();
    let detail = row["details"]["detail"].as_str().unwrap();
    assert!(detail.contains("AADSTS7000222") && detail.contains("correlation id "), "{detail}");
    assert!(!detail.contains(SECRET) && !row.to_string().contains(SECRET));
    assert_ne!(CONTOSO, APP);
}
