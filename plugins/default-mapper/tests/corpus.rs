//! The corpus, natively. `broker/plugin-host` runs the same files through wasm and expects the same
//! decisions (WP-124).
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests"
)]

use serde_json::{Value, json};
use symbolon_default_mapper::DefaultMapper;
use symbolon_default_mapper::plan::Plan;
use symbolon_plugin_sdk::{
    Failure, MappingDecision, MappingRequest, map_login, map_prepared, prepare,
};

struct Case {
    name: String,
    config: String,
    request: MappingRequest,
    expected: Value,
}

fn cases() -> Vec<Case> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/corpus");
    let mut cases = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let case: Value = serde_json::from_slice(&std::fs::read(&path).unwrap())
            .unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        cases.push(Case {
            name: path.display().to_string(),
            config: case["config"].to_string(),
            request: serde_json::from_value(case["request"].clone()).unwrap(),
            expected: case["expected"].clone(),
        });
    }
    assert!(cases.len() >= 50, "only {} cases", cases.len());
    cases
}

/// The CEL crate takes much stack in a debug build.
fn on_a_deep_stack(work: fn()) {
    let thread = std::thread::Builder::new().stack_size(64 << 20).spawn(work);
    thread.unwrap().join().unwrap();
}

#[test]
fn wp124_every_case_of_the_corpus_decides_as_expected() {
    on_a_deep_stack(|| {
        for case in cases() {
            let seen = match map_login::<DefaultMapper>(&case.config, &case.request) {
                Ok(decision) => serde_json::to_value(decision).unwrap(),
                Err(failure) => json!({ "failure": failure.code }),
            };
            assert_eq!(seen, case.expected, "{}: {seen:#}", case.name);
        }
    });
}

/// For every configuration c and request r: map-prepared(prepare(c), r) = map-login(c, r).
#[test]
fn a_prepared_configuration_decides_as_the_configuration_itself() {
    on_a_deep_stack(|| {
        let cases = cases();
        let (mut decided, mut failed) = (0, 0);
        for (index, one) in cases.iter().enumerate() {
            let prepared = prepare::<DefaultMapper>(&one.config);
            for further in [0, 1, 13] {
                let other = &cases[(index + further) % cases.len()];
                let direct = map_login::<DefaultMapper>(&one.config, &other.request);
                let twice: Result<MappingDecision, Failure> = prepared
                    .clone()
                    .and_then(|bytes| map_prepared::<DefaultMapper>(&bytes, &other.request));
                assert_eq!(twice, direct, "{} with {}", one.name, other.name);
                if direct.is_ok() {
                    decided += 1
                } else {
                    failed += 1
                }
            }
        }
        assert!(
            decided > 100 && failed > 20,
            "{decided} decided, {failed} failed"
        );
    });
}

#[test]
fn damaged_bytes_are_a_failure_and_never_a_panic() {
    on_a_deep_stack(|| {
        for case in cases() {
            let Ok(bytes) = prepare::<DefaultMapper>(&case.config) else {
                continue;
            };
            for at in (0..bytes.len()).step_by(7) {
                let mut damaged = bytes.clone();
                damaged[at] ^= 0x41;
                let failure = Plan::decode(&damaged).unwrap_err();
                assert_eq!(failure.code, "prepared", "{} at {at}", case.name);
                assert!(
                    Plan::decode(&bytes[..at]).is_err(),
                    "{} cut at {at}",
                    case.name
                );
            }
        }
        let other = map_prepared::<DefaultMapper>(b"something else", &cases()[0].request);
        assert_eq!(other.unwrap_err().code, "prepared");
    });
}
