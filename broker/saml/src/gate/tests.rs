use super::*;

const RESPONSE: &str = r#"<samlp:Response xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" ID="_1" Version="2.0">Zo&#235; &amp; Zoë</samlp:Response>"#;

fn refused(text: &str) -> Option<RefusedMarkup> {
    match scan(text.as_bytes()) {
        Err(GateRefusal::Markup { markup, .. }) => Some(markup),
        _ => None,
    }
}

#[test]
fn an_honest_document_passes_unchanged() {
    assert_eq!(scan(RESPONSE.as_bytes()).unwrap().text(), RESPONSE);
    let cdata = "<a><![CDATA[1 < 2 ]]></a>";
    assert_eq!(scan(cdata.as_bytes()).unwrap().text(), cdata);
}

#[test]
fn gate_gt01_reads_up_to_512_kib_and_not_a_byte_more() {
    let longest = format!("<a>{}</a>", "x".repeat(LONGEST_DOCUMENT - 7));
    assert!(scan(longest.as_bytes()).is_ok());
    let longer = format!("{longest}\n");
    let seen = LONGEST_DOCUMENT + 1;
    assert_eq!(scan(longer.as_bytes()), Err(GateRefusal::TooLarge { seen }));
}

#[test]
fn gate_gt01_refuses_bytes_that_are_not_utf8() {
    assert_eq!(scan(b"<a>Zo\xeb</a>"), Err(GateRefusal::NotUtf8 { at: 5 }));
    // An overlong `<` would be markup to a careless decoder.
    assert_eq!(scan(b"<a>\xc0\xbc!DOCTYPE</a>"), Err(GateRefusal::NotUtf8 { at: 3 }));
}

#[test]
fn gate_gt01_refuses_utf16_with_and_without_byte_order_mark() {
    let hidden = r#"<?xml version="1.0"?><!DOCTYPE a><a/>"#;
    let little: Vec<u8> = hidden.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let big: Vec<u8> = hidden.encode_utf16().flat_map(u16::to_be_bytes).collect();
    let marked: Vec<u8> = [0xff, 0xfe].into_iter().chain(little.clone()).collect();
    for bytes in [little, big, marked] {
        assert!(matches!(scan(&bytes), Err(GateRefusal::NotUtf8 { .. })));
    }
}

#[test]
fn gate_gt01_refuses_every_declared_encoding_but_utf8() {
    for encoding in ["UTF-16", "ISO-8859-1", "UTF-7", "ebcdic-cp-us", "utf8", ""] {
        let text = format!("<?xml version=\"1.0\" encoding='{encoding}'?>{RESPONSE}");
        assert_eq!(scan(text.as_bytes()), Err(GateRefusal::OtherEncoding), "{encoding}");
    }
}

#[test]
fn gate_gt02_takes_the_usual_xml_declarations() {
    for declaration in [
        r#"<?xml version="1.0"?>"#,
        r#"<?xml version="1.0" encoding="UTF-8"?>"#,
        "<?xml version='1.0' encoding='utf-8' standalone='yes' ?>\r\n",
        "<?xml\n version = \"1.0\"\n encoding = \"UTF-8\"?>\n",
    ] {
        let text = format!("{declaration}{RESPONSE}");
        assert_eq!(scan(text.as_bytes()).unwrap().text(), text);
        let marked = format!("\u{feff}{text}");
        assert_eq!(scan(marked.as_bytes()).unwrap().text(), text);
    }
}

#[test]
fn gate_gt02_refuses_unusual_xml_declarations() {
    for declaration in [
        r#"<?xml version="1.1"?>"#,
        r#"<?xml encoding="UTF-8"?>"#,
        "<?xml ?>",
        r#"<?xml version="1.0" encoding="UTF-8" encoding="UTF-16"?>"#,
        r#"<?xml encoding="UTF-8" version="1.0"?>"#,
        r#"<?xml version="1.0"encoding="UTF-8"?>"#,
        r#"<?xml version="1.0" colour="red"?>"#,
        r#"<?xml version="1.0" encoding="UTF-8'?>"#,
        r#"<?xml version="1.0" "#,
    ] {
        let text = format!("{declaration}{RESPONSE}");
        assert_eq!(refused(&text), Some(RefusedMarkup::Declaration), "{declaration}");
    }
}

#[test]
fn gate_gt02_refuses_document_types_comments_and_instructions_anywhere() {
    use RefusedMarkup::{Comment, DocumentType, ProcessingInstruction};
    for (markup, expected) in [
        ("<!DOCTYPE a>", DocumentType),
        ("<!doctype a>", DocumentType),
        (r#"<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]>"#, DocumentType),
        (r#"<!ENTITY x "y">"#, DocumentType),
        ("<!ATTLIST a ID ID #IMPLIED>", DocumentType),
        ("<![INCLUDE[]]>", DocumentType),
        ("<!-- -->", Comment),
        ("<!---->", Comment),
        (r#"<?xml-stylesheet href="x"?>"#, ProcessingInstruction),
        ("<?php ?>", ProcessingInstruction),
    ] {
        for text in [
            format!("{markup}{RESPONSE}"),
            format!("<?xml version=\"1.0\"?>{markup}{RESPONSE}"),
            format!("<a>admin@example.com{markup}.evil.example</a>"),
            format!("<a><![CDATA[{markup}]]></a>"),
            format!("{RESPONSE}{markup}"),
        ] {
            assert_eq!(refused(&text), Some(expected), "{text}");
        }
    }
}

#[test]
fn gate_gt02_takes_an_xml_declaration_only_at_the_very_beginning() {
    for text in [
        format!(" <?xml version=\"1.0\"?>{RESPONSE}"),
        format!("<?xml version=\"1.0\"?><?xml version=\"1.0\"?>{RESPONSE}"),
    ] {
        assert_eq!(refused(&text), Some(RefusedMarkup::ProcessingInstruction));
    }
}

#[test]
fn a_refusal_never_shows_the_document() {
    let refusal = scan(b"<a>secret<!-- x --></a>").unwrap_err();
    assert_eq!(refusal.to_string(), "the document holds a comment at byte 9");
}
