//! The key cache before a provider on loopback that counts, and a clock that the tests move.

use futures_util::future::join_all;
use serde_json::json;

use super::*;
use crate::clock::ManualClock;
use crate::fetched::testing::{Publisher, http};

/// A key set whose only key has this id. The key is that of RFC 7517 A.1.
fn key_set(kid: &str) -> String {
    json!({ "keys": [{
        "kty": "EC", "crv": "P-256", "kid": kid, "use": "sig", "alg": "ES256",
        "x": "MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4",
        "y": "4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM",
    }]})
    .to_string()
}

struct World {
    http: OutgoingHttp,
    provider: Publisher,
    clock: ManualClock,
    cache: UpstreamKeys,
}

impl World {
    async fn new() -> Self {
        Self {
            http: http(),
            provider: Publisher::new(key_set("k1")).await,
            clock: ManualClock::default(),
            cache: UpstreamKeys::default(),
        }
    }

    fn source(&self) -> KeySource<'_> {
        KeySource { http: &self.http, jwks_uri: &self.provider.url, clock: &self.clock }
    }

    fn answers(&self, status: u16, body: impl Into<String>) {
        self.provider.answers(status, body);
    }

    fn asked(&self) -> usize {
        self.provider.asked()
    }

    async fn current(&self) -> Result<Arc<KeySet>, ConnectorError> {
        self.cache.current(&self.source()).await
    }

    async fn newer(&self, seen: &Arc<KeySet>) -> Result<Option<Arc<KeySet>>, ConnectorError> {
        self.cache.newer_than(seen, &self.source()).await
    }
}

fn kid(keys: &KeySet) -> String {
    json!(keys.keys)["keys"][0]["kid"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn e70_fifty_sign_ins_at_once_ask_for_the_keys_once() {
    let world = World::new().await;
    let all = join_all((0..50).map(|_| world.current())).await;
    assert!(all.iter().all(|keys| kid(keys.as_ref().unwrap()) == "k1"));
    assert_eq!(world.asked(), 1);
}

#[tokio::test]
async fn c22_fifty_unknown_kids_at_once_ask_for_new_keys_once() {
    let world = World::new().await;
    let seen = world.current().await.unwrap();
    world.answers(200, key_set("k2"));
    let all = join_all((0..50).map(|_| world.newer(&seen))).await;
    let all: Vec<String> = all.into_iter().map(|keys| kid(&keys.unwrap().unwrap())).collect();
    assert_eq!(all, vec!["k2"; 50]);
    assert_eq!(world.asked(), 2);
    assert_eq!(kid(&world.current().await.unwrap()), "k2");
}

#[tokio::test]
async fn c22_invented_kids_cannot_make_us_ask_more_than_every_five_minutes() {
    let world = World::new().await;
    let first = world.current().await.unwrap();
    let second = world.newer(&first).await.unwrap().unwrap();
    assert_eq!(world.asked(), 2);

    world.clock.advance(FORCED_REFRESH_INTERVAL - TimeDelta::seconds(1));
    assert!(world.newer(&second).await.unwrap().is_none());
    assert_eq!(world.asked(), 2);

    world.clock.advance(TimeDelta::seconds(1));
    assert!(world.newer(&second).await.unwrap().is_some());
    assert_eq!(world.asked(), 3);
}

#[tokio::test]
async fn a_failed_refresh_counts_as_asked_and_leaves_the_known_keys() {
    let world = World::new().await;
    let seen = world.current().await.unwrap();
    world.answers(503, "busy");
    let failed = world.newer(&seen).await.unwrap_err();
    assert_eq!(failed.reason(), ReasonCode::OidcJwksUnavailable);
    assert!(world.newer(&seen).await.unwrap().is_none());
    assert_eq!(world.asked(), 2);
    assert_eq!(kid(&world.current().await.unwrap()), "k1");
}

#[tokio::test]
async fn keys_are_read_anew_after_an_hour_so_that_a_withdrawn_one_stops_working() {
    let world = World::new().await;
    world.current().await.unwrap();
    world.answers(200, key_set("k2"));
    world.clock.advance(LIFETIME - TimeDelta::seconds(1));
    assert_eq!(kid(&world.current().await.unwrap()), "k1");
    assert_eq!(world.asked(), 1);
    world.clock.advance(TimeDelta::seconds(1));
    assert_eq!(kid(&world.current().await.unwrap()), "k2");
    assert_eq!(world.asked(), 2);
}

#[tokio::test]
async fn the_last_known_keys_serve_on_while_the_provider_fails() {
    let world = World::new().await;
    world.current().await.unwrap();
    world.clock.advance(LIFETIME);
    for (status, body) in [(500, "{}"), (200, "<html>"), (200, r#"{"keys":[]}"#)] {
        world.answers(status, body);
        assert_eq!(kid(&world.current().await.unwrap()), "k1", "{status} {body}");
        world.clock.advance(RETRY_INTERVAL);
    }
    assert_eq!(world.asked(), 4);
    world.answers(200, key_set("k2"));
    assert_eq!(kid(&world.current().await.unwrap()), "k2");
}

#[tokio::test]
async fn a_failing_provider_is_asked_once_a_minute_and_nobody_waits_for_it_in_between() {
    let world = World::new().await;
    world.current().await.unwrap();
    world.answers(500, "{}");
    world.clock.advance(LIFETIME);
    for _ in 0..10 {
        world.current().await.unwrap();
    }
    assert_eq!(world.asked(), 2);
    world.clock.advance(RETRY_INTERVAL - TimeDelta::seconds(1));
    world.current().await.unwrap();
    assert_eq!(world.asked(), 2);
    world.clock.advance(TimeDelta::seconds(1));
    world.current().await.unwrap();
    assert_eq!(world.asked(), 3);
}

#[tokio::test]
async fn without_any_known_keys_a_failing_provider_is_a_reason() {
    let world = World::new().await;
    for (status, body) in [
        (500, "{}"),
        (204, ""),
        (200, "<html>"),
        (200, r#"{"keys":[]}"#),
        (200, r#"{"keys":[{"kty":"unknown"}]}"#),
        (200, "[]"),
    ] {
        world.answers(status, body);
        let failed = world.current().await.unwrap_err();
        assert_eq!(failed.reason(), ReasonCode::OidcJwksUnavailable, "{status} {body}");
    }
    world.answers(200, key_set("k1"));
    assert_eq!(kid(&world.current().await.unwrap()), "k1");
}

#[tokio::test]
async fn everybody_who_waits_for_a_first_fetch_shares_its_failure() {
    let world = World::new().await;
    world.answers(500, "");
    let refused = join_all((0..50).map(|_| world.current())).await;
    assert!(refused.iter().all(Result::is_err));
    assert_eq!(world.asked(), 1);
    world.answers(200, key_set("k1"));
    assert!(world.current().await.is_ok(), "the next person tries again");
}
