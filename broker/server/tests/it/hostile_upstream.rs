//! An upstream that lies, breaks or is down (security.md C, entra.md P-1 to P-10): each fault is refused with
//! its own reason, told on the page and kept in the audit trail, and the next good sign-in works.

use std::io::ErrorKind;
use std::net::TcpListener;

use actix_web::rt;
use chrono::TimeDelta;
use futures_util::future::join_all;
use symbolon_identity::admin::NewConnector;
use symbolon_testkit::{Browser, ForbiddenListener, Misbehaviour as Fault};

use crate::world::{TestApplication, TestBroker, oidc_settings, refused_then_fine};

/// Each fault at a tenant of its own, where nothing is cached yet.
async fn refuse_each<const N: usize>(cases: [(Fault, &str); N]) {
    let world = TestBroker::start().await;
    for (number, (fault, expected)) in cases.into_iter().enumerate() {
        let tenant = world.tenant(&format!("t{number}")).await;
        refused_then_fine(&tenant, &[fault], expected).await;
    }
}

#[actix_web::test]
async fn neg_c5_signatures_that_prove_nothing() {
    let forbidden = ForbiddenListener::start().unwrap();
    refuse_each([
        (Fault::AlgNone, "400 oidc.algorithm_refused"),
        (Fault::Hs256WithClientSecret, "400 oidc.algorithm_refused"),
        (Fault::UnknownKid, "400 oidc.unknown_key"),
        (Fault::BadSignature, "400 oidc.bad_signature"),
        (Fault::JkuHeader(forbidden.url()), "400 oidc.unknown_key"),
    ])
    .await;
    assert_eq!(forbidden.first_lines(), [""; 0]);
}

#[actix_web::test]
async fn neg_c7_tokens_for_somebody_else() {
    refuse_each([
        (Fault::WrongIssuer, "400 oidc.issuer_mismatch"),
        (Fault::WrongAudience, "400 oidc.audience_mismatch"),
        (Fault::ExtraAudience, "400 oidc.azp_mismatch"),
        (Fault::AzpOther, "400 oidc.azp_mismatch"),
        (Fault::WrongNonce, "400 oidc.nonce_mismatch"),
        (Fault::NoNonce, "400 oidc.nonce_mismatch"),
        (Fault::AtHashWrong, "400 oidc.at_hash_mismatch"),
    ])
    .await;
}

#[actix_web::test]
async fn neg_p2_p4_p10_claims_that_cannot_be() {
    refuse_each([
        (Fault::Expired, "400 oidc.token_expired"),
        (Fault::IssuedInFuture, "400 oidc.token_not_yet_valid"),
        (Fault::NotYetValid, "400 oidc.token_not_yet_valid"),
        (Fault::EmptySubject, "400 oidc.subject_invalid"),
        (Fault::LongSubject, "400 oidc.subject_invalid"),
        (Fault::ControlCharacterInSubject, "400 oidc.subject_invalid"),
        (Fault::HugeClaims, "400 oidc.claims_too_large"),
    ])
    .await;
}

#[actix_web::test]
async fn neg_c8_userinfo_of_somebody_else() {
    refuse_each([
        (Fault::UserinfoOtherSubject, "400 oidc.userinfo_subject_mismatch"),
        (Fault::UserinfoDown, "424 oidc.userinfo_error"),
    ])
    .await;
}

#[actix_web::test]
async fn neg_c14_token_endpoint_that_does_not_work() {
    refuse_each([
        (Fault::TokenEndpointHtml, "424 oidc.token_endpoint_error"),
        (Fault::TokenEndpoint500, "424 oidc.token_endpoint_error"),
        (Fault::TokenEndpointHangs, "424 oidc.token_endpoint_error"),
        (Fault::TokenEndpointInvalidClient, "424 oidc.client_authentication_failed"),
        (Fault::HugeTokenResponse, "424 net.response_too_large"),
        (Fault::NoIdToken, "424 oidc.id_token_missing"),
    ])
    .await;
}

