//! The way back from the upstream: whose answer is it, for which attempt, through which connector, and how
//! often (security.md C1, C2, C16, F13; openid-provider.md H-03, H-09).

use chrono::TimeDelta;
use serde_json::{Value, json};
use symbolon_identity::connectors::ConnectorSettings;
use symbolon_identity::connectors::oidc::{ClientAuthentication, ResponseMode};
use symbolon_identity::keys::SigningAlgorithm;
use symbolon_testkit::{Browser, Misbehaviour, RegisteredClient};
use url::Url;

use crate::world::{CONNECTOR, TestApplication, TestBroker, TestTenant, http, parameter};

/// The URL with parameters taken away and put there.
fn changed(url: &Url, without: &str, with: &[(&str, &str)]) -> String {
    let kept: Vec<(String, String)> = url
        .query_pairs()
        .into_owned()
        .filter(|(name, _)| name != without)
        .collect();
    let mut url = url.clone();
    url.query_pairs_mut()
        .clear()
        .extend_pairs(kept)
        .extend_pairs(with);
    url.into()
}

fn browser() -> Browser {
    Browser::new().unwrap()
}

/// Opens an address: the code that the application gets, or status and reason of the refusal, which is
/// then checked against the audit trail.
async fn open(app: &TestApplication<'_>, browser: &mut Browser, address: &str) -> String {
    let page = browser.get(address).await.unwrap();
    if let Some(location) = page.location() {
        assert!(parameter(&location, "code").is_some(), "{location}");
        return format!("code for {}", parameter(&location, "state").unwrap());
    }
    let connector = address
        .split("/callback/")
        .last()
        .unwrap()
        .split('?')
        .next();
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
        assert_eq!(
            open(&wiki, &mut alice, &address).await,
            "400 oidc.state_mismatch",
            "{address}"
        );
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
        assert_eq!(
            open(&wiki, victim, url.as_str()).await,
            "400 oidc.state_mismatch"
        );
        assert_eq!(victim.cookie("127.0.0.1", "symbolon-session-contoso"), None);
    }
    assert_eq!(contoso.sessions().await, 0);
    assert_eq!(
        open(&wiki, &mut attacker, url.as_str()).await,
        "code for s1"
    );
}

#[actix_web::test]
async fn neg_c1_an_answer_counts_only_at_its_tenant() {
    let world = TestBroker::start().await;
    let (contoso, fabrikam) = (
        world.tenant("contoso").await,
        world.tenant("fabrikam").await,
    );
    let (wiki, desk) = (
        contoso.application("wiki").await,
        fabrikam.application("desk").await,
    );
    let mut alice = browser();
    let url = wiki.callback_of(&mut alice, ("alice", "s1")).await;
    desk.callback_of(&mut alice, ("alice", "s2")).await;
    let elsewhere = url.as_str().replace("/t/contoso/", "/t/fabrikam/");
    assert_eq!(
        open(&desk, &mut alice, &elsewhere).await,
        "400 oidc.state_mismatch"
    );
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
    for (connector, expected) in [
        ("second", "400 oidc.mixup"),
        ("third", "404 connector.unknown"),
    ] {
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
        assert_eq!(
            open(&wiki, &mut alice, url.as_str()).await,
            "400 attempt.already_used"
        );
    }
    let own = alice.get(&format!("{}/", contoso.issuer())).await.unwrap();
    assert_eq!(
        own.text("user-email").as_deref(),
        Some("alice@contoso.com"),
        "{}",
        own.body()
    );
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
    assert_eq!(
        open(&wiki, &mut alice, url.as_str()).await,
        "400 attempt.expired"
    );
    let again = wiki.callback_of(&mut alice, ("alice", "s2")).await;
    world.clock.advance(TimeDelta::minutes(4));
    assert_eq!(open(&wiki, &mut alice, again.as_str()).await, "code for s2");
}

