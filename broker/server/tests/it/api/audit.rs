//! The audit trail: read by a key, and what keys leave in it.

use serde_json::json;
use symbolon_identity::admin::ApiScope;

use super::Caller;
use crate::world::TestBroker;

#[actix_web::test]
async fn feat_ad7_the_trail_names_the_key_and_is_read_a_page_at_a_time() {
    let world = TestBroker::start().await;
    let contoso = world.tenant("contoso").await;
    let manager = Caller::manager(&contoso).await;
    manager.send(("POST", "/connectors/upstream/mode"), json!({ "mode": "off" }), 204).await;
    let (_, refused) = manager.call("GET", "/audit", None).await;

    let reader = Caller::with(&contoso, &[ApiScope::AuditRead]).await;
    let mut rows = Vec::new();
    let mut path = "/audit?limit=2".to_owned();
    loop {
        let page = reader.get(&path).await;
        rows.extend(page["items"].as_array().unwrap().clone());
        match page["next_after"].as_i64() {
            Some(after) => path = format!("/audit?limit=2&after={after}"),
            None => break,
        }
    }
    assert_eq!(rows, contoso.audit_rows().await);
    let actor = format!("API key terraform ({})", manager.id);
    let of = |name: &str| rows.iter().find(|row| row["type"] == name).unwrap();
    assert_eq!(of("connector.disabled")["actor"]["id"], actor);
    assert_eq!(of("connector.disabled")["actor"]["kind"], "admin");
    assert_eq!(of("connector.disabled")["actor"]["ip"], "127.0.0.1");
    assert_eq!(of("api_key.created")["actor"]["kind"], "operator", "made at the command line");
    assert_eq!(of("api_key.created")["target"]["id"], manager.id);
    let kept = rows.iter().find(|row| row["trace_id"] == refused["trace_id"]).unwrap();
    assert_eq!(
        (&kept["reason"], &kept["actor"]["id"]),
        (&json!("api.scope_missing"), &json!(actor))
    );

    // A change that was refused is kept too, with its reason and the trace id that the caller was told.
    let missing =
        manager.refused(("POST", "/connectors/gone/mode"), json!({ "mode": "off" })).await;
    let trail = contoso.audit_rows().await;
    let kept = trail.iter().find(|row| row["trace_id"] == missing["trace_id"]).unwrap();
    assert_eq!(
        (&kept["reason"], &kept["type"]),
        (&json!("setting.not_found"), &json!("admin.change_refused"))
    );

    let only = reader.get("/audit?type=connector.disabled").await;
    assert_eq!(only["items"].as_array().unwrap().len(), 1);
    for row in &trail {
        assert!(!row.to_string().contains("symkey_"), "{row}");
    }
}
