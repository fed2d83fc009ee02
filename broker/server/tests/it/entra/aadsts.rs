//! Microsoft's errors (entra.md 3, N35, N54 to N56, B23, B32 to B35): what comes back to us has its reason; what
//! only Microsoft's page shows is predicted by the test of the connection and explained by `symbolon explain`.

use symbolon_contract::{ReasonCode, SeenAt};
use symbolon_testkit::entra::{Shown, Times};

use crate::world::{ENTRA, EntraWorld};

/// Every reason that has numbers of Microsoft's, with its first number that shows up at a place. That each
/// single number finds its reason is tested where the catalogue is, and by `symbolon explain`.
fn reasons(seen_at: SeenAt) -> impl Iterator<Item = (ReasonCode, u32)> {
    let all = ReasonCode::ALL.iter().copied();
    all.filter(move |reason| reason.entry().seen_at.contains(&seen_at))
        .filter_map(|reason| Some((reason, *reason.entry().aadsts.first()?)))
}

#[actix_web::test]
async fn entra_aadsts_what_comes_back_to_the_callback_is_explained() {
    let entra = EntraWorld::start().await;
    let contoso = entra.tenant("contoso").await;
    let wiki = contoso.application("wiki").await;
    for (reason, number) in reasons(SeenAt::Callback) {
        entra.entra.fail_authorize(number, Shown::AtCallback, Times::Next(1));
        let refused = entra.log_in(&wiki, "alice").await;
        assert_eq!(refused.reason().as_deref(), Some(reason.as_str()), "{number}");
        // Who declined is told to the application (FA-13); all else is a page.
        let told = refused.told().is_some();
        assert_eq!(told, reason.entry().oauth_error == Some("access_denied"), "{number}");
        assert!(told || refused.page.status() == reason.entry().status, "{number}");
    }
    assert_eq!(contoso.sessions().await, 0);
}

#[actix_web::test]
async fn entra_aadsts_what_the_token_endpoint_says_is_explained() {
    let entra = EntraWorld::start().await;
    let contoso = entra.tenant("contoso").await;
    let wiki = contoso.application("wiki").await;
    for (reason, number) in reasons(SeenAt::Token) {
        entra.entra.fail_token(number, Times::Always);
        let refused = entra.log_in(&wiki, "alice").await;
        entra.entra.behave();
        assert_eq!(refused.page.text("reason-code").as_deref(), Some(reason.as_str()), "{number}");
    }
    let fine = entra.log_in(&wiki, "alice").await;
    assert!(fine.outcome().starts_with("signed in"), "{}", fine.outcome());
}

#[actix_web::test]
async fn feat_b23_b33_b34_n35_no_failure_is_silent_each_is_told_and_has_a_row_and_an_id() {
    let entra = EntraWorld::start().await;
    let contoso = entra.tenant("contoso").await;
    let wiki = contoso.application("wiki").await;
    for (number, expected) in [
        (65001, "403 entra.consent_missing"),
        (65004, "access_denied entra.consent_declined"),
        (50105, "403 entra.user_not_assigned"),
        (50057, "403 entra.user_disabled"),
        (50034, "403 entra.user_unknown"),
        (999_999, "424 entra.upstream_error"),
    ] {
        entra.entra.fail_authorize(number, Shown::AtCallback, Times::Next(1));
        let refused = entra.log_in(&wiki, "alice").await;
        match refused.told() {
            Some(told) => assert_eq!(told, expected, "{number}"),
            None => {
                assert_eq!(refused.outcome(), expected, "{number}");
                contoso.assert_told_and_kept(&refused.page, Some(ENTRA)).await;
            }
        }
        let row = contoso.audit_rows().await.pop().unwrap();
        let detail = row["details"]["detail"].as_str().unwrap().to_owned();
        assert!(detail.contains(&format!("AADSTS{number}")), "{detail}");
    }
}

#[actix_web::test]
async fn feat_n7_a_claims_challenge_is_answered_by_asking_once_more() {
    let entra = EntraWorld::start().await;
    let contoso = entra.tenant("contoso").await;
    let wiki = contoso.application("wiki").await;
    // AADSTS50076 comes with a challenge: the directory wants a second factor for this.
    entra.entra.fail_token(50076, Times::Next(1));
    let before = entra.entra.hits("authorize");
    let login = entra.log_in(&wiki, "alice").await;
    assert_eq!(login.outcome(), "signed in as alice@contoso.com with roles [viewer]");
    assert_eq!(entra.entra.hits("authorize") - before, 2);
    assert!(entra.entra.last_authorize().contains_key("claims"));
    assert_eq!(contoso.audit_trail().await, ["user.sso_provisioned", "user.sso_login"]);
}
