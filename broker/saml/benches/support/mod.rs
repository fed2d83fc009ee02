//! Responses in the shape that Entra ID sends, signed with keys made on the spot: for benchmarks and the leak check.

use chrono::{DateTime, TimeDelta, Utc};
use symbolon_saml::certificate::{Certificate, PrivateKey};
use symbolon_saml::engine::{SignatureEngine, XmlSec};
use symbolon_saml::policy::{AlgorithmPolicy, SignedParts};
use symbolon_saml::response::{Expected, ExpectedRequest, Keys};

const ISSUER: &str = "https://sts.windows.net/8f3c1d52-0a4b-4c1e-9d7a-2f6f1b7f0000/";
const AUDIENCE: &str = "https://broker.example/saml/contoso";
const ACS: &str = "https://broker.example/saml/contoso/acs";
const REQUEST: &str = "id7c1f6d9e2b8a4f3097c5d1e2f3a4b5c6";
const CLAIMS: [(&str, &str); 9] = [
    (
        "http://schemas.microsoft.com/identity/claims/tenantid",
        "8f3c1d52-0a4b-4c1e-9d7a-2f6f1b7f0000",
    ),
    (
        "http://schemas.microsoft.com/identity/claims/objectidentifier",
        "1c9d6a54-6a1f-4f2e-8d0b-3e5a7b9c2d41",
    ),
    ("http://schemas.microsoft.com/identity/claims/displayname", "Adele Vance"),
    (
        "http://schemas.microsoft.com/identity/claims/identityprovider",
        "https://sts.windows.net/8f3c1d52-0a4b-4c1e-9d7a-2f6f1b7f0000/",
    ),
    (
        "http://schemas.microsoft.com/claims/authnmethodsreferences",
        "http://schemas.microsoft.com/ws/2008/06/identity/authenticationmethod/password",
    ),
    ("http://schemas.xmlsoap.org/ws/2005/05/identity/claims/givenname", "Adele"),
    ("http://schemas.xmlsoap.org/ws/2005/05/identity/claims/surname", "Vance"),
    (
        "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/emailaddress",
        "adele.vance@contoso.example",
    ),
    ("http://schemas.xmlsoap.org/ws/2005/05/identity/claims/name", "adele.vance@contoso.example"),
];

/// An identity provider.
pub(crate) struct Provider {
    /// Its key.
    pub(crate) key: PrivateKey,
    /// Its certificate.
    pub(crate) certificate: Certificate,
}

impl Provider {
    /// A response whose assertion is signed, with this many groups.
    pub(crate) fn response(&self, groups: usize) -> String {
        let engine = XmlSec::new();
        let signed = engine.sign(&assertion(groups), &self.key, &self.certificate).unwrap();
        envelope(&signed)
    }
}

/// When the responses are read.
pub(crate) fn now() -> DateTime<Utc> {
    DateTime::from_timestamp(1_750_000_000, 0).unwrap()
}

fn at(seconds: i64) -> String {
    (now() + TimeDelta::seconds(seconds)).format("%Y-%m-%dT%H:%M:%S%.3fZ").to_string()
}

fn envelope(assertion: &str) -> String {
    format!(
        "<samlp:Response ID=\"_5f2d1e0c-9b8a-4c7d-8e6f-1a2b3c4d5e6f\" Version=\"2.0\" \
         IssueInstant=\"{}\" Destination=\"{ACS}\" InResponseTo=\"{REQUEST}\" \
         xmlns:samlp=\"urn:oasis:names:tc:SAML:2.0:protocol\">\
         <Issuer xmlns=\"urn:oasis:names:tc:SAML:2.0:assertion\">{ISSUER}</Issuer><samlp:Status>\
         <samlp:StatusCode Value=\"urn:oasis:names:tc:SAML:2.0:status:Success\"/></samlp:Status>\
         {assertion}</samlp:Response>",
        at(-2)
    )
}

fn assertion(groups: usize) -> String {
    let claims: String = CLAIMS
        .iter()
        .map(|(name, value)| {
            format!(
                "<Attribute Name=\"{name}\"><AttributeValue>{value}</AttributeValue></Attribute>"
            )
        })
        .collect();
    let groups: String = (0..groups)
        .map(|n| {
            format!("<AttributeValue>8f3c1d52-0a4b-4c1e-9d7a-2f6f1b7f{n:04x}</AttributeValue>")
        })
        .collect();
    let groups = match groups.as_str() {
        "" => String::new(),
        groups => format!(
            "<Attribute Name=\"http://schemas.microsoft.com/ws/2008/06/identity/claims/groups\">\
             {groups}</Attribute>"
        ),
    };
    let (from, until, soon, before) = (at(-300), at(3900), at(300), at(-30));
    format!(
        "<Assertion ID=\"_a3b1c2d3-4e5f-4a6b-8c7d-9e0f1a2b3c4d\" IssueInstant=\"{before}\" \
         Version=\"2.0\" xmlns=\"urn:oasis:names:tc:SAML:2.0:assertion\"><Issuer>{ISSUER}</Issuer>\
         <Subject><NameID Format=\"urn:oasis:names:tc:SAML:2.0:nameid-format:persistent\">\
         Hn2Lh0bq3dTzQm1q8mXoQkz0cXyRk0v7sXbVbT7oJmM</NameID><SubjectConfirmation \
         Method=\"urn:oasis:names:tc:SAML:2.0:cm:bearer\"><SubjectConfirmationData \
         InResponseTo=\"{REQUEST}\" NotOnOrAfter=\"{soon}\" Recipient=\"{ACS}\"/>\
         </SubjectConfirmation></Subject><Conditions NotBefore=\"{from}\" NotOnOrAfter=\"{until}\">\
         <AudienceRestriction><Audience>{AUDIENCE}</Audience></AudienceRestriction></Conditions>\
         <AttributeStatement>{claims}{groups}</AttributeStatement><AuthnStatement \
         AuthnInstant=\"{before}\" SessionIndex=\"_a3b1c2d3-4e5f-4a6b-8c7d-9e0f1a2b3c4d\">\
         <AuthnContext><AuthnContextClassRef>urn:oasis:names:tc:SAML:2.0:ac:classes:Password\
         </AuthnContextClassRef></AuthnContext></AuthnStatement></Assertion>"
    )
}

/// What the connector expects.
pub(crate) fn expected() -> Expected<'static> {
    Expected {
        identity_provider: ISSUER,
        service_provider: AUDIENCE,
        acs_url: ACS,
        request: Some(ExpectedRequest {
            id: REQUEST,
            sent_at: now() - TimeDelta::seconds(60),
            force_authn: false,
            contexts: &[],
        }),
        skew: TimeDelta::seconds(180),
        now: now(),
    }
}

/// The connector's keys.
pub(crate) fn keys(certificates: &[Certificate]) -> Keys<'_> {
    Keys {
        certificates,
        decryption: &[],
        algorithms: AlgorithmPolicy::default(),
        signed: SignedParts::Either,
    }
}
