//! An application that publishes its keys on loopback, and a clock that the tests move.

use std::sync::LazyLock;

use futures_util::future::join_all;
use serde_json::json;

use super::super::jws::{JwsProblem, verify};
use super::super::testing::TestKey;
use super::super::{ProofAlgorithm, jws};
use super::*;
use crate::clock::ManualClock;
use crate::fetched::testing::{Publisher, http};

static OLD: LazyLock<TestKey> = LazyLock::new(TestKey::es256);
static NEW: LazyLock<TestKey> = LazyLock::new(TestKey::es256);

#[derive(Debug, PartialEq)]
enum Problem {
    Keys(KeysProblem),
    Jws(JwsProblem),
}

impl From<KeysProblem> for Problem {
    fn from(problem: KeysProblem) -> Self {
        Self::Keys(problem)
    }
}

impl SignedByApplication for Problem {
    fn may_be_a_new_key(&self) -> bool {
        matches!(self, Self::Jws(problem) if problem.may_be_a_new_key())
    }
}

struct World {
    http: OutgoingHttp,
    application: Publisher,
    clock: ManualClock,
    keys: ApplicationKeys,
}

fn published(key: &TestKey, kid: &str) -> String {
    let mut key = key.public();
    key["kid"] = json!(kid);
    json!({ "keys": [key] }).to_string()
}

fn signed(key: &TestKey, kid: &str) -> String {
    key.sign(&json!({ "alg": "ES256", "kid": kid }), &json!({}))
}

impl World {
    async fn new() -> Self {
        Self {
            http: http(),
            application: Publisher::new(published(&OLD, "old")).await,
            clock: ManualClock::default(),
            keys: ApplicationKeys::default(),
        }
    }

    async fn check(&self, token: &str) -> Result<(), Problem> {
        let verify = |keys: &[PublicJwk]| {
            verify(token, keys, &ProofAlgorithm::FAPI).map(drop).map_err(Problem::Jws)
        };
        self.keys.check(&self.application.url, (&self.http, &self.clock), verify).await
    }
}

fn unknown(kid: &str) -> Result<(), Problem> {
    Err(Problem::Jws(JwsProblem::UnknownKey(kid.to_owned())))
}

#[tokio::test]
async fn oidcc_registration_jwks_uri_keys_are_fetched_once_for_fifty_at_a_time() {
    let world = World::new().await;
    let token = signed(&OLD, "old");
    let all = join_all((0..50).map(|_| world.check(&token))).await;
    assert!(all.iter().all(Result::is_ok));
    assert_eq!(world.application.asked(), 1);
}

#[tokio::test]
async fn oidcc_refresh_token_rp_key_rotation_reads_the_keys_again_for_an_unknown_kid() {
    let world = World::new().await;
    world.check(&signed(&OLD, "old")).await.unwrap();
    world.application.answers(200, published(&NEW, "new"));
    assert!(world.check(&signed(&NEW, "new")).await.is_ok());
    assert_eq!(world.application.asked(), 2);
    assert_eq!(world.check(&signed(&OLD, "old")).await, unknown("old"));
}

#[tokio::test]
async fn dy_12_a_rotation_every_minute_is_followed() {
    let world = World::new().await;
    world.check(&signed(&OLD, "old")).await.unwrap();
    for round in 0..3 {
        let kid = format!("k{round}");
        world.application.answers(200, published(&NEW, &kid));
        assert!(world.check(&signed(&NEW, &kid)).await.is_ok(), "{kid}");
        world.clock.advance(PACE.forced);
    }
}

