//! Any bytes at every gate. What passes, three parsers read alike (PC-18), and it passes again unchanged.
#![no_main]

use libfuzzer_sys::fuzz_target;
use symbolon_saml::gate::{self, MessageKind};
use symbolon_saml::policy::AlgorithmPolicy;
use symbolon_saml_fuzz::{now, outline};

/// The way to the end is open: what refuses everything would find nothing.
fn seeds_pass() {
    let algorithms = AlgorithmPolicy::default();
    let seed = include_bytes!("../seeds/gate/odd-text.xml");
    outline::agree(gate::response(seed, &algorithms, now()).unwrap().as_str());
    let seed = include_bytes!("../seeds/gate/metadata-aggregate.xml");
    outline::agree(gate::metadata(seed, &algorithms, now()).unwrap().as_str());
}

fuzz_target!(init: { seeds_pass(); }, |input: &[u8]| {
    let algorithms = AlgorithmPolicy::default();
    let kinds = [
        MessageKind::Response,
        MessageKind::AuthnRequest,
        MessageKind::LogoutRequest,
        MessageKind::LogoutResponse,
    ];
    let passed = kinds
        .into_iter()
        .filter_map(|kind| gate::message(input, kind, &algorithms, now()).ok())
        .chain(gate::assertion(input, &algorithms, now()))
        .chain(gate::metadata(input, &algorithms, now()));
    let mut count = 0;
    for document in passed {
        outline::agree(document.as_str());
        count += 1;
    }
    assert!(count <= 1, "{count} gates take it");
});
