//! Any document with ciphertexts that nobody made, and honest ciphertexts with some bytes changed: a refusal or a
//! plaintext, never a panic. What was not changed comes back whole.
#![no_main]

use std::sync::LazyLock;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use libfuzzer_sys::fuzz_target;
use symbolon_saml::certificate::PrivateKey;
use symbolon_saml::decrypt::{self, ContentCipher, KeyTransport};
use symbolon_saml::gate::{self, MessageKind};
use symbolon_saml::policy::AlgorithmPolicy;
use symbolon_saml::{Fault, encrypt};
use symbolon_saml_fuzz::{Pair, now};

/// Two keys, as during a rollover (DC-6); the second one is asked in vain first.
static KEYS: LazyLock<(Pair, [PrivateKey; 2])> = LazyLock::new(|| {
    let (own, other) = (Pair::rsa(), Pair::rsa());
    let keys = [other.key, own.key.clone()];
    (own, keys)
});

const CIPHERS: [ContentCipher; 6] = [
    ContentCipher::Aes128Cbc,
    ContentCipher::Aes192Cbc,
    ContentCipher::Aes256Cbc,
    ContentCipher::Aes128Gcm,
    ContentCipher::Aes192Gcm,
    ContentCipher::Aes256Gcm,
];

fuzz_target!(init: { LazyLock::force(&KEYS); }, |input: &[u8]| {
    if input.first() == Some(&b'<') {
        return foreign(input);
    }
    let [choice, change, at, with, ref text @ ..] = *input else {
        return;
    };
    let cipher = CIPHERS[usize::from(choice) % CIPHERS.len()];
    let text: String = String::from_utf8_lossy(text).chars().filter(|c| !"<>&\r".contains(*c)).collect();
    let inner = format!("><a:Issuer>{text}</a:Issuer></a:Assertion>");
    let assertion =
        format!("<a:Assertion xmlns:a=\"urn:oasis:names:tc:SAML:2.0:assertion\" ID=\"_a\"{inner}");
    let certificate = &KEYS.0.certificate;
    let Ok(encrypted) = encrypt::assertion(&assertion, certificate, cipher, KeyTransport::OAEP) else {
        return;
    };
    let encrypted = changed(&encrypted, change, usize::from(at), with);
    let document = format!(
        "<p:Response xmlns:p=\"urn:oasis:names:tc:SAML:2.0:protocol\" ID=\"_r\" Version=\"2.0\"><p:Status><p:StatusCode \
         Value=\"urn:oasis:names:tc:SAML:2.0:status:Success\"/></p:Status>{encrypted}</p:Response>"
    );
    let gated = gate::response(document.as_bytes(), &AlgorithmPolicy::default(), now()).unwrap();
    match decrypt::encrypted_assertion(&gated, &KEYS.1) {
        // The namespaces in scope are declared on it, too (DC-7).
        Ok(plain) if change % 4 == 0 => assert!(plain.ends_with(&inner), "{plain}"),
        Ok(plain) => {
            let _ = gate::assertion(plain.as_bytes(), &AlgorithmPolicy::default(), now());
        }
        Err(refusal) => {
            assert_ne!(change % 4, 0, "{refusal}");
            assert!(matches!(refusal.fault, Fault::Decryption), "{refusal:?}");
        }
    }
});

fn foreign(input: &[u8]) {
    let algorithms = AlgorithmPolicy::default();
    if let Ok(document) = gate::response(input, &algorithms, now()) {
        let _ = decrypt::encrypted_assertion(&document, &KEYS.1);
        let _ = decrypt::encrypted_id(&document, &KEYS.1);
    }
    if let Ok(document) = gate::message(input, MessageKind::LogoutRequest, &algorithms, now()) {
        let _ = decrypt::encrypted_id(&document, &KEYS.1);
    }
}

/// Nothing, a byte of the content, a byte of the key, or the content cut short.
fn changed(encrypted: &str, change: u8, at: usize, with: u8) -> String {
    let values: Vec<&str> =
        encrypted.match_indices("CipherValue>").map(|(at, _)| &encrypted[at + 12..]).collect();
    let value = |number: usize| values[number * 2].split_once('<').unwrap().0;
    // The key stands before the content that it opens.
    let (old, cut) = match change % 4 {
        0 => return encrypted.to_owned(),
        1 => (value(1), false),
        2 => (value(0), false),
        _ => (value(1), true),
    };
    let mut bytes = STANDARD.decode(old).unwrap();
    let at = at % bytes.len();
    if cut {
        bytes.truncate(at);
    } else {
        bytes[at] ^= with;
    }
    encrypted.replace(old, &STANDARD.encode(&bytes))
}
