use super::*;

fn data(rest: &str) -> String {
    format!("<SubjectConfirmationData {rest}/>")
}

fn good_data() -> String {
    data(&format!(r#"InResponseTo="_q" NotOnOrAfter="2026-11-01T12:05:00Z" Recipient="{ACS}""#))
}

#[test]
fn saml_a38_a_name_id_is_there_once_and_can_be_read() {
    let long = format!(">{}<", "a".repeat(1025));
    World::default().refuses(&[
        (">alice<", "> \n <", "subject", Fault::Subject), // spid 43
        (">alice<", ">alice <", "subject", Fault::Subject),
        (">alice<", ">\u{a0}alice<", "subject", Fault::Subject),
        (">alice<", ">\n   alice  \n<", "subject", Fault::Subject),
        (">alice<", "> alice\n<", "subject", Fault::Subject),
        (">alice<", ">alice\n<", "subject", Fault::Subject),
        (">alice<", &long, "subject", Fault::Subject),
        (">alice<", ">ali\tce<", "subject", Fault::Subject),
        (">alice<", ">ali&#x7f;ce<", "subject", Fault::Subject),
        (">alice<", ">ecila\u{202e}<", "subject", Fault::Subject),
        (">alice<", ">\u{2067}alice<", "subject", Fault::Subject),
        ("</NameID>", "</NameID><NameID>bob</NameID>", "subject", Fault::Subject),
        ("</NameID>", "</NameID><BaseID/>", "subject", Fault::Subject),
        ("</NameID>", "</NameID><EncryptedID/>", "subject", Fault::Subject),
        (r#"NameQualifier="q""#, r#"NameQualifier="""#, "subject", Fault::Subject), // spid 48
        ("urn:oasis:names:tc:SAML:2.0:nameid-format:persistent", "", "subject", Fault::Subject), // spid 45
        ("NameID", "Name", "subject", Fault::Subject), // spid 44
    ]);
}

#[test]
fn saml_a38_different_spellings_stay_different_people() {
    let read = |text: &str| {
        let text = changed(">alice<", &format!(">{text}<"));
        let parsed = xml::parse(&text).unwrap();
        let node = xml::children(parsed.root_element(), ASSERTION, "Assertion").next().unwrap();
        let assertion = reader::Assertion::of(node);
        assert_eq!(World::default().fault(&text), None, "{text}");
        assertion.subjects[0].name_ids[0].value.clone()
    };
    for same in ["alice", "Alice", "ALICE", "a@b@c", "ali\u{301}ce", "al\u{ed}ce", "аlice"] {
        assert_eq!(read(same), same);
    }
    assert_eq!(read("\n   alice\n  "), "alice", "a printer's indentation");
    assert_eq!(read("admin@example.com<!-- x -->.evil.example"), "admin@example.com.evil.example");
}

#[test]
fn saml_va08_there_is_one_subject() {
    let good = good();
    let (before, rest) = good.split_once("<Subject>").unwrap();
    let (subject, after) = rest.split_once("</Subject>").unwrap();
    let none = format!("{before}{after}"); // spid 42
    let empty = format!("{before}<Subject> </Subject>{after}"); // spid 41
    let two = format!("{before}<Subject>{subject}</Subject><Subject>{subject}</Subject>{after}");
    for text in [none, empty, two] {
        assert_eq!(World::default().fault(&text), Some(Fault::Subject));
    }
}

#[test]
fn saml_va08_only_a_bearer_confirmation_of_the_right_form_counts() {
    let bearer = "urn:oasis:names:tc:SAML:2.0:cm:bearer";
    let method = format!(r#"Method="{bearer}""#);
    let good_data = good_data();
    let without_end = data(&format!(r#"InResponseTo="_q" Recipient="{ACS}""#));
    let not_before = good_data.replace("/>", r#" NotBefore="2026-11-01T11:00:00Z"/>"#);
    World::default().refuses(&[
        (&method, "", "subject", Fault::Subject), // spid 54
        (&method, r#"Method="""#, "subject", Fault::Subject), // spid 53
        ("cm:bearer", "cm:sender-vouches", "subject", Fault::Subject), // spid 55
        ("cm:bearer", "cm:holder-of-key", "subject", Fault::Subject),
        (&good_data, "", "subject", Fault::Subject), // spid 51, 56
        (&good_data, &without_end, "subject", Fault::Subject), // spid 64
        (&good_data, &not_before, "subject", Fault::Subject),
        ("2026-11-01T12:05:00Z", "", "subject", Fault::Subject), // spid 63
        ("2026-11-01T12:05:00Z", "2018.09.18", "subject", Fault::Subject), // spid 65
        ("2026-11-01T12:05:00Z", "2000-01-01T00:00:00Z", "time", Fault::Expired), // spid 66
    ]);
    let doubled = format!("{good_data}{good_data}");
    assert_eq!(World::default().fault(&changed(&good_data, &doubled)), Some(Fault::Subject));
}

#[test]
fn saml_va08_the_recipient_is_our_address_exactly() {
    let stated = format!(r#"Recipient="{ACS}""#);
    World::default().refuses(&[
        (&stated, "", "recipient", Fault::RecipientMismatch), // spid 58
        (&stated, r#"Recipient="""#, "recipient", Fault::RecipientMismatch), // spid 57
        (&stated, r#"Recipient="diverso""#, "recipient", Fault::RecipientMismatch), // spid 59
    ]);
    for other in [ACS.replace("https", "http"), format!("{ACS}/"), ACS.replace("c1", "c2")] {
        let text = changed(&stated, &format!(r#"Recipient="{other}""#));
        assert_eq!(World::default().fault(&text), Some(Fault::RecipientMismatch), "{other}");
    }
}

#[test]
fn saml_va08_one_good_confirmation_among_others_suffices() {
    let bearer = r#"<SubjectConfirmation Method="urn:oasis:names:tc:SAML:2.0:cm:bearer">"#;
    let key = r#"<SubjectConfirmation Method="urn:oasis:names:tc:SAML:2.0:cm:holder-of-key"/>"#;
    let old = good_data().replace("2026", "2025");
    let text = changed(bearer, &format!("{key}{bearer}{old}</SubjectConfirmation>{bearer}"));
    assert_eq!(World::default().fault(&text), None);
}

#[test]
fn saml_va09_every_named_request_is_ours() {
    let envelope = format!(r#"Destination="{ACS}" InResponseTo="_q""#);
    let other = format!(r#"Destination="{ACS}" InResponseTo="_other""#);
    let none = format!(r#"Destination="{ACS}""#);
    let inner = r#"InResponseTo="_q" NotOnOrAfter"#;
    World::default().refuses(&[
        (&envelope, &other, "in_response_to", Fault::InResponseTo), // spid 18
        (&envelope, &none, "in_response_to", Fault::Unsolicited),   // spid 17
        (inner, r#"InResponseTo="_x" NotOnOrAfter"#, "in_response_to", Fault::InResponseTo), // spid 62
        (inner, r#"InResponseTo="" NotOnOrAfter"#, "in_response_to", Fault::InResponseTo), // spid 60
        (inner, "NotOnOrAfter", "in_response_to", Fault::InResponseTo), // spid 61
        (r#"InResponseTo="_q""#, r#"InResponseTo="""#, "in_response_to", Fault::InResponseTo), // spid 16
    ]);
}

#[test]
fn saml_va09_without_a_request_none_may_be_named() {
    let world = World { solicited: false, ..World::default() };
    assert_eq!(world.fault(&good()), Some(Fault::InResponseTo));
    let none = good().replace(r#"InResponseTo="_q""#, "");
    assert_eq!(world.fault(&none), None);
    let inner = good().replacen(r#"InResponseTo="_q""#, "", 1);
    assert_eq!(world.fault(&inner), Some(Fault::InResponseTo));
}
