//! Who may call: AD7, and the walls between tenants.

use chrono::TimeDelta;
use reqwest::header::WWW_AUTHENTICATE;
use secrecy::ExposeSecret;
use serde_json::Value;
use symbolon_identity::admin::{self, ApiScope, NewApiKey};
use symbolon_identity::clock::Clock as _;

use super::{Caller, make_key, new_key, read};
use crate::world::{TestBroker, TestTenant, caller, http};

/// Status, problem document and challenge of a call with this header.
async fn with_header(url: &str, authorization: Option<&str>) -> (u16, Value, Option<String>) {
    let request = http().get(url);
    let request = match authorization {
        Some(value) => request.header("authorization", value),
        None => request,
    };
    let response = request.send().await.unwrap();
    let challenge = response.headers().get(WWW_AUTHENTICATE);
    let challenge = challenge.map(|value| value.to_str().unwrap().to_owned());
    let (status, json) = read(response).await;
    (status, json, challenge)
}

async fn key_facts(tenant: &TestTenant<'_>) -> Vec<admin::ApiKeyFacts> {
    admin::list_api_keys(&tenant.world.broker, Some(&tenant.record)).await.unwrap()
}

#[actix_web::test]
async fn feat_ad7_no_key_and_a_wrong_key_are_told_apart_and_challenged() {
    let world = TestBroker::start().await;
    let contoso = world.tenant("contoso").await;
    let url = Caller::manager(&contoso).await.url("/connectors");
    for none in [None, Some("Basic c3ltYm9sb246eA=="), Some("symkey_x"), Some("Bearer ")] {
        let (status, problem, challenge) = with_header(&url, none).await;
        assert_eq!(
            (status, problem["reason"].as_str()),
            (401, Some("api.key_missing")),
            "{none:?}"
        );
        assert_eq!(challenge.as_deref(), Some("Bearer"));
    }
    for wrong in ["Bearer symkey_x", "Bearer ' OR 1=1 --", "bearer %00"] {
        let (status, problem, challenge) = with_header(&url, Some(wrong)).await;
        assert_eq!((status, problem["reason"].as_str()), (401, Some("api.key_invalid")), "{wrong}");
        assert_eq!(challenge.as_deref(), Some("Bearer error=\"invalid_token\""));
    }
}

#[actix_web::test]
async fn feat_ad7_a_tenants_key_opens_no_other_tenant_and_tells_nothing_of_it() {
    let world = TestBroker::start().await;
    let contoso = world.tenant("contoso").await;
    let fabrikam = world.tenant("fabrikam").await;
    let key = Caller::manager(&contoso).await.key;
    let ask = async |slug: &str| {
        let url = format!("{}/api/v1/tenants/{slug}/connectors", world.url);
        let (status, mut problem, challenge) =
            with_header(&url, Some(&format!("Bearer {key}"))).await;
        problem["trace_id"] = Value::Null;
        (status, problem, challenge)
    };
    let (there, nowhere, no_name) =
        (ask("fabrikam").await, ask("nowhere").await, ask("NO_NAME").await);
    assert_eq!(there.0, 401);
    assert_eq!(there, nowhere, "nobody learns that the tenant exists");
    assert_eq!(there, no_name);
    assert_eq!(ask("contoso").await.0, 200);
    let kept = fabrikam.audit_rows().await;
    let refused = kept.iter().find(|row| row["reason"] == "api.key_invalid").unwrap();
    assert!(!refused.to_string().contains("contoso"), "{refused}");
}

