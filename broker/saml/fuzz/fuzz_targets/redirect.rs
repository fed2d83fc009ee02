//! Any query, any stream behind base64, and any message on its way there and back. Nothing unsigned verifies.
#![no_main]

use std::fmt::Write as _;
use std::sync::LazyLock;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use libfuzzer_sys::fuzz_target;
use symbolon_saml::bindings::redirect;
use symbolon_saml::engine::Trust;
use symbolon_saml::gate::{self, LONGEST_MESSAGE, MessageKind};
use symbolon_saml::policy::AlgorithmPolicy;
use symbolon_saml_fuzz::{Pair, now};

static KEYS: LazyLock<(Pair, Pair)> = LazyLock::new(|| (Pair::ec(), Pair::rsa()));

fuzz_target!(init: { LazyLock::force(&KEYS); }, |input: &[u8]| {
    let text = String::from_utf8_lossy(input);
    read(&text, false);
    let mut stream = String::from("SAMLRequest=");
    for byte in STANDARD.encode(input).bytes() {
        write!(stream, "%{byte:02x}").unwrap();
    }
    read(&stream, false);
    let kind = MessageKind::LogoutRequest;
    let url = redirect::url("https://idp.example/slo?a=b", kind, &text, Some(&text), Some(&KEYS.0.key));
    let url = url.unwrap();
    let query = url.strip_prefix("https://idp.example/slo?").unwrap();
    let message = read(query, true).expect("what we send can be read");
    assert_eq!((message.xml, message.relay_state), (text.as_bytes().to_vec(), Some(text.into_owned())));
});

fn read(query: &str, signed: bool) -> Option<redirect::RedirectMessage> {
    let certificates = [KEYS.1.certificate.clone(), KEYS.0.certificate.clone()];
    let algorithms = AlgorithmPolicy { sha1_until: Some(chrono::DateTime::<chrono::Utc>::MAX_UTC) };
    let trust = Trust { certificates: &certificates, algorithms, now: now() };
    let mut read = None;
    for kind in [MessageKind::LogoutResponse, MessageKind::LogoutRequest] {
        let Ok(message) = redirect::read(query, kind) else {
            continue;
        };
        assert!(message.xml.len() <= LONGEST_MESSAGE);
        assert_eq!(message.verify(&trust).is_ok(), signed);
        let _ = gate::message(&message.xml, kind, &algorithms, now());
        read = Some(message);
    }
    read
}
