use super::*;
use crate::Fault;
use crate::names;
use crate::write::tests::lines;

#[test]
fn saml_sw09_a_request_names_the_subject_exactly_and_before_the_sessions() {
    let request = LogoutRequest { not_on_or_after: Some(utc("2026-11-22T10:05:00Z")), ..request() };
    insta::assert_snapshot!(lines(&request.to_xml().unwrap()), @r#"
    <samlp:LogoutRequest xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" ID="id03030303030303030303030303030303" Version="2.0" IssueInstant="2026-11-22T10:00:00.000Z" Destination="https://login.example/t/acme/saml/okta/slo" NotOnOrAfter="2026-11-22T10:05:00.000Z">
    <saml:Issuer>https://idp.example/metadata</saml:Issuer>
    <saml:NameID NameQualifier="https://idp.example/metadata" SPNameQualifier="https://login.example/" Format="urn:oasis:names:tc:SAML:2.0:nameid-format:persistent">a&amp;b &lt;c&gt;</saml:NameID>
    <samlp:SessionIndex>_s1</samlp:SessionIndex>
    <samlp:SessionIndex>_s2</samlp:SessionIndex>
    </samlp:LogoutRequest>
    "#);
}

#[test]
fn saml_sw09_what_the_assertion_did_not_say_of_the_subject_is_not_said() {
    let name_id = NameId { value: "x".to_owned(), ..NameId::default() };
    let request = LogoutRequest { name_id, session_indexes: Vec::new(), ..request() };
    let xml = request.to_xml().unwrap();
    assert!(xml.ends_with("<saml:NameID>x</saml:NameID></samlp:LogoutRequest>"), "{xml}");
}

#[test]
fn saml_sw09_a_response_nests_its_status_codes() {
    let status = vec![names::STATUS_RESPONDER.to_owned(), names::STATUS_PARTIAL_LOGOUT.to_owned()];
    let response = LogoutResponse { status, ..response() };
    insta::assert_snapshot!(lines(&response.to_xml().unwrap()), @r#"
    <samlp:LogoutResponse xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" ID="id04040404040404040404040404040404" InResponseTo="id1" Version="2.0" IssueInstant="2026-11-22T10:00:00.000Z" Destination="https://login.example/t/acme/saml/okta/slo">
    <saml:Issuer>https://idp.example/metadata</saml:Issuer>
    <samlp:Status>
    <samlp:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:Responder">
    <samlp:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:PartialLogout"/>
    </samlp:StatusCode>
    </samlp:Status>
    </samlp:LogoutResponse>
    "#);
}

#[test]
fn messages_without_what_they_need_are_not_written() {
    let empty = String::new;
    for request in [
        LogoutRequest { id: "1".to_owned(), ..request() },
        LogoutRequest { issuer: empty(), ..request() },
        LogoutRequest { destination: empty(), ..request() },
        LogoutRequest { name_id: NameId::default(), ..request() },
        LogoutRequest { session_indexes: vec!["\u{0}".to_owned()], ..request() },
    ] {
        assert_eq!(request.to_xml().unwrap_err().fault, Fault::Malformed);
    }
    for response in [
        LogoutResponse { id: empty(), ..response() },
        LogoutResponse { issuer: empty(), ..response() },
        LogoutResponse { destination: empty(), ..response() },
        LogoutResponse { in_response_to: empty(), ..response() },
        LogoutResponse { status: Vec::new(), ..response() },
    ] {
        assert_eq!(response.to_xml().unwrap_err().fault, Fault::Malformed);
    }
}
