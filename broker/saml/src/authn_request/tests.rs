use chrono::TimeZone;

use super::*;
use crate::Fault;
use crate::certificate::fixtures::RSA;
use crate::engine::{SignatureEngine, XmlSec};
use crate::gate::{self, MessageKind};
use crate::policy::AlgorithmPolicy;
use crate::write::tests::lines;

fn request() -> AuthnRequest {
    AuthnRequest {
        id: write::id([1; 16]),
        issuer: "https://login.example/t/acme/saml/okta/metadata".to_owned(),
        destination: "https://idp.example/sso?tenant=a&app=b".to_owned(),
        acs_url: "https://login.example/t/acme/saml/okta/acs".to_owned(),
        issued_at: Utc.with_ymd_and_hms(2026, 11, 22, 10, 0, 0).unwrap(),
        force_authn: false,
        is_passive: false,
        name_id_policy: None,
        contexts: Vec::new(),
        provider_name: None,
    }
}

fn policy(format: Option<&str>, allow_create: bool) -> Option<NameIdPolicy> {
    Some(NameIdPolicy { format: format.map(str::to_owned), allow_create })
}

#[test]
fn saml_ei01_a_request_is_as_short_as_entra_wants_it() {
    insta::assert_snapshot!(lines(&request().to_xml().unwrap()), @r#"
    <samlp:AuthnRequest xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" ID="id01010101010101010101010101010101" Version="2.0" IssueInstant="2026-11-22T10:00:00.000Z" Destination="https://idp.example/sso?tenant=a&amp;app=b" ProtocolBinding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST" AssertionConsumerServiceURL="https://login.example/t/acme/saml/okta/acs">
    <saml:Issuer>https://login.example/t/acme/saml/okta/metadata</saml:Issuer>
    </samlp:AuthnRequest>
    "#);
}

#[test]
fn a_request_with_everything_stands_in_the_order_of_the_schema() {
    let request = AuthnRequest {
        force_authn: true,
        is_passive: true,
        name_id_policy: policy(Some(names::NAME_ID_PERSISTENT), true),
        contexts: vec!["urn:a".to_owned(), "urn:b".to_owned()],
        provider_name: Some("R&D \"Symbolon\"".to_owned()),
        ..request()
    };
    insta::assert_snapshot!(lines(&request.to_xml().unwrap()), @r#"
    <samlp:AuthnRequest xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" ID="id01010101010101010101010101010101" Version="2.0" IssueInstant="2026-11-22T10:00:00.000Z" Destination="https://idp.example/sso?tenant=a&amp;app=b" ForceAuthn="true" IsPassive="true" ProtocolBinding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST" AssertionConsumerServiceURL="https://login.example/t/acme/saml/okta/acs" ProviderName="R&amp;D &quot;Symbolon&quot;">
    <saml:Issuer>https://login.example/t/acme/saml/okta/metadata</saml:Issuer>
    <samlp:NameIDPolicy Format="urn:oasis:names:tc:SAML:2.0:nameid-format:persistent" AllowCreate="true"/>
    <samlp:RequestedAuthnContext Comparison="exact">
    <saml:AuthnContextClassRef>urn:a</saml:AuthnContextClassRef>
    <saml:AuthnContextClassRef>urn:b</saml:AuthnContextClassRef>
    </samlp:RequestedAuthnContext>
    </samlp:AuthnRequest>
    "#);
}

#[test]
fn saml_sdp_sp04_the_policy_is_left_out_or_allows_to_create_without_a_format() {
    assert!(!request().to_xml().unwrap().contains("NameIDPolicy"));
    let open = AuthnRequest { name_id_policy: policy(None, true), ..request() };
    assert!(open.to_xml().unwrap().contains("<samlp:NameIDPolicy AllowCreate=\"true\"/>"));
}

#[test]
fn a_transient_name_is_asked_for_without_allow_create() {
    let transient =
        AuthnRequest { name_id_policy: policy(Some(names::NAME_ID_TRANSIENT), true), ..request() };
    assert!(!transient.to_xml().unwrap().contains("AllowCreate"));
}

#[test]
fn saml_sdp_sp07_contexts_are_asked_for_exactly() {
    let request = AuthnRequest { contexts: vec!["urn:mfa".to_owned()], ..request() };
    let xml = request.to_xml().unwrap();
    assert!(xml.contains("<samlp:RequestedAuthnContext Comparison=\"exact\">"), "{xml}");
}

#[test]
fn a_request_without_what_it_needs_is_not_written() {
    let empty = String::new;
    for request in [
        AuthnRequest { id: "1a".to_owned(), ..request() },
        AuthnRequest { issuer: empty(), ..request() },
        AuthnRequest { destination: empty(), ..request() },
        AuthnRequest { acs_url: empty(), ..request() },
        AuthnRequest { provider_name: Some("\0".to_owned()), ..request() },
    ] {
        assert_eq!(request.to_xml().unwrap_err().fault, Fault::Malformed);
    }
}

#[test]
fn saml_pc17_what_we_write_passes_the_gate_signed_and_unsigned() {
    let request = AuthnRequest {
        name_id_policy: policy(Some(names::NAME_ID_EMAIL), true),
        contexts: vec!["urn:mfa".to_owned()],
        ..request()
    };
    let (xml, kind) = (request.to_xml().unwrap(), MessageKind::AuthnRequest);
    let signed = XmlSec::new().sign(&xml, &RSA.key, &RSA.certificate).unwrap();
    for (xml, is_signed) in [(xml, false), (signed, true)] {
        let algorithms = AlgorithmPolicy::default();
        let document = gate::message(xml.as_bytes(), kind, &algorithms, request.issued_at).unwrap();
        assert_eq!(document.root_id.as_deref(), Some(request.id.as_str()));
        assert_eq!(document.root_signature.is_some(), is_signed);
    }
}
