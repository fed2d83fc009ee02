//! The OpenAPI document (AD2), and what must hold for every endpoint that it names.

use serde_json::{Value, json};
use symbolon_identity::admin::ApiScope;

use super::{Caller, read};
use crate::world::{TestBroker, answer, http};

/// Method, path below the tenant with made-up parts, and the operation.
pub(super) async fn operations(world: &TestBroker) -> Vec<(String, String, Value)> {
    let found = below(world, "/api/v1/tenants/{tenant}").await;
    assert!(found.len() >= 75, "{}", found.len());
    found
}

/// The same for what lies below this path.
pub(super) async fn below(world: &TestBroker, area: &str) -> Vec<(String, String, Value)> {
    let (status, document) = answer(http().get(format!("{}/api/v1/openapi.json", world.url))).await;
    assert_eq!((status, document["openapi"].as_str()), (200, Some("3.1.0")));
    let mut found = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        let Some(path) = path.strip_prefix(area) else { continue };
        let path = path.replace("{tenant}", "contoso");
        let path = path.replace("{connector}", "upstream").replace("{version}", "1");
        let path = path.replace("{test}", "no-such-test").replace("{application}", "wiki");
        let path = path.replace("{case}", "no-such-case").replace("{record}", "no-such-record");
        let path = path.replace("{digest}", &"0".repeat(64));
        for (method, operation) in item.as_object().unwrap() {
            if method != "parameters" {
                found.push((method.to_uppercase(), path.clone(), operation.clone()));
            }
        }
    }
    found
}

pub(super) fn scope(operation: &Value) -> ApiScope {
    let text = operation["description"].as_str().unwrap();
    ApiScope::ALL.into_iter().find(|scope| text.contains(scope.as_str())).unwrap()
}

#[actix_web::test]
async fn feat_ad2_ad7_every_endpoint_asks_for_a_key_and_for_its_scope() {
    let world = TestBroker::start().await;
    let contoso = world.tenant("contoso").await;
    let mut callers = Vec::new();
    for held in ApiScope::ALL {
        callers.push((held, Caller::with(&contoso, &[held]).await));
    }
    for (method, path, operation) in operations(&world).await {
        let needed = scope(&operation);
        let (_, any) = &callers[0];
        let naked = http().request(method.parse().unwrap(), any.url(&path));
        let (status, problem) = read(naked.send().await.unwrap()).await;
        assert_eq!((status, problem["reason"].as_str()), (401, Some("api.key_missing")), "{path}");
        for (held, caller) in callers.iter().filter(|(held, _)| !held.allows(needed)) {
            let (status, problem) = caller.call(&method, &path, None).await;
            assert_eq!(
                (status, problem["reason"].as_str()),
                (403, Some("api.scope_missing")),
                "{method} {path} with {held:?}"
            );
            assert!(problem["detail"].as_str().unwrap().contains(needed.as_str()));
        }
    }
}

#[actix_web::test]
async fn feat_ad2_the_document_refers_only_to_what_it_holds() {
    let world = TestBroker::start().await;
    let (_, document) = answer(http().get(format!("{}/api/v1/openapi.json", world.url))).await;
    let mut stack = vec![&document];
    let mut references = 0;
    while let Some(value) = stack.pop() {
        match value {
            Value::Object(fields) => {
                if let Some(target) = fields.get("$ref").and_then(Value::as_str) {
                    references += 1;
                    let pointer = target.strip_prefix('#').unwrap();
                    assert!(document.pointer(pointer).is_some(), "{target}");
                }
                stack.extend(fields.values());
            }
            Value::Array(values) => stack.extend(values),
            _ => {}
        }
    }
    assert!(references > 30, "{references}");
    let ids: Vec<String> = below(&world, "/api/v1")
        .await
        .iter()
        .map(|(_, _, operation)| operation["operationId"].as_str().unwrap().to_owned())
        .collect();
    let distinct: std::collections::BTreeSet<&String> = ids.iter().collect();
    assert_eq!(distinct.len(), ids.len(), "{ids:?}");
}

#[actix_web::test]
async fn feat_ad2_unknown_paths_methods_and_parameters_are_problem_documents() {
    let world = TestBroker::start().await;
    let contoso = world.tenant("contoso").await;
    let caller = Caller::manager(&contoso).await;
    for path in ["/nothing", "/connectors/upstream/nothing", ""] {
        let (status, problem) = caller.call("GET", path, None).await;
        assert_eq!(
            (status, problem["reason"].as_str()),
            (404, Some("request.not_found")),
            "{path}"
        );
    }
    let response = caller.request("PATCH", "/connectors").send().await.unwrap();
    assert_eq!(response.headers()["allow"], "GET, POST");
    assert_eq!(read(response).await.0, 405);
    for path in
        ["/connectors?mode=on", "/connectors/upstream/mode", "/connectors/upstream/mode?mode=x"]
    {
        let (status, problem) = caller.call("GET", path, None).await;
        assert_eq!((status, problem["reason"].as_str()), (400, Some("setting.invalid")), "{path}");
        assert_eq!(problem["problems"].as_array().unwrap().len(), 1, "{problem}");
    }
    for path in ["/connectors/gone", "/connectors/NOT%20ONE", "/connectors/gone/status"] {
        let (status, problem) = caller.call("GET", path, None).await;
        assert_eq!(
            (status, problem["reason"].as_str()),
            (404, Some("setting.not_found")),
            "{path}"
        );
    }
    let (status, problem) = caller.call("GET", "/connectors/upstream/test-sign-in/x", None).await;
    assert_eq!((status, &problem["reason"]), (404, &json!("setting.not_found")));
}