#[actix_web::test]
async fn neg_answers_without_a_code_or_of_another_issuer() {
    let world = TestBroker::start().await;
    let contoso = world.tenant("contoso").await;
    let wiki = contoso.application("wiki").await;
    let mut alice = browser();
    for (without, with, expected) in [
        ("code", &[][..], "400 oidc.code_missing"),
        ("code", &[("code", "")][..], "400 oidc.code_missing"),
        (
            "code",
            &[("code", "made-up")][..],
            "424 oidc.token_endpoint_error",
        ),
        ("", &[("code", "second")][..], "400 oidc.code_missing"),
        ("iss", &[][..], "400 oidc.mixup"),
        (
            "iss",
            &[("iss", "https://evil.invalid")][..],
            "400 oidc.mixup",
        ),
        ("", &[("iss", "https://evil.invalid")][..], "400 oidc.mixup"),
    ] {
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
    assert_eq!(
        open(&wiki, &mut bob, &injected).await,
        "424 oidc.token_endpoint_error"
    );
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
        assert_eq!(
            open(&wiki, &mut alice, url.as_str()).await,
            format!("code for {state}")
        );
    }
}

#[actix_web::test]
async fn neg_a_connector_that_was_switched_off_meanwhile() {
    let world = TestBroker::start().await;
    let contoso = world.tenant("contoso").await;
    let wiki = contoso.application("wiki").await;
    let mut alice = browser();
    let url = wiki.callback_of(&mut alice, ("alice", "s1")).await;
    contoso
        .mode(CONNECTOR, symbolon_identity::policy::ConnectorMode::Off)
        .await;
    assert_eq!(
        open(&wiki, &mut alice, url.as_str()).await,
        "403 connector.off"
    );
}

async fn with_form_post(world: &TestBroker) -> TestTenant<'_> {
    let change = |new: &mut symbolon_identity::admin::NewConnector| {
        let ConnectorSettings::Oidc(settings) = &mut new.configuration.upstream;
        settings.response_mode = ResponseMode::FormPost;
    };
    world.tenant_with("contoso", change).await
}

/// The answer of the provider as a form, before it is posted.
async fn posted_fields(app: &TestApplication<'_>, browser: &mut Browser) -> Vec<(String, String)> {
    let provider = &app.tenant.world.provider;
    provider.sign_in_automatically(symbolon_testkit::provider::AutomaticSignIn::As(
        "alice".into(),
    ));
    browser.stop_before(&app.running.url());
    let page = browser.get(&app.authorize_url(&[])).await.unwrap();
    let value = |name: &str| {
        page.attribute_of(&format!("input[name={name}]"), "value")
            .unwrap()
    };
    ["code", "state", "iss"]
        .map(|name| (name.to_owned(), value(name)))
        .to_vec()
}

/// `SameSite=Lax`: a real browser posts across sites without cookies. It is sent round once, with them.
#[actix_web::test]
async fn feat_h03_a_posted_answer_works_without_cookies() {
    let world = TestBroker::start().await;
    let contoso = with_form_post(&world).await;
    let wiki = contoso.application("wiki").await;
    let mut alice = browser();
    let fields = posted_fields(&wiki, &mut alice).await;
    let fields: Vec<(&str, &str)> = fields.iter().map(|(k, v)| (&**k, &**v)).collect();
    let posted = crate::world::post_form(&contoso.callback(CONNECTOR), &fields)
        .send()
        .await
        .unwrap();
    assert_eq!(posted.status(), 303);
    let location = posted.headers()["location"].to_str().unwrap();
    assert!(
        location.starts_with("/t/contoso/callback/upstream?held="),
        "{location}"
    );
    let held = format!("{}{location}", world.url);
    assert_eq!(
        open(&wiki, &mut alice, &held).await,
        "code for state-of-the-test"
    );
    let again = alice.get(&held).await.unwrap();
    assert_eq!(
        again.text("reason-code").as_deref(),
        Some("oidc.state_mismatch"),
        "taken once"
    );
    assert_eq!(contoso.sessions().await, 1);
}

