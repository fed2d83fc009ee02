//! Signing keys over the API (PG-7): listed without their private halves, and changed at once.

use std::collections::BTreeSet;

use serde_json::json;
use symbolon_identity::admin::ApiScope;

use super::Caller;
use crate::world::TestBroker;

#[actix_web::test]
async fn pg7_keys_are_listed_and_rotated_and_the_audit_trail_names_who_did() {
    let world = TestBroker::start().await;
    let contoso = world.tenant("contoso").await;
    let manager = Caller::manager(&contoso).await;
    let states = async |algorithm: &str| {
        let keys = manager.get("/keys").await;
        let of =
            keys["items"].as_array().unwrap().iter().filter(|key| key["algorithm"] == algorithm);
        of.map(|key| key["state"].as_str().unwrap().to_owned()).collect::<BTreeSet<_>>()
    };
    let set = |states: &[&str]| states.iter().map(|&state| state.to_owned()).collect();
    assert_eq!(states("RS256").await, set(&["active"]));
    let body = json!({ "algorithm": "RS256" });
    let rotated = manager.send(("POST", "/keys/rotate"), body, 200).await;
    assert_eq!((&rotated["algorithm"], &rotated["state"]), (&json!("RS256"), &json!("active")));
    assert_eq!(states("RS256").await, set(&["retired", "active"]));
    assert_eq!(states("ES256").await, set(&["active"]), "the others stay");
    let whole = manager.get("/keys").await.to_string();
    assert!(!whole.contains("private") && !whole.contains("\"d\""), "{whole}");
    let rows = contoso.audit_rows().await;
    let row = rows.iter().find(|row| row["type"] == "key.rotated").unwrap();
    assert!(row["actor"]["id"].as_str().unwrap().contains(&manager.id), "{row}");
}

#[actix_web::test]
async fn pg7_who_may_only_look_cannot_rotate_and_unknown_algorithms_are_refused() {
    let world = TestBroker::start().await;
    let contoso = world.tenant("contoso").await;
    let reader = Caller::with(&contoso, &[ApiScope::SsoRead]).await;
    reader.get("/keys").await;
    let refused = reader.refused(("POST", "/keys/rotate"), json!({})).await;
    assert_eq!(refused["reason"], "api.scope_missing");
    let manager = Caller::manager(&contoso).await;
    for body in [json!({ "algorithm": "HS256" }), json!({ "algorithm": "none" }), json!({ "x": 1 })]
    {
        let refused = manager.refused(("POST", "/keys/rotate"), body).await;
        assert_eq!(refused["reason"], "request.malformed");
    }
}

#[actix_web::test]
async fn h10_after_a_leak_the_old_keys_are_forgotten_at_once_and_the_new_ones_stay() {
    let world = TestBroker::start().await;
    let contoso = world.tenant("contoso").await;
    let manager = Caller::manager(&contoso).await;
    let rotated = manager.send(("POST", "/keys/rotate"), json!({}), 200).await;
    assert_eq!(manager.get("/keys").await["items"].as_array().unwrap().len(), 3);
    let forgotten = manager.call("DELETE", "/keys/retired", None).await;
    assert_eq!(forgotten, (200, json!({ "forgotten": 1 })));
    let left = manager.get("/keys").await["items"].clone();
    let left = left.as_array().unwrap();
    assert!(left.len() == 2 && left.iter().all(|key| key["state"] == "active"), "{left:?}");
    assert!(left.iter().any(|key| key["kid"] == rotated["kid"]));
    let again = manager.call("DELETE", "/keys/retired", None).await;
    assert_eq!(again, (200, json!({ "forgotten": 0 })));
    let rows = contoso.audit_rows().await;
    assert_eq!(rows.iter().filter(|row| row["type"] == "key.forgotten").count(), 1);
}
