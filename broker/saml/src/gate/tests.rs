//! The order of the gate and its rules for responses; below, signatures and the other messages.

use chrono::TimeDelta;
use proptest::prelude::*;

use super::fixtures::{DENIED, ENCRYPTED, ISSUER, SUCCESS, Shape, assertion, response, usual};
use super::*;
use crate::fault::Fault;

mod messages;
mod signatures;

fn now() -> DateTime<Utc> {
    DateTime::UNIX_EPOCH
}

fn gate(text: &str) -> Result<GatedDocument, Refusal> {
    super::response(text.as_bytes(), &AlgorithmPolicy::default(), now())
}

fn fault(text: &str) -> Option<Fault> {
    gate(text).err().map(|refusal| refusal.fault)
}

fn signed_response(inner: &str) -> String {
    response(&format!("{ISSUER}{}{inner}", Shape::of("_r").xml()))
}

#[test]
fn the_usual_response_passes_with_its_facts() {
    let document = gate(&usual("")).unwrap();
    assert_eq!(document.as_str(), usual(""));
    assert_eq!(document.root_id.as_deref(), Some("_r"));
    assert_eq!(document.root_signature, None);
    let AssertionPlace::Plain { id, signature: Some(signature) } = document.assertion else {
        panic!("no signed assertion");
    };
    assert_eq!(id, "_a");
    assert_eq!(signature.method, "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256");
    assert_eq!(signature.digest, "http://www.w3.org/2001/04/xmlenc#sha256");
    assert!(!signature.uses_sha1);
}

#[test]
fn saml_pc01_a_message_has_at_most_256_kib() {
    let room = LONGEST_MESSAGE - usual("").len();
    assert_eq!(fault(&usual(&" ".repeat(room))), None);
    assert_eq!(fault(&usual(&" ".repeat(room + 1))), Some(Fault::TooLarge));
}

#[test]
fn saml_pc05_comments_pass_outside_signatures() {
    assert_eq!(fault(&usual("<a:Subject><a:NameID>ad<!-- x -->min</a:NameID></a:Subject>")), None);
}

#[test]
fn saml_pc06_what_a_lenient_parser_repairs_is_refused() {
    let usual = usual("");
    for broken in [
        "".to_owned(),
        "{\"json\": true}".to_owned(),
        format!("{usual}<a/>"),
        format!("{usual}junk"),
        format!("junk{usual}"),
        usual.replace("</a:Assertion>", ""),
        usual.replace("</p:Response>", ""),
        usual.replace("</p:Response>", "</p:response>"),
        usual.replace("<a:Issuer>", "<b:Issuer>").replace("</a:Issuer>", "</b:Issuer>"),
        usual.replace("https://idp.example", "&nbsp;"),
        usual.replace("https://idp.example", "&#0;"),
        usual.replace("https://idp.example", "&#xD800;"),
        usual.replace("https://idp.example", "&#x67FFFF;"),
        usual.replace("https://idp.example", "\u{1}"),
        usual.replace("https://idp.example", "\u{fffe}"),
        usual.replace("https://idp.example", "]]>"),
        usual.replace("Version=\"2.0\"", "Version=\"2.0\" a:x='' y:z=''"),
        usual.replace(
            "<p:Status>",
            "<p:Status xmlns:b='urn:oasis:names:tc:SAML:2.0:protocol' p:x='' b:x=''>",
        ),
    ] {
        assert_eq!(fault(&broken), Some(Fault::Malformed), "{broken}");
    }
}

#[test]
fn saml_pc07_20000_nodes_pass_and_more_do_not() {
    let with = |values: usize| usual(&format!("<a:Advice>{}</a:Advice>", "<b/>".repeat(values)));
    let own = roxmltree::Document::parse(&with(1)).unwrap().descendants().count() - 2;
    assert_eq!(fault(&with(20_000 - own)), None);
    assert_eq!(fault(&with(20_001 - own)), Some(Fault::TooComplex));
}

#[test]
fn saml_pc08_only_a_response_of_saml_2_passes() {
    let usual = usual("");
    for other in [
        usual.replace("p:Response", "p:ArtifactResponse"),
        usual.replace("p:Response", "a:Response"),
        usual.replace("SAML:2.0:protocol\"", "SAML:1.0:protocol\""),
        usual.replacen("Version=\"2.0\"", "Version=\"1.1\"", 1),
        usual.replacen("Version=\"2.0\"", "", 1),
        usual.replacen("Version=\"2.0\"", "p:Version=\"2.0\"", 1),
        assertion("_a", &Shape::of("_a").xml()),
    ] {
        assert_eq!(fault(&other), Some(Fault::Structure), "{other}");
    }
}

#[test]
fn saml_pc08_unknown_children_text_and_extensions_are_refused() {
    let usual = usual("");
    for more in [
        "<p:Extensions/>",
        "<b/>",
        "<p:Issuer/>",
        "<a:Status/>",
        "<a:Subject/>",
        "<a:Issuer/>",
        "text",
        "<![CDATA[x]]>",
        "<x:Assertion xmlns:x='urn:x'/>",
    ] {
        let other = usual.replace("</p:Response>", &format!("{more}</p:Response>"));
        assert_eq!(fault(&other), Some(Fault::Structure), "{more}");
    }
    assert_eq!(fault(&usual.replace("</p:Response>", "\n <!-- x --></p:Response>")), None);
}