#[actix_web::test]
async fn feat_h03_a_posted_answer_works_with_cookies_too_and_nowhere_else() {
    let world = TestBroker::start().await;
    let contoso = with_form_post(&world).await;
    let wiki = contoso.application("wiki").await;
    let (mut alice, mut other) = (browser(), browser());
    let fields = posted_fields(&wiki, &mut alice).await;
    let fields: Vec<(&str, &str)> = fields.iter().map(|(k, v)| (&**k, &**v)).collect();
    let callback = contoso.callback(CONNECTOR);
    other.stop_before(&wiki.running.url());
    let refused = other.post(&callback, &fields).await.unwrap();
    assert_eq!(
        refused.text("reason-code").as_deref(),
        Some("oidc.state_mismatch")
    );
    let page = alice.post(&callback, &fields).await.unwrap();
    assert!(parameter(&page.location().unwrap(), "code").is_some());
}

#[actix_web::test]
async fn neg_h03_what_is_posted_without_a_state_of_ours_is_not_kept() {
    let world = TestBroker::start().await;
    let contoso = with_form_post(&world).await;
    for fields in [
        &[][..],
        &[("state", "x"), ("code", "y")][..],
        &[("code", "y")][..],
    ] {
        let answer = crate::world::post_form(&contoso.callback(CONNECTOR), fields)
            .send()
            .await
            .unwrap();
        assert_eq!(answer.status(), 400, "{fields:?}");
    }
    let held = format!("{}?held={}", contoso.callback(CONNECTOR), "A".repeat(43));
    let page = browser().get(&held).await.unwrap();
    assert_eq!(
        page.text("reason-code").as_deref(),
        Some("oidc.state_mismatch")
    );
}

#[actix_web::test]
async fn feat_client_authentication_as_the_provider_wants_it() {
    let world = TestBroker::start().await;
    let private_key = |algorithm| ClientAuthentication::PrivateKeyJwt { algorithm };
    for (slug, method, name) in [
        (
            "basic",
            ClientAuthentication::ClientSecretBasic,
            "client_secret_basic",
        ),
        (
            "post",
            ClientAuthentication::ClientSecretPost,
            "client_secret_post",
        ),
        (
            "rs256",
            private_key(SigningAlgorithm::Rs256),
            "private_key_jwt",
        ),
        (
            "es256",
            private_key(SigningAlgorithm::Es256),
            "private_key_jwt",
        ),
    ] {
        let change = |new: &mut symbolon_identity::admin::NewConnector| {
            let ConnectorSettings::Oidc(settings) = &mut new.configuration.upstream;
            settings.client_authentication = method;
        };
        let tenant = world.tenant_with(slug, change).await;
        if name == "private_key_jwt" {
            let keys = http()
                .get(format!("{}/jwks", tenant.issuer()))
                .send()
                .await
                .unwrap();
            let keys: Value = serde_json::from_str(&keys.text().await.unwrap()).unwrap();
            let client = RegisteredClient::with_keys(&format!("{slug}-{CONNECTOR}"), keys);
            world
                .provider
                .set_client(client.redirect_uri(&tenant.callback(CONNECTOR)));
        }
        let login = tenant.application("wiki").await.log_in("alice").await;
        assert!(
            login.outcome().starts_with("signed in"),
            "{slug}: {}",
            login.outcome()
        );
        assert_eq!(world.provider.last_client_authentication(), Some(name));
        let sent = json!(world.provider.last_token_request());
        assert_eq!(
            sent.get("client_secret").is_some(),
            slug == "post",
            "{slug}"
        );
    }
}

/// The provider's words are never a page of ours.
#[actix_web::test]
async fn neg_f7_words_of_the_upstream_are_not_shown() {
    let world = TestBroker::start().await;
    let contoso = world.tenant("contoso").await;
    let wiki = contoso.application("wiki").await;
    world
        .provider
        .misbehave(Misbehaviour::AuthorizeError("<b>bold</b>".into()))
        .unwrap();
    let refused = wiki.log_in("alice").await;
    assert_eq!(refused.outcome(), "400 oidc.upstream_error");
    assert!(!refused.page.body().contains("bold"));
    let rows = contoso.audit_rows().await;
    let details = rows
        .iter()
        .map(|row| row["details"]["detail"].as_str().unwrap_or_default());
    assert!(
        details.into_iter().any(|text| text.contains("<b>bold</b>")),
        "the admin sees them"
    );
}
