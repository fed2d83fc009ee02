//! What a guest answers. Half of the inputs are raw memory, so that the host lifts any discriminant, pointer and
//! length; the others are answers of the right shape: the host must give back exactly those, if they keep the rules,
//! and refuse them, if not.
#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::arbitrary::Unstructured;
use libfuzzer_sys::fuzz_target;
use symbolon_contract::PluginDigest;
use symbolon_plugin_host::CallError;
use symbolon_plugin_host_fuzz::answer::{Answer, lay_out};
use symbolon_plugin_host_fuzz::{
    Fuzzed, acceptable, clean_end, clean_error, clean_failure, clean_findings, request,
};

/// What fits into a configuration as hexadecimal digits.
const MOST: usize = 32 << 10;

static WORLD: LazyLock<(Fuzzed, PluginDigest)> = LazyLock::new(|| {
    let world = Fuzzed::start();
    let component = wat::parse_str(include_str!("../src/echo.wat")).unwrap();
    let digest = world.load(&component).unwrap();
    (world, digest)
});

fuzz_target!(init: { LazyLock::force(&WORLD); }, |input: &[u8]| {
    match input.split_first() {
        Some((kind, memory)) if kind % 2 == 0 && memory.len() <= MOST => raw(memory),
        Some((_, shape)) => {
            if let Ok(answer) = Answer::read(&mut Unstructured::new(shape)) {
                shaped(&answer);
            }
        }
        None => {}
    }
});

fn raw(memory: &[u8]) {
    let (world, digest) = &*WORLD;
    let config = digits(memory);
    clean_end(&world.map(digest, &config, request()));
    match world.check(digest, &config) {
        Ok(findings) => clean_findings(&findings),
        Err(error) => clean_error(&error),
    }
}

fn shaped(answer: &Answer) {
    let (world, digest) = &*WORLD;
    let answer = answer.build();
    let memory = lay_out(&answer);
    if memory.len() > MOST {
        return;
    }
    let end = world.map(digest, &digits(&memory), request());
    clean_end(&end);
    match (answer, end) {
        (Ok(said), Ok(report)) => assert_eq!(said, report.decision),
        (Ok(said), Err(CallError::OutputRefused { field, why })) => {
            assert!(!acceptable(&said), "{field} {why}: {said:?}");
        }
        (Err(_), Err(CallError::Failed(failure))) => clean_failure(&failure),
        // Lists of lists may hold more than the host copies; the bytes themselves are few.
        (_, Err(CallError::OutputTooLarge { .. })) => {}
        other => panic!("{other:?}"),
    }
}

fn digits(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
