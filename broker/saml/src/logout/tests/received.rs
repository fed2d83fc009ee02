use proptest::prelude::*;

use super::super::read::VerifiedMessage;
use super::*;
use crate::Fault;
use crate::certificate::PrivateKey;
use crate::certificate::fixtures::{EC, OTHER_RSA};
use crate::names;

fn xml() -> String {
    request().to_xml().unwrap()
}

/// The fault of each binding.
fn faults<T: std::fmt::Debug>(results: [Result<T, crate::Refusal>; 2]) -> [Fault; 2] {
    results.map(|result| result.unwrap_err().fault)
}

#[test]
fn saml_sw09_a_signed_request_is_read_by_both_bindings() {
    for (received, state) in
        receive_request(&xml(), &expected()).into_iter().zip([Some("state &1".to_owned()), None])
    {
        let received = received.unwrap();
        assert_eq!(received.id, request().id);
        assert_eq!(received.issuer, IDP);
        assert_eq!(received.name_id, name_id());
        assert_eq!(received.session_indexes, ["_s1", "_s2"]);
        assert_eq!(received.remember_until, utc("2026-11-22T10:08:00Z"));
        assert_eq!(received.relay_state, state);
        assert_eq!(received.verified_by, RSA.certificate.facts().fingerprint);
    }
}

#[test]
fn saml_sw09_a_signed_response_is_read_by_both_bindings_whatever_its_status() {
    for codes in [
        vec![names::STATUS_SUCCESS],
        vec![names::STATUS_SUCCESS, names::STATUS_PARTIAL_LOGOUT],
        vec![names::STATUS_RESPONDER, "urn:oasis:names:tc:SAML:2.0:status:RequestDenied", "urn:x"],
    ] {
        let status = codes.iter().map(|&code| code.to_owned()).collect();
        let xml = LogoutResponse { status, ..response() }.to_xml().unwrap();
        for status in receive_response(&xml, &expected()) {
            assert_eq!(status.unwrap().codes, codes);
        }
    }
}

#[test]
fn saml_rb01_elliptic_keys_sign_logout_messages_too() {
    let certificates = [RSA.certificate.clone(), EC.certificate.clone()];
    let (trust, kind) = (trust(&certificates), MessageKind::LogoutRequest);
    let by_redirect =
        request_from_redirect(&query(kind, &xml(), Some(&EC)), &trust, &expected(), &[]).unwrap();
    let by_post =
        request_from_post(&field(kind, &xml(), Some(&EC)), &trust, &expected(), &[]).unwrap();
    for received in [by_redirect, by_post] {
        assert_eq!(received.verified_by, EC.certificate.facts().fingerprint);
    }
}

#[test]
fn saml_sw09_unsigned_messages_are_refused() {
    let certificates = [RSA.certificate.clone()];
    let trust = trust(&certificates);
    let kind = MessageKind::LogoutRequest;
    let results = [
        request_from_redirect(&query(kind, &xml(), None), &trust, &expected(), &[]),
        request_from_post(&field(kind, &xml(), None), &trust, &expected(), &[]),
    ];
    assert_eq!(faults(results), [Fault::Unsigned; 2]);
    let (xml, kind) = (response().to_xml().unwrap(), MessageKind::LogoutResponse);
    let results = [
        response_from_redirect(&query(kind, &xml, None), &trust, &expected(), "id1"),
        response_from_post(&field(kind, &xml, None), &trust, &expected(), "id1"),
    ];
    assert_eq!(faults(results), [Fault::Unsigned; 2]);
}

#[test]
fn saml_sw09_messages_of_other_keys_or_changed_ones_are_refused() {
    let certificates = [RSA.certificate.clone()];
    let (trust, kind) = (trust(&certificates), MessageKind::LogoutRequest);
    let receive = |query: &str, field: &str| {
        [
            request_from_redirect(query, &trust, &expected(), &[]),
            request_from_post(field, &trust, &expected(), &[]),
        ]
    };
    let (query, field) =
        (query(kind, &xml(), Some(&OTHER_RSA)), field(kind, &xml(), Some(&OTHER_RSA)));
    assert_eq!(faults(receive(&query, &field)), [Fault::BadSignature; 2]);
    let signed = XmlSec::new().sign(&xml(), &RSA.key, &RSA.certificate).unwrap();
    let changed = signed.replace("_s2", "_s3");
    let field = post::fields(kind, &changed, None).remove(0).1;
    assert_eq!(receive("", &field)[1].as_ref().unwrap_err().fault, Fault::BadSignature);
    let honest = super::query(kind, &xml(), Some(&RSA));
    let changed = honest.replace("RelayState=state", "RelayState=other");
    assert_ne!(honest, changed);
    assert_eq!(receive(&changed, "")[0].as_ref().unwrap_err().fault, Fault::BadSignature);
}

