//! Verifies, refuses, signs and decrypts in a loop, for `valgrind.sh`: what is lost must not grow with the rounds.
//!
//! Arguments: a private key and its certificate, both in PEM, and the number of rounds.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "an example that stops at the first surprise"
)]

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use symbolon_saml::certificate::{Certificate, PrivateKey};
use symbolon_saml::decrypt::{ContentCipher, KeyTransport};
use symbolon_saml::response::{self, Keys};
use symbolon_saml::{Fault, encrypt};

#[path = "../benches/support/mod.rs"]
mod support;

const SHA256: &str = "http://www.w3.org/2001/04/xmlenc#sha256";

/// Documents that pass the gate and that xmlsec must refuse, and one that the gate must keep from it.
fn hostile(good: &str) -> Vec<(String, Fault)> {
    let value = good.find("<ds:SignatureValue>").unwrap() + "<ds:SignatureValue>".len();
    let (before, after) = good.split_at(value);
    let exclusive = "http://www.w3.org/2001/10/xml-exc-c14n#";
    vec![
        (good.replace("Adele", "Eve"), Fault::BadSignature),
        ([before, "AAAA", after.get(4..).unwrap()].concat(), Fault::BadSignature),
        ([before, after.get(8..).unwrap()].concat(), Fault::BadSignature),
        ([before, "!!!!", after.get(4..).unwrap()].concat(), Fault::BadSignature),
        (good.replace(SHA256, "http://www.w3.org/2001/04/xmlenc#sha512"), Fault::BadSignature),
        (good.replace("#rsa-sha256", "#rsa-sha512"), Fault::BadSignature),
        (good.replace(exclusive, "http://www.w3.org/2006/12/xml-c14n11"), Fault::BadSignature),
        (good.replace("URI=\"#", "URI=\"http://127.0.0.1:1/#"), Fault::SignatureShape),
    ]
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [key, certificate, rounds] = arguments.as_slice() else {
        panic!("key, certificate and rounds");
    };
    let read = |path: &str| std::fs::read_to_string(path).unwrap();
    let provider = support::Provider {
        key: PrivateKey::from_pem(&read(key)).unwrap(),
        certificate: Certificate::from_pem(&read(certificate)).unwrap(),
    };
    let certificates = [provider.certificate.clone()];
    let decryption = [provider.key.clone()];
    let keys = Keys { decryption: &decryption, ..support::keys(&certificates) };
    let outcome = |xml: &str| {
        let reading = response::read(&STANDARD.encode(xml), &keys, &support::expected());
        reading.outcome.map(|_| ()).map_err(|problem| problem.refusal.fault)
    };
    for _ in 0..rounds.parse().unwrap() {
        let good = provider.response(20);
        assert_eq!(outcome(&good), Ok(()));
        for (xml, fault) in hostile(&good) {
            assert_eq!(outcome(&xml), Err(fault));
        }
        let (start, end) =
            (good.find("<Assertion ").unwrap(), good.find("</samlp:Response>").unwrap());
        let (cipher, transport) = (ContentCipher::Aes256Gcm, KeyTransport::OAEP);
        let assertion = good.get(start..end).unwrap();
        let sealed =
            encrypt::assertion(assertion, &provider.certificate, cipher, transport).unwrap();
        let encrypted = good.replace(assertion, &sealed);
        assert_eq!(outcome(&encrypted), Ok(()));
        assert_eq!(
            outcome(&encrypted.replacen("CipherValue>", "CipherValue>AAAA", 1)),
            Err(Fault::Decryption)
        );
    }
}
