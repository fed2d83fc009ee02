//! Tokens, keys and documents that are not as they should be: each is refused with its own code, leaves no
//! session, and the next good sign-in works.

use symbolon_testkit::ForbiddenListener;
use symbolon_testkit::entra::EntraFault as Fault;

use crate::world::{CONTOSO, ENTRA, EntraWorld, FABRIKAM};

/// Each fault at a tenant of its own, where nothing is cached yet.
async fn refuse_each<const N: usize>(cases: [(Fault, &str); N]) {
    let entra = EntraWorld::start().await;
    for (number, (fault, expected)) in cases.into_iter().enumerate() {
        let tenant = entra.tenant(&format!("t{number}")).await;
        let wiki = tenant.application("wiki").await;
        entra.entra.misbehave(fault.clone());
        let refused = entra.log_in(&wiki, "alice").await;
        assert_eq!(refused.outcome(), expected, "{fault:?}");
        assert_eq!(tenant.sessions().await, 0, "{fault:?}");
        tenant.assert_told_and_kept(&refused.page, Some(ENTRA)).await;
        entra.entra.behave();
        // Keys are read anew within the hour.
        entra.world.clock.advance(chrono::TimeDelta::minutes(61));
        let fine = entra.log_in(&wiki, "alice").await;
        assert!(fine.outcome().starts_with("signed in"), "{fault:?}: {}", fine.outcome());
    }
}

#[actix_web::test]
async fn entra_e10_tid_and_issuer_must_be_the_directory_whose_keys_signed() {
    refuse_each([
        (Fault::TokenTid(FABRIKAM.into()), "403 entra.directory_not_accepted"),
        (Fault::TokenTid("contoso.com".into()), "400 entra.tid_invalid"),
        (Fault::TokenWithoutClaim("tid".into()), "400 entra.tid_invalid"),
        (Fault::TokenIssuerOf(FABRIKAM.into()), "400 oidc.issuer_mismatch"),
        (Fault::TokenIssuerTemplate, "400 oidc.issuer_mismatch"),
        (Fault::TokenPersonalAccount, "403 entra.personal_account"),
    ])
    .await;
}

#[actix_web::test]
async fn entra_e01_e04_e20_versions_keys_and_persons_that_cannot_be() {
    refuse_each([
        (Fault::TokenVersion1, "400 oidc.issuer_mismatch"),
        (Fault::TokenClaim("ver".into(), "1.0".into()), "400 entra.token_version"),
        (Fault::KeyIssuerPersonal, "400 entra.key_issuer_mismatch"),
        (Fault::KeyIssuer("https://evil.example/v2.0".into()), "400 entra.key_issuer_mismatch"),
        (Fault::TokenSignedByPersonalKey, "400 entra.key_issuer_mismatch"),
        (Fault::TokenWithoutOid, "400 entra.oid_missing"),
    ])
    .await;
}

#[actix_web::test]
async fn entra_p1_to_p5_what_holds_for_every_openid_token_holds_here() {
    refuse_each([
        (Fault::TokenBadSignature, "400 oidc.bad_signature"),
        (Fault::TokenExpired, "400 oidc.token_expired"),
        (Fault::TokenFromTheFuture, "400 oidc.token_not_yet_valid"),
        (Fault::TokenWrongNonce, "400 oidc.nonce_mismatch"),
        (Fault::TokenWrongAudience, "400 oidc.audience_mismatch"),
        (Fault::TokenUnknownKey, "400 oidc.unknown_key"),
    ])
    .await;
}

#[actix_web::test]
async fn entra_e07_documents_that_lead_elsewhere_are_refused_before_anything_is_sent() {
    let forbidden = ForbiddenListener::start().unwrap();
    refuse_each([
        (Fault::DiscoveryGraphHost("graph.evil.example".into()), "424 entra.graph_host_refused"),
        (Fault::DiscoveryIssuer("https://evil.example/v2.0".into()), "424 oidc.discovery_invalid"),
        (
            Fault::DiscoveryTokenEndpoint("https://evil.example/token".into()),
            "424 oidc.discovery_invalid",
        ),
        (Fault::DiscoveryDown, "424 oidc.discovery_failed"),
        (Fault::KeysDown, "424 oidc.jwks_unavailable"),
        (Fault::TokenEndpointDown, "424 oidc.token_endpoint_error"),
        (Fault::TokenEndpointHtml, "424 oidc.token_endpoint_error"),
        (Fault::TokenEndpointHangs, "424 oidc.token_endpoint_error"),
    ])
    .await;
    assert_eq!(forbidden.first_lines(), [""; 0]);
}

#[actix_web::test]
async fn entra_e20_another_sub_for_the_same_person_is_refused() {
    let entra = EntraWorld::start().await;
    let contoso = entra.tenant("contoso").await;
    let wiki = contoso.application("wiki").await;
    entra.log_in(&wiki, "alice").await;
    entra.entra.misbehave(Fault::TokenSubjectChanged);
    let refused = entra.log_in(&wiki, "alice").await;
    assert_eq!(refused.outcome(), "403 entra.subject_changed");
    entra.entra.behave();
    let fine = entra.log_in(&wiki, "alice").await;
    assert!(fine.outcome().starts_with("signed in"), "{}", fine.outcome());
}

#[actix_web::test]
async fn entra_e09_a_directory_that_is_gone_is_named_as_such() {
    let entra = EntraWorld::start().await;
    let gone = "99999999-2222-4333-8444-555555555555";
    let contoso = entra
        .tenant_with("contoso", |_, settings| {
            settings.tenant_id =
                symbolon_identity::connectors::entra::DirectoryId::parse(gone).unwrap();
        })
        .await;
    let refused = entra.log_in(&contoso.application("wiki").await, "alice").await;
    assert_eq!(refused.outcome(), "424 entra.directory_unknown");
    assert_ne!(gone, CONTOSO);
}
