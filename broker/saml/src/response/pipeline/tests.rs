//! What comes back from a verified signature is looked at again: engines that lie.

use chrono::{DateTime, TimeDelta};

use super::*;
use crate::certificate::{Certificate, PrivateKey, fixtures};
use crate::engine::{SignedElement, Trust};
use crate::gate::fixtures as documents;
use crate::policy::{AlgorithmPolicy, SignedParts};

/// An engine that verifies everything and hands out what it was told to.
struct Liar(&'static str);

impl SignatureEngine for Liar {
    fn verify(&self, _: &GatedDocument, _: &str, _: &Trust<'_>) -> Result<SignedElement, Refusal> {
        Ok(SignedElement { xml: self.0.to_owned(), verified_by: "liar".to_owned() })
    }

    fn verify_inside(
        &self,
        _: &SignedElement,
        _: &str,
        _: &Trust<'_>,
    ) -> Result<SignedElement, Refusal> {
        Ok(SignedElement { xml: self.0.to_owned(), verified_by: "liar".to_owned() })
    }

    fn sign(&self, _: &str, _: &PrivateKey, _: &Certificate) -> Result<String, Refusal> {
        Err(Refusal::new(Fault::BadSignature, "", ""))
    }
}

/// What comes of a response when the engine answers so: the assertion is signed, or the response.
fn fault(document: &str, answer: &'static str, certificates: &[Certificate]) -> Fault {
    let keys = Keys {
        certificates,
        decryption: &[],
        algorithms: AlgorithmPolicy::default(),
        signed: SignedParts::Either,
    };
    let expected = Expected {
        identity_provider: "https://idp.example",
        service_provider: "https://sp.example",
        acs_url: "https://sp.example/acs",
        request: None,
        skew: TimeDelta::zero(),
        now: DateTime::from_timestamp(1_793_534_400, 0).unwrap(),
    };
    let field = post::fields(gate::MessageKind::Response, document, None).remove(0).1;
    let reading = read(&Liar(answer), &field, &keys, &expected);
    assert!(reading.checks.iter().any(|check| check.fault.is_some()), "{reading:?}");
    reading.outcome.unwrap_err().refusal.fault
}

fn trusted() -> [Certificate; 1] {
    [fixtures::EC.certificate.clone()]
}

#[test]
fn saml_si03_bytes_of_another_element_than_the_signed_one_are_refused() {
    let document = documents::usual("");
    for other in [
        r#"<Assertion ID="_a"/>"#,
        r#"<x:Assertion xmlns:x="urn:x" ID="_a"/>"#,
        r#"<x:Assertion xmlns:x="urn:oasis:names:tc:SAML:2.0:assertion"/>"#,
        r#"<x:Assertion xmlns:x="urn:oasis:names:tc:SAML:2.0:assertion" ID="_b"/>"#,
        r#"<x:Assertion xmlns:x="urn:oasis:names:tc:SAML:2.0:assertion" x:ID="_a" ID="_b"/>"#,
        r#"<x:Subject xmlns:x="urn:oasis:names:tc:SAML:2.0:assertion" ID="_a"/>"#,
    ] {
        assert_eq!(fault(&document, other, &trusted()), Fault::BadSignature, "{other}");
    }
    // The right one is read, and then judged.
    let right = r#"<x:Assertion xmlns:x="urn:oasis:names:tc:SAML:2.0:assertion" ID="_a"/>"#;
    assert_eq!(fault(&document, right, &trusted()), Fault::IssuerMismatch);
    assert_eq!(fault(&document, "no XML", &trusted()), Fault::Malformed);
}

#[test]
fn saml_si03_a_signed_response_is_a_response_with_the_one_assertion() {
    let signature = documents::Shape::of("_r").xml();
    let inner = format!("{}{signature}{}", documents::ISSUER, documents::SUCCESS);
    let document = documents::response(&format!("{inner}{}", documents::assertion("_a", "")));
    for (other, expected) in [
        (r#"<Response ID="_r"/>"#, Fault::BadSignature),
        (
            r#"<p:Assertion xmlns:p="urn:oasis:names:tc:SAML:2.0:assertion" ID="_a"/>"#,
            Fault::BadSignature,
        ),
        (
            r#"<p:Response xmlns:p="urn:oasis:names:tc:SAML:2.0:protocol" ID="_r"/>"#,
            Fault::AssertionCount,
        ),
        (
            r#"<p:Response xmlns:p="urn:oasis:names:tc:SAML:2.0:protocol" xmlns="urn:oasis:names:tc:SAML:2.0:assertion" ID="_r"><Assertion ID="_a"/><Assertion ID="_b"/></p:Response>"#,
            Fault::AssertionCount,
        ),
        (
            r#"<p:Response xmlns:p="urn:oasis:names:tc:SAML:2.0:protocol" xmlns="urn:oasis:names:tc:SAML:2.0:assertion" ID="_r"><Assertion ID="_b"/></p:Response>"#,
            Fault::BadSignature,
        ),
    ] {
        assert_eq!(fault(&document, other, &trusted()), expected, "{other}");
    }
}

#[test]
fn saml_si01_without_a_certificate_the_engine_is_never_asked() {
    // It would say yes.
    let right = r#"<x:Assertion xmlns:x="urn:oasis:names:tc:SAML:2.0:assertion" ID="_a"/>"#;
    assert_eq!(fault(&documents::usual(""), right, &[]), Fault::BadSignature);
}
