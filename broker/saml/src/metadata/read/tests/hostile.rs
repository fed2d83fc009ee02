//! Documents that were made to harm (B13), and any bytes.

use proptest::prelude::*;

use super::*;

#[test]
fn saml_b13_too_many_entities_are_refused_by_name() {
    let one = "<EntityDescriptor entityID=\"urn:x\"/>";
    let refused = list(&group("", &one.repeat(20_000))).unwrap_err();
    assert_eq!((refused.fault, refused.seen.as_str()), (Fault::Metadata, "too many entities"));
    assert_eq!(list(&group("", &one.repeat(MOST_ENTITIES))).unwrap().len(), MOST_ENTITIES);
}

#[test]
fn saml_b13_too_many_certificates_are_refused_by_name() {
    let one = key(None, &RSA.certificate.to_base64());
    assert_eq!(read(&Idp { keys: one.repeat(100), ..idp() }.xml()).unwrap().certificates.len(), 1);
    let refused = refusal(&Idp { keys: one.repeat(101), ..idp() }.xml());
    assert_eq!(refused.seen, "too many signing certificates");
}

#[test]
fn saml_b13_fifty_mebibytes_are_refused_by_size() {
    let mut xml = idp().xml().into_bytes();
    xml.resize(50 * 1024 * 1024, b' ');
    let refused = read_identity_provider(&xml, None, now(), None).unwrap_err();
    assert_eq!(refused.fault, Fault::TooLarge);
}

#[test]
fn saml_b13_an_entity_id_twice_is_refused_by_name() {
    let twice = group("", &(idp().xml() + &idp().xml()));
    for refused in [refusal(&twice), read_named(&twice, ENTITY).unwrap_err()] {
        assert_eq!(
            (refused.fault, refused.seen),
            (Fault::Metadata, format!("{ENTITY} and {ENTITY}"))
        );
    }
    let attributes = idp().xml().replace("entityID=", "entityID=\"urn:x\" entityID=");
    assert_eq!(refusal(&attributes).fault, Fault::Malformed);
}

#[test]
fn saml_b13_a_document_type_is_refused_by_name() {
    let xml = format!("<!DOCTYPE x [<!ENTITY e \"x\">]>{}", idp().xml());
    assert_eq!(refusal(&xml).fault, Fault::Markup);
}

#[test]
fn saml_at02_what_is_no_metadata_is_refused() {
    for xml in [
        "<EntityDescriptor entityID=\"urn:x\"/>",
        "<a/>",
        "<html xmlns=\"http://www.w3.org/1999/xhtml\"/>",
    ] {
        assert!(matches!(refusal(xml).fault, Fault::Metadata | Fault::Structure), "{xml}");
    }
    assert_eq!(refusal(&group("", "")).fault, Fault::Metadata);
    for xml in ["", "{}", "not XML", "<a>"] {
        assert!(read(xml).is_err());
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn no_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..600)) {
        let _ = read_identity_provider(&bytes, None, now(), None);
    }

    #[test]
    fn no_mutation_of_metadata_makes_it_panic(
        cuts in prop::collection::vec((any::<prop::sample::Index>(), 0_usize..30, "[<>&\"'a-z:/0-9= ]{0,12}"), 1..6),
    ) {
        let mut idp = idp();
        idp.role_attributes += " cacheDuration=\"P1DT1H\" validUntil=\"2027-01-01T00:00:00Z\"";
        let mut text: Vec<char> = group("validUntil=\"2027-01-01T00:00:00\"", &idp.xml()).chars().collect();
        for (place, length, with) in cuts {
            let start = place.index(text.len());
            let end = (start + length).min(text.len());
            text.splice(start..end, with.chars());
        }
        let text: String = text.into_iter().collect();
        let _ = (read(&text), list(&text));
        // Behind the gate too, which refuses most of it.
        let _ = (identity_provider(&text, None, now(), None), summaries(&text, now()));
    }
}
