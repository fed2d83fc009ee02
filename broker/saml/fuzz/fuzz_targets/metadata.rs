//! Any bytes as metadata. What is read has what it must have; nothing unsigned passes where a signature is demanded.
#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use symbolon_saml::engine::Trust;
use symbolon_saml::metadata;
use symbolon_saml::policy::AlgorithmPolicy;
use symbolon_saml_fuzz::{Pair, now};

static KEY: LazyLock<Pair> = LazyLock::new(Pair::ec);

/// The way to the end is open: what refuses everything would find nothing.
fn seed_is_read() {
    let seed = include_bytes!("../seeds/metadata/entity.xml");
    let read = metadata::read_identity_provider(seed, None, now(), None).unwrap();
    assert_eq!(read.entity_id, "https://idp.example");
}

fuzz_target!(init: { seed_is_read(); }, |input: &[u8]| {
    let certificates = [KEY.certificate.clone()];
    let algorithms = AlgorithmPolicy::default();
    let trust = Trust { certificates: &certificates, algorithms, now: now() };
    let all = metadata::entities(input, now()).unwrap_or_default();
    let named = all.iter().take(3).map(|entity| Some(entity.entity_id.as_str()));
    for entity_id in named.chain([None]) {
        if let Ok(read) = metadata::read_identity_provider(input, entity_id, now(), None) {
            assert!(!read.certificates.is_empty() && !read.sign_on.is_empty(), "{read:?}");
            assert!(entity_id.is_none_or(|wanted| wanted == read.entity_id), "{read:?}");
            assert!(!read.entity_id.is_empty() && read.entity_id.chars().count() <= 256, "{read:?}");
        }
        let signed = metadata::read_identity_provider(input, entity_id, now(), Some(&trust));
        assert!(signed.is_err(), "nobody signed this");
    }
});
