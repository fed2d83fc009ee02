//! The corpus, natively. `broker/plugin-host` runs the same files through wasm and expects the same
//! decisions (WP-124).

use serde_json::{Value, json};
use symbolon_default_mapper::DefaultMapper;
use symbolon_plugin_sdk::{MappingRequest, map_login};

#[test]
fn every_case_of_the_corpus_decides_as_expected() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/corpus");
    let mut cases = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let case: Value = serde_json::from_slice(&std::fs::read(&path).unwrap())
            .unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let request: MappingRequest = serde_json::from_value(case["request"].clone()).unwrap();
        let config = case["config"].to_string();
        let seen = match map_login::<DefaultMapper>(&config, &request) {
            Ok(decision) => serde_json::to_value(decision).unwrap(),
            Err(failure) => json!({ "failure": failure.code }),
        };
        assert_eq!(seen, case["expected"], "{}: {seen:#}", path.display());
        cases += 1;
    }
    assert!(cases >= 10, "only {cases} cases");
}
