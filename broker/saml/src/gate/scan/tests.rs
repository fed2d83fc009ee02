use super::*;

const RESPONSE: &str = r#"<samlp:Response xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" ID="_1" Version="2.0">Zo&#235; &amp; Zoë</samlp:Response>"#;
const MOST: usize = 1000;

fn read(text: impl AsRef<[u8]>) -> Result<String, Refusal> {
    scan(text.as_ref(), MOST)
}

fn fault(text: impl AsRef<[u8]>) -> Option<Fault> {
    read(text).err().map(|refusal| refusal.fault)
}

#[test]
fn an_honest_document_passes_unchanged() {
    assert_eq!(read(RESPONSE).unwrap(), RESPONSE);
    let others = "<!-- before --><a><![CDATA[1 < 2 ]]><!-- < --></a>";
    assert_eq!(read(others).unwrap(), others);
}

#[test]
fn saml_pc01_reads_up_to_the_limit_and_not_a_byte_more() {
    let longest = format!("<a>{}</a>", "x".repeat(MOST - 7));
    assert!(read(&longest).is_ok());
    assert_eq!(fault(format!("{longest}\n")), Some(Fault::TooLarge));
}

#[test]
fn saml_pc03_bytes_that_are_not_utf8_are_refused() {
    assert_eq!(fault(b"<a>Zo\xeb</a>"), Some(Fault::NotUtf8));
    // An overlong `<` would be markup to a careless decoder.
    assert_eq!(fault(b"<a>\xc0\xbc!DOCTYPE</a>"), Some(Fault::NotUtf8));
    assert_eq!(fault("<a>\0</a>"), Some(Fault::NotUtf8));
}

#[test]
fn saml_pc03_utf16_with_and_without_byte_order_mark_is_refused() {
    let hidden = r#"<?xml version="1.0"?><!DOCTYPE a><a/>"#;
    let little: Vec<u8> = hidden.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let big: Vec<u8> = hidden.encode_utf16().flat_map(u16::to_be_bytes).collect();
    let marked: Vec<u8> = [0xff, 0xfe].into_iter().chain(little.clone()).collect();
    for bytes in [little, big, marked] {
        assert_eq!(fault(bytes), Some(Fault::NotUtf8));
    }
}

#[test]
fn saml_pc03_every_declared_encoding_but_utf8_is_refused() {
    for encoding in ["UTF-16", "ISO-8859-1", "UTF-7", "ebcdic-cp-us", "utf8", ""] {
        let text = format!("<?xml version=\"1.0\" encoding='{encoding}'?>{RESPONSE}");
        assert_eq!(fault(text), Some(Fault::NotUtf8), "{encoding}");
    }
}

#[test]
fn saml_pc03_the_usual_declarations_and_byte_order_marks_are_taken_away() {
    for declaration in [
        r#"<?xml version="1.0"?>"#,
        r#"<?xml version="1.0" encoding="UTF-8"?>"#,
        "<?xml version='1.0' encoding='utf-8' standalone='yes' ?>",
        "<?xml\n version = \"1.0\"\n encoding = \"UTF-8\"?>",
    ] {
        let text = format!("{declaration}{RESPONSE}");
        assert_eq!(read(&text).unwrap(), RESPONSE);
        assert_eq!(read(format!("\u{feff}{text}")).unwrap(), RESPONSE);
    }
}

#[test]
fn saml_pc05_unusual_declarations_are_refused() {
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
        assert_eq!(fault(format!("{declaration}{RESPONSE}")), Some(Fault::Markup), "{declaration}");
    }
}

fn refused_everywhere(markup: &str) {
    for text in [
        format!("{markup}{RESPONSE}"),
        format!("<?xml version=\"1.0\"?>{markup}{RESPONSE}"),
        format!("<a>admin@example.com{markup}.evil.example</a>"),
        format!("<a><![CDATA[{markup}]]></a>"),
        format!("<a><!--{markup}--></a>"),
        format!("{RESPONSE}{markup}"),
    ] {
        assert_eq!(fault(&text), Some(Fault::Markup), "{text}");
    }
}

#[test]
fn saml_pc04_document_types_and_entities_are_refused_anywhere() {
    refused_everywhere("<!DOCTYPE a>");
    refused_everywhere("<!doctype a>");
    refused_everywhere(r#"<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]>"#);
    refused_everywhere(r#"<!ENTITY x "y">"#);
    refused_everywhere("<!ATTLIST a ID ID #IMPLIED>");
    refused_everywhere("<![INCLUDE[]]>");
}

#[test]
fn saml_pc05_processing_instructions_are_refused_anywhere() {
    refused_everywhere(r#"<?xml-stylesheet href="x"?>"#);
    refused_everywhere("<?php ?>");
    let twice = format!("<?xml version=\"1.0\"?><?xml version=\"1.0\"?>{RESPONSE}");
    assert_eq!(fault(twice), Some(Fault::Markup));
    assert_eq!(fault(format!(" <?xml version=\"1.0\"?>{RESPONSE}")), Some(Fault::Markup));
}

#[test]
fn line_ends_become_line_feeds() {
    assert_eq!(read("<a>\r\n1\r2\n&#13;</a>").unwrap(), "<a>\n1\n2\n&#13;</a>");
}

#[test]
fn a_refusal_never_shows_the_document() {
    let refusal = read("<a>secret<?x secret?></a>").unwrap_err();
    assert_eq!(refusal.seen, "a processing instruction");
}
