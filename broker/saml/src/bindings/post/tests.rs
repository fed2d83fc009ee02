use proptest::prelude::*;

use super::*;

fn fault(field: &str) -> Option<Fault> {
    decode(field).err().map(|refusal| refusal.fault)
}

#[test]
fn saml_pc01_line_breaks_and_blanks_in_base64_do_not_matter() {
    assert_eq!(decode("PGEv\r\nPg ==\n\t").unwrap(), b"<a/>");
}

#[test]
fn saml_pc01_what_is_not_base64_is_refused() {
    for other in ["<a/>", "PGEvPg", "PGEvPg=", "PGE-Pg==", "P===", "PGEvPg==PGEvPg==", "\u{e9}"] {
        assert_eq!(fault(other), Some(Fault::Encoding), "{other}");
    }
}

#[test]
fn saml_pc01_fields_and_their_documents_are_bounded() {
    assert_eq!(fault(&STANDARD.encode(vec![b'x'; LONGEST_MESSAGE])), None);
    assert_eq!(fault(&STANDARD.encode(vec![b'x'; LONGEST_MESSAGE + 1])), Some(Fault::TooLarge));
    assert_eq!(fault(&" ".repeat(LONGEST_FIELD)), None);
    assert_eq!(fault(&" ".repeat(LONGEST_FIELD + 1)), Some(Fault::TooLarge));
}

#[test]
fn a_form_carries_message_and_relay_state() {
    let fields = fields(MessageKind::LogoutResponse, "<a/>", Some("\"><script>"));
    let expected = [("SAMLResponse", "PGEvPg=="), ("RelayState", "\"><script>")];
    let expected = expected.map(|(name, value)| (name.to_owned(), value.to_owned()));
    assert_eq!(fields, expected);
    let alone = super::fields(MessageKind::AuthnRequest, "<a/>", None);
    assert_eq!(alone, [("SAMLRequest".to_owned(), "PGEvPg==".to_owned())]);
}

proptest! {
    #[test]
    fn a_field_never_makes_it_panic(field in "\\PC*") {
        let _ = decode(&field);
    }

    #[test]
    fn what_is_sent_is_read_again(xml in "\\PC*") {
        let sent = fields(MessageKind::Response, &xml, None);
        prop_assert_eq!(decode(&sent[0].1).unwrap(), xml.into_bytes());
    }
}
