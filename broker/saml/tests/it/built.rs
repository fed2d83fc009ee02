//! Hostile documents that are too large, too many or not text, and so are built here.

use std::fmt::Write as _;
use std::net::TcpListener;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use symbolon_saml::bindings::redirect;
use symbolon_saml::gate::{self, MessageKind};
use symbolon_saml::metadata;
use symbolon_saml::policy::AlgorithmPolicy;

use crate::forge::template::forge;
use crate::forge::{Scene, named, now, verdict};

const ASSERTION_SIGNED: &str = "{{response _r}}{{issuer}}{{status}}{{good _a}}</samlp:Response>";
const EXCLUSIVE: &str = r#"<ds:Transform Algorithm="http://www.w3.org/2001/10/xml-exc-c14n#">"#;

fn good() -> String {
    forge(ASSERTION_SIGNED, &[], &[])
}

/// The good response, changed after signing.
fn changed(from: &str, to: &str) -> String {
    forge(ASSERTION_SIGNED, &[], &[(from.to_owned(), to.to_owned())])
}

/// The good response with these attributes, validly signed.
fn with_attributes(attributes: &str) -> String {
    let template = ASSERTION_SIGNED.replace(
        "{{good _a}}",
        "{{head _a}}{{signature _a}}{{subject}}{{conditions}}{{authn}}<saml:AttributeStatement>ATTRIBUTES</saml:AttributeStatement></saml:Assertion>",
    );
    forge(&template, &[("ATTRIBUTES".to_owned(), attributes.to_owned())], &[])
}

fn refused(document: &[u8], code: &str) {
    let scene = Scene::default();
    assert_eq!(scene.verdict(document), code);
    assert_eq!(scene.verdict(good().as_bytes()), "accepted");
}

