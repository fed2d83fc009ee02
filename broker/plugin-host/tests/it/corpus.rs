//! The bundled plugin through wasm: the corpus of `plugins/default-mapper`, which also runs natively
//! there, gives the same decisions (WP-124).

use std::path::Path;
use std::sync::Arc;

use serde_json::{Value, json};
use symbolon_contract::{
    MappingDecision, MappingRequest, PluginDigest, ReasonCode, RoleName, Severity,
};
use symbolon_plugin_host::{CallError, PluginHost};

use crate::world::{limits, request, tenant};

/// The committed component, or the one that `plugins/reproduce.sh` has just built with another compiler.
fn component() -> Arc<[u8]> {
    match std::env::var_os("SYMBOLON_REBUILT") {
        Some(folder) => {
            std::fs::read(Path::new(&folder).join("default-mapper.wasm")).unwrap().into()
        }
        None => PluginHost::bundled().1.into(),
    }
}

async fn bundled() -> (PluginHost, PluginDigest) {
    let host = PluginHost::start(limits()).unwrap();
    let digest = host.load(component()).await.unwrap();
    (host, digest)
}

/// Many groups, as in the heaviest sign-ins.
fn grouped(count: usize) -> MappingRequest {
    let mut login = request("a");
    login.groups = (0..count).map(|n| format!("8f3c1d52-0a4b-4c1e-9d7a-2f6f1b7f{n:04x}")).collect();
    login
}

#[tokio::test]
async fn wp124_the_corpus_decides_in_wasm_as_it_does_natively() {
    let (host, digest) = bundled().await;
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../plugins/default-mapper/corpus");
    let mut cases = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let case: Value = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
        let request: MappingRequest = serde_json::from_value(case["request"].clone()).unwrap();
        let config = case["config"].to_string();
        let seen = match host.map_login(&tenant(), &digest, &config, request).await {
            Ok(report) => serde_json::to_value(report.decision).unwrap(),
            Err(CallError::Failed(failure)) => json!({ "failure": failure.code }),
            Err(error) => panic!("{}: {error}", path.display()),
        };
        assert_eq!(seen, case["expected"], "{}", path.display());
        cases += 1;
    }
    assert!(cases >= 50, "only {cases} cases");
}

#[tokio::test]
async fn wp47_a_thousand_groups_and_500_rows_fit_the_fuel_five_times() {
    let (host, digest) = bundled().await;
    let login = grouped(1_000);
    let row = |n: usize| json!({"group": login.groups[999 - n], "role": format!("r{n}")});
    let rows: Vec<Value> = (0..500).map(row).collect();
    let rules = json!({"assign_role_by_group": true, "group_roles": rows}).to_string();
    let report = host.map_login(&tenant(), &digest, &rules, login).await.unwrap();
    let MappingDecision::Allow(mapping) = report.decision else { panic!("denied") };
    assert_eq!(mapping.grants.len(), 500);
    assert!(report.fuel_used < 10_000_000, "{} fuel", report.fuel_used);
    assert!(report.peak_memory <= 4 << 20, "{} bytes", report.peak_memory);
}

#[tokio::test]
async fn wp24_check_config_reports_through_wasm() {
    let (host, digest) = bundled().await;
    let rules = json!({"attributes": [{"from": "x", "to": "sub"}], "default_role": "a b"});
    let found = host.check_config(&tenant(), &digest, &rules.to_string()).await.unwrap();
    let errors = found.iter().filter(|one| one.severity == Severity::Error);
    let paths: Vec<&str> = errors.map(|one| one.path.as_str()).collect();
    assert_eq!(paths, ["/attributes/0/to", "/default_role"]);
    assert_eq!(host.check_config(&tenant(), &digest, "{}").await.unwrap(), Vec::new());
}

#[tokio::test]
async fn check_config_knows_the_role_names_that_the_broker_knows() {
    let (host, digest) = bundled().await;
    let long = "a".repeat(65);
    for role in ["admin", "wiki:editor", "A.b_c-1", &long[..64], "", "a b", "ä", "a/b", &long] {
        let rules = json!({ "default_role": role }).to_string();
        let found = host.check_config(&tenant(), &digest, &rules).await.unwrap();
        assert_eq!(found.is_empty(), RoleName::parse(role).is_ok(), "{role:?}");
    }
}

