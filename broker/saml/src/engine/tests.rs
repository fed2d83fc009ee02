//! The engine by the rules of signatures, with keys made on the spot; [`openings`] goes past the gate on purpose.

use chrono::{DateTime, TimeDelta, Utc};
use samael::crypto::{CertificateDer, Crypto, CryptoProvider, ReduceMode};

use super::xmlsec::verify;
use super::*;
use crate::certificate::fixtures::{EC, LONG_RSA, OTHER_RSA, Pair, RSA, WEAK_RSA};
use crate::fault::Fault;

mod by_hand;
mod openings;

const EXCLUSIVE: &str = "http://www.w3.org/2001/10/xml-exc-c14n#";

fn now() -> DateTime<Utc> {
    DateTime::UNIX_EPOCH + TimeDelta::days(20_000)
}

fn assertion(signer: Option<&Pair>) -> String {
    let xml = "<saml:Assertion xmlns:saml=\"urn:oasis:names:tc:SAML:2.0:assertion\" ID=\"_a\" \
               Version=\"2.0\"><saml:Issuer>https://idp.example</saml:Issuer>\
               <saml:Subject><saml:NameID>zo&#235;&amp;<![CDATA[<x>]]></saml:NameID></saml:Subject>\
               </saml:Assertion>";
    match signer {
        Some(pair) => template::sign(xml, &pair.key, &pair.certificate).unwrap(),
        None => xml.to_owned(),
    }
}

fn response(outer: Option<&Pair>, inner: Option<&Pair>) -> String {
    let xml = format!(
        "<samlp:Response xmlns:samlp=\"urn:oasis:names:tc:SAML:2.0:protocol\" ID=\"_r\" \
         Version=\"2.0\"><saml:Issuer xmlns:saml=\"urn:oasis:names:tc:SAML:2.0:assertion\">\
         https://idp.example</saml:Issuer>{}</samlp:Response>",
        assertion(inner)
    );
    match outer {
        Some(pair) => template::sign(&xml, &pair.key, &pair.certificate).unwrap(),
        None => xml,
    }
}

fn check(xml: &str, id: &str, pairs: &[&Pair]) -> Result<SignedElement, Fault> {
    let certificates: Vec<Certificate> = pairs.iter().map(|one| one.certificate.clone()).collect();
    check_with(xml, id, &certificates, AlgorithmPolicy::default())
}

fn check_with(
    xml: &str,
    id: &str,
    certificates: &[Certificate],
    algorithms: AlgorithmPolicy,
) -> Result<SignedElement, Fault> {
    let trust = Trust { certificates, algorithms, now: now() };
    verify(xml, id, &trust).map_err(|refusal| refusal.fault)
}

fn root_of(xml: &str) -> (String, String) {
    let document = roxmltree::Document::parse(xml).unwrap();
    let root = document.root_element();
    (root.tag_name().name().to_owned(), root.attribute("ID").unwrap().to_owned())
}

#[test]
fn saml_sw03_what_is_signed_verifies_with_rsa_and_elliptic_curves() {
    for pair in [&*RSA, &*LONG_RSA, &*EC] {
        let xml = response(None, Some(pair));
        let signed = check(&xml, "_a", &[pair]).unwrap();
        assert_eq!(signed.verified_by, pair.certificate.facts().fingerprint);
        assert!(
            signed.xml.contains("<saml:NameID>zoë&amp;&lt;x&gt;</saml:NameID>"),
            "{}",
            signed.xml
        );
        let xml = response(Some(pair), None);
        assert_eq!(
            root_of(&check(&xml, "_r", &[pair]).unwrap().xml),
            ("Response".into(), "_r".into())
        );
    }
}

