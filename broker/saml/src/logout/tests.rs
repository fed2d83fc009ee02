//! Both directions: what is written, and what is made of messages that a peer signed.

mod received;
mod sent;

use super::*;
use crate::bindings::{post, redirect};
use crate::certificate::Certificate;
use crate::certificate::fixtures::{Pair, RSA};
use crate::engine::{SignatureEngine, Trust, XmlSec};
use crate::gate::MessageKind;
use crate::policy::AlgorithmPolicy;

const IDP: &str = "https://idp.example/metadata";
const SLO: &str = "https://login.example/t/acme/saml/okta/slo";

fn utc(text: &str) -> DateTime<Utc> {
    DateTime::parse_from_rfc3339(text).unwrap().to_utc()
}

fn now() -> DateTime<Utc> {
    utc("2026-11-22T10:00:00Z")
}

fn name_id() -> NameId {
    NameId {
        value: "a&b <c>".to_owned(),
        format: Some(crate::names::NAME_ID_PERSISTENT.to_owned()),
        name_qualifier: Some(IDP.to_owned()),
        sp_name_qualifier: Some("https://login.example/".to_owned()),
    }
}

/// As the identity provider would write it to us.
fn request() -> LogoutRequest {
    LogoutRequest {
        id: crate::write::id([3; 16]),
        issuer: IDP.to_owned(),
        destination: SLO.to_owned(),
        issued_at: now(),
        not_on_or_after: None,
        name_id: name_id(),
        session_indexes: vec!["_s1".to_owned(), "_s2".to_owned()],
    }
}

fn response() -> LogoutResponse {
    LogoutResponse {
        id: crate::write::id([4; 16]),
        in_response_to: "id1".to_owned(),
        issuer: IDP.to_owned(),
        destination: SLO.to_owned(),
        issued_at: now(),
        status: vec![crate::names::STATUS_SUCCESS.to_owned()],
    }
}

fn expected() -> LogoutExpected<'static> {
    LogoutExpected {
        identity_provider: IDP,
        destination: SLO,
        skew: TimeDelta::seconds(180),
        now: now(),
    }
}

fn trust(certificates: &[Certificate]) -> Trust<'_> {
    Trust { certificates, algorithms: AlgorithmPolicy::default(), now: now() }
}

/// A query of the redirect binding, signed by this key if any.
fn query(kind: MessageKind, xml: &str, signer: Option<&Pair>) -> String {
    let key = signer.map(|pair| &pair.key);
    let url = redirect::url("https://x.example/", kind, xml, Some("state &1"), key).unwrap();
    url.split_once('?').unwrap().1.to_owned()
}

/// The message field of a posted form, signed by this key if any.
fn field(kind: MessageKind, xml: &str, signer: Option<&Pair>) -> String {
    let signed = signer.map(|pair| XmlSec::new().sign(xml, &pair.key, &pair.certificate).unwrap());
    post::fields(kind, signed.as_deref().unwrap_or(xml), None).remove(0).1
}

/// The same request by both bindings, signed by [`RSA`], trusted or not.
fn receive_request(
    xml: &str,
    expected: &LogoutExpected<'_>,
) -> [Result<ReceivedLogoutRequest, crate::Refusal>; 2] {
    let certificates = [RSA.certificate.clone()];
    let (trust, kind) = (trust(&certificates), MessageKind::LogoutRequest);
    [
        request_from_redirect(&query(kind, xml, Some(&RSA)), &trust, expected, &[]),
        request_from_post(&field(kind, xml, Some(&RSA)), &trust, expected, &[]),
    ]
}

fn receive_response(
    xml: &str,
    expected: &LogoutExpected<'_>,
) -> [Result<crate::response::Status, crate::Refusal>; 2] {
    let certificates = [RSA.certificate.clone()];
    let (trust, kind) = (trust(&certificates), MessageKind::LogoutResponse);
    [
        response_from_redirect(&query(kind, xml, Some(&RSA)), &trust, expected, "id1"),
        response_from_post(&field(kind, xml, Some(&RSA)), &trust, expected, "id1"),
    ]
}
