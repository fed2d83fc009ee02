//! The way back from the upstream: whose answer is it, for which attempt, through which connector, and how
//! often (security.md C1, C2, C16, F13; openid-provider.md H-03, H-09).

use chrono::TimeDelta;
use symbolon_identity::policy::ConnectorMode;
use symbolon_testkit::{Browser, Misbehaviour};
use url::Url;

use crate::world::{CONNECTOR, TestApplication, TestBroker, parameter};

/// The URL with parameters taken away and put there.
fn changed(url: &Url, without: &str, with: &[(&str, &str)]) -> String {
    let kept: Vec<(String, String)> =
        url.query_pairs().into_owned().filter(|(name, _)| name != without).collect();
    let mut url = url.clone();
    url.query_pairs_mut().clear().extend_pairs(kept).extend_pairs(with);
    url.into()
}

pub(crate) fn browser() -> Browser {
    Browser::new().unwrap()
}

/// Opens an address: the code that the application gets, or status and reason of the refusal, which is
/// then checked against the audit trail.
pub(crate) async fn open(
    app: &TestApplication<'_>,
    browser: &mut Browser,
    address: &str,
) -> String {
    let page = browser.get(address).await.unwrap();
    if let Some(location) = page.location() {
        assert!(parameter(&location, "code").is_some(), "{location}");
        return format!("code for {}", parameter(&location, "state").unwrap());
    }
    let connector = address.split("/callback/").last().unwrap().split('?').next();
    app.tenant.assert_told_and_kept(&page, connector).await;
    format!("{} {}", page.status(), page.text("reason-code").unwrap())
}

#[actix_web::test]
async fn neg_c1_a_state_that_is_not_one_of_ours_spends_nothing() {
    let world = TestBroker::start().await;
    let contoso = world.tenant("contoso").await;
    let wiki = contoso.application("wiki").await;
    let mut alice = browser();
    let url = wiki.callback_of(&mut alice, ("alice", "s1")).await;
    let state = parameter(&url, "state").unwrap();
    let other = "A".repeat(43);
    for address in [
        changed(&url, "state", &[]),
        changed(&url, "state", &[("state", "")]),
        changed(&url, "", &[("state", &state)]),
        changed(&url, "state", &[("state", &other)]),
        changed(&url, "state", &[("state", &state.to_lowercase())]),
        changed(&url, "state", &[("state", &"x".repeat(10_000))]),
    ] {
        assert_eq!(open(&wiki, &mut alice, &address).await, "400 oidc.state_mismatch", "{address}");
    }
    assert_eq!(contoso.sessions().await, 0);
    assert_eq!(open(&wiki, &mut alice, url.as_str()).await, "code for s1");
}

/// Login CSRF: the attacker's own answer, fresh and good, is opened in somebody else's browser.
#[actix_web::test]
async fn neg_c2_an_answer_counts_only_in_the_browser_that_asked() {
    let world = TestBroker::start().await;
    let contoso = world.tenant("contoso").await;
    let wiki = contoso.application("wiki").await;
    let mut attacker = browser();
    let url = wiki.callback_of(&mut attacker, ("bob", "s1")).await;
    let mut passer_by = browser();
    passer_by.stop_before(&wiki.running.url());
    let mut signing_in = browser();
    wiki.callback_of(&mut signing_in, ("alice", "s2")).await;
    for victim in [&mut passer_by, &mut signing_in] {
        assert_eq!(open(&wiki, victim, url.as_str()).await, "400 oidc.state_mismatch");
        assert_eq!(victim.cookie("127.0.0.1", "symbolon-session-contoso"), None);
    }
    assert_eq!(contoso.sessions().await, 0);
    assert_eq!(open(&wiki, &mut attacker, url.as_str()).await, "code for s1");
}

#[actix_web::test]
async fn neg_c1_an_answer_counts_only_at_its_tenant() {
    let world = TestBroker::start().await;
    let (contoso, fabrikam) = (world.tenant("contoso").await, world.tenant("fabrikam").await);
    let (wiki, desk) = (contoso.application("wiki").await, fabrikam.application("desk").await);
    let mut alice = browser();
    let url = wiki.callback_of(&mut alice, ("alice", "s1")).await;
    desk.callback_of(&mut alice, ("alice", "s2")).await;
    let elsewhere = url.as_str().replace("/t/contoso/", "/t/fabrikam/");
    assert_eq!(open(&desk, &mut alice, &elsewhere).await, "400 oidc.state_mismatch");
    alice.stop_before(&wiki.running.url());
    assert_eq!(open(&wiki, &mut alice, url.as_str()).await, "code for s1");
}

#[actix_web::test]
async fn neg_h09_an_answer_counts_only_at_its_connector() {
    let world = TestBroker::start().await;
    let contoso = world.tenant("contoso").await;
    let wiki = contoso.application("wiki").await;
    let mut alice = browser();
    let url = wiki.callback_of(&mut alice, ("alice", "s1")).await;
    contoso.connector("second", |_| ()).await;
    for (connector, expected) in [("second", "400 oidc.mixup"), ("third", "404 connector.unknown")]
    {
        let elsewhere = url.as_str().replace(CONNECTOR, connector);
        assert_eq!(open(&wiki, &mut alice, &elsewhere).await, expected);
    }
    assert_eq!(open(&wiki, &mut alice, url.as_str()).await, "code for s1");
}