#[test]
fn saml_si01_without_certificates_nothing_is_verified() {
    let (trust, kind) = (trust(&[]), MessageKind::LogoutRequest);
    let results = [
        request_from_redirect(&query(kind, &xml(), Some(&RSA)), &trust, &expected(), &[]),
        request_from_post(&field(kind, &xml(), Some(&RSA)), &trust, &expected(), &[]),
    ];
    assert!(results.iter().all(Result::is_err));
}

#[test]
fn saml_va02_requests_of_another_issuer_are_refused() {
    let other = LogoutExpected { identity_provider: "https://idp.example/metadata/", ..expected() };
    assert_eq!(faults(receive_request(&xml(), &other)), [Fault::IssuerMismatch; 2]);
    let xml = xml().replace("<saml:Issuer>", "<saml:Issuer> \n ");
    assert!(receive_request(&xml, &expected()).iter().all(Result::is_ok));
}

#[test]
fn saml_ei03_entra_may_answer_a_logout_in_its_other_name_and_ask_only_in_its_own() {
    let own = "https://sts.windows.net/11111111-2222-3333-4444-555555555555/";
    let other = "https://login.microsoftonline.com/11111111-2222-3333-4444-555555555555/";
    let expected = |name| LogoutExpected { identity_provider: name, ..expected() };
    let response =
        |name: &str| LogoutResponse { issuer: name.to_owned(), ..response() }.to_xml().unwrap();
    for (configured, issuer) in [(own, own), (own, other), (other, own)] {
        assert!(
            receive_response(&response(issuer), &expected(configured)).iter().all(Result::is_ok)
        );
    }
    for issuer in [
        "https://login.microsoftonline.com/99999999-2222-3333-4444-555555555555/",
        "https://login.microsoftonline.com/",
        "https://login.microsoftonline.com.evil.example/11111111-2222-3333-4444-555555555555/",
        IDP,
    ] {
        assert_eq!(
            faults(receive_response(&response(issuer), &expected(own))),
            [Fault::IssuerMismatch; 2]
        );
    }
    assert_eq!(
        faults(receive_response(&response(other), &expected(IDP))),
        [Fault::IssuerMismatch; 2]
    );
    let request = LogoutRequest { issuer: other.to_owned(), ..request() }.to_xml().unwrap();
    assert_eq!(faults(receive_request(&request, &expected(own))), [Fault::IssuerMismatch; 2]);
}

#[test]
fn saml_va03_requests_must_be_for_us_and_responses_must_not_be_for_others() {
    let other =
        LogoutExpected { destination: "https://login.example/t/other/saml/okta/slo", ..expected() };
    assert_eq!(faults(receive_request(&xml(), &other)), [Fault::DestinationMismatch; 2]);
    let response = response().to_xml().unwrap();
    assert_eq!(faults(receive_response(&response, &other)), [Fault::DestinationMismatch; 2]);
    let without = |xml: &str| xml.replace(&format!(" Destination=\"{SLO}\""), "");
    assert_eq!(
        faults(receive_request(&without(&xml()), &expected())),
        [Fault::DestinationMismatch; 2]
    );
    // As in the documents of Entra (EI-15).
    assert!(receive_response(&without(&response), &expected()).iter().all(Result::is_ok));
    let empty = response.replace(SLO, "");
    assert_eq!(faults(receive_response(&empty, &expected())), [Fault::DestinationMismatch; 2]);
}

