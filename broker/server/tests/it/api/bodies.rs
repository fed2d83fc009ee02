//! Bodies that are not what an endpoint reads: refused as such, never a failure of ours.

use serde_json::json;
use symbolon_identity::admin::ApiScope;

use super::document::operations;
use super::{Caller, read};
use crate::world::TestBroker;

const HUSH: &str = "hush-Q1w2E3r4T5y6U7i8";

#[actix_web::test]
async fn feat_ad2_ad9_bad_bodies_are_refused_by_every_endpoint_and_never_repeated() {
    let world = TestBroker::start_with(&[("SYMBOLON__LIMITS__REQUEST_BYTES", "16384")]).await;
    let contoso = world.tenant("contoso").await;
    let caller = Caller::with(&contoso, &ApiScope::ALL).await;
    let json_type = "application/json";
    let large = format!("{{\"x\":\"{}\"}}", "a".repeat(20_000));
    let cases = [
        (json_type, format!("{{\"client_secret\": \"{HUSH}\""), 400, "request.malformed"),
        (json_type, "[]".to_owned(), 400, "request.malformed"),
        (json_type, "\u{0}\u{1}".to_owned(), 400, "request.malformed"),
        (json_type, "[".repeat(10_000), 400, "request.malformed"),
        (json_type, json!({ "no_such_field": HUSH }).to_string(), 400, "request.malformed"),
        (json_type, json!({ "client_secret": [HUSH] }).to_string(), 400, "request.malformed"),
        ("text/plain", "{}".to_owned(), 400, "request.malformed"),
        ("application/x-www-form-urlencoded", "a=b".to_owned(), 400, "request.malformed"),
        (json_type, large, 413, "request.too_large"),
    ];
    let with_body = operations(&world)
        .await
        .into_iter()
        .filter(|(_, _, operation)| operation["requestBody"]["content"].get(json_type).is_some());
    let mut endpoints = 0;
    for (method, path, _) in with_body {
        endpoints += 1;
        for (media_type, body, status, reason) in &cases {
            let request = caller.request(&method, &path).header("content-type", *media_type);
            let (found, problem) = read(request.body(body.clone()).send().await.unwrap()).await;
            let case = body.chars().take(40).collect::<String>();
            assert_eq!(
                (found, problem["reason"].as_str()),
                (*status, Some(*reason)),
                "{method} {path} {case}: {problem}"
            );
            assert!(!problem.to_string().contains(HUSH), "{method} {path} {case}: {problem}");
        }
    }
    assert!(endpoints >= 19, "{endpoints}");
}

#[actix_web::test]
async fn feat_b16_every_problem_of_settings_is_listed() {
    let world = TestBroker::start().await;
    let contoso = world.tenant("contoso").await;
    let caller = Caller::manager(&contoso).await;
    let mut settings = caller.get("/connectors/upstream").await["settings"].clone();
    settings["upstream"]["issuer"] = json!("ftp://nowhere");
    settings["upstream"]["client_id"] = json!(" ");
    let problem = caller
        .refused(("PUT", "/connectors/upstream/settings"), json!({ "settings": settings }))
        .await;
    assert_eq!(problem["reason"], "setting.invalid");
    assert!(problem["problems"].as_array().unwrap().len() >= 2, "{problem}");
    let unknown = json!({ "settings": { "upstream": { "kind": "ldap" } } });
    let problem = caller.refused(("PUT", "/connectors/upstream/settings"), unknown).await;
    assert!(problem["problems"][0].as_str().unwrap().starts_with("settings: "), "{problem}");
    let problem = caller
        .refused(("PUT", "/connectors/upstream/mapping"), json!({ "rules": { "nonsense": 1 } }))
        .await;
    assert!(problem["problems"][0].as_str().unwrap().contains("nonsense"), "{problem}");
}
