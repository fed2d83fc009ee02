//! Any text as an expression of the bundled plugin, through wasm: asked by the editor (`check_config`), prepared,
//! and used at a sign-in. Every end is a decision or an error that was foreseen. What was cheap in the sandbox
//! runs natively too, prepared and not: all three decide the same.
#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use serde_json::{Value, json};
use symbolon_contract::{MappingRequest, PluginDigest};
use symbolon_default_mapper::DefaultMapper;
use symbolon_plugin_host::{CallError, CallReport, PluginHost};
use symbolon_plugin_host_fuzz::{Fuzzed, clean_end, clean_error, clean_findings, request};
use symbolon_plugin_sdk as sdk;

/// Fuel up to which an expression is evaluated outside the sandbox, where nothing stops it.
const CHEAP: u64 = 5_000_000;

static WORLD: LazyLock<(Fuzzed, PluginDigest)> = LazyLock::new(|| {
    let world = Fuzzed::start();
    let digest = world.load(PluginHost::bundled().1).unwrap();
    (world, digest)
});

fuzz_target!(init: { LazyLock::force(&WORLD); }, |input: &[u8]| {
    let Some((places, text)) = input.split_first() else { return };
    let config = config(*places, &String::from_utf8_lossy(text));
    let (world, digest) = &*WORLD;

    match world.check(digest, &config) {
        Ok(findings) => clean_findings(&findings),
        Err(error) => foreseen(&error),
    }
    let request = request();
    let first = world.map(digest, &config, request.clone());
    let second = world.map(digest, &config, request.clone());
    match (&first, &second) {
        (Ok(first), Ok(second)) => assert_eq!(first.decision, second.decision, "WP-86"),
        (Err(first), Err(second)) => {
            foreseen(first);
            assert_eq!(first.to_string(), second.to_string());
        }
        other => panic!("not the same twice: {other:?}"),
    }
    clean_end(&first);
    natively(&config, &request, &first);
});

/// A trap is a finding, unless it is the stack: that is the limit of nesting.
fn foreseen(error: &CallError) {
    clean_error(error);
    match error {
        CallError::Failed(failure) => {
            let known = ["config", "groups_incomplete", "claims", "expression"];
            assert!(known.contains(&failure.code.as_str()), "{failure:?}");
        }
        CallError::Trapped(trap) => assert!(trap.contains("stack"), "{trap}"),
        CallError::OutputRefused { why, .. } => assert!(!why.contains("interface"), "{error}"),
        CallError::NotInstantiable(_) => panic!("{error}"),
        _ => {}
    }
}

/// The lowest three bits say where the text stands, so that it can stand in more than one place.
fn config(places: u8, text: &str) -> String {
    let mut rules = json!({ "sync_fields": ["*"], "assign_role_by_group": true });
    let mut put = |bit: u8, name: &str, rows: Value| {
        if places & bit != 0 || (bit == 1 && places & 7 == 0) {
            rules[name] = rows;
        }
    };
    put(1, "attributes", json!([{ "expression": text, "to": "metadata.x" }]));
    put(2, "group_roles", json!([{ "when": text, "role": "admin" }]));
    put(4, "deny", json!([{ "when": text, "code": "no", "message": "No." }]));
    rules.to_string()
}

fn natively(config: &str, request: &MappingRequest, wasm: &Result<CallReport, CallError>) {
    let cheap = match wasm {
        Ok(report) => report.fuel_used < CHEAP && report.prepare_fuel.unwrap_or_default() < CHEAP,
        Err(error) => matches!(error, CallError::Failed(_)),
    };
    if !cheap {
        return;
    }
    let _ = sdk::check_config::<DefaultMapper>(config);
    let request: sdk::MappingRequest = same(request);
    let plain = sdk::map_login::<DefaultMapper>(config, &request);
    let prepared = sdk::prepare::<DefaultMapper>(config)
        .and_then(|bytes| sdk::map_prepared::<DefaultMapper>(&bytes, &request));
    assert_eq!(plain, prepared);
    match wasm {
        Ok(report) => {
            let wasm: sdk::MappingDecision = same(&report.decision);
            assert_eq!(plain.as_ref(), Ok(&wasm));
        }
        Err(error) => assert!(plain.is_err(), "{error} in wasm, {plain:?} natively"),
    }
}

/// The SDK has its own copy of the contract's types, from the same file.
fn same<From: serde::Serialize, To: serde::de::DeserializeOwned>(from: &From) -> To {
    serde_json::from_value(serde_json::to_value(from).unwrap()).unwrap()
}