#[test]
fn saml_va04_a_message_counts_for_five_minutes_or_until_it_says() {
    let at = |text: &str| LogoutExpected { now: utc(text), ..expected() };
    assert!(receive_request(&xml(), &at("2026-11-22T10:07:59Z")).iter().all(Result::is_ok));
    assert_eq!(faults(receive_request(&xml(), &at("2026-11-22T10:08:00Z"))), [Fault::Expired; 2]);
    assert!(receive_request(&xml(), &at("2026-11-22T09:57:00Z")).iter().all(Result::is_ok));
    assert_eq!(
        faults(receive_request(&xml(), &at("2026-11-22T09:56:59Z"))),
        [Fault::NotYetValid; 2]
    );
    let until = |end: &str| {
        LogoutRequest { not_on_or_after: Some(utc(end)), ..request() }.to_xml().unwrap()
    };
    let hour = until("2026-11-22T11:00:00Z");
    assert!(receive_request(&hour, &at("2026-11-22T11:02:59Z")).iter().all(Result::is_ok));
    assert_eq!(faults(receive_request(&hour, &at("2026-11-22T11:03:00Z"))), [Fault::Expired; 2]);
    let years = until("2036-11-22T11:00:00Z");
    let [received, _] = receive_request(&years, &at("2026-11-23T10:02:00Z"));
    assert_eq!(received.unwrap().remember_until, utc("2026-11-23T10:03:00Z"));
    assert_eq!(faults(receive_request(&years, &at("2026-11-23T10:03:00Z"))), [Fault::Expired; 2]);
}

#[test]
fn times_that_are_none_are_refused() {
    for bad in ["IssueInstant=\"\"", "IssueInstant=\"now\"", "Other=\"x\""] {
        let xml = xml().replace("IssueInstant=\"2026-11-22T10:00:00.000Z\"", bad);
        assert_eq!(faults(receive_request(&xml, &expected())), [Fault::Structure; 2], "{bad}");
    }
    let xml = xml().replace(" Version=", " NotOnOrAfter=\"later\" Version=");
    assert_eq!(faults(receive_request(&xml, &expected())), [Fault::Structure; 2]);
}

#[test]
fn saml_va09_a_response_answers_our_request() {
    for other in ["id2", "ID1", "id1 "] {
        let xml =
            LogoutResponse { in_response_to: other.to_owned(), ..response() }.to_xml().unwrap();
        assert_eq!(faults(receive_response(&xml, &expected())), [Fault::InResponseTo; 2]);
    }
    let xml = response().to_xml().unwrap().replace(" InResponseTo=\"id1\"", "");
    assert_eq!(faults(receive_response(&xml, &expected())), [Fault::InResponseTo; 2]);
    let certificates = [RSA.certificate.clone()];
    let query = query(
        MessageKind::LogoutResponse,
        &xml.replace("Version", "InResponseTo=\"\" Version"),
        Some(&RSA),
    );
    let refused = response_from_redirect(&query, &trust(&certificates), &expected(), "");
    assert_eq!(refused.unwrap_err().fault, Fault::InResponseTo);
}

#[test]
fn saml_va08_there_is_one_subject_with_a_value() {
    let name = "<saml:NameID>x</saml:NameID>";
    let start = xml().find("<saml:NameID").unwrap();
    let end = xml().find("</saml:NameID>").unwrap() + "</saml:NameID>".len();
    let with = |subject: &str| [&xml()[..start], subject, &xml()[end..]].concat();
    assert!(receive_request(&with(name), &expected()).iter().all(Result::is_ok));
    for bad in
        ["", "<saml:NameID/>", "<saml:NameID>  </saml:NameID>", &name.repeat(2), "<saml:BaseID/>"]
    {
        assert_eq!(faults(receive_request(&with(bad), &expected())), [Fault::Subject; 2], "{bad}");
    }
}

#[test]
fn an_encrypted_subject_is_read_with_our_keys_only() {
    let name = "<saml:NameID xmlns:saml=\"urn:oasis:names:tc:SAML:2.0:assertion\">x</saml:NameID>";
    let start = xml().find("<saml:NameID").unwrap();
    let end = xml().find("</saml:NameID>").unwrap() + "</saml:NameID>".len();
    let with = |subject: &str| [&xml()[..start], subject, &xml()[end..]].concat();
    let encrypted =
        crate::decrypt::tests::encrypt_any(name).replace("EncryptedAssertion", "EncryptedID");
    let certificates = [RSA.certificate.clone()];
    let (trust, kind) = (trust(&certificates), MessageKind::LogoutRequest);
    let receive = |xml: &str, keys: &[PrivateKey]| {
        [
            request_from_redirect(&query(kind, xml, Some(&RSA)), &trust, &expected(), keys),
            request_from_post(&field(kind, xml, Some(&RSA)), &trust, &expected(), keys),
        ]
    };
    for received in receive(&with(&encrypted), &[OTHER_RSA.key.clone(), RSA.key.clone()]) {
        assert_eq!(received.unwrap().name_id.value, "x");
    }
    assert_eq!(
        faults(receive(&with(&encrypted), std::slice::from_ref(&OTHER_RSA.key))),
        [Fault::Decryption; 2]
    );
    assert_eq!(faults(receive(&with(&encrypted), &[])), [Fault::Decryption; 2]);
    let both = with(&(encrypted + "<saml:NameID>y</saml:NameID>"));
    assert_eq!(faults(receive(&both, std::slice::from_ref(&RSA.key))), [Fault::Subject; 2]);
}

