//! Signing keys over a real database and a clock that the tests move; tokens judged by other libraries.

use std::collections::BTreeSet;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use chrono::TimeDelta;
use jsonwebtoken::jwk::JwkSet;
use jsonwebtoken::{DecodingKey, Validation, decode, decode_header};
use openidconnect::core::{CoreIdToken, CoreIdTokenVerifier, CoreJsonWebKeySet};
use openidconnect::{ClientId, IssuerUrl, Nonce};
use secrecy::ExposeSecret as _;
use serde_json::{Value, json};
use symbolon_storage::Database;
use tempfile::TempDir;

use super::*;
use crate::clock::{Clock as _, ManualClock};
use crate::entropy::SystemEntropy;
use crate::secrets::Purpose;
use crate::secrets::tests::{contains, dump, fresh_database, store, tenant};

const ISSUER: &str = "https://id.example/t/a";

struct World {
    keys: KeyStore,
    clock: ManualClock,
    database: Database,
    folder: TempDir,
}

impl World {
    async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let database = fresh_database(&folder).await;
        let clock = ManualClock::default();
        let keys = key_store(&database, &clock);
        Self { keys, clock, database, folder }
    }

    async fn sign(&self, whose: &str, algorithm: SigningAlgorithm) -> String {
        let now = self.clock.now().timestamp();
        let claims =
            json!({ "iss": ISSUER, "sub": "u", "aud": "app", "iat": now, "exp": now + 60 });
        self.keys.signer(&tenant(whose), algorithm).await.unwrap().sign("JWT", &claims).unwrap()
    }

    async fn jwks(&self, whose: &str) -> Value {
        self.keys.jwks(&tenant(whose)).await.unwrap()
    }

    /// Whether an application that reads the published JWKS now accepts the token.
    async fn accepts(&self, whose: &str, token: &str) -> bool {
        let set: JwkSet = serde_json::from_value(self.jwks(whose).await).unwrap();
        let header = decode_header(token).unwrap();
        let Some(jwk) = set.find(header.kid.as_ref().unwrap()) else {
            return false;
        };
        let mut rules = Validation::new(header.alg);
        rules.set_audience(&["app"]);
        rules.validate_exp = false;
        decode::<Value>(token, &DecodingKey::from_jwk(jwk).unwrap(), &rules).is_ok()
    }

    async fn states(&self, algorithm: SigningAlgorithm) -> Vec<&'static str> {
        let keys = self.keys.list(&tenant("a")).await.unwrap();
        let of = keys.iter().filter(|key| key.algorithm == algorithm);
        of.map(|key| key.state.as_str()).collect()
    }
}

fn key_store(database: &Database, clock: &ManualClock) -> KeyStore {
    let secrets = store(database, &[1]);
    KeyStore::new(database.clone(), secrets, Arc::new(clock.clone()), Arc::new(SystemEntropy))
}