#[actix_web::test]
async fn neg_c14_a_failing_token_endpoint_is_asked_once() {
    let world = TestBroker::start().await;
    let contoso = world.tenant("contoso").await;
    refused_then_fine(&contoso, &[Fault::TokenEndpoint500], "424 oidc.token_endpoint_error").await;
    assert_eq!(world.provider.hits("token"), 2, "one refused, one fine");
}

#[actix_web::test]
async fn neg_c10_redirects_are_not_followed() {
    let forbidden = ForbiddenListener::start().unwrap();
    let to = || forbidden.url();
    refuse_each([
        (Fault::DiscoveryRedirect(to()), "424 net.redirect_refused"),
        (Fault::JwksRedirect(to()), "424 net.redirect_refused"),
        (Fault::TokenEndpointRedirect(to()), "424 net.redirect_refused"),
        (Fault::JwksRedirect("http://169.254.169.254/".into()), "424 net.blocked_address"),
        (Fault::TokenEndpointRedirect("file:///etc/passwd".into()), "424 net.redirect_refused"),
    ])
    .await;
    assert_eq!(forbidden.first_lines(), [""; 0]);
}

#[actix_web::test]
async fn neg_c4_c11_discovery_that_cannot_be_believed() {
    let metadata = || "http://169.254.169.254/latest/meta-data".to_owned();
    refuse_each([
        (Fault::DiscoveryIssuerOther, "424 oidc.discovery_invalid"),
        (Fault::DiscoveryNotJson, "424 oidc.discovery_invalid"),
        (Fault::DiscoveryHuge, "424 net.response_too_large"),
        (Fault::DiscoveryDown, "424 oidc.discovery_failed"),
        (Fault::DiscoveryJwksPrivate(metadata()), "424 oidc.discovery_invalid"),
        (Fault::DiscoveryTokenEndpoint(metadata()), "424 oidc.discovery_invalid"),
        (Fault::DiscoveryTokenEndpoint("file:///etc/passwd".into()), "424 oidc.discovery_invalid"),
    ])
    .await;
}

