//! How the suite's application asks, and what the suite checks in every flow (openid-provider.md 2.1: BC-01 to
//! BC-08), for each way in which the answer may travel. Owns no test.

use std::collections::BTreeMap;

use chrono::TimeDelta;
use serde_json::Value;
use symbolon_identity::clock::Clock as _;
use symbolon_testkit::Browser;
use symbolon_testkit::application::verified;
use symbolon_testkit::browser::Page;
use symbolon_testkit::provider::AutomaticSignIn;

use crate::authorize::Change;
use crate::downstream::{Reply, open, told, userinfo};
use crate::world::{TestApplication, TestBroker, TestTenant, answer, http};

/// The nonce of a request that is not changed.
const NONCE: &str = "nonce-of-the-test";

/// What the application is told.
pub(super) type Answer = BTreeMap<String, String>;

/// What came of a flow that ended well.
pub(super) struct Done {
    pub(super) tokens: Value,
    /// The claims of the ID token.
    pub(super) claims: Value,
    /// What UserInfo tells.
    pub(super) told: Value,
}

/// Reads an answer in the mode that was asked for; nothing of it stands anywhere else.
pub(super) fn answer_in(app: &TestApplication<'_>, page: &Page, mode: &str) -> Answer {
    if mode == "query" {
        return told(app, page).query_pairs().into_owned().collect();
    }
    assert_eq!(page.attribute("post-form", "action"), Some(app.running.redirect_uri()));
    assert_eq!(page.attribute("post-form", "method").as_deref(), Some("post"));
    assert_eq!(page.header("location"), None);
    let names = ["code", "state", "iss", "error", "error_description"];
    let value = |name: &str| {
        page.attribute_of(&format!("#post-form input[name={name}]"), "value")
            .map(|value| (name.to_owned(), value))
    };
    names.into_iter().filter_map(value).collect()
}