#[tokio::test]
async fn c22_invented_kids_make_us_ask_once_a_minute() {
    let world = World::new().await;
    world.check(&signed(&OLD, "old")).await.unwrap();
    let forged: Vec<_> = (0..50).map(|n| signed(&NEW, &format!("k{n}"))).collect();
    let all = join_all(forged.iter().map(|token| world.check(token))).await;
    assert!(all.iter().all(Result::is_err));
    assert_eq!(world.application.asked(), 2);
    world.clock.advance(PACE.forced - TimeDelta::seconds(1));
    assert_eq!(world.check(&forged[0]).await, unknown("k0"));
    assert_eq!(world.application.asked(), 2);
    assert!(world.check(&signed(&OLD, "old")).await.is_ok(), "the honest are not disturbed");
}

#[tokio::test]
async fn a_false_signature_under_a_known_kid_is_not_a_reason_to_ask() {
    let world = World::new().await;
    let forged = Err(Problem::Jws(JwsProblem::Signature));
    assert_eq!(world.check(&signed(&NEW, "old")).await, forged);
    assert_eq!(world.application.asked(), 1);
}

#[tokio::test]
async fn a_withdrawn_key_stops_working_after_five_minutes() {
    let world = World::new().await;
    world.check(&signed(&OLD, "old")).await.unwrap();
    world.application.answers(200, published(&NEW, "new"));
    world.clock.advance(PACE.lifetime - TimeDelta::seconds(1));
    assert!(world.check(&signed(&OLD, "old")).await.is_ok());
    world.clock.advance(TimeDelta::seconds(1));
    assert_eq!(world.check(&signed(&OLD, "old")).await, unknown("old"));
}

#[tokio::test]
async fn the_last_known_keys_serve_on_for_an_hour_while_the_address_fails() {
    let world = World::new().await;
    world.check(&signed(&OLD, "old")).await.unwrap();
    world.application.answers(500, "");
    world.clock.advance(PACE.oldest - TimeDelta::seconds(1));
    assert!(world.check(&signed(&OLD, "old")).await.is_ok());
    world.clock.advance(TimeDelta::seconds(1));
    let failed = Err(Problem::Keys(KeysProblem::Status(500)));
    assert_eq!(world.check(&signed(&OLD, "old")).await, failed);
}

#[tokio::test]
async fn an_address_of_no_use_is_named_and_asked_every_ten_seconds_at_most() {
    let world = World::new().await;
    let mut private = OLD.public();
    private["d"] = json!("AQAB");
    let rows = [
        (404, String::new(), KeysProblem::Status(404)),
        (200, "<html>".to_owned(), KeysProblem::NoJson),
        (200, "[]".to_owned(), KeysProblem::Published(JwkProblem::NoSet)),
        (200, r#"{"keys":[]}"#.to_owned(), KeysProblem::Published(JwkProblem::NoUsableKey)),
        (
            200,
            json!({ "keys": [private] }).to_string(),
            KeysProblem::Published(JwkProblem::Private),
        ),
        (200, " ".repeat(MAX_BYTES + 1), KeysProblem::TooLong),
    ];
    for (asked, (status, body, problem)) in rows.into_iter().enumerate() {
        world.application.answers(status, body);
        for _ in 0..3 {
            let refused = world.check(&signed(&OLD, "old")).await;
            assert_eq!(refused, Err(Problem::Keys(problem.clone())));
        }
        assert_eq!(world.application.asked(), asked + 1);
        world.clock.advance(PACE.failure);
    }
}

#[tokio::test]
async fn c11_an_address_inside_is_refused() {
    let world = World::new().await;
    for inside in ["http://169.254.169.254/jwks", "https://10.0.0.1/jwks", "https://[::1]/jwks"] {
        let source = (&world.http, &world.clock as &dyn Clock);
        let address = inside.parse().unwrap();
        let check = |_: &[PublicJwk]| -> Result<(), Problem> { unreachable!("no keys") };
        let refused = world.keys.check(&address, source, check).await.unwrap_err();
        assert!(matches!(refused, Problem::Keys(KeysProblem::Fetch(_))), "{inside}");
    }
    const { assert!(jws::MAX_TOKEN < MAX_BYTES) };
}
