use super::super::fixtures::{ENVELOPED, EXCLUSIVE, transform};
use super::*;

const C14N: &str = "http://www.w3.org/TR/2001/REC-xml-c14n-20010315";
const C14N11: &str = "http://www.w3.org/2006/12/xml-c14n11";
const LIST: &str =
    r#"<x:InclusiveNamespaces xmlns:x="http://www.w3.org/2001/10/xml-exc-c14n#" PrefixList="xs"/>"#;

fn with(signature: &str) -> String {
    response(&format!("{SUCCESS}{}", assertion("_a", signature)))
}

fn spoilt(spoil: impl Fn(&mut Shape)) -> Option<Fault> {
    let mut shape = Shape::of("_a");
    spoil(&mut shape);
    fault(&with(&shape.xml()))
}

fn at(algorithms: AlgorithmPolicy, shape: &Shape) -> Option<Fault> {
    super::super::response(with(&shape.xml()).as_bytes(), &algorithms, now())
        .err()
        .map(|refusal| refusal.fault)
}

#[test]
fn saml_pc11_neither_signed_is_refused_and_both_may_be() {
    let one = assertion("_a", "");
    assert_eq!(fault(&response(&format!("{SUCCESS}{one}"))), Some(Fault::Unsigned));
    assert_eq!(fault(&signed_response(&format!("{SUCCESS}{one}"))), None);
    let both = signed_response(&format!("{SUCCESS}{}", assertion("_a", &Shape::of("_a").xml())));
    assert_eq!(fault(&both), None);
    // Of an encrypted assertion nobody knows yet.
    assert_eq!(fault(&response(&format!("{SUCCESS}{ENCRYPTED}"))), None);
}

#[test]
fn saml_pc11_a_signature_stands_only_below_response_or_assertion() {
    let (own, other) = (Shape::of("_a").xml(), Shape::of("_x").xml());
    let shape = Some(Fault::SignatureShape);
    assert_eq!(fault(&usual(&format!("<a:Advice>{other}</a:Advice>"))), shape);
    assert_eq!(fault(&usual(&format!("<a:Subject ID='_x'>{other}</a:Subject>"))), shape);
    assert_eq!(fault(&usual(&own)), shape);
    let second = format!("{}{SUCCESS}{}", Shape::of("_r").xml(), assertion("_a", &own));
    assert_eq!(fault(&signed_response(&second)), shape);
    // Parts of a signature have no meaning elsewhere.
    for part in ["SignedInfo", "Reference", "Transforms", "Object", "Manifest", "RetrievalMethod"] {
        let part = format!(
            "<a:Advice><d:{part} xmlns:d='http://www.w3.org/2000/09/xmldsig#'/></a:Advice>"
        );
        assert_eq!(fault(&usual(&part)), shape, "{part}");
    }
    let key = "<a:Subject><d:KeyInfo xmlns:d='http://www.w3.org/2000/09/xmldsig#'/></a:Subject>";
    assert_eq!(fault(&usual(key)), None);
}

