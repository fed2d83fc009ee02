//! Certificates and keys in every form in which people hand them over.

use openssl::nid::Nid;
use openssl::pkey::PKey;
use openssl::rsa::Rsa;
use proptest::prelude::*;

use super::fixtures::{EC, OTHER_RSA, RSA, WEAK_RSA, ec_key, pair};
use super::*;

#[test]
fn a_certificate_is_read_back_from_every_form() {
    let certificate = &RSA.certificate;
    let one_line = certificate.to_base64();
    let pem = certificate.to_pem();
    let spaced: String = one_line.chars().flat_map(|c| [c, ' ', '\r', '\n', '\t']).collect();
    let markers_in_one_line = pem.replace('\n', "");
    let with_text =
        format!("Bag Attributes\n  friendlyName: x\n{pem}{}", OTHER_RSA.certificate.to_pem());
    let no_padding = one_line.trim_end_matches('=').to_owned();
    for text in [one_line, pem.clone(), spaced, markers_in_one_line, with_text, no_padding] {
        assert_eq!(&Certificate::from_base64(&text).unwrap(), certificate, "{text}");
        assert_eq!(&Certificate::from_pem(&text).unwrap(), certificate, "{text}");
    }
    assert!(pem.lines().all(|line| line.len() <= 64));
    assert!(openssl::x509::X509::from_pem(pem.as_bytes()).is_ok());
}

#[test]
fn the_base64_of_a_pem_text_is_read_once_and_not_again_and_again() {
    let pem = RSA.certificate.to_pem();
    let once = BASE64.encode(&pem);
    assert_eq!(&Certificate::from_base64(&once).unwrap(), &RSA.certificate);
    let markers =
        |inner: &str| format!("-----BEGIN CERTIFICATE-----{inner}-----END CERTIFICATE-----");
    let deep = (0..8).fold(pem, |inner, _| BASE64.encode(markers(&inner)));
    assert!(Certificate::from_base64(&deep).is_err());
}

#[test]
fn what_follows_a_certificate_is_dropped() {
    let mut der = RSA.certificate.der().to_vec();
    der.extend_from_slice(b"<and more>");
    let read = Certificate::from_der(&der).unwrap();
    assert_eq!(read, RSA.certificate);
    assert_eq!(read.facts().fingerprint, RSA.certificate.facts().fingerprint);
}

#[test]
fn saml_si07_the_dates_are_told_and_refuse_nothing() {
    let facts = RSA.certificate.facts();
    assert_eq!(facts.not_before, DateTime::UNIX_EPOCH);
    assert_eq!(facts.not_after.to_rfc3339(), "1971-01-01T00:00:00+00:00");
    assert_eq!(facts.subject, "CN=idp, O=Zoë & Söhne");
    assert_eq!(facts.key, "RSA 2048");
    assert_eq!(facts.fingerprint.len(), 64);
    assert_eq!(EC.certificate.facts().key, "EC 256");
}

#[test]
fn saml_pc14_weak_keys_are_told_apart() {
    assert!(RSA.certificate.is_strong());
    assert!(EC.certificate.is_strong());
    assert!(pair(&ec_key(Nid::SECP384R1), "p384").certificate.is_strong());
    assert!(!WEAK_RSA.certificate.is_strong());
    assert!(!pair(&ec_key(Nid::X9_62_PRIME192V1), "p192").certificate.is_strong());
    let edwards = PKey::generate_ed25519().unwrap();
    assert!(!pair(&edwards, "ed25519").certificate.is_strong());
}

#[test]
fn a_private_key_is_read_from_the_usual_forms_and_never_shown() {
    let rsa = RSA.key.pkey().rsa().unwrap();
    let pkcs8 = String::from_utf8(RSA.key.pkey().private_key_to_pem_pkcs8().unwrap()).unwrap();
    let pkcs1 = String::from_utf8(rsa.private_key_to_pem().unwrap()).unwrap();
    let sec1 = EC.key.pkey().ec_key().unwrap().private_key_to_pem().unwrap();
    for pem in [pkcs8, pkcs1] {
        assert!(PrivateKey::from_pem(&pem).unwrap().belongs_to(&RSA.certificate));
    }
    let ec = PrivateKey::from_pem(&String::from_utf8(sec1).unwrap()).unwrap();
    assert!(ec.belongs_to(&EC.certificate));
    assert!(!ec.belongs_to(&RSA.certificate));
    assert_eq!(format!("{ec:?}"), "PrivateKey(..)");
}

#[test]
fn an_encrypted_or_unfit_private_key_is_refused_without_a_question_at_the_terminal() {
    let rsa = Rsa::generate(2048).unwrap();
    let cipher = openssl::symm::Cipher::aes_128_cbc();
    let encrypted = rsa.private_key_to_pem_passphrase(cipher, b"secret").unwrap();
    let edwards = PKey::generate_ed25519().unwrap().private_key_to_pem_pkcs8().unwrap();
    for pem in [encrypted, edwards] {
        let pem = String::from_utf8(pem).unwrap();
        let refusal = PrivateKey::from_pem(&pem).unwrap_err();
        assert_eq!(refusal.fault, Fault::Metadata);
        assert!(!pem.contains(&refusal.seen));
    }
    assert!(PrivateKey::from_pem(&RSA.certificate.to_pem()).is_err());
}

#[test]
fn refusals_leave_no_error_behind_for_the_next_user_of_openssl() {
    assert!(Certificate::from_der(b"0\x82\x01\x00garbage").is_err());
    assert!(
        PrivateKey::from_pem("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----")
            .is_err()
    );
    assert!(openssl::error::ErrorStack::get().errors().is_empty());
}

#[test]
fn a_text_that_is_too_long_is_not_read() {
    let long = "A".repeat(LONGEST + 1);
    assert!(Certificate::from_base64(&long).is_err());
    assert!(Certificate::from_der(long.as_bytes()).is_err());
    assert!(PrivateKey::from_pem(&long).is_err());
}

proptest! {
    #[test]
    fn garbage_never_panics(text in ".{0,200}", bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        prop_assert!(Certificate::from_base64(&text).is_err());
        prop_assert!(Certificate::from_der(&bytes).is_err());
        prop_assert!(PrivateKey::from_pem(&text).is_err());
    }

    #[test]
    fn a_damaged_certificate_never_panics(at in 0usize..700, value in any::<u8>()) {
        let mut der = RSA.certificate.der().to_vec();
        let at = at % der.len();
        der[at] = value;
        if let Ok(certificate) = Certificate::from_der(&der) {
            let _ = (certificate.to_pem(), certificate.is_strong());
        }
    }
}