#[actix_web::test]
async fn feat_ad7_revoked_and_ended_keys_are_refused_alike() {
    let world = TestBroker::start().await;
    let contoso = world.tenant("contoso").await;
    let revoked = Caller::manager(&contoso).await;
    assert_eq!(revoked.call("GET", "/connectors", None).await.0, 200);
    let (broker, owner) = (&world.broker, Some(&contoso.record));
    admin::revoke_api_key(broker, &caller(), owner, &revoked.id).await.unwrap();
    let again = admin::revoke_api_key(broker, &caller(), owner, &revoked.id).await;
    assert!(matches!(again, Err(admin::AdminError::NotFound { .. })));

    world.clock.advance(TimeDelta::seconds(1));
    let ends = world.clock.now() + TimeDelta::hours(1);
    let new = NewApiKey { expires_at: Some(ends), ..new_key(&[ApiScope::SsoRead]) };
    let made = make_key(&contoso, true, new).await;
    let key = made.secret.expose_secret().to_owned();
    let ending = Caller { tenant: &contoso, key, id: made.facts.id };
    assert_eq!(ending.call("GET", "/connectors", None).await.0, 200);
    world.clock.advance(TimeDelta::hours(1));

    for (caller, why) in [(&revoked, "revoked"), (&ending, "ended")] {
        let (status, problem) = caller.call("GET", "/connectors", None).await;
        assert_eq!((status, problem["reason"].as_str()), (401, Some("api.key_invalid")));
        let rows = contoso.audit_rows().await;
        let row = rows.iter().find(|row| row["trace_id"] == problem["trace_id"]).unwrap();
        assert!(row["details"]["detail"].as_str().unwrap().contains(why), "{row}");
        assert!(row["actor"]["id"].as_str().unwrap().contains(&caller.id), "{row}");
    }
    let states: Vec<&str> = key_facts(&contoso).await.iter().map(|key| key.state).collect();
    assert_eq!(states, ["expired", "revoked"], "the newest first");
}

#[actix_web::test]
async fn feat_ad7_an_operators_key_acts_for_every_tenant_and_is_named_as_such() {
    let world = TestBroker::start().await;
    let contoso = world.tenant("contoso").await;
    let made = make_key(&contoso, false, new_key(&[ApiScope::SsoManage])).await;
    let key = made.secret.expose_secret().to_owned();
    let operator = Caller { tenant: &contoso, key, id: made.facts.id };
    operator
        .send(("POST", "/connectors/upstream/mode"), serde_json::json!({ "mode": "off" }), 204)
        .await;
    let rows = contoso.audit_rows().await;
    let row = rows.iter().find(|row| row["type"] == "connector.disabled").unwrap();
    assert_eq!(row["actor"]["kind"], "operator");
    assert_eq!(row["actor"]["id"], format!("API key terraform ({})", operator.id));
    assert!(key_facts(&contoso).await.is_empty(), "it is not among the tenant's");

    let fabrikam = world.tenant("fabrikam").await;
    let elsewhere = Caller { tenant: &fabrikam, key: operator.key.clone(), id: String::new() };
    assert_eq!(elsewhere.call("GET", "/connectors", None).await.0, 200);
    let url = format!("{}/api/v1/tenants/nowhere/connectors", world.url);
    let (status, problem, _) = with_header(&url, Some(&format!("Bearer {}", operator.key))).await;
    assert_eq!((status, problem["reason"].as_str()), (404, Some("tenant.unknown")));
}

#[actix_web::test]
async fn feat_ad7_a_suspended_tenants_key_is_refused_and_the_operators_is_not() {
    use symbolon_storage::TenantStatus;

    let world = TestBroker::start().await;
    let contoso = world.tenant("contoso").await;
    let own = Caller::manager(&contoso).await;
    let made = make_key(&contoso, false, new_key(&[ApiScope::SsoRead])).await;
    let key = made.secret.expose_secret().to_owned();
    let operator = Caller { tenant: &contoso, key, id: made.facts.id };
    let id = contoso.record.id.clone();
    let suspend = move |conn: &mut symbolon_storage::Connection| {
        let mut row = conn.operator().tenant_by_id(&id)?.unwrap();
        let expected = row.version;
        row.status = TenantStatus::Suspended;
        row.version += 1;
        conn.operator().update_tenant(&row, expected)
    };
    world.broker.database.write(suspend).await.unwrap();
    let (status, problem) = own.call("GET", "/connectors", None).await;
    assert_eq!((status, problem["reason"].as_str()), (403, Some("tenant.suspended")));
    assert_eq!(operator.call("GET", "/connectors", None).await.0, 200);
}

#[actix_web::test]
async fn feat_ad7_the_last_use_is_kept_to_the_minute() {
    let world = TestBroker::start().await;
    let contoso = world.tenant("contoso").await;
    let caller = Caller::with(&contoso, &[ApiScope::SsoRead]).await;
    let last = async || key_facts(&contoso).await[0].last_used_at;
    assert_eq!(last().await, None);
    caller.get("/connectors").await;
    let first = last().await;
    assert_eq!(first, Some(world.clock.now()));
    world.clock.advance(TimeDelta::seconds(59));
    caller.get("/connectors").await;
    assert_eq!(last().await, first, "no write for every call");
    world.clock.advance(TimeDelta::seconds(1));
    caller.get("/connectors").await;
    assert_eq!(last().await, Some(world.clock.now()));
}
