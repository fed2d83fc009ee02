use chrono::TimeZone;
use proptest::prelude::*;
use roxmltree::Document;

use super::*;

/// A document with an element a line, for snapshots.
pub(crate) fn lines(xml: &str) -> String {
    xml.replace("><", ">\n<")
}

fn document(text: &str, attribute: &str) -> Result<String, Refusal> {
    Element::new("samlp:Response")
        .attribute("ID", attribute)
        .child(Element::with_text("saml:Issuer", text))
        .to_document()
}

/// What a strict parser reads of it: the text and the attribute.
fn read_back(xml: &str) -> (String, String) {
    let tree = Document::parse(xml).unwrap();
    let root = tree.root_element();
    let issuer = root.first_element_child().unwrap();
    assert_eq!(root.children().count(), 1);
    assert_eq!(issuer.children().filter(|child| !child.is_text()).count(), 0);
    (issuer.text().unwrap_or_default().to_owned(), root.attribute("ID").unwrap().to_owned())
}

#[test]
fn saml_sw01_markup_in_values_stays_text_of_one_element() {
    for text in [
        "</saml:Issuer><saml:Issuer>admin",
        "R&D",
        "a < b > c",
        "]]>",
        "<![CDATA[x]]>",
        "<!-- x -->",
        "&amp;",
        "&#0;",
        "\" onload='",
        "line\nbreak\r\nand\ttab",
        " space around ",
        "Zoë 👩‍🚀 \u{10ffff}",
    ] {
        let xml = document(text, text).unwrap();
        assert_eq!(read_back(&xml), (text.to_owned(), text.to_owned()), "{xml}");
    }
}

#[test]
fn saml_sw01_what_xml_cannot_carry_is_refused_and_named() {
    for bad in ["\0", "a\u{1}", "\u{b}", "\u{1f}", "\u{fffe}", "x\u{ffff}"] {
        for (text, attribute) in [(bad, "x"), ("x", bad)] {
            let refusal = document(text, attribute).unwrap_err();
            assert_eq!(refusal.fault, Fault::Malformed, "{bad:?}");
            assert!(refusal.seen.starts_with("the character U+"), "{refusal}");
        }
    }
    assert!(document("\u{7f}\u{85}\u{fffd}", "x").is_ok());
}

#[test]
fn saml_sw02_the_proof_finds_every_difference() {
    let meant = Element::new("saml:Issuer").attribute("Format", "x").text("a").text("b");
    let same = |xml: &str| proof::reads_back(xml, &meant).is_ok();
    let declared =
        |inner: &str| inner.replacen(' ', &format!(" xmlns:s='{}' ", names::ASSERTION), 1);
    assert!(same(&declared("<s:Issuer Format='x'>ab</s:Issuer>")));
    for other in [
        "<s:Issuer Format='x'>a</s:Issuer>",
        "<s:Issuer Format='x'>ab<s:x/></s:Issuer>",
        "<s:Issuer Format='x'><s:x/>ab</s:Issuer>",
        "<s:Issuer Format='y'>ab</s:Issuer>",
        "<s:Issuer Format='x' more='x'>ab</s:Issuer>",
        "<s:Issuer >ab</s:Issuer>",
        "<s:Other Format='x'>ab</s:Other>",
        "<s:Issuer Format='x'>ab</s:Issuer> trailing",
        "<s:Issuer Format='x'>a<!-- -->b</s:Issuer>",
    ] {
        assert!(!same(&declared(other)), "{other}");
    }
    assert!(!same("<Issuer Format='x'>ab</Issuer>"));
}

#[test]
fn each_root_declares_the_prefixes_that_stand_in_it_and_no_other() {
    let xml = document("x", "y").unwrap();
    insta::assert_snapshot!(lines(&xml), @r#"
    <samlp:Response xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" ID="y">
    <saml:Issuer>x</saml:Issuer>
    </samlp:Response>
    "#);
}

#[test]
fn saml_sw08_ids_have_128_bits_and_never_start_with_a_digit() {
    assert_eq!(id([0; 16]), "id00000000000000000000000000000000");
    assert_eq!(id([0xff; 16]), "idffffffffffffffffffffffffffffffff");
    assert!(check_id(&id([7; 16])).is_ok());
    for good in ["_1", "a", "a-b.c_d"] {
        assert!(check_id(good).is_ok(), "{good}");
    }
    for bad in ["", "1a", "-a", ".a", "a b", "a:b", "a\"b", "é", &"a".repeat(257)] {
        assert_eq!(check_id(bad).unwrap_err().fault, Fault::Malformed, "{bad}");
    }
}

#[test]
fn times_are_utc_with_a_z() {
    let moment = Utc.with_ymd_and_hms(2026, 11, 22, 9, 5, 0).unwrap();
    assert_eq!(time(moment), "2026-11-22T09:05:00.000Z");
}

#[test]
fn empty_values_are_refused_where_one_is_needed() {
    assert!(require("Issuer", "x").is_ok());
    assert_eq!(require("Issuer", " ").unwrap_err().seen, "an empty Issuer");
}

/// Any text, with much of what matters to XML in it.
fn text() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        any::<char>().prop_map(String::from),
        prop::sample::select(vec![
            "]]>", "&", "<", ">", "\"", "'", "\r\n", "\r", "\t", " ", "<!--", "&#0;", "\0"
        ])
        .prop_map(str::to_owned),
        "[a-z ]{0,5}",
    ];
    prop::collection::vec(piece, 0..12).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn saml_sw02_any_text_comes_back_as_it_was_or_is_refused(text in text(), attribute in text()) {
        let carried = |value: &str| value.chars().all(is_xml_char);
        match document(&text, &attribute) {
            Ok(xml) => prop_assert_eq!(read_back(&xml), (text, attribute)),
            Err(_) => prop_assert!(!carried(&text) || !carried(&attribute)),
        }
    }
}