#[test]
fn saml_sw03_the_signature_stands_behind_the_issuer_and_changes_nothing_else() {
    let plain = response(None, None);
    let xml = response(Some(&RSA), None);
    let (start, end) = (xml.find("<ds:Signature ").unwrap(), xml.find("</ds:Signature>").unwrap());
    assert_eq!([&xml[..start], &xml[end + "</ds:Signature>".len()..]].concat(), plain);
    assert!(xml[..start].ends_with("</saml:Issuer>"));
    let signature = &xml[start..end];
    assert_eq!(signature.matches("X509Certificate>").count(), 2);
    assert!(signature.contains("xmldsig-more#rsa-sha256\""));
    assert!(signature.contains("xmlenc#sha256\""));
    assert!(signature.contains("URI=\"#_r\""));
}

#[test]
fn saml_sw03_in_metadata_the_signature_comes_first() {
    let xml = "<md:EntityDescriptor xmlns:md=\"urn:oasis:names:tc:SAML:2.0:metadata\" ID=\"_m\" \
               entityID=\"x\"><md:SPSSODescriptor/></md:EntityDescriptor>";
    let signed = template::sign(xml, &RSA.key, &RSA.certificate).unwrap();
    assert!(signed.contains("entityID=\"x\"><ds:Signature "));
    assert_eq!(root_of(&check(&signed, "_m", &[&RSA]).unwrap().xml).1, "_m");
}

#[test]
fn signing_refuses_what_is_none_of_ours() {
    let named =
        |id: &str| format!("<a ID=\"{id}\"><Issuer xmlns=\"{}\"/></a>", crate::names::ASSERTION);
    assert!(template::sign(&named("_x"), &RSA.key, &RSA.certificate).is_ok());
    for xml in
        [named(""), named("1x"), named("x&quot;y"), "<a ID=\"_x\"/>".to_owned(), "<a".to_owned()]
    {
        let refusal = template::sign(&xml, &RSA.key, &RSA.certificate).unwrap_err();
        assert_eq!(refusal.fault, Fault::Malformed, "{xml}");
    }
    let twice = response(Some(&RSA), None);
    assert!(template::sign(&twice, &RSA.key, &RSA.certificate).is_err());
    assert!(template::sign(&named("_x"), &RSA.key, &OTHER_RSA.certificate).is_err());
}

#[test]
fn saml_bu02_the_linked_build_refuses_a_tampered_signature() {
    // Without xmlsec, samael answers that every signature is good.
    let xml = response(None, Some(&RSA)).replace("zo&#235;", "eve");
    assert_eq!(check(&xml, "_a", &[&RSA]), Err(Fault::BadSignature));
    let der = CertificateDer::from(RSA.certificate.der().to_vec());
    assert!(native::call(|| Crypto::verify_signed_xml(&xml, &der, Some("ID"))).is_err());
    let reduced =
        native::call(|| Crypto::reduce_xml_to_signed(&xml, &[der], ReduceMode::PreDigest));
    assert!(reduced.is_err());
}

#[test]
fn saml_si01_without_a_certificate_nothing_verifies() {
    assert_eq!(check(&response(Some(&RSA), None), "_r", &[]), Err(Fault::BadSignature));
    // The document's own certificate is never looked at (AT-03).
    assert_eq!(check(&response(Some(&RSA), None), "_r", &[&OTHER_RSA]), Err(Fault::BadSignature));
}

#[test]
fn saml_si02_every_certificate_is_tried_whatever_its_kind_and_place() {
    for pair in [&*RSA, &*EC, &*LONG_RSA] {
        for all in [[&*EC, &*OTHER_RSA, &*LONG_RSA, &*RSA], [&*RSA, &*LONG_RSA, &*EC, &*OTHER_RSA]]
        {
            let signed = check(&response(None, Some(pair)), "_a", &all).unwrap();
            assert_eq!(signed.verified_by, pair.certificate.facts().fingerprint);
        }
    }
}