#[test]
fn saml_at23_a_comment_does_not_cut_the_subject() {
    let xml = xml().replace("a&amp;b", "a&amp;<!-- x -->b");
    for received in receive_request(&xml, &expected()) {
        assert_eq!(received.unwrap().name_id, name_id());
    }
}

#[test]
fn saml_pc17_one_message_is_not_taken_for_the_other() {
    let certificates = [RSA.certificate.clone()];
    let trust = trust(&certificates);
    let field = field(MessageKind::LogoutRequest, &xml(), Some(&RSA));
    let refused = response_from_post(&field, &trust, &expected(), "id1").unwrap_err();
    assert_eq!(refused.fault, Fault::Structure);
    assert!(
        response_from_redirect(
            &query(MessageKind::LogoutRequest, &xml(), Some(&RSA)),
            &trust,
            &expected(),
            "id1"
        )
        .is_err()
    );
}

#[test]
fn which_message_came_is_told_by_its_parameter() {
    assert_eq!(kind_of("SAMLRequest=x&RelayState=y"), Some(LogoutKind::Request));
    assert_eq!(kind_of("RelayState=y&SAMLResponse=x"), Some(LogoutKind::Response));
    for neither in ["", "SAMLRequest=x&SAMLResponse=y", "samlrequest=x", "RelayState=SAMLRequest"] {
        assert_eq!(kind_of(neither), None, "{neither}");
    }
}

/// Reads a text as if it had been verified, so that what the signature keeps away is tried too.
fn read_as_verified(kind: MessageKind, xml: &str) {
    let Ok(document) =
        crate::gate::message(xml.as_bytes(), kind, &AlgorithmPolicy::default(), now())
    else {
        return;
    };
    let message = || VerifiedMessage {
        document: document.clone(),
        relay_state: None,
        verified_by: String::new(),
    };
    let _ = super::super::read::read_request(message(), &expected(), &[]);
    let _ = super::super::read::read_response(&message(), &expected(), "id1");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn no_text_makes_the_readers_panic(text in "\\PC{0,200}") {
        let certificates = [RSA.certificate.clone()];
        let trust = trust(&certificates);
        let _ = request_from_redirect(&text, &trust, &expected(), &[]);
        let _ = request_from_post(&text, &trust, &expected(), &[]);
        let _ = response_from_redirect(&text, &trust, &expected(), "id1");
        let _ = response_from_post(&text, &trust, &expected(), "id1");
        let _ = kind_of(&text);
    }

    #[test]
    fn no_mutation_of_a_message_makes_the_readers_panic(
        is_request in any::<bool>(),
        cuts in prop::collection::vec((any::<prop::sample::Index>(), 0_usize..20, "[<>&\"'a-zT:/0-9= -]{0,10}"), 1..4),
    ) {
        let (kind, xml) = if is_request {
            (MessageKind::LogoutRequest, xml())
        } else {
            (MessageKind::LogoutResponse, response().to_xml().unwrap())
        };
        let mut text: Vec<char> = xml.chars().collect();
        for (place, length, with) in cuts {
            let start = place.index(text.len());
            let end = (start + length).min(text.len());
            text.splice(start..end, with.chars());
        }
        read_as_verified(kind, &text.into_iter().collect::<String>());
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn saml_sw09_any_subject_comes_back_as_it_was_sent(value in "[^\\x00-\\x20\\x7f-\\xa0\u{fffe}\u{ffff}]{1,40}", index in "\\PC{1,20}") {
        let name_id = NameId { value: value.clone(), ..name_id() };
        let request = LogoutRequest { name_id, session_indexes: vec![index.clone()], ..request() };
        let Ok(xml) = request.to_xml() else { return Ok(()) };
        let [received, _] = receive_request(&xml, &expected());
        let received = received.unwrap();
        prop_assert_eq!(received.name_id.value, value);
        prop_assert_eq!(received.session_indexes.concat(), index.trim_matches(' '));
    }
}