fn kids(jwks: &Value) -> BTreeSet<String> {
    let keys = jwks["keys"].as_array().unwrap().iter();
    keys.map(|key| key["kid"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn h10_a_new_tenant_publishes_es256_and_rs256_with_alg_use_and_thumbprint() {
    let world = World::new().await;
    world.keys.ensure_defaults(&tenant("a")).await.unwrap();
    let jwks = world.jwks("a").await;
    let keys = jwks["keys"].as_array().unwrap();
    let algorithms: BTreeSet<_> = keys.iter().map(|key| key["alg"].as_str().unwrap()).collect();
    assert_eq!(algorithms, BTreeSet::from(["ES256", "RS256"]));
    for key in keys {
        assert_eq!(key["use"], "sig");
        let jwk: jsonwebtoken::jwk::Jwk = serde_json::from_value(key.clone()).unwrap();
        let print = jwk.thumbprint(jsonwebtoken::jwk::ThumbprintHash::SHA256).unwrap();
        assert_eq!(key["kid"], print.as_str());
        for private in ["d", "p", "q", "dp", "dq", "qi", "k"] {
            assert!(key.get(private).is_none(), "{private}");
        }
    }
    assert_eq!(world.jwks("a").await, jwks, "asking again makes nothing");
}

#[tokio::test]
async fn every_algorithm_signs_what_jsonwebtoken_verifies() {
    let world = World::new().await;
    for algorithm in SigningAlgorithm::ALL {
        let token = world.sign("a", algorithm).await;
        assert_eq!(decode_header(&token).unwrap().alg, algorithm.as_jsonwebtoken());
        assert!(world.accepts("a", &token).await, "{algorithm}");
        let (head, _) = token.rsplit_once('.').unwrap();
        let foreign = world.sign("b", algorithm).await;
        let (_, signature) = foreign.rsplit_once('.').unwrap();
        let forged = format!("{head}.{signature}");
        assert!(!world.accepts("a", &forged).await, "{algorithm}: signed by another tenant");
    }
}

#[tokio::test]
async fn every_algorithm_signs_what_openidconnect_verifies() {
    let world = World::new().await;
    for algorithm in SigningAlgorithm::ALL {
        let token: CoreIdToken = world.sign("a", algorithm).await.parse().unwrap();
        let keys: CoreJsonWebKeySet = serde_json::from_value(world.jwks("a").await).unwrap();
        let issuer = IssuerUrl::new(ISSUER.to_owned()).unwrap();
        let now = world.clock.now();
        let verifier =
            CoreIdTokenVerifier::new_public_client(ClientId::new("app".to_owned()), issuer, keys)
                .set_allowed_algs([token.signing_alg().unwrap().clone()])
                .set_time_fn(move || now);
        let any_nonce = |_: Option<&Nonce>| Ok(());
        let claims = token.claims(&verifier, any_nonce).unwrap();
        assert_eq!(claims.subject().as_str(), "u", "{algorithm}");
    }
}

#[tokio::test]
async fn d23_two_tenants_never_share_a_key() {
    let world = World::new().await;
    for algorithm in SigningAlgorithm::ALL {
        let token = world.sign("a", algorithm).await;
        world.sign("b", algorithm).await;
        assert!(!world.accepts("b", &token).await, "{algorithm}");
        let seen = world.keys.verify_id_token(&tenant("b"), ISSUER, &token).await;
        assert_eq!(seen.unwrap_err(), KeysError::TokenKeyUnknown);
    }
    assert!(kids(&world.jwks("a").await).is_disjoint(&kids(&world.jwks("b").await)));
}

#[tokio::test]
async fn h10_a_rotation_in_time_never_leaves_a_token_without_its_key() {
    let world = World::new().await;
    let algorithm = SigningAlgorithm::Es256;
    let old = world.sign("a", algorithm).await;
    assert_eq!(world.states(algorithm).await, ["active"]);
    world.clock.advance(TimeDelta::days(89));
    let published = kids(&world.jwks("a").await);
    assert_eq!(world.states(algorithm).await, ["active", "next"]);
    world.clock.advance(TimeDelta::hours(23));
    let before = decode_header(world.sign("a", algorithm).await).unwrap().kid;
    assert_eq!(before, decode_header(&old).unwrap().kid, "still the old key");
    world.clock.advance(TimeDelta::hours(1));
    let new = world.sign("a", algorithm).await;
    let kid = decode_header(&new).unwrap().kid.unwrap();
    assert!(published.contains(&kid), "the key that signs now was in the JWKS a day ago");
    assert_eq!(world.states(algorithm).await, ["retired", "active"]);
    assert!(world.accepts("a", &old).await && world.accepts("a", &new).await);
    world.clock.advance(TimeDelta::hours(48));
    assert!(!world.accepts("a", &old).await, "nothing that it signed is valid any more");
    assert!(world.accepts("a", &new).await);
    assert_eq!(world.states(algorithm).await, ["active"]);
}

#[tokio::test]
async fn h10_a_rotation_by_command_signs_at_once_and_keeps_the_old_key_published() {
    let world = World::new().await;
    let (a, algorithm) = (tenant("a"), SigningAlgorithm::Es256);
    let old = world.sign("a", algorithm).await;
    // Keys are listed by their age, so the second one must be younger.
    world.clock.advance(TimeDelta::seconds(1));
    let facts = world.keys.rotate(&a, algorithm).await.unwrap();
    let new = world.sign("a", algorithm).await;
    assert_eq!(decode_header(&new).unwrap().kid, Some(facts.kid));
    assert_ne!(decode_header(&old).unwrap().kid, decode_header(&new).unwrap().kid);
    assert!(world.accepts("a", &old).await && world.accepts("a", &new).await);
    assert_eq!(world.states(algorithm).await, ["retired", "active"]);
}

#[tokio::test]
async fn a_rotation_on_another_node_is_noticed_within_its_cache_time() {
    let world = World::new().await;
    let (a, algorithm) = (tenant("a"), SigningAlgorithm::Es256);
    world.sign("a", algorithm).await;
    let elsewhere = key_store(&world.database, &world.clock);
    let facts = elsewhere.rotate(&a, algorithm).await.unwrap();
    let token = world.sign("a", algorithm).await;
    assert!(world.accepts("a", &token).await, "the retired key is still published");
    world.clock.advance(TimeDelta::seconds(30));
    let token = world.sign("a", algorithm).await;
    assert_eq!(decode_header(&token).unwrap().kid, Some(facts.kid));
}

#[tokio::test]
async fn two_nodes_that_start_together_agree_on_one_key() {
    let world = World::new().await;
    let (a, algorithm) = (tenant("a"), SigningAlgorithm::Es256);
    let nodes: Vec<_> = (0..4).map(|_| key_store(&world.database, &world.clock)).collect();
    let signers = nodes.iter().map(|node| node.signer(&a, algorithm));
    let signers = futures_util::future::join_all(signers).await;
    let kids: BTreeSet<_> =
        signers.into_iter().map(|signer| signer.unwrap().kid().to_owned()).collect();
    assert_eq!(kids.len(), 1);
    assert_eq!(world.states(algorithm).await, ["active"]);
}

#[tokio::test]
async fn s1_no_dump_of_the_database_holds_a_private_key() {
    let world = World::new().await;
    let a = tenant("a");
    for algorithm in SigningAlgorithm::ALL {
        let kid = world.keys.signer(&a, algorithm).await.unwrap().kid().to_owned();
        let of = a.clone();
        let rows = world.database.read(move |conn| conn.tenant(&of).signing_keys().list());
        let row = rows.await.unwrap().into_iter().find(|row| row.id == kid).unwrap();
        let sealed = &row.sealed_private;
        let secrets = store(&world.database, &[1]);
        let pkcs8 = secrets.open(&a, Purpose::SigningKey, &kid, sealed).await.unwrap();
        let dump = dump(&world.folder);
        assert!(contains(&dump, kid.as_bytes()), "the dump shows what was written");
        // 24 bytes from the middle are private in all three forms.
        let bytes = pkcs8.expose_secret();
        let part = &bytes[bytes.len() / 2 - 24..bytes.len() / 2];
        for text in
            [part.to_vec(), STANDARD.encode(part).into(), URL_SAFE_NO_PAD.encode(part).into()]
        {
            assert!(!contains(&dump, &text), "{algorithm}");
        }
    }
}

#[tokio::test]
async fn an_id_token_hint_is_ours_only_with_key_algorithm_issuer_and_type() {
    let world = World::new().await;
    let (a, algorithm) = (tenant("a"), SigningAlgorithm::Rs256);
    let token = world.sign("a", algorithm).await;
    world.clock.advance(TimeDelta::hours(2));
    let verify = async |issuer, token: &str| {
        world
            .keys
            .verify_id_token(&tenant("a"), issuer, token)
            .await
            .map(|claims| claims["sub"].clone())
    };
    assert_eq!(verify(ISSUER, &token).await.unwrap(), "u", "expired, and good as a hint");
    let other = verify("https://id.example/t/b", &token).await.unwrap_err();
    assert!(matches!(other, KeysError::TokenIssuer { .. }), "{other:?}");
    let (head, signature) = token.rsplit_once('.').unwrap();
    let forged = format!("{head}.{}{}", &signature[4..], &signature[..4]);
    assert_eq!(verify(ISSUER, &forged).await.unwrap_err(), KeysError::TokenSignature);
    let claims = json!({ "iss": ISSUER, "sub": "u" });
    let signer = world.keys.signer(&a, algorithm).await.unwrap();
    let logout = signer.sign("logout+jwt", &claims).unwrap();
    assert_eq!(verify(ISSUER, &logout).await.unwrap_err(), KeysError::TokenMalformed);
    assert_eq!(verify(ISSUER, "no.token.this").await.unwrap_err(), KeysError::TokenMalformed);
    // The public key as HMAC secret, the classic confusion (RFC 8725 2.1).
    let header = jsonwebtoken::Header {
        kid: Some(signer.kid().to_owned()),
        ..jsonwebtoken::Header::new(jsonwebtoken::Algorithm::HS256)
    };
    let public = world.jwks("a").await.to_string();
    let secret = jsonwebtoken::EncodingKey::from_secret(public.as_bytes());
    let confused = jsonwebtoken::encode(&header, &claims, &secret).unwrap();
    assert_eq!(verify(ISSUER, &confused).await.unwrap_err(), KeysError::TokenKeyUnknown);
}

#[tokio::test]
async fn a_signer_prints_no_key_and_counts_its_tokens_apart() {
    let world = World::new().await;
    let signer = world.keys.signer(&tenant("a"), SigningAlgorithm::EdDsa).await.unwrap();
    let printed = format!("{signer:?} {:?}", world.keys);
    assert!(printed.contains(signer.kid()) && printed.len() < 400, "{printed}");
    assert_ne!(signer.fresh_token_id(), signer.fresh_token_id());
}

#[test]
fn at_hash_is_as_openid_connect_core_has_it() {
    // OpenID Connect Core A.4: the code flow's `at_hash` of this access token.
    let hash = SigningAlgorithm::Rs256.half_hash("jHkWEdUXMU1BwAsC4vtUsZwnNvTIxEl0z9K3vx5KF0Y");
    assert_eq!(hash, "77QmUPtjPfzWtF2AnpK9RQ");
    assert_eq!(SigningAlgorithm::EdDsa.half_hash("x").len(), 43);
}