/// AT-02, A2, ME-2: no metadata without a signing certificate makes an identity provider.
pub(crate) fn metadata_without_certificate() {
    let certificate = named("idp").certificate().to_base64();
    let descriptor = |keys: &str| {
        format!(
            r#"<md:EntityDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata" xmlns:ds="http://www.w3.org/2000/09/xmldsig#" entityID="https://idp.example.com/metadata"><md:IDPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol">{keys}<md:SingleSignOnService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect" Location="https://idp.example.com/sso"/></md:IDPSSODescriptor></md:EntityDescriptor>"#
        )
    };
    let key = |usage: &str| {
        format!(
            r#"<md:KeyDescriptor{usage}><ds:KeyInfo><ds:X509Data><ds:X509Certificate>{certificate}</ds:X509Certificate></ds:X509Data></ds:KeyInfo></md:KeyDescriptor>"#
        )
    };
    let read = |text: &str| metadata::read_identity_provider(text.as_bytes(), None, now(), None);
    for keys in [String::new(), key(r#" use="encryption""#)] {
        let refusal = read(&descriptor(&keys)).unwrap_err();
        assert_eq!(refusal.fault.code(), "saml.metadata_invalid");
    }
    assert_eq!(read(&descriptor(&key(""))).unwrap().certificates.len(), 1);
    let aggregate = r#"<md:EntitiesDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata"></md:EntitiesDescriptor>"#;
    assert!(read(aggregate).is_err());
}

/// AT-30, A26: what is no UTF-8 text, or no document at all.
pub(crate) fn encodings() {
    let good = good();
    let latin = good.replace("alice", "al\u{ed}ce");
    let latin: Vec<u8> =
        latin.chars().map(|c| u8::try_from(u32::from(c)).unwrap_or(b'?')).collect();
    refused(&latin, "saml.not_utf8");
    let wide: Vec<u8> = good.encode_utf16().flat_map(u16::to_le_bytes).collect();
    refused(&wide, "saml.not_utf8");
    let marked: Vec<u8> = [0xff, 0xfe].into_iter().chain(wide).collect();
    refused(&marked, "saml.not_utf8");
    refused(&[good.as_bytes(), b"\0"].concat(), "saml.not_utf8");
    // An overlong `<`.
    refused(&[b"\xc0\xbcx/>", good.as_bytes()].concat(), "saml.not_utf8");
    for encoding in ["UTF-16", "UTF-7", "ISO-8859-1"] {
        let declared = format!(r#"<?xml version="1.0" encoding="{encoding}"?>{good}"#);
        refused(declared.as_bytes(), "saml.not_utf8");
    }
    for broken in ["", "{}", "null", &good[..good.len() / 2]] {
        refused(broken.as_bytes(), "saml.malformed");
    }
    for field in ["***", "PHNhbWw", "%3Csaml%3E"] {
        let reading = Scene::default().read_field(field);
        assert!(
            ["saml.encoding_invalid", "saml.malformed"].contains(&verdict(&reading)),
            "{field}"
        );
    }
}

/// A20, AT-55: deeper and wider than any honest document; the counting comes before any parser.
pub(crate) fn depth_and_width() {
    for depth in [100, 5_000, 200_000] {
        let nested = format!("<x>{}{}", "<x>".repeat(depth), "</x>".repeat(depth + 1));
        let document = changed("<samlp:Status>", &format!("<samlp:Status>{nested}"));
        let code = Scene::default().verdict(document.as_bytes());
        assert!(["saml.too_complex", "saml.document_too_large"].contains(&code), "{depth}: {code}");
    }
    refused(
        changed("<samlp:Status>", &format!("<samlp:Status>{}", "<x>".repeat(50_000))).as_bytes(),
        "saml.too_complex",
    );
    refused(
        changed("<samlp:Status>", &format!("<samlp:Status>{}", "<x/>".repeat(30_000))).as_bytes(),
        "saml.too_complex",
    );
}

/// A20, AT-52: attributes and namespace declarations.
pub(crate) fn attributes_and_namespaces() {
    for (count, name) in [(100, "a"), (15_000, "a"), (100, "xmlns:a"), (9_000, "xmlns:a")] {
        let mut many = String::new();
        for number in 0..count {
            write!(many, r#" {name}{number}="u:{number}""#).unwrap();
        }
        let document = changed("<samlp:Status>", &format!("<samlp:Status{many}>"));
        let code = Scene::default().verdict(document.as_bytes());
        assert!(
            ["saml.too_complex", "saml.document_too_large"].contains(&code),
            "{count} {name}: {code}"
        );
    }
    let mut hundred_thousand = String::new();
    for number in 0..100_000 {
        write!(hundred_thousand, r#" a{number}="""#).unwrap();
    }
    refused(
        changed("<samlp:Status>", &format!("<samlp:Status{hundred_thousand}>")).as_bytes(),
        "saml.document_too_large",
    );
}

/// AT-54, A21: size is judged before anything is decoded or parsed.
pub(crate) fn sizes() {
    for megabytes in [1, 18] {
        let padding = " ".repeat(megabytes << 20);
        refused(
            changed("<samlp:Status>", &format!("{padding}<samlp:Status>")).as_bytes(),
            "saml.document_too_large",
        );
    }
    let unsigned = "{{response _r}}{{issuer}}{{status}}{{assertion _a}}</samlp:Response>";
    let padded = unsigned.replace("{{status}}", &format!("{}{{{{status}}}}", " ".repeat(1 << 20)));
    refused(forge(&padded, &[], &[]).as_bytes(), "saml.document_too_large");
    let field = "A".repeat(100 << 20);
    assert_eq!(verdict(&Scene::default().read_field(&field)), "saml.document_too_large");
    // Blanks do not make a field small.
    let field = format!("{}{}", " ".repeat(1 << 20), STANDARD.encode(good()));
    assert_eq!(verdict(&Scene::default().read_field(&field)), "saml.document_too_large");
}

/// AT-50, A23: references to outside open nothing; the listener would know.
pub(crate) fn nothing_is_fetched() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let url = format!("http://{}/x", listener.local_addr().unwrap());
    let entity = format!(r#"<!DOCTYPE r SYSTEM "{url}"><samlp:Response"#);
    let location = format!(
        r#"<samlp:Response xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:schemaLocation="urn:x {url}""#
    );
    let include = format!(
        r#"<samlp:Status><xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="{url}"/>"#
    );
    let retrieval = format!(r#"<ds:KeyInfo><ds:RetrievalMethod URI="{url}"></ds:RetrievalMethod>"#);
    for (from, to) in [
        (r##"URI="#_a""##, format!(r#"URI="{url}""#)),
        (r##"URI="#_a""##, r#"URI="file:///dev/zero""#.to_owned()),
        (r##"URI="#_a""##, r#"URI="/etc/passwd""#.to_owned()),
        ("<samlp:Response", entity),
        ("<ds:KeyInfo>", retrieval),
    ] {
        assert_ne!(Scene::default().verdict(changed(from, &to).as_bytes()), "accepted", "{to}");
    }
    // Hints that nobody follows, outside of what is signed; the assertion is still the genuine one.
    for hinted in [changed("<samlp:Response", &location), changed("<samlp:Status>", &include)] {
        assert_eq!(Scene::default().verdict(hinted.as_bytes()), "accepted");
    }
    assert_eq!(listener.accept().unwrap_err().kind(), std::io::ErrorKind::WouldBlock);
}

/// AT-51, AT-52: transforms that compute.
pub(crate) fn transforms() {
    let xslt = r#"<ds:Transform Algorithm="http://www.w3.org/TR/1999/REC-xslt-19991116"><xsl:stylesheet xmlns:xsl="http://www.w3.org/1999/XSL/Transform" version="1.0"><xsl:template match="/"><xsl:for-each select="//."><xsl:for-each select="//."><xsl:value-of select="document('file:///etc/passwd')"/></xsl:for-each></xsl:for-each></xsl:template></xsl:stylesheet></ds:Transform>"#;
    let xpath = r#"<ds:Transform Algorithm="http://www.w3.org/TR/1999/REC-xpath-19991116"><ds:XPath>count(//.[count(//.[count(//.) &gt; 0]) &gt; 0]) &gt; 0</ds:XPath></ds:Transform>"#;
    let many = format!("{EXCLUSIVE}</ds:Transform>").repeat(3_000);
    for (transforms, code) in [
        (xslt, "saml.signature_shape"),
        (xpath, "saml.signature_shape"),
        (&many[..many.len() / 10], "saml.signature_shape"),
    ] {
        refused(changed(EXCLUSIVE, &format!("{transforms}{EXCLUSIVE}")).as_bytes(), code);
    }
    let code =
        Scene::default().verdict(changed(EXCLUSIVE, &format!("{many}{EXCLUSIVE}")).as_bytes());
    assert!(["saml.signature_shape", "saml.document_too_large"].contains(&code), "{code}");
}

/// AT-53: many references, many signatures.
pub(crate) fn references_and_signatures() {
    let good = good();
    let cut = |name: &str| {
        let start = good.find(&format!("<ds:{name}")).unwrap();
        let end = format!("</ds:{name}>");
        good[start..start + good[start..].find(&end).unwrap() + end.len()].to_owned()
    };
    for (name, count) in
        [("Reference", 2), ("Reference", 400), ("Signature", 2), ("Signature", 100)]
    {
        let one = cut(name);
        refused(good.replacen(&one, &one.repeat(count), 1).as_bytes(), "saml.signature_shape");
    }
    for (name, count) in [("Reference", 2_000), ("Signature", 500)] {
        let one = cut(name);
        let document = good.replacen(&one, &one.repeat(count), 1);
        assert_eq!(Scene::default().verdict(document.as_bytes()), "saml.document_too_large");
    }
}

/// AT-56, VA-15: a thousand groups sign in, five thousand do not, all validly signed.
pub(crate) fn attribute_values() {
    let groups = |count: usize| {
        let mut values = String::from(r#"<saml:Attribute Name="groups">"#);
        for number in 0..count {
            write!(
                values,
                "<saml:AttributeValue>{number:08}-1111-4222-8333-444455556666</saml:AttributeValue>"
            )
            .unwrap();
        }
        with_attributes(&(values + "</saml:Attribute>"))
    };
    let found = Scene::default().read(groups(1_000).as_bytes()).outcome.unwrap();
    assert_eq!(found.attributes[0].values.len(), 1_000);
    assert_eq!(found.attributes[0].values[999], "00000999-1111-4222-8333-444455556666");
    refused(groups(2_001).as_bytes(), "saml.too_many_attributes");
    // With short values five thousand fit into a document, so that the rule decides and not the size.
    let five_thousand = format!(
        r#"<saml:Attribute Name="g">{}</saml:Attribute>"#,
        "<saml:AttributeValue>1</saml:AttributeValue>".repeat(5_000)
    );
    refused(with_attributes(&five_thousand).as_bytes(), "saml.too_many_attributes");
    refused(groups(20_000).as_bytes(), "saml.document_too_large");
}

/// A41: many attributes, a huge value, equal names.
pub(crate) fn attributes() {
    let mut thousand = String::new();
    for number in 0..1_000 {
        write!(thousand, r#"<saml:Attribute Name="a{number}"><saml:AttributeValue>x</saml:AttributeValue></saml:Attribute>"#).unwrap();
    }
    refused(with_attributes(&thousand).as_bytes(), "saml.too_many_attributes");
    let value = |bytes: usize| {
        with_attributes(&format!(
            r#"<saml:Attribute Name="a"><saml:AttributeValue>{}</saml:AttributeValue></saml:Attribute>"#,
            "x".repeat(bytes)
        ))
    };
    refused(value(1 << 20).as_bytes(), "saml.document_too_large");
    refused(value(200_000).as_bytes(), "saml.too_many_attributes");
    let twice = r#"<saml:Attribute Name="mail"><saml:AttributeValue>a</saml:AttributeValue></saml:Attribute><saml:Attribute Name="mail"><saml:AttributeValue>b</saml:AttributeValue></saml:Attribute>"#;
    let found = Scene::default().read(with_attributes(twice).as_bytes()).outcome.unwrap();
    assert_eq!(found.attributes.len(), 1);
    assert_eq!(found.attributes[0].values, ["a", "b"]);
}

/// A38: a NameID of ten kilobytes.
pub(crate) fn long_name_id() {
    let template = ASSERTION_SIGNED.replace("{{good _a}}", "{{head _a}}{{signature _a}}{{body}}");
    let long = (
        "persistent\">alice@example.com".to_owned(),
        format!("persistent\">{}", "a".repeat(10_240)),
    );
    refused(forge(&template, &[long], &[]).as_bytes(), "saml.subject_invalid");
}

/// A36, DC-9: a thousand changed ciphertexts, one answer.
pub(crate) fn padding_oracle() {
    let template = "{{response _r}}{{issuer}}{{status}}{{encrypt cipher=aes256-cbc}}{{good _a}}{{/encrypt}}</samlp:Response>";
    let good = forge(template, &[], &[]);
    assert_eq!(Scene::default().verdict(good.as_bytes()), "accepted");
    let start = good.rfind("<xenc:CipherValue>").unwrap() + "<xenc:CipherValue>".len();
    let end = start + good[start..].find('<').unwrap();
    let ciphertext = STANDARD.decode(&good[start..end]).unwrap();
    let mut answers = std::collections::BTreeSet::new();
    for number in 0..1_000 {
        let mut mutated = ciphertext.clone();
        // Most of them at the end, where the padding is.
        let at =
            if number % 4 == 0 { number % mutated.len() } else { mutated.len() - 1 - number % 32 };
        mutated[at] ^= u8::try_from(1 + number % 255).unwrap();
        let document = format!("{}{}{}", &good[..start], STANDARD.encode(mutated), &good[end..]);
        // All but the last byte of the padding are arbitrary (XML Encryption 5.2.1): then it is the same assertion.
        match Scene::default().read(document.as_bytes()).outcome {
            Ok(assertion) => assert_eq!(assertion.name_id.value, "alice@example.com"),
            Err(problem) => {
                answers.insert((problem.refusal.fault.code(), problem.refusal.to_string()));
            }
        }
    }
    assert_eq!(answers.len(), 1, "{answers:?}");
    assert_eq!(answers.first().unwrap().0, "saml.decryption_failed");
}

/// AT-60: a request inside a request, and one that refers to outside.
pub(crate) fn requests() {
    let request = |inside: &str| {
        format!(
            r#"<samlp:AuthnRequest xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" ID="_q" Version="2.0" IssueInstant="2026-11-01T12:00:00Z" AssertionConsumerServiceURL="https://evil.example/acs">{inside}</samlp:AuthnRequest>"#
        )
    };
    let pass = |text: &str| {
        gate::message(
            text.as_bytes(),
            MessageKind::AuthnRequest,
            &AlgorithmPolicy::default(),
            now(),
        )
    };
    assert!(pass(&request("")).is_ok());
    let genuine = request("").replace("_q", "_genuine");
    let wrapped = request(&format!("<samlp:Extensions>{genuine}</samlp:Extensions>"));
    assert_eq!(pass(&wrapped).unwrap_err().fault.code(), "saml.structure_refused");
    let signed = forge(&request("{{signature _q uri=http://127.0.0.1:9/x}}"), &[], &[]);
    assert_eq!(pass(&signed).unwrap_err().fault.code(), "saml.signature_shape");
}

/// AT-61: a redirect without what a signature needs, or with something twice.
pub(crate) fn redirects() {
    let logout = format!(
        r#"<samlp:LogoutRequest xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" ID="_q" Version="2.0" IssueInstant="2026-11-01T12:00:00Z">{}</samlp:LogoutRequest>"#,
        r#"<saml:NameID xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion">a</saml:NameID>"#
    );
    let kind = MessageKind::LogoutRequest;
    let url =
        redirect::url("https://idp.example.com/slo", kind, &logout, Some("state"), None).unwrap();
    let query = url.split_once('?').unwrap().1;
    assert!(!redirect::read(query, kind).unwrap().is_signed());
    for twice in ["SAMLRequest=x", "RelayState=x", "&SAMLRequest="] {
        assert!(redirect::read(&format!("{query}&{twice}"), kind).is_err(), "{twice}");
    }
    let certificates = [named("idp").certificate()];
    let trust = symbolon_saml::engine::Trust {
        certificates: &certificates,
        algorithms: AlgorithmPolicy::default(),
        now: now(),
    };
    for half in [
        "",
        "&Signature=AAAA",
        "&SigAlg=http%3A%2F%2Fwww.w3.org%2F2001%2F04%2Fxmldsig-more%23rsa-sha256",
    ] {
        let verified = redirect::read(&format!("{query}{half}"), kind)
            .and_then(|message| message.verify(&trust));
        assert!(verified.is_err(), "{half}");
    }
}