/// Even a host that the admin named is not reached at an address that the operator did not list.
#[actix_web::test]
async fn neg_c11_a_named_host_at_a_private_address_is_not_connected_to() {
    let listener = TcpListener::bind("127.0.0.2:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let address = format!("https://{}/", listener.local_addr().unwrap());
    let only = [("SYMBOLON__OUTGOING__ALLOW_PRIVATE", "127.0.0.1/32")];
    let world = TestBroker::start_with(&only).await;
    let faults = [
        Fault::DiscoveryJwksPrivate(address.clone()),
        Fault::DiscoveryTokenEndpoint(address),
        Fault::DiscoveryJwksPrivate("https://10.0.0.1/".into()),
        Fault::DiscoveryTokenEndpoint("https://169.254.169.254/".into()),
    ];
    for (number, fault) in faults.into_iter().enumerate() {
        let hosts = ["127.0.0.2", "10.0.0.1", "169.254.169.254"].map(str::to_owned).to_vec();
        let name_them = |new: &mut NewConnector| {
            let settings = oidc_settings(new);
            settings.endpoint_hosts = hosts;
        };
        let tenant = world.tenant_with(&format!("t{number}"), name_them).await;
        refused_then_fine(&tenant, &[fault], "424 net.blocked_address").await;
    }
    assert_eq!(listener.accept().unwrap_err().kind(), ErrorKind::WouldBlock);
}

#[actix_web::test]
async fn neg_h09_answers_of_another_issuer_or_of_none() {
    refuse_each([
        (Fault::IssParameterWrong, "400 oidc.mixup"),
        (Fault::NoIssParameter, "400 oidc.mixup"),
        (Fault::AuthorizeError("server_error".into()), "400 oidc.upstream_error"),
        (Fault::AuthorizeError("<script>alert(1)</script>".into()), "400 oidc.upstream_error"),
    ])
    .await;
}

#[actix_web::test]
async fn neg_p7_a_fresh_sign_in_that_was_asked_for_and_not_given() {
    let world = TestBroker::start().await;
    let contoso = world.tenant("contoso").await;
    let wiki = contoso.application("wiki").await;
    for extra in ["max_age=600", "max_age=0", "prompt=login"] {
        world.provider.misbehave(Fault::StaleAuthTime).unwrap();
        let refused = wiki.log_in_with(Browser::new().unwrap(), "alice", extra).await;
        let told = refused.outcome();
        assert!(told.contains("login_required") && told.contains("oidc.auth_time_stale"), "{told}");
        world.provider.behave();
        let fine = wiki.log_in_with(Browser::new().unwrap(), "alice", extra).await;
        assert!(fine.outcome().starts_with("signed in"), "{extra}: {}", fine.outcome());
    }
}

#[actix_web::test]
async fn neg_jwks_down_at_the_first_sign_in() {
    refuse_each([(Fault::JwksDown, "424 oidc.jwks_unavailable")]).await;
}

/// `count` people with a browser each, at once: how their sign-ins end.
async fn outcomes(wiki: &TestApplication<'_>, count: usize) -> Vec<String> {
    let all = join_all((0..count).map(|_| wiki.log_in("alice"))).await;
    all.iter().map(crate::world::Login::outcome).collect()
}

#[actix_web::test]
async fn feat_e70_keys_rotated_without_notice_cost_one_fetch() {
    let world = TestBroker::start().await;
    let contoso = world.tenant("contoso").await;
    let wiki = contoso.application("wiki").await;
    assert!(wiki.log_in("alice").await.outcome().starts_with("signed in"));
    assert_eq!(world.provider.hits("jwks"), 1);
    world.provider.misbehave(Fault::JwksRotatedNow).unwrap();
    for outcome in outcomes(&wiki, 10).await {
        assert!(outcome.starts_with("signed in"), "{outcome}");
    }
    assert_eq!(world.provider.hits("jwks"), 2);
}

#[actix_web::test]
async fn neg_c22_unknown_kids_cost_one_fetch_in_the_window() {
    let world = TestBroker::start().await;
    let contoso = world.tenant("contoso").await;
    let wiki = contoso.application("wiki").await;
    assert!(wiki.log_in("alice").await.outcome().starts_with("signed in"));
    world.provider.misbehave(Fault::UnknownKid).unwrap();
    for fetches in [2, 3] {
        for outcome in outcomes(&wiki, 30).await {
            assert_eq!(outcome, "400 oidc.unknown_key");
        }
        assert_eq!(world.provider.hits("jwks"), fetches);
        world.clock.advance(TimeDelta::minutes(6));
    }
}

#[actix_web::test]
async fn feat_e70_the_last_known_keys_serve_while_none_can_be_fetched() {
    let world = TestBroker::start().await;
    let contoso = world.tenant("contoso").await;
    let wiki = contoso.application("wiki").await;
    assert!(wiki.log_in("alice").await.outcome().starts_with("signed in"));
    world.provider.misbehave(Fault::JwksDown).unwrap();
    for fetches in [2, 3] {
        world.clock.advance(TimeDelta::hours(2));
        for outcome in outcomes(&wiki, 10).await {
            assert!(outcome.starts_with("signed in"), "{outcome}");
        }
        assert_eq!(
            world.provider.hits("jwks"),
            fetches,
            "people do not wait for a key set that is down"
        );
    }
}

#[actix_web::test]
async fn a_hanging_upstream_leaves_other_tenants_alone() {
    let world = TestBroker::start().await;
    let (contoso, fabrikam) = (world.tenant("contoso").await, world.tenant("fabrikam").await);
    let (slow, fine) = (contoso.application("slow").await, fabrikam.application("fine").await);
    world.provider.misbehave(Fault::TokenEndpointHangs).unwrap();
    let waits =
        rt::time::timeout(std::time::Duration::from_millis(500), slow.log_in("alice")).await;
    assert!(waits.is_err(), "the token endpoint hangs");
    world.provider.behave();
    assert!(fine.log_in("alice").await.outcome().starts_with("signed in"));
}