/// Back button and reload: a clear page, and the person stays signed in.
#[actix_web::test]
async fn neg_p8_an_answer_counts_once() {
    let world = TestBroker::start().await;
    let contoso = world.tenant("contoso").await;
    let wiki = contoso.application("wiki").await;
    let mut alice = browser();
    let url = wiki.callback_of(&mut alice, ("alice", "s1")).await;
    assert_eq!(open(&wiki, &mut alice, url.as_str()).await, "code for s1");
    for _ in 0..2 {
        assert_eq!(open(&wiki, &mut alice, url.as_str()).await, "400 attempt.already_used");
    }
    let own = alice.get(&format!("{}/", contoso.issuer())).await.unwrap();
    assert_eq!(own.text("user-email").as_deref(), Some("alice@contoso.com"), "{}", own.body());
    assert_eq!(contoso.sessions().await, 1);
}

#[actix_web::test]
async fn neg_an_attempt_is_over_after_its_lifetime() {
    let world = TestBroker::start().await;
    let contoso = world.tenant("contoso").await;
    let wiki = contoso.application("wiki").await;
    let mut alice = browser();
    let url = wiki.callback_of(&mut alice, ("alice", "s1")).await;
    world.clock.advance(TimeDelta::minutes(15));
    assert_eq!(open(&wiki, &mut alice, url.as_str()).await, "400 attempt.expired");
    let again = wiki.callback_of(&mut alice, ("alice", "s2")).await;
    world.clock.advance(TimeDelta::minutes(4));
    assert_eq!(open(&wiki, &mut alice, again.as_str()).await, "code for s2");
}

#[actix_web::test]
async fn neg_answers_without_a_code_or_of_another_issuer() {
    let world = TestBroker::start().await;
    let contoso = world.tenant("contoso").await;
    let wiki = contoso.application("wiki").await;
    for (without, with, expected) in [
        ("code", &[][..], "400 oidc.code_missing"),
        ("code", &[("code", "")][..], "400 oidc.code_missing"),
        ("code", &[("code", "made-up")][..], "424 oidc.token_endpoint_error"),
        ("", &[("code", "second")][..], "400 oidc.code_missing"),
        ("iss", &[][..], "400 oidc.mixup"),
        ("iss", &[("iss", "https://evil.invalid")][..], "400 oidc.mixup"),
        ("", &[("iss", "https://evil.invalid")][..], "400 oidc.mixup"),
    ] {
        // A browser of its own each time: three failures in one would end at the loop guard (E-80).
        let mut alice = browser();
        let url = wiki.callback_of(&mut alice, ("alice", "s1")).await;
        let outcome = open(&wiki, &mut alice, &changed(&url, without, with)).await;
        assert_eq!(outcome, expected, "without {without}, with {with:?}");
        let again = open(&wiki, &mut alice, url.as_str()).await;
        assert_eq!(again, "400 attempt.already_used", "the state is spent");
    }
    assert_eq!(contoso.sessions().await, 0);
}

/// A code of another sign-in at the same upstream, put into an attempt of one's own: PKCE refuses it.
#[actix_web::test]
async fn neg_c16_a_code_of_another_attempt_is_of_no_use() {
    let world = TestBroker::start().await;
    let contoso = world.tenant("contoso").await;
    let wiki = contoso.application("wiki").await;
    let (mut alice, mut bob) = (browser(), browser());
    let stolen = wiki.callback_of(&mut alice, ("alice", "s1")).await;
    let own = wiki.callback_of(&mut bob, ("bob", "s2")).await;
    let code = parameter(&stolen, "code").unwrap();
    let injected = changed(&own, "code", &[("code", &code)]);
    assert_eq!(open(&wiki, &mut bob, &injected).await, "424 oidc.token_endpoint_error");
    assert_eq!(contoso.sessions().await, 0);
}

#[actix_web::test]
async fn feat_f13_twenty_attempts_in_one_browser_all_work() {
    let world = TestBroker::start().await;
    let contoso = world.tenant("contoso").await;
    let wiki = contoso.application("wiki").await;
    let mut alice = browser();
    let mut begun = Vec::new();
    for number in 0..20 {
        let state = format!("s{number}");
        begun.push((wiki.callback_of(&mut alice, ("alice", &state)).await, state));
    }
    for (url, state) in begun.iter().rev() {
        assert_eq!(open(&wiki, &mut alice, url.as_str()).await, format!("code for {state}"));
    }
}

#[actix_web::test]
async fn neg_a_connector_that_was_switched_off_meanwhile() {
    let world = TestBroker::start().await;
    let contoso = world.tenant("contoso").await;
    let wiki = contoso.application("wiki").await;
    let mut alice = browser();
    let url = wiki.callback_of(&mut alice, ("alice", "s1")).await;
    contoso.mode(CONNECTOR, ConnectorMode::Off).await;
    assert_eq!(open(&wiki, &mut alice, url.as_str()).await, "403 connector.off");
}

/// The provider's words are never a page of ours.
#[actix_web::test]
async fn neg_f7_words_of_the_upstream_are_not_shown() {
    let world = TestBroker::start().await;
    let contoso = world.tenant("contoso").await;
    let wiki = contoso.application("wiki").await;
    world.provider.misbehave(Misbehaviour::AuthorizeError("<b>bold</b>".into())).unwrap();
    let refused = wiki.log_in("alice").await;
    assert_eq!(refused.outcome(), "400 oidc.upstream_error");
    assert!(!refused.page.body().contains("bold"));
    let rows = contoso.audit_rows().await;
    let details = rows.iter().map(|row| row["details"]["detail"].as_str().unwrap_or_default());
    assert!(details.into_iter().any(|text| text.contains("<b>bold</b>")), "the admin sees them");
}
