//! WIT 1.1: configurations that a plugin reads once. The fixture's notes say which way a call went.

use symbolon_contract::{MappingDecision, PluginDigest};
use symbolon_plugin_host::{CallError, CallReport, Limits, PluginHost};

use crate::world::{MISBEHAVING, call, component, fixture, limits};

async fn loaded(limits: Limits) -> (PluginHost, PluginDigest) {
    let host = PluginHost::start(limits).unwrap();
    let digest = host.load(fixture("prepared")).await.unwrap();
    (host, digest)
}

fn notes(report: &CallReport) -> Vec<String> {
    let MappingDecision::Allow(mapping) = &report.decision else { panic!("denied") };
    mapping.notes.clone()
}

#[tokio::test]
async fn wp28_a_configuration_is_prepared_once() {
    let (host, digest) = loaded(limits()).await;
    let mapped = async |config| {
        let report = call(&host, &digest, config, "a").await.unwrap();
        (notes(&report), report.prepare_fuel.is_some(), report.fuel_used)
    };
    let (said, first, fuel) = mapped("one").await;
    assert_eq!((said, first), (vec!["one".to_owned()], true));
    assert_eq!(mapped("one").await, (vec!["one".to_owned()], false, fuel), "the same fuel");
    assert_eq!(mapped("two").await.0, ["two"]);
    assert!(!mapped("one").await.1 && !mapped("two").await.1);
}

#[tokio::test]
async fn wp30_wp34_plugins_of_both_versions_run_side_by_side() {
    let (host, new) = loaded(limits()).await;
    let old = host.load(crate::contract::rust_1_0_0()).await.unwrap();
    for _ in 0..2 {
        let report = call(&host, &new, "{}", "a").await.unwrap();
        assert_eq!(notes(&report), ["{}"]);
        let report = call(&host, &old, "{}", "a").await.unwrap();
        assert_eq!(report.prepare_fuel, None);
    }
    let bad = host.load(MISBEHAVING.into()).await.unwrap();
    call(&host, &bad, "{}", "a").await.unwrap();
}

#[tokio::test]
async fn wp28_a_plugin_of_1_1_without_the_interface_is_called_as_ever() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/prepared.wat");
    let text = std::fs::read_to_string(folder).unwrap().replace("PAGES", "1");
    let plain =
        text.replace("(export \"symbolon:mapping/prepared@1.1.0\" (instance $prepared))", "");
    assert_ne!(text, plain);
    let host = PluginHost::start(limits()).unwrap();
    let digest = host.load(component(&plain)).await.unwrap();
    let report = call(&host, &digest, "{}", "a").await.unwrap();
    assert_eq!((notes(&report), report.prepare_fuel), (vec!["plain".to_owned()], None));
}

#[tokio::test]
async fn wp28_a_failing_prepare_is_the_failure_of_the_call() {
    let (host, digest) = loaded(limits()).await;
    for _ in 0..2 {
        let error = call(&host, &digest, "!wrong", "a").await.unwrap_err();
        let CallError::Failed(failure) = error else { panic!("{error}") };
        assert_eq!((failure.code.as_str(), failure.path), ("prepared", None));
    }
}

#[tokio::test]
async fn wp52_a_huge_prepared_configuration_is_not_copied() {
    let (host, digest) = loaded(limits()).await;
    let error = call(&host, &digest, "#big", "a").await.unwrap_err();
    assert!(matches!(error, CallError::OutputTooLarge { limit: 1_048_576 }), "{error}");
}

#[tokio::test]
async fn wp28_forgotten_configurations_are_prepared_again() {
    let (host, digest) = loaded(Limits { prepared_configs: 1, ..limits() }).await;
    for config in ["one", "two", "one"] {
        let report = call(&host, &digest, config, "a").await.unwrap();
        assert!(report.prepare_fuel.is_some(), "{config}");
        assert_eq!(notes(&report), [config]);
    }
}

#[tokio::test]
async fn wp47_preparing_has_the_same_fuel_limit() {
    let (host, digest) = loaded(Limits { fuel: 5_000, ..limits() }).await;
    let report = call(&host, &digest, "one", "a").await.unwrap();
    assert!(report.prepare_fuel.unwrap() > 0 && report.fuel_used > 0);
    assert!(report.prepare_fuel.unwrap() + report.fuel_used < 5_000);
}