/// One request of the suite's application, answered at once or after alice signed in.
pub(super) async fn ask(
    app: &TestApplication<'_>,
    browser: &mut Browser,
    (mode, change): (&str, Change<'_>),
) -> Answer {
    let provider = &app.tenant.world.provider;
    provider.sign_in_automatically(AutomaticSignIn::As("alice".into()));
    let mut all = vec![("response_mode", Some(mode))];
    all.extend(change);
    let mut page = open(app, browser, &app.authorize_url(&all)).await;
    if page.has("allow") {
        page = browser.click("allow").await.unwrap();
    }
    answer_in(app, &page, mode)
}

/// BC-01, BC-02, BC-06: state and issuer come back, and the code is long.
pub(super) fn code_of(app: &TestApplication<'_>, answer: &Answer) -> String {
    assert_eq!(answer.get("error"), None, "{answer:?}");
    assert_eq!(answer.get("state").map(String::as_str), Some("state-of-the-test"), "{answer:?}");
    assert_eq!(answer["iss"], app.tenant.issuer());
    assert!(hard_to_guess(&answer["code"]), "{answer:?}");
    answer["code"].clone()
}

/// The code is redeemed, by HTTP Basic, and what comes of it is looked at.
pub(super) async fn signed_in(app: &TestApplication<'_>, answer: &Answer) -> Done {
    let code = code_of(app, answer);
    let (status, tokens) = app.redeem(&code, &[]).await;
    assert_eq!(status, 200, "{tokens}");
    looked_at(app, tokens).await
}

/// BC-05 to BC-08: the tokens, what the ID token says and who signed it, and that UserInfo means the same person.
pub(super) async fn looked_at(app: &TestApplication<'_>, tokens: Value) -> Done {
    let access_token = tokens["access_token"].as_str().unwrap();
    assert!(hard_to_guess(access_token), "{tokens}");
    assert!(tokens["token_type"].as_str().unwrap().eq_ignore_ascii_case("bearer"), "{tokens}");
    assert!(tokens["expires_in"].as_i64().is_some_and(|life| (1..=31_536_000).contains(&life)));
    let keys = published(app.tenant).await;
    let claims = verified(tokens["id_token"].as_str().unwrap(), &keys, access_token).unwrap();
    id_token_says(app, &claims);
    let told = userinfo(app.tenant, access_token).await;
    assert_eq!((told.status, told.header("content-type")), (200, "application/json"));
    assert_eq!(told.body["sub"], claims["sub"]);
    Done { claims, told: told.body, tokens }
}

/// BC-05.
fn id_token_says(app: &TestApplication<'_>, claims: &Value) {
    let now = app.tenant.world.clock.now().timestamp();
    let time = |name: &str| claims[name].as_i64().unwrap();
    assert_eq!(claims["iss"], app.tenant.issuer());
    assert_eq!(claims["aud"], app.id.as_str());
    let sub = claims["sub"].as_str().unwrap();
    assert!((1..=255).contains(&sub.len()) && sub.is_ascii(), "{claims}");
    assert!(time("exp") > now && time("exp") < now + 50 * 365 * 24 * 3600, "{claims}");
    assert!((time("iat") - now).abs() < 300, "{claims}");
    assert!(time("auth_time") <= now && now - time("auth_time") < 365 * 24 * 3600, "{claims}");
    assert!(claims["acr"].is_null() || claims["acr"].as_str().is_some_and(|acr| !acr.is_empty()));
}

/// At least 128 bits, in the alphabet of base64url.
pub(super) fn hard_to_guess(value: &str) -> bool {
    let different: std::collections::BTreeSet<char> = value.chars().collect();
    value.len() >= 22 && different.len() >= 12
}

/// The keys that the tenant publishes.
pub(super) async fn published(tenant: &TestTenant<'_>) -> Value {
    let (status, keys) = answer(http().get(format!("{}/jwks", tenant.issuer()))).await;
    assert_eq!(status, 200);
    keys
}

/// A request that must succeed whatever else stands in it.
pub(super) async fn succeeds(mode: &str, change: Change<'_>) -> Done {
    let world = TestBroker::start().await;
    let op = world.tenant("op").await;
    let app = op.application("client").await;
    let answer = ask(&app, &mut Browser::new().unwrap(), (mode, change)).await;
    let done = signed_in(&app, &answer).await;
    let sent = change.iter().find(|(name, _)| *name == "nonce").map(|(_, value)| *value);
    assert_eq!(done.claims["nonce"].as_str(), sent.unwrap_or(Some(NONCE)));
    done
}

/// Two requests of one browser, some seconds apart: the claims of both.
pub(super) async fn twice(mode: &str, seconds: i64, second: Change<'_>) -> (Value, Value) {
    let world = TestBroker::start().await;
    let op = world.tenant("op").await;
    let app = op.application("client").await;
    let mut browser = Browser::new().unwrap();
    let first = ask(&app, &mut browser, (mode, &[])).await;
    let first = signed_in(&app, &first).await;
    world.clock.advance(TimeDelta::seconds(seconds));
    let second = ask(&app, &mut browser, (mode, second)).await;
    let second = signed_in(&app, &second).await;
    assert_eq!(first.claims["sub"], second.claims["sub"]);
    (first.claims, second.claims)
}

/// Told to the application, with its state and with one of these errors.
pub(super) async fn refused(mode: &str, change: Change<'_>, errors: &[&str]) {
    let world = TestBroker::start().await;
    let op = world.tenant("op").await;
    let app = op.application("client").await;
    let answer = ask(&app, &mut Browser::new().unwrap(), (mode, change)).await;
    assert!(errors.contains(&answer["error"].as_str()), "{answer:?}");
    assert_eq!(answer["state"], "state-of-the-test");
    assert_eq!(answer["iss"], op.issuer());
    assert!(sayable(&answer["error_description"]), "BC-03: {answer:?}");
    assert!(!answer.contains_key("code"));
}

/// The characters of RFC 6749 4.1.2.1 and 5.2.
fn sayable(description: &str) -> bool {
    description.chars().all(|c| matches!(c, ' '..='!' | '#'..='[' | ']'..='~'))
}

/// A refusal of the token endpoint as RFC 6749 5.2 has it: this error, in JSON, in these characters.
pub(super) fn assert_token_error(reply: &Reply, statuses: &[u16], errors: &[&str]) {
    assert!(statuses.contains(&reply.status), "{} {}", reply.status, reply.body);
    assert_eq!(reply.header("content-type"), "application/json");
    assert!(errors.contains(&reply.text("error").as_str()), "{}", reply.body);
    assert!(sayable(&reply.text("error_description")), "{}", reply.body);
}
