use super::*;

#[test]
fn saml_pc16_only_one_status_of_success_is_success() {
    World::default().refuses(&[
        ("status:Success", "status:statuscodenonvalido", "status", Fault::Status), // spid 26
        ("urn:oasis:names:tc:SAML:2.0:status:Success", "", "status", Fault::Status), // spid 24
        ("</p:Status>", "</p:Status><p:Status/>", "status", Fault::Status),
        (
            r#"<p:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:Success"/>"#,
            "",
            "status",
            Fault::Status, // spid 22
        ),
    ]);
}

#[test]
fn saml_er1_every_code_and_the_message_are_shown() {
    let text = changed(
        r#"<p:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:Success"/>"#,
        r#"<p:StatusCode Value="urn:a"><p:StatusCode Value="urn:b"><p:StatusCode Value="urn:c"/></p:StatusCode></p:StatusCode><p:StatusMessage> AADSTS50105: no </p:StatusMessage>"#,
    );
    let (fault, checks) = World::default().judge(&text);
    assert_eq!(fault, Some(Fault::Status));
    assert_eq!(checks[0].seen, "urn:a / urn:b / urn:c: AADSTS50105: no");
}

#[test]
fn saml_va02_both_issuers_are_exactly_the_configured_one() {
    for of in ["<Issuer>https", "<Issuer>\n  https"] {
        for other in [
            "<Issuer>http",                  // another scheme
            "<Issuer>https://evil.example/", // spid 29, 69
            "<Issuer Format=\"urn:oasis:names:tc:SAML:2.0:nameid-format:persistent\">https", // spid 30, 72
            "<Issuer Format=\"\">https", // spid 70
        ] {
            let text = changed_first(of, other);
            assert_eq!(World::default().fault(&text), Some(Fault::IssuerMismatch), "{of} {other}");
        }
    }
    let named = "<Issuer Format=\"urn:oasis:names:tc:SAML:2.0:nameid-format:entity\">";
    assert_eq!(World::default().fault(&changed("<Issuer>", named)), None);
}

#[test]
fn saml_va02_a_signed_response_and_every_assertion_state_their_issuer() {
    let without = changed_first(&format!("<Issuer>{IDP}</Issuer>"), "");
    assert_eq!(World::default().fault(&without), Some(Fault::IssuerMismatch)); // spid 28
    assert_eq!(World { signed: false, ..World::default() }.fault(&without), None);
    let none = changed(&format!("<Issuer>\n  {IDP} </Issuer>"), ""); // spid 68
    assert_eq!(World::default().fault(&none), Some(Fault::IssuerMismatch));
    let empty = changed_first(&format!("<Issuer>{IDP}</Issuer>"), "<Issuer></Issuer>"); // spid 27
    assert_eq!(
        World { signed: false, ..World::default() }.fault(&empty),
        Some(Fault::IssuerMismatch)
    );
    let two = changed_first("<Issuer>", &format!("<Issuer>{IDP}</Issuer><Issuer>"));
    assert_eq!(World::default().fault(&two), Some(Fault::IssuerMismatch));
}

#[test]
fn saml_a42_an_issuer_that_only_looks_the_same_is_another() {
    for other in [
        format!("{IDP}/"),
        IDP.to_uppercase(),
        IDP.replace("idp", "іdp"), // Cyrillic
        IDP.replace("idp", "id\u{200b}p"),
        IDP.replace("example", "exam\u{ad}ple"),
    ] {
        let text = good().replace(IDP, &other);
        assert_eq!(World::default().fault(&text), Some(Fault::IssuerMismatch), "{other}");
    }
}

#[test]
fn saml_va03_a_destination_is_our_address_exactly() {
    let stated = format!(r#"Destination="{ACS}""#);
    for other in [
        r#"Destination="""#.to_owned(), // spid 19
        r#"Destination="https://symbolon.example.com/saml/c2/acs""#.to_owned(), // A29, spid 21
        stated.replace("https", "http"),
        stated.replace("/acs", "/acs/"),
        stated.replace("/acs", "/ACS"),
    ] {
        let text = changed(&stated, &other);
        for signed in [true, false] {
            let world = World { signed, ..World::default() };
            assert_eq!(world.fault(&text), Some(Fault::DestinationMismatch), "{other}");
        }
    }
}

#[test]
fn saml_va03_a_destination_may_be_missing_only_unsigned() {
    let text = changed(&format!(r#"Destination="{ACS}""#), ""); // spid 20
    assert_eq!(World::default().fault(&text), Some(Fault::DestinationMismatch));
    assert_eq!(World { signed: false, ..World::default() }.fault(&text), None);
}

#[test]
fn saml_va04_version_id_and_issue_instant_are_required_of_both() {
    let issued = r#"IssueInstant="2026-11-01T12:00:00Z""#;
    World::default().refuses(&[
        (r#"ID="_r" Version="2.0""#, r#"ID="_r" Version="1.0""#, "version", Fault::Structure), // spid 10
        (r#"ID="_r" Version="2.0""#, r#"ID="_r""#, "version", Fault::Structure),
        (r#"ID="_r""#, "", "version", Fault::Structure), // spid 9
        (r#"ID="_r""#, r#"ID="""#, "version", Fault::Structure), // spid 8
        (r#"ID="_a" Version="2.0""#, r#"ID="_a" Version="1.1""#, "version", Fault::Structure), // spid 35
        (r#"ID="_a""#, "", "version", Fault::Structure), // spid 34
        (r#"ID="_a""#, r#"ID=" ""#, "version", Fault::Structure), // spid 33
        (issued, "", "version", Fault::Structure),       // spid 12, 37
        (issued, r#"IssueInstant="""#, "version", Fault::Structure), // spid 11, 36
        (issued, r#"IssueInstant="2018-09-04""#, "version", Fault::Structure), // spid 13
        (issued, r#"IssueInstant="2018-09-06 16:00""#, "version", Fault::Structure), // spid 38
    ]);
}
