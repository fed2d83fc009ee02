//! The bundled plugin through wasm: the corpus of `plugins/default-mapper`, which also runs natively
//! there, gives the same decisions (WP-124).

use std::sync::Arc;

use serde_json::{Value, json};
use symbolon_contract::{MappingDecision, MappingRequest, RoleName, Severity};
use symbolon_plugin_host::{CallError, PluginHost};

use crate::world::{limits, quick_host, request, tenant};

async fn bundled() -> PluginHost {
    let host = quick_host(limits());
    host.load(Arc::from(PluginHost::bundled().1)).await.unwrap();
    host
}

#[tokio::test]
async fn wp124_the_corpus_decides_in_wasm_as_it_does_natively() {
    let host = bundled().await;
    let digest = PluginHost::bundled().0;
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../plugins/default-mapper/corpus");
    let mut cases = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let case: Value = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
        let request: MappingRequest = serde_json::from_value(case["request"].clone()).unwrap();
        let config = case["config"].to_string();
        let seen = match host.map_login(&tenant(), digest, &config, request).await {
            Ok(report) => serde_json::to_value(report.decision).unwrap(),
            Err(CallError::Failed(failure)) => json!({ "failure": failure.code }),
            Err(error) => panic!("{}: {error}", path.display()),
        };
        assert_eq!(seen, case["expected"], "{}", path.display());
        cases += 1;
    }
    assert!(cases >= 10, "only {cases} cases");
}

#[tokio::test]
async fn wp47_a_thousand_groups_and_500_rows_fit_the_fuel_five_times() {
    let host = bundled().await;
    let mut login = request("a");
    login.groups = (0..1_000).map(|n| format!("8f3c1d52-0a4b-4c1e-9d7a-2f6f1b7f{n:04x}")).collect();
    let row = |n: usize| json!({"group": login.groups[999 - n], "role": format!("r{n}")});
    let rows: Vec<Value> = (0..500).map(row).collect();
    let rules = json!({"assign_role_by_group": true, "group_roles": rows}).to_string();
    let report = host.map_login(&tenant(), PluginHost::bundled().0, &rules, login).await.unwrap();
    let MappingDecision::Allow(mapping) = report.decision else { panic!("denied") };
    assert_eq!(mapping.grants.len(), 500);
    assert!(report.fuel_used < 10_000_000, "{} fuel", report.fuel_used);
    assert!(report.peak_memory <= 4 << 20, "{} bytes", report.peak_memory);
}

#[tokio::test]
async fn wp24_check_config_reports_through_wasm() {
    let host = bundled().await;
    let digest = PluginHost::bundled().0;
    let rules = json!({"attributes": [{"from": "x", "to": "sub"}], "default_role": "a b"});
    let found = host.check_config(&tenant(), digest, &rules.to_string()).await.unwrap();
    let errors = found.iter().filter(|one| one.severity == Severity::Error);
    let paths: Vec<&str> = errors.map(|one| one.path.as_str()).collect();
    assert_eq!(paths, ["/attributes/0/to", "/default_role"]);
    assert_eq!(host.check_config(&tenant(), digest, "{}").await.unwrap(), Vec::new());
}

#[tokio::test]
async fn check_config_knows_the_role_names_that_the_broker_knows() {
    let host = bundled().await;
    let digest = PluginHost::bundled().0;
    let long = "a".repeat(65);
    for role in ["admin", "wiki:editor", "A.b_c-1", &long[..64], "", "a b", "ä", "a/b", &long] {
        let rules = json!({ "default_role": role }).to_string();
        let found = host.check_config(&tenant(), digest, &rules).await.unwrap();
        assert_eq!(found.is_empty(), RoleName::parse(role).is_ok(), "{role:?}");
    }
}

#[tokio::test]
async fn the_bundled_plugin_describes_its_rules() {
    let host = bundled().await;
    let description = host.describe(PluginHost::bundled().0).await.unwrap();
    assert_eq!(description.name, "default-mapper");
    let schema: Value = serde_json::from_str(&description.config_schema).unwrap();
    assert!(schema["properties"]["group_roles"].is_object());
}
