//! Signatures of metadata: only verified bytes are read (ME-8).

use super::*;
use crate::certificate::Certificate;
use crate::certificate::fixtures::Pair;
use crate::policy::AlgorithmPolicy;

fn trust(certificates: &[Certificate]) -> Trust<'_> {
    Trust { certificates, algorithms: AlgorithmPolicy::default(), now: now() }
}

fn read_signed(
    xml: &str,
    entity_id: Option<&str>,
    certificates: &[Certificate],
) -> Result<IdentityProviderMetadata, Refusal> {
    read_identity_provider(xml.as_bytes(), entity_id, now(), Some(&trust(certificates)))
}

fn sign(xml: &str, pair: &Pair) -> String {
    XmlSec::new().sign(xml, &pair.key, &pair.certificate).unwrap()
}

/// An entity whose own signature can name it.
fn entity(entity_id: &str) -> String {
    let attributes = "ID=\"_entity\"".to_owned();
    Idp { entity_id: entity_id.to_owned(), entity_attributes: attributes, ..idp() }.xml()
}

#[test]
fn saml_me08_signed_metadata_of_a_pinned_certificate_is_read() {
    let pinned = [EC.certificate.clone(), OTHER_RSA.certificate.clone()];
    for pair in [&OTHER_RSA, &EC] {
        let metadata = read_signed(&sign(&entity(ENTITY), pair), None, &pinned).unwrap();
        assert_eq!(metadata.entity_id, ENTITY);
        assert_eq!(metadata.verified_by, Some(pair.certificate.facts().fingerprint.clone()));
        // The keys of the identity provider are those that the document names, not the pinned ones.
        assert_eq!(metadata.certificates.len(), 1);
        assert_eq!(&metadata.certificates[0], &RSA.certificate);
    }
}

#[test]
fn saml_me08_an_aggregate_is_signed_as_a_whole() {
    let all = entity("urn:one") + &entity("urn:two").replace("_entity", "_other");
    let xml = sign(&group("ID=\"_all\"", &all), &OTHER_RSA);
    let pinned = [OTHER_RSA.certificate.clone()];
    assert_eq!(read_signed(&xml, Some("urn:two"), &pinned).unwrap().entity_id, "urn:two");
    assert_eq!(read_signed(&xml, None, &pinned).unwrap_err().fault, Fault::Metadata);
    let changed = xml.replace("urn:two", "urn:six");
    let refused = read_signed(&changed, Some("urn:six"), &pinned).unwrap_err();
    assert_eq!(refused.fault, Fault::BadSignature);
}

#[test]
fn saml_me08_an_entity_of_an_unsigned_aggregate_may_be_signed_itself() {
    let old = "validUntil=\"2020-01-01T00:00:00Z\"";
    let other = Idp { entity_id: "urn:other".to_owned(), ..idp() }.xml();
    let xml = group(old, &(other + &sign(&entity(ENTITY), &OTHER_RSA)));
    let pinned = [OTHER_RSA.certificate.clone()];
    let metadata = read_signed(&xml, Some(ENTITY), &pinned).unwrap();
    // What stands around the verified bytes is not read.
    assert_eq!((metadata.entity_id.as_str(), metadata.valid_until), (ENTITY, None));
    assert_eq!(read_signed(&xml, Some("urn:other"), &pinned).unwrap_err().fault, Fault::Unsigned);
}

#[test]
fn saml_me08_unsigned_metadata_is_refused_where_a_signature_is_demanded() {
    let pinned = [OTHER_RSA.certificate.clone()];
    assert_eq!(read_signed(&entity(ENTITY), None, &pinned).unwrap_err().fault, Fault::Unsigned);
    assert_eq!(read_signed(&idp().xml(), None, &pinned).unwrap_err().fault, Fault::Unsigned);
}

#[test]
fn saml_me08_metadata_of_other_keys_or_changed_ones_is_refused() {
    let pinned = [OTHER_RSA.certificate.clone()];
    let by_itself = sign(&entity(ENTITY), &RSA);
    assert_eq!(read_signed(&by_itself, None, &pinned).unwrap_err().fault, Fault::BadSignature);
    let changed = sign(&entity(ENTITY), &OTHER_RSA).replace("idp.example/sso", "idp.example/own");
    assert_eq!(read_signed(&changed, None, &pinned).unwrap_err().fault, Fault::BadSignature);
    assert!(read_signed(&sign(&entity(ENTITY), &OTHER_RSA), None, &[]).is_err());
}

#[test]
fn saml_me08_without_a_pinned_certificate_no_signature_is_looked_at() {
    let changed = sign(&entity(ENTITY), &RSA).replace("idp.example/sso", "idp.example/own");
    let metadata = read(&changed).unwrap();
    assert_eq!(metadata.verified_by, None);
    // Old federations sign the whole document by an empty URI, with SHA-1, and some in ways that nobody takes.
    let old = changed.replace("URI=\"#_entity\"", "URI=\"\"").replace("rsa-sha256", "rsa-md5");
    assert_eq!(read(&old).unwrap().entity_id, ENTITY);
    let pinned = [RSA.certificate.clone()];
    assert_eq!(read_signed(&old, None, &pinned).unwrap_err().fault, Fault::SignatureShape);
}

#[test]
fn saml_at10_an_entity_wrapped_around_a_signed_one_is_not_believed() {
    let genuine = sign(&entity(ENTITY), &OTHER_RSA);
    let pinned = [OTHER_RSA.certificate.clone()];
    let evil = Idp { entity_id: "urn:evil".to_owned(), ..idp() };
    for xml in [
        // The signed one inside the extensions of another.
        Idp { before_role: format!("<Extensions>{genuine}</Extensions>"), ..evil }.xml(),
        // The same id on another entity beside it.
        group("", &(genuine.clone() + &entity("urn:evil"))),
    ] {
        assert!(read_signed(&xml, Some("urn:evil"), &pinned).is_err());
        assert!(read_signed(&xml, None, &pinned).is_err());
    }
}
