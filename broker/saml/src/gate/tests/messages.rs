use super::super::fixtures::root;
use super::*;

const KINDS: [MessageKind; 3] =
    [MessageKind::AuthnRequest, MessageKind::LogoutRequest, MessageKind::LogoutResponse];

fn build(kind: MessageKind, inner: &str) -> String {
    let status = if kind == MessageKind::LogoutResponse { SUCCESS } else { "" };
    let inner = format!("{ISSUER}{inner}{status}");
    root(kind.local_name(), r#"ID="_r" Version="2.0""#, &inner)
}

fn message(kind: MessageKind, text: &str) -> Result<GatedDocument, Refusal> {
    super::super::message(text.as_bytes(), kind, &AlgorithmPolicy::default(), now())
}

fn refused(kind: MessageKind, inner: &str) -> Option<Fault> {
    message(kind, &build(kind, inner)).err().map(|refusal| refusal.fault)
}

fn plaintext(text: &str) -> Result<GatedDocument, Refusal> {
    super::super::assertion(text.as_bytes(), &AlgorithmPolicy::default(), now())
}

fn metadata(text: &str) -> Result<GatedDocument, Refusal> {
    super::super::metadata(text.as_bytes(), &AlgorithmPolicy::default(), now())
}

fn entity(id: &str, inner: &str) -> String {
    format!(
        "<m:EntityDescriptor xmlns:m='urn:oasis:names:tc:SAML:2.0:metadata' ID='{id}'>{inner}</m:EntityDescriptor>"
    )
}

fn aggregate(id: &str, inner: &str) -> String {
    format!(
        "<m:EntitiesDescriptor xmlns:m='urn:oasis:names:tc:SAML:2.0:metadata' ID='{id}'>{inner}</m:EntitiesDescriptor>"
    )
}

#[test]
fn saml_pc17_each_message_passes_its_own_gate_only() {
    for kind in KINDS {
        let document = message(kind, &build(kind, "")).unwrap();
        assert_eq!(document.root_id.as_deref(), Some("_r"));
        assert_eq!((document.root_signature, document.assertion), (None, AssertionPlace::None));
        for other in KINDS.into_iter().filter(|other| *other != kind) {
            assert!(message(other, &build(kind, "")).is_err());
        }
        assert_eq!(fault(&build(kind, "")), Some(Fault::Structure));
        let version = build(kind, "").replace("2.0\">", "1.1\">");
        assert_eq!(message(kind, &version).unwrap_err().fault, Fault::Structure);
        assert_eq!(kind.parameter() == "SAMLRequest", kind != MessageKind::LogoutResponse);
    }
}

#[test]
fn saml_pc17_the_rules_of_bytes_ids_and_signatures_hold_for_messages_too() {
    for kind in KINDS {
        let signed = message(kind, &build(kind, &Shape::of("_r").xml())).unwrap();
        assert!(signed.root_signature.is_some());
        let shape = Some(Fault::SignatureShape);
        assert_eq!(refused(kind, &Shape::of("_x").xml()), shape);
        assert_eq!(refused(kind, &Shape::of("_r").xml().repeat(2)), shape);
        assert_eq!(refused(kind, "<?x?>"), Some(Fault::Markup));
        assert_eq!(refused(kind, "<b/>"), Some(Fault::Structure));
        assert_eq!(refused(kind, "text"), Some(Fault::Structure));
    }
    let twice = "<a:Subject><b ID='_r'/></a:Subject>";
    assert_eq!(refused(MessageKind::AuthnRequest, twice), Some(Fault::DuplicateId));
    let hidden = format!("<a:Subject>{}</a:Subject>", Shape::of("_r").xml());
    assert_eq!(refused(MessageKind::AuthnRequest, &hidden), Some(Fault::SignatureShape));
}

#[test]
fn saml_pc17_a_message_inside_a_message_is_refused() {
    for inner in [
        "<p:AuthnRequest/>",
        "<AuthnRequest/>",
        "<p:Response/>",
        "<a:Assertion/>",
        "<p:LogoutRequest/>",
    ] {
        let inner = format!("<a:Subject><b>{inner}</b></a:Subject>");
        assert_eq!(refused(MessageKind::AuthnRequest, &inner), Some(Fault::Structure), "{inner}");
    }
}

#[test]
fn saml_pc17_extensions_of_requests_are_foreign() {
    let with = |inner: &str| format!("<p:Extensions>{inner}</p:Extensions>");
    for kind in [MessageKind::AuthnRequest, MessageKind::LogoutRequest] {
        let foreign =
            with("<x:Asynchronous xmlns:x='urn:oasis:names:tc:SAML:2.0:protocol:ext:async-slo'/>");
        assert_eq!(refused(kind, &foreign), None);
        for ours in ["<p:Status/>", "<b><a:Subject/></b>"] {
            assert_eq!(refused(kind, &with(ours)), Some(Fault::Structure), "{ours}");
        }
        assert!(refused(kind, &with(&Shape::of("_r").xml())).is_some());
    }
    assert_eq!(refused(MessageKind::LogoutResponse, &with("")), Some(Fault::Structure));
}

#[test]
fn saml_pc17_a_logout_request_has_names_and_sessions() {
    let kind = MessageKind::LogoutRequest;
    let session = "<p:SessionIndex>1</p:SessionIndex>";
    assert_eq!(refused(kind, &format!("<a:NameID>x</a:NameID>{session}{session}")), None);
    let hidden = ENCRYPTED.replace("EncryptedAssertion", "EncryptedID");
    assert_eq!(refused(kind, &hidden), None);
    assert_eq!(
        refused(kind, &hidden.replace("<e:CipherData>", "<b/><e:CipherData>")),
        Some(Fault::Structure)
    );
    assert_eq!(refused(kind, "<p:NameID/>"), Some(Fault::Structure));
}

#[test]
fn saml_pc17_a_logout_response_has_one_status() {
    let kind = MessageKind::LogoutResponse;
    assert!(message(kind, &build(kind, "").replace(SUCCESS, DENIED)).is_ok());
    for other in [String::new(), format!("{SUCCESS}{DENIED}")] {
        let other = build(kind, "").replace(SUCCESS, &other);
        assert_eq!(message(kind, &other).unwrap_err().fault, Fault::Structure);
    }
}

#[test]
fn saml_gt15_a_decrypted_assertion_passes_its_own_gate() {
    let document = plaintext(&assertion("_a", &Shape::of("_a").xml())).unwrap();
    assert!(document.root_signature.is_some());
    assert!(matches!(document.assertion, AssertionPlace::Plain { signature: Some(_), .. }));
    assert!(plaintext(&assertion("_a", "")).unwrap().root_signature.is_none());
    for (inner, expected) in [
        (assertion("_b", ""), Fault::AssertionCount),
        (format!("<a:Advice>{}</a:Advice>", assertion("_b", "")), Fault::AdviceAssertion),
        (Shape::of("_b").xml(), Fault::SignatureShape),
        ("<a:Advice ID='_a'/>".to_owned(), Fault::DuplicateId),
        ("<b/>".to_owned(), Fault::Structure),
    ] {
        assert_eq!(plaintext(&assertion("_a", &inner)).unwrap_err().fault, expected);
    }
    assert_eq!(plaintext(&usual("")).unwrap_err().fault, Fault::Structure);
}

#[test]
fn encrypted_parts_hold_ciphertext_and_keys_only() {
    let gated = |encrypted: &str| fault(&response(&format!("{SUCCESS}{encrypted}")));
    assert_eq!(gated(ENCRYPTED), None);
    let data = &ENCRYPTED
        [ENCRYPTED.find("<e:EncryptedData").unwrap()..ENCRYPTED.find("<e:EncryptedKey").unwrap()];
    for (from, to, expected) in [
        (data, String::new(), Fault::Structure),
        (data, format!("{data}{data}"), Fault::Structure),
        (data, format!("{data}<a:Subject/>"), Fault::Structure),
        ("<e:CipherData>", "<e:CipherData><b/>".into(), Fault::Structure),
        ("</k:KeyInfo>", format!("{}</k:KeyInfo>", Shape::of("_x").xml()), Fault::SignatureShape),
        (
            "<e:CipherData>",
            "<k:Transforms xmlns:k='http://www.w3.org/2000/09/xmldsig#'/><e:CipherData>".into(),
            Fault::SignatureShape,
        ),
    ] {
        assert_eq!(gated(&ENCRYPTED.replacen(from, &to, 1)), Some(expected), "{to}");
    }
}

#[test]
fn metadata_has_one_entity_or_an_aggregate_of_them() {
    let signed = entity("_e", &Shape::of("_e").xml());
    assert!(metadata(&signed).unwrap().root_signature.is_some());
    let inner = format!(
        "<m:Extensions/>{}{}",
        entity("_1", &Shape::of("_1").xml()),
        entity("_2", "<b>x</b>")
    );
    let document =
        metadata(&aggregate("_e", &format!("<!-- x -->{}{inner}", Shape::of("_e").xml()))).unwrap();
    assert_eq!(document.root_id.as_deref(), Some("_e"));
    assert!(document.root_signature.is_some());
    for (text, expected) in [
        (usual(""), Fault::Structure),
        (entity("_e", &entity("_1", "")), Fault::Structure),
        (
            aggregate("_e", &format!("<m:Extensions>{}</m:Extensions>", entity("_1", ""))),
            Fault::Structure,
        ),
        (aggregate("_e", &entity("_e", "")), Fault::DuplicateId),
        (
            entity(
                "_e",
                &format!(
                    "<m:IDPSSODescriptor ID='_i'>{}</m:IDPSSODescriptor>",
                    Shape::of("_i").xml()
                ),
            ),
            Fault::SignatureShape,
        ),
        (aggregate("_e", &entity("_1", &Shape::of("_e").xml())), Fault::SignatureShape),
        ("<!DOCTYPE x>".to_owned() + &signed, Fault::Markup),
    ] {
        assert_eq!(metadata(&text).unwrap_err().fault, expected, "{text}");
    }
}

#[test]
fn metadata_may_be_larger_than_a_message() {
    let large = entity("_e", &"<b>x</b>".repeat(50_000));
    assert!(large.len() > LONGEST_MESSAGE);
    assert!(metadata(&large).is_ok());
    let larger = entity("_e", &"<b>x</b>".repeat(100_001));
    assert_eq!(metadata(&larger).unwrap_err().fault, Fault::TooComplex);
    let largest = entity("_e", &" ".repeat(LONGEST_METADATA));
    assert_eq!(metadata(&largest).unwrap_err().fault, Fault::TooLarge);
}