#[test]
fn saml_si02_no_more_than_twenty_certificates_are_tried() {
    let xml = response(None, Some(&RSA));
    // Those of another kind of key cost nothing.
    let mut all = vec![&*EC, &*EC];
    all.extend([&*OTHER_RSA; MOST_TRIED - 1]);
    let with = |more: &[&'static Pair]| check(&xml, "_a", &[&all[..], more].concat());
    assert!(with(&[&RSA]).is_ok());
    assert_eq!(with(&[&OTHER_RSA, &RSA]), Err(Fault::BadSignature));
}

#[test]
fn saml_si03_an_id_in_another_namespace_names_nothing() {
    let xml = response(None, Some(&RSA));
    let other = xml.replace(
        "<saml:Issuer xmlns:saml",
        "<saml:Issuer xmlns:o=\"urn:o\" o:ID=\"_b\" xmlns:saml",
    );
    assert_ne!(other, xml);
    assert_eq!(check(&other, "_b", &[&RSA]), Err(Fault::DuplicateId));
    assert!(check(&other, "_a", &[&RSA]).is_ok());
}

#[test]
fn saml_si03_only_the_element_asked_for_comes_back() {
    let xml = response(None, Some(&RSA));
    assert_eq!(
        root_of(&check(&xml, "_a", &[&RSA]).unwrap().xml),
        ("Assertion".into(), "_a".into())
    );
    assert_eq!(check(&xml, "_r", &[&RSA]), Err(Fault::Unsigned));
    assert_eq!(check(&xml, "_x", &[&RSA]), Err(Fault::DuplicateId));
    let xml = response(Some(&RSA), None);
    assert_eq!(check(&xml, "_a", &[&RSA]), Err(Fault::Unsigned));
}

#[test]
fn saml_si03_a_signature_that_covers_another_element_is_refused() {
    // A genuine assertion hides in the response, whose own signature points at it.
    let genuine = assertion(Some(&RSA));
    let (start, end) =
        (genuine.find("<ds:Signature").unwrap(), genuine.find("</ds:Signature>").unwrap());
    let (signature, bare) =
        (&genuine[start..end + 15], [&genuine[..start], &genuine[end + 15..]].concat());
    let xml = format!(
        "<samlp:Response xmlns:samlp=\"urn:oasis:names:tc:SAML:2.0:protocol\" ID=\"_r\">{signature}\
         {bare}</samlp:Response>"
    );
    assert_eq!(check(&xml, "_r", &[&RSA]), Err(Fault::BadSignature));
    assert_eq!(check(&xml, "_a", &[&RSA]), Err(Fault::Unsigned));
}

#[test]
fn saml_si04_both_signatures_must_verify() {
    let both = response(Some(&RSA), Some(&RSA));
    assert_eq!(
        root_of(&check(&both, "_r", &[&RSA]).unwrap().xml),
        ("Response".into(), "_r".into())
    );
    let inner = check(&both, "_a", &[&RSA]).unwrap();
    assert_eq!(root_of(&inner.xml), ("Assertion".into(), "_a".into()));
    assert!(!inner.xml.contains("Signature"));
    // The outer bytes still carry the inner signature, and it verifies inside them.
    let outer = check(&both, "_r", &[&RSA]).unwrap().xml;
    assert_eq!(check(&outer, "_a", &[&RSA]).unwrap(), inner);
    let trust = Trust {
        certificates: std::slice::from_ref(&RSA.certificate),
        algorithms: AlgorithmPolicy::default(),
        now: now(),
    };
    let outer = SignedElement { xml: outer, verified_by: String::new() };
    assert_eq!(XmlSec::new().verify_inside(&outer, "_a", &trust).unwrap(), inner);
    assert!(XmlSec::new().verify_inside(&outer, "_r", &trust).is_err());

    for (outer, inner) in [(&*RSA, &*OTHER_RSA), (&*OTHER_RSA, &*RSA)] {
        let mixed = response(Some(outer), Some(inner));
        for id in ["_r", "_a"] {
            assert_eq!(check(&mixed, id, &[&RSA]), Err(Fault::BadSignature), "{id}");
        }
    }
    // The inner one is genuine, the outer one is broken.
    let broken =
        both.replace("Version=\"2.0\"><saml:Issuer xmlns", "Version=\"2.1\"><saml:Issuer xmlns");
    assert_ne!(broken, both);
    for id in ["_r", "_a"] {
        assert_eq!(check(&broken, id, &[&RSA]), Err(Fault::BadSignature), "{id}");
    }
}

#[test]
fn saml_me07_response_and_assertion_may_be_signed_by_old_and_new_key() {
    for (outer, inner) in
        [(&*RSA, &*OTHER_RSA), (&*OTHER_RSA, &*RSA), (&*RSA, &*LONG_RSA), (&*LONG_RSA, &*RSA)]
    {
        let xml = response(Some(outer), Some(inner));
        for known in [[outer, inner], [inner, outer]] {
            let signed = check(&xml, "_r", &known).unwrap();
            assert_eq!(signed.verified_by, outer.certificate.facts().fingerprint);
            let signed = check(&xml, "_a", &known).unwrap();
            assert_eq!(signed.verified_by, inner.certificate.facts().fingerprint);
        }
    }
}

#[test]
fn saml_pc14_a_weak_key_verifies_nothing() {
    let xml = response(None, Some(&WEAK_RSA));
    assert_eq!(check(&xml, "_a", &[&RSA, &WEAK_RSA]), Err(Fault::WeakAlgorithm));
    let forged = xml.replace("zo&#235;", "eve");
    assert_eq!(check(&forged, "_a", &[&RSA, &WEAK_RSA]), Err(Fault::BadSignature));
}

#[test]
fn saml_api03_sha1_verifies_until_the_day_that_the_connector_says() {
    const SHA1: &str = "http://www.w3.org/2000/09/xmldsig#sha1";
    const SHA256: &str = "http://www.w3.org/2001/04/xmlenc#sha256";
    const RSA_SHA1: &str = "http://www.w3.org/2000/09/xmldsig#rsa-sha1";
    const RSA_SHA256: &str = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256";
    let certificates = [RSA.certificate.clone()];
    let policy = |days| AlgorithmPolicy { sha1_until: Some(now() + TimeDelta::days(days)) };
    for (method, digest) in [(RSA_SHA1, SHA1), (RSA_SHA256, SHA1), (RSA_SHA1, SHA256)] {
        let xml = by_hand::assertion(&RSA, method, digest, EXCLUSIVE);
        assert!(check_with(&xml, "_a", &certificates, policy(1)).is_ok(), "{method} {digest}");
        for refused in [AlgorithmPolicy::default(), policy(0), policy(-1)] {
            let verdict = check_with(&xml, "_a", &certificates, refused);
            assert_eq!(verdict, Err(Fault::WeakAlgorithm), "{method} {digest}");
        }
    }
    // The permission covers SHA-1 and nothing else.
    for method in [
        "http://www.w3.org/2001/04/xmldsig-more#rsa-md5",
        "http://www.w3.org/2000/09/xmldsig#hmac-sha1",
    ] {
        let xml =
            by_hand::assertion(&RSA, RSA_SHA256, SHA256, EXCLUSIVE).replace(RSA_SHA256, method);
        assert_eq!(check_with(&xml, "_a", &certificates, policy(1)), Err(Fault::WeakAlgorithm));
    }
}

#[test]
fn saml_pc13_the_three_canonicalisations_verify() {
    const SHA512: &str = "http://www.w3.org/2001/04/xmlenc#sha512";
    const RSA_SHA512: &str = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha512";
    let certificates = [RSA.certificate.clone()];
    for c14n in [
        EXCLUSIVE,
        "http://www.w3.org/TR/2001/REC-xml-c14n-20010315",
        "http://www.w3.org/2006/12/xml-c14n11",
    ] {
        let xml = by_hand::assertion(&RSA, RSA_SHA512, SHA512, c14n);
        assert!(
            check_with(&xml, "_a", &certificates, AlgorithmPolicy::default()).is_ok(),
            "{c14n}"
        );
    }
}

#[test]
fn no_error_of_openssl_stays_behind() {
    let xml = response(Some(&RSA), None).replace("https://idp", "https://edp");
    assert!(check(&xml, "_r", &[&RSA, &OTHER_RSA, &LONG_RSA]).is_err());
    assert!(openssl::error::ErrorStack::get().errors().is_empty());
}