#[tokio::test]
async fn the_bundled_plugin_describes_its_rules() {
    let (host, digest) = bundled().await;
    let description = host.describe(&digest).await.unwrap();
    assert_eq!(description.name, "default-mapper");
    let schema: Value = serde_json::from_str(&description.config_schema).unwrap();
    assert!(schema["properties"]["group_roles"].is_object());
}

/// The fuel is published: a change that makes sign-ins dearer must be seen (WP-61).
#[tokio::test]
async fn wp47_cel_on_a_thousand_groups_fits_the_fuel_five_times() {
    let (host, digest) = bundled().await;
    let login = grouped(1_000);
    let row = |n: usize| json!({"when": format!("'{}' in groups", login.groups[999 - n]), "role": format!("r{n}")});
    let rules = json!({
        "attributes": [
            {"expression": "claims.name.upperAscii()", "to": "display_name"},
            {"expression": "groups.filter(g, g.endsWith('0'))", "to": "metadata.some"},
        ],
        "sync_fields": ["*"],
        "assign_role_by_group": true,
        "group_roles": (0..100).map(row).collect::<Vec<_>>(),
    });
    let report = host.map_login(&tenant(), &digest, &rules.to_string(), login).await.unwrap();
    let MappingDecision::Allow(mapping) = report.decision else { panic!("denied") };
    assert_eq!(mapping.grants.len(), 100);
    assert_eq!(mapping.fields[1].values.len(), 63);
    assert!(report.fuel_used < 10_000_000, "{} fuel", report.fuel_used);
}

#[tokio::test]
async fn wp63_heavy_cel_ends_at_a_limit_and_the_next_call_works() {
    let (host, digest) = bundled().await;
    let rule = |expression: &str| {
        json!({"attributes": [{"expression": expression, "to": "display_name"}], "sync_fields": ["*"]})
            .to_string()
    };
    let four_deep = |macro_name: &str, inner: &str| {
        let open: String =
            ["a", "b", "c", "d"].map(|v| format!("groups.{macro_name}({v}, ")).concat();
        format!("{open}{inner}))))")
    };
    let doubled = format!("['{}']{}[0]", "x".repeat(64), ".map(x, x + x)".repeat(24));
    let out_of_fuel = [ReasonCode::PluginFuelExhausted];
    let any = [ReasonCode::PluginFuelExhausted, ReasonCode::PluginMemoryLimit];
    for (expression, ends) in [
        (four_deep("all", "a + b + c + d != ''"), &out_of_fuel[..]),
        (four_deep("map", "a + b + c + d"), &any[..]),
        (doubled, &any[..]),
        ("lists.range(1000000).map(x, string(x)).join('')".to_owned(), &any[..]),
    ] {
        let rules = rule(&expression);
        let error = host.map_login(&tenant(), &digest, &rules, grouped(200)).await.unwrap_err();
        assert!(ends.contains(&error.reason()), "{expression}: {error}");
        let next = host.map_login(&tenant(), &digest, &rule("claims.name"), grouped(200)).await;
        assert!(next.is_ok(), "after {expression}: {next:?}");
    }
}

#[tokio::test]
async fn wp104_the_check_runs_in_the_sandbox_too() {
    let (host, digest) = bundled().await;
    let rules = json!({"deny": [
        {"when": "claims.email.endsWith('x')", "code": "a", "message": "m"},
        {"when": "1 +", "code": "b", "message": "m"},
    ]});
    let found = host.check_config(&tenant(), &digest, &rules.to_string()).await.unwrap();
    let seen: Vec<_> = found.iter().map(|one| (one.severity, one.path.as_str())).collect();
    assert_eq!(seen, [(Severity::Error, "/deny/1/when"), (Severity::Warning, "/deny/0/when")]);
    assert!(found[1].message.contains("xms_edov"), "{}", found[1].message);
}
