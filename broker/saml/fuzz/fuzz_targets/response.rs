//! Any bytes as a response: as they come, where nothing may ever be believed, and signed with the configured key, so
//! that reader and rules are reached. Whoever is let in then is the one whom the rules allow.
#![no_main]

use std::sync::LazyLock;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use chrono::TimeDelta;
use libfuzzer_sys::fuzz_target;
use symbolon_saml::engine::{SignatureEngine, XmlSec};
use symbolon_saml::policy::{AlgorithmPolicy, SignedParts};
use symbolon_saml::response::{self, Expected, ExpectedRequest, Keys};
use symbolon_saml_fuzz::{Pair, now};

static KEY: LazyLock<Pair> = LazyLock::new(Pair::ec);

/// The way to the end is open: what refuses everything would find nothing.
fn seed_is_believed() {
    let seed = include_str!("../seeds/response/plain.xml");
    let signed = XmlSec::new().sign(seed, &KEY.key, &KEY.certificate).unwrap();
    let read = read(signed.as_bytes());
    assert!(read.outcome.is_ok(), "{read:?}");
}

fuzz_target!(init: { seed_is_believed(); }, |input: &[u8]| {
    let raw = read(input);
    assert!(raw.outcome.is_err(), "nobody signed this: {raw:?}");
    let Ok(text) = std::str::from_utf8(input) else {
        return;
    };
    let Ok(signed) = XmlSec::new().sign(text, &KEY.key, &KEY.certificate) else {
        return;
    };
    if let Ok(statement) = read(signed.as_bytes()).outcome {
        assert_eq!(statement.issuer, "https://idp.example");
        assert_eq!(statement.signed, "response");
        assert!(!statement.id.is_empty() && !statement.name_id.value.is_empty(), "{statement:?}");
        assert!(statement.remember_until > now() && !statement.used_sha1, "{statement:?}");
        assert!(statement.attributes.len() <= 256, "{statement:?}");
    }
});

fn read(xml: &[u8]) -> response::Reading {
    let certificates = [KEY.certificate.clone()];
    let keys = Keys {
        certificates: &certificates,
        decryption: &[],
        algorithms: AlgorithmPolicy::default(),
        signed: SignedParts::Either,
    };
    let request = ExpectedRequest { id: "_q", sent_at: now(), force_authn: false, contexts: &[] };
    let expected = Expected {
        identity_provider: "https://idp.example",
        service_provider: "https://sp.example",
        acs_url: "https://sp.example/acs",
        request: Some(request),
        skew: TimeDelta::seconds(180),
        now: now(),
    };
    response::read(&STANDARD.encode(xml), &keys, &expected)
}