#[test]
fn saml_pc12_the_reference_means_the_parent() {
    for uri in [
        r##" URI="#_r""##,
        r##" URI="#_x""##,
        r##" URI="_a""##,
        r#" URI="""#,
        "",
        r##" URI="#""##,
        r###" URI="##_a""###,
        r##" URI="#_a ""##,
        r##" URI="#xpointer(id('_a'))""##,
        r##" URI="http://127.0.0.1/#_a""##,
        r#" URI="file:///etc/passwd""#,
        r#" URI="cid:_a""#,
        r##" uri="#_a""##,
    ] {
        assert_eq!(spoilt(|shape| shape.uri = uri.into()), Some(Fault::SignatureShape), "{uri}");
    }
    assert_eq!(spoilt(|shape| shape.uri.push_str(r#" Type="urn:x" Id="_ref""#)), None);
}

#[test]
fn saml_pc12_an_id_that_is_an_expression_cannot_be_signed() {
    for id in ["xpointer(/)", "", "a b", "a'b", "/1"] {
        let signed = assertion(id, &Shape::of(id).xml());
        let refused = fault(&response(&format!("{SUCCESS}{signed}")));
        assert!(matches!(refused, Some(Fault::SignatureShape | Fault::Structure)), "{id}");
    }
}

#[test]
fn saml_pc12_attributes_with_a_prefix_are_refused_in_signatures() {
    for evil in [
        r#" x:URI="file:///etc/passwd" xmlns:x="urn:x""#,
        r#" xml:base="http://evil.example""#,
        r#" xmlns:x="urn:x" x:Algorithm="urn:y""#,
    ] {
        let refused = spoilt(|shape| shape.uri.insert_str(0, evil));
        assert_eq!(refused, Some(Fault::SignatureShape), "{evil}");
    }
    let with_prefix = usual("").replace(" ID=\"_a\"", " a:ID=\"_a\"");
    assert_eq!(fault(&with_prefix), Some(Fault::Structure));
}

#[test]
fn saml_pc12_one_signed_info_with_one_reference() {
    let usual = Shape::of("_a");
    let info = usual.signed_info();
    let reference =
        &info[info.find("<ds:Reference").unwrap()..info.find("</ds:SignedInfo").unwrap()];
    let value = "<ds:SignatureValue>AA==</ds:SignatureValue>";
    for (from, to) in [
        (info.as_str(), format!("{info}{info}")),
        (info.as_str(), String::new()),
        (reference, format!("{reference}{reference}")),
        (reference, reference.repeat(500)),
        (reference, String::new()),
        (value, String::new()),
        (value, format!("{value}{value}")),
        (value, "<ds:SignatureValue><b/></ds:SignatureValue>".into()),
        (value, format!("{value}text")),
        (value, format!("{value}<ds:Object/>")),
        ("<ds:DigestValue>AA==</ds:DigestValue>", "<ds:DigestValue/><ds:DigestValue/>".into()),
        ("<ds:DigestValue>AA==", "<ds:DigestValue><b/>AA==".into()),
        ("ds:SignedInfo>", "ds:KeyInfo>".into()),
    ] {
        let other = usual.xml().replace(from, &to);
        assert_eq!(fault(&with(&other)), Some(Fault::SignatureShape), "{to:.200}");
    }
}

#[test]
fn saml_pc05_comments_inside_a_signature_are_refused() {
    for (from, to) in [
        ("AA==</ds:DigestValue>", "A<!-- x -->A==</ds:DigestValue>"),
        ("<ds:SignatureValue>", "<!-- x --><ds:SignatureValue>"),
        ("<ds:X509Certificate>", "<ds:X509Certificate><!---->"),
    ] {
        let other = Shape::of("_a").xml().replace(from, to);
        assert_eq!(fault(&with(&other)), Some(Fault::Markup), "{to}");
    }
}

#[test]
fn saml_pc13_enveloped_then_at_most_one_canonicalisation() {
    let exclusive = format!(r#"<ds:Transform Algorithm="{EXCLUSIVE}">{LIST}</ds:Transform>"#);
    for fine in [String::new(), transform(EXCLUSIVE), transform(C14N), transform(C14N11), exclusive]
    {
        assert_eq!(spoilt(|shape| shape.transforms = format!("{ENVELOPED}{fine}")), None, "{fine}");
    }
    let exclusive = transform(EXCLUSIVE);
    for odd in [
        String::new(),
        exclusive.clone(),
        format!("{exclusive}{ENVELOPED}"),
        format!("{ENVELOPED}{ENVELOPED}"),
        format!("{ENVELOPED}{exclusive}{exclusive}"),
        format!("{ENVELOPED}{}", exclusive.repeat(3000)),
        format!("{ENVELOPED}{}", transform("http://www.w3.org/2001/10/xml-exc-c14n#WithComments")),
        format!("{ENVELOPED}{}", transform("http://www.w3.org/TR/1999/REC-xslt-19991116")),
        format!("{ENVELOPED}{}", transform("http://www.w3.org/TR/1999/REC-xpath-19991116")),
        format!("{ENVELOPED}{}", transform("http://www.w3.org/2002/06/xmldsig-filter2")),
        format!("{ENVELOPED}{}", transform("http://www.w3.org/2000/09/xmldsig#base64")),
        format!("{ENVELOPED}<ds:Transform/>"),
        format!("{ENVELOPED}<ds:Transform Algorithm='{C14N}'>{LIST}</ds:Transform>"),
        format!("{ENVELOPED}<ds:Transform Algorithm='{EXCLUSIVE}'>{LIST}{LIST}</ds:Transform>"),
        format!("{ENVELOPED}<ds:Transform Algorithm='{EXCLUSIVE}'><ds:XPath/></ds:Transform>"),
        ENVELOPED.replace("/>", "><b/></ds:Transform>"),
    ] {
        let refused = spoilt(|shape| shape.transforms.clone_from(&odd));
        assert_eq!(refused, Some(Fault::SignatureShape), "{odd:.200}");
    }
}

#[test]
fn saml_pc13_the_canonicalisation_method_is_one_of_three() {
    let method = |uri: &str| format!(r#"<ds:CanonicalizationMethod Algorithm="{uri}"/>"#);
    for fine in [C14N, C14N11] {
        assert_eq!(spoilt(|shape| shape.canonicalization = method(fine)), None, "{fine}");
    }
    let comments = format!("{C14N}#WithComments");
    for odd in [comments.as_str(), "", "http://www.w3.org/TR/1999/REC-xslt-19991116"] {
        let refused = spoilt(|shape| shape.canonicalization = method(odd));
        assert_eq!(refused, Some(Fault::SignatureShape), "{odd}");
    }
}

#[test]
fn saml_pc14_weak_and_unknown_algorithms_are_refused() {
    let more = "http://www.w3.org/2001/04/xmldsig-more";
    for fine in ["rsa-sha384", "rsa-sha512", "ecdsa-sha256", "ecdsa-sha384", "ecdsa-sha512"] {
        assert_eq!(spoilt(|shape| shape.method = format!("{more}#{fine}")), None, "{fine}");
    }
    for weak in [
        "http://www.w3.org/2000/09/xmldsig#rsa-sha1",
        "http://www.w3.org/2000/09/xmldsig#hmac-sha1",
        "http://www.w3.org/2000/09/xmldsig#dsa-sha1",
        "http://www.w3.org/2001/04/xmldsig-more#hmac-sha256",
        "http://www.w3.org/2001/04/xmldsig-more#rsa-md5",
        "http://www.w3.org/2001/04/xmldsig-more#RSA-SHA256",
        "",
    ] {
        let refused = spoilt(|shape| shape.method = weak.into());
        assert_eq!(refused, Some(Fault::WeakAlgorithm), "{weak}");
    }
    for weak in
        ["http://www.w3.org/2000/09/xmldsig#sha1", "http://www.w3.org/2001/04/xmldsig-more#md5", ""]
    {
        assert_eq!(
            spoilt(|shape| shape.digest = weak.into()),
            Some(Fault::WeakAlgorithm),
            "{weak}"
        );
    }
    let hmac = Shape::of("_a").xml().replace(
        "rsa-sha256\"/>",
        "rsa-sha256\"><ds:HMACOutputLength>0</ds:HMACOutputLength></ds:SignatureMethod>",
    );
    assert_eq!(fault(&with(&hmac)), Some(Fault::SignatureShape));
}

#[test]
fn saml_pc14_sha1_passes_until_its_end_date_and_is_told() {
    let until = |seconds| AlgorithmPolicy { sha1_until: Some(now() + TimeDelta::seconds(seconds)) };
    let mut shape = Shape::of("_a");
    shape.digest = "http://www.w3.org/2000/09/xmldsig#sha1".into();
    assert_eq!(at(until(1), &shape), None);
    assert_eq!(at(until(0), &shape), Some(Fault::WeakAlgorithm));
    shape.method = "http://www.w3.org/2000/09/xmldsig#rsa-sha1".into();
    assert_eq!(at(until(1), &shape), None);
    assert_eq!(at(until(0), &shape), Some(Fault::WeakAlgorithm));
    let text = with(&shape.xml());
    let document = super::super::response(text.as_bytes(), &until(1), now()).unwrap();
    assert!(matches!(
        document.assertion,
        AssertionPlace::Plain { signature: Some(SignatureFacts { uses_sha1: true, .. }), .. }
    ));
}

#[test]
fn saml_pc15_key_info_holds_keys_and_no_pointers() {
    for fine in [
        "",
        "<ds:KeyInfo/>",
        "<ds:KeyInfo><ds:KeyName>x</ds:KeyName></ds:KeyInfo>",
        "<ds:KeyInfo><ds:KeyValue><e:ECKeyValue xmlns:e='http://www.w3.org/2009/xmldsig11#'/></ds:KeyValue></ds:KeyInfo>",
    ] {
        assert_eq!(spoilt(|shape| shape.key_info = fine.into()), None, "{fine}");
    }
    for odd in [
        "<ds:KeyInfo><ds:RetrievalMethod URI='http://127.0.0.1/'/></ds:KeyInfo>",
        "<ds:KeyInfo><ds:X509Data><ds:RetrievalMethod/></ds:X509Data></ds:KeyInfo>",
        "<ds:KeyInfo><ds:X509Data><ds:Object/></ds:X509Data></ds:KeyInfo>",
        "<ds:KeyInfo><ds:X509Data><b/></ds:X509Data></ds:KeyInfo>",
        "<ds:KeyInfo><ds:MgmtData/></ds:KeyInfo>",
        "<ds:KeyInfo/><ds:KeyInfo/>",
        "<ds:Object/>",
        "<ds:KeyInfo/><ds:Object><ds:Manifest/></ds:Object>",
    ] {
        let refused = spoilt(|shape| shape.key_info = odd.into());
        assert_eq!(refused, Some(Fault::SignatureShape), "{odd}");
    }
    let inner =
        format!("<ds:KeyInfo><ds:X509Data>{}</ds:X509Data></ds:KeyInfo>", Shape::of("_b").xml());
    assert_eq!(spoilt(|shape| shape.key_info.clone_from(&inner)), Some(Fault::SignatureShape));
}
