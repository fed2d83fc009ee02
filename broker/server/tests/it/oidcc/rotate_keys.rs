//! `oidcc-server-rotate-keys` (DY-11, PG-7, H-10): keys change while the server runs.

use std::collections::BTreeSet;
use std::sync::Arc;

use chrono::TimeDelta;
use serde_json::{Value, json};
use symbolon_identity::admin;
use symbolon_identity::keys::SigningAlgorithm;
use symbolon_identity::plugins::Compile;
use symbolon_server::startup::build_broker_at;

use crate::api::Caller;
use crate::downstream::{part, tokens};
use crate::world::{TestApplication, TestBroker, TestTenant, answer, caller, http, settings};

async fn published(tenant: &TestTenant<'_>) -> BTreeSet<String> {
    let (status, jwks) = answer(http().get(format!("{}/jwks", tenant.issuer()))).await;
    assert_eq!(status, 200);
    let keys = jwks["keys"].as_array().unwrap().iter();
    keys.map(|key| key["kid"].as_str().unwrap().to_owned()).collect()
}

/// The key of a fresh ID token.
async fn signing(app: &TestApplication<'_>) -> String {
    let tokens = tokens(app, &[]).await;
    let header = part(tokens["id_token"].as_str().unwrap(), 0);
    header["kid"].as_str().unwrap().to_owned()
}

#[actix_web::test]
async fn oidcc_server_rotate_keys() {
    let world = TestBroker::start().await;
    let contoso = world.tenant("contoso").await;
    let app = contoso.application("wiki").await;
    let (before, old) = (published(&contoso).await, signing(&app).await);
    let manager = Caller::manager(&contoso).await;
    let rotated = manager.send(("POST", "/keys/rotate"), json!({}), 200).await;
    let (after, new) = (published(&contoso).await, signing(&app).await);
    assert_eq!((&rotated["kid"], &rotated["state"]), (&json!(new), &json!("active")));
    assert!(new != old && !before.contains(&new) && after.contains(&new));
    assert!(after.is_superset(&before), "what was signed before can still be verified");
    let signed_in = app.log_in("alice").await;
    assert!(signed_in.outcome().starts_with("signed in"), "{}", signed_in.outcome());
}

#[actix_web::test]
async fn pg_07_keys_rotate_by_command_beside_the_running_server() {
    let world = TestBroker::start().await;
    let contoso = world.tenant("contoso").await;
    let app = contoso.application("wiki").await;
    let old = signing(&app).await;
    let settings = settings(&world.url, &world.database, &[]);
    let (database, clock) = (world.database.database().clone(), Arc::new(world.clock.clone()));
    let command = build_broker_at(&settings, database, clock, Compile::InProcess).unwrap();
    let (operator, es256) = (caller(), SigningAlgorithm::Es256);
    let rotated = admin::rotate_keys(&command, &operator, &contoso.record, es256).await;
    let new = rotated.unwrap().kid;
    let keys = published(&contoso).await;
    assert!(keys.contains(&new) && keys.contains(&old), "published at once");
    world.clock.advance(TimeDelta::seconds(30));
    assert_eq!(signing(&app).await, new, "signs within half a minute");
}

#[actix_web::test]
async fn h10_keys_change_by_the_schedule_of_the_configuration() {
    let schedule = [
        ("SYMBOLON__KEYS__ACTIVE_FOR", "3d"),
        ("SYMBOLON__KEYS__PUBLISH_BEFORE", "4h"),
        ("SYMBOLON__KEYS__RETIRE_FOR", "25h"),
    ];
    let world = TestBroker::start_with(&schedule).await;
    let contoso = world.tenant("contoso").await;
    let app = contoso.application("wiki").await;
    let (first, at_first) = (signing(&app).await, published(&contoso).await);
    world.clock.advance(TimeDelta::hours(68));
    let with_next = published(&contoso).await;
    assert_eq!(signing(&app).await, first, "the next key is only published");
    assert!(with_next.is_superset(&at_first) && with_next.len() > at_first.len());
    world.clock.advance(TimeDelta::hours(4));
    let second = signing(&app).await;
    assert!(second != first && with_next.contains(&second), "it was published in time");
    world.clock.advance(TimeDelta::hours(24));
    assert!(published(&contoso).await.contains(&first));
    world.clock.advance(TimeDelta::hours(1));
    assert!(!published(&contoso).await.contains(&first), "nothing that it signed is valid now");
}

/// A key of another kind makes the suite fail (PG-9).
#[actix_web::test]
async fn pg9_every_published_key_is_of_a_kind_that_everybody_reads() {
    let world = TestBroker::start().await;
    let contoso = world.tenant("contoso").await;
    for algorithm in SigningAlgorithm::ALL {
        let change = |new: &mut admin::NewApplication| new.settings.id_token_algorithm = algorithm;
        signing(&contoso.application_with(&algorithm.as_str().to_lowercase(), change).await).await;
    }
    let (_, jwks) = answer(http().get(format!("{}/jwks", contoso.issuer()))).await;
    for key in jwks["keys"].as_array().unwrap() {
        let kind = key["kty"].as_str().unwrap();
        assert!(["RSA", "EC", "OKP"].contains(&kind), "{key}");
        assert_ne!(key["alg"], Value::Null);
    }
}