#[test]
fn saml_pc08_an_assertion_holds_only_what_the_standard_knows() {
    assert_eq!(fault(&usual("<a:AuthnStatement/><a:AttributeStatement/>")), None);
    for more in ["<b/>", "<p:Status/>", "<a:Issuer/>", "<a:Subject/><a:Subject/>", "text"] {
        assert_eq!(fault(&usual(more)), Some(Fault::Structure), "{more}");
    }
}

#[test]
fn saml_pc09_exactly_one_assertion_passes() {
    let signature = Shape::of("_a").xml();
    let one = assertion("_a", &signature);
    let evil = assertion("_evil", "");
    let count = Some(Fault::AssertionCount);
    assert_eq!(fault(&signed_response(SUCCESS)), count);
    assert_eq!(fault(&response(&format!("{SUCCESS}{one}{evil}"))), count);
    assert_eq!(fault(&response(&format!("{SUCCESS}{evil}{one}"))), count);
    assert_eq!(fault(&response(&format!("{SUCCESS}{one}{ENCRYPTED}"))), count);
    assert_eq!(fault(&response(&format!("{SUCCESS}{one}"))), None);
}

#[test]
fn saml_pc09_nested_assertion_is_refused() {
    for inner in [
        "<a:Assertion/>",
        "<Assertion/>",
        "<p:Response/>",
        "<x:EncryptedAssertion xmlns:x='urn:x'/>",
    ] {
        let inner = format!(
            "<a:AttributeStatement><a:Attribute>{inner}</a:Attribute></a:AttributeStatement>"
        );
        assert_eq!(fault(&usual(&inner)), Some(Fault::AssertionCount), "{inner}");
    }
    let in_status = SUCCESS
        .replace("</p:Status>", "<p:StatusDetail><a:Assertion/></p:StatusDetail></p:Status>");
    assert_eq!(fault(&usual("").replace(SUCCESS, &in_status)), Some(Fault::AssertionCount));
}

#[test]
fn saml_sa05_an_assertion_in_advice_has_its_own_fault() {
    for inner in [assertion("_b", ""), ENCRYPTED.to_owned()] {
        let advice = usual(&format!("<a:Advice><b>{inner}</b></a:Advice>"));
        assert_eq!(fault(&advice), Some(Fault::AdviceAssertion));
    }
    assert_eq!(fault(&usual("<a:Advice><a:AssertionIDRef>_b</a:AssertionIDRef></a:Advice>")), None);
}

#[test]
fn saml_pc10_ids_are_unique_across_their_names() {
    for name in ["ID", "Id", "id", "iD", "xml:id", "a:Id"] {
        let with = |id: &str| usual(&format!("<a:Advice><b {name}='{id}'/></a:Advice>"));
        assert_eq!(fault(&with("_b")), None, "{name}");
        for id in ["_a", "_r", " _a", "_a\n", "&#95;a"] {
            assert_eq!(fault(&with(id)), Some(Fault::DuplicateId), "{name} {id}");
        }
    }
}

#[test]
fn saml_pc10_an_id_with_a_prefix_is_refused() {
    let more = usual("<a:Advice><b a:ID='_b'/></a:Advice>");
    assert_eq!(fault(&more), Some(Fault::Structure));
    let beside = usual("").replace(" ID=\"_r\"", " a:ID=\"_x\" ID=\"_r\"");
    assert_eq!(fault(&beside), Some(Fault::Structure));
}

#[test]
fn saml_pc16_one_status_is_needed() {
    let usual = usual("");
    for other in [
        "",
        "<p:Status/>",
        "<p:Status><p:StatusCode/></p:Status>",
        &SUCCESS.replace("p:StatusCode", "a:StatusCode"),
        &SUCCESS.replace("</p:Status>", r#"<p:StatusCode Value="urn:x"/></p:Status>"#),
        &format!("{SUCCESS}{SUCCESS}"),
    ] {
        assert_eq!(fault(&usual.replace(SUCCESS, other)), Some(Fault::Structure), "{other}");
    }
}

#[test]
fn saml_er1_an_error_passes_without_assertion_and_never_with_one() {
    let document = gate(&response(DENIED)).unwrap();
    assert_eq!((document.assertion, document.root_signature), (AssertionPlace::None, None));
    assert!(gate(&signed_response(DENIED)).unwrap().root_signature.is_some());
    assert_eq!(fault(&usual("").replace(SUCCESS, DENIED)), Some(Fault::Status));
    let encrypted = signed_response(&format!("{DENIED}{ENCRYPTED}"));
    assert_eq!(fault(&encrypted), Some(Fault::Status));
    // A code that only begins like success is an error.
    let nearly = DENIED.replace("status:Responder", "status:Success ");
    assert_eq!(fault(&usual("").replace(SUCCESS, &nearly)), Some(Fault::Status));
}

proptest! {
    #[test]
    fn the_gate_never_panics_on_text(text in "\\PC*") {
        let _ = gate(&text);
    }

    #[test]
    fn the_gate_never_panics_on_bytes(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let _ = super::response(&bytes, &AlgorithmPolicy::default(), now());
        let _ = super::metadata(&bytes, &AlgorithmPolicy::default(), now());
    }

    #[test]
    fn the_gate_never_panics_on_spoilt_documents(
        cuts in proptest::collection::vec((any::<prop::sample::Index>(), "[<>/!\\-\\[\\]&'\"=: a]{0,3}"), 1..4)
    ) {
        let mut text = signed_response(&format!("{SUCCESS}{ENCRYPTED}"));
        for (place, new) in cuts {
            let at = place.index(text.len());
            if text.is_char_boundary(at) && text.is_char_boundary(at + 1) {
                text.replace_range(at..=at, &new);
            }
        }
        let _ = gate(&text);
    }
}
