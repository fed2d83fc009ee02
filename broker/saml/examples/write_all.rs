//! Writes one of each document that Symbolon sends into a folder, for judges outside: the OASIS schemas
//! (`interop/lib/validate_saml.py`), `xmlsec1 --verify`, other products.
//!
//! Usage: `cargo run -p symbolon-saml --example write_all -- FOLDER`. Keys are made anew; `certificate.pem` goes along.

use std::error::Error;
use std::path::PathBuf;

use chrono::{DateTime, TimeDelta, Utc};
use openssl::asn1::Asn1Time;
use openssl::hash::MessageDigest;
use openssl::pkey::PKey;
use openssl::rsa::Rsa;
use openssl::x509::X509;
use symbolon_saml::authn_request::{AuthnRequest, NameIdPolicy};
use symbolon_saml::certificate::{Certificate, PrivateKey};
use symbolon_saml::engine::{SignatureEngine, XmlSec};
use symbolon_saml::logout::{LogoutRequest, LogoutResponse};
use symbolon_saml::metadata::{RequestedAttribute, ServiceProvider};
use symbolon_saml::response::NameId;
use symbolon_saml::{Refusal, names, write};

const ENTITY: &str = "https://login.example/t/acme/saml/okta/metadata";
const IDP: &str = "https://idp.example/saml?tenant=a&app=b";

fn main() -> Result<(), Box<dyn Error>> {
    let folder = PathBuf::from(std::env::args().nth(1).ok_or("usage: write_all FOLDER")?);
    std::fs::create_dir_all(&folder)?;
    let (key, certificate) = pair()?;
    std::fs::write(folder.join("certificate.pem"), certificate.to_pem())?;
    let now = DateTime::from_timestamp(1_795_341_600, 0).ok_or("no time")?;
    let documents = requests(now)?
        .into_iter()
        .chain(logout(now)?)
        .chain(metadata(now, &certificate)?)
        .collect::<Vec<_>>();
    for (name, xml) in documents {
        let signed = XmlSec::new().sign(&xml, &key, &certificate)?;
        for (name, xml) in [(format!("{name}.xml"), xml), (format!("{name}_signed.xml"), signed)] {
            println!("{name}: {} bytes", xml.len());
            std::fs::write(folder.join(name), xml)?;
        }
    }
    Ok(())
}

type Documents = Result<Vec<(&'static str, String)>, Refusal>;

fn requests(now: DateTime<Utc>) -> Documents {
    let least = AuthnRequest {
        id: write::id([1; 16]),
        issuer: ENTITY.to_owned(),
        destination: IDP.to_owned(),
        acs_url: "https://login.example/t/acme/saml/okta/acs".to_owned(),
        issued_at: now,
        force_authn: false,
        is_passive: false,
        name_id_policy: None,
        contexts: Vec::new(),
        provider_name: None,
    };
    let policy =
        NameIdPolicy { format: Some(names::NAME_ID_PERSISTENT.into()), allow_create: true };
    let whole = AuthnRequest {
        force_authn: true,
        is_passive: true,
        name_id_policy: Some(policy),
        contexts: vec!["urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport".into()],
        provider_name: Some("Acme & <Söhne> \"👩‍🚀\"".to_owned()),
        ..least.clone()
    };
    Ok(vec![("authn_request", least.to_xml()?), ("authn_request_whole", whole.to_xml()?)])
}

fn logout(now: DateTime<Utc>) -> Documents {
    let name_id = NameId {
        value: "R&D <x> ]]> é".to_owned(),
        format: Some(names::NAME_ID_PERSISTENT.to_owned()),
        name_qualifier: Some(IDP.to_owned()),
        sp_name_qualifier: Some(ENTITY.to_owned()),
    };
    let request = LogoutRequest {
        id: write::id([2; 16]),
        issuer: ENTITY.to_owned(),
        destination: IDP.to_owned(),
        issued_at: now,
        not_on_or_after: Some(now + TimeDelta::minutes(5)),
        name_id,
        session_indexes: vec!["_1".to_owned(), "_2".to_owned()],
    };
    let response = LogoutResponse {
        id: write::id([3; 16]),
        in_response_to: write::id([2; 16]),
        issuer: ENTITY.to_owned(),
        destination: IDP.to_owned(),
        issued_at: now,
        status: vec![names::STATUS_RESPONDER.to_owned(), names::STATUS_PARTIAL_LOGOUT.to_owned()],
    };
    Ok(vec![("logout_request", request.to_xml()?), ("logout_response", response.to_xml()?)])
}

fn metadata(now: DateTime<Utc>, certificate: &Certificate) -> Documents {
    let least = ServiceProvider {
        id: write::id([4; 16]),
        entity_id: ENTITY.to_owned(),
        acs_url: "https://login.example/t/acme/saml/okta/acs".to_owned(),
        logout_url: None,
        signing: Vec::new(),
        encryption: Vec::new(),
        name_id_formats: Vec::new(),
        signs_requests: false,
        want_assertions_signed: false,
        display_name: None,
        attributes: Vec::new(),
        valid_until: None,
    };
    let attribute = |name: &str, friendly: Option<&str>| RequestedAttribute {
        name: name.to_owned(),
        friendly_name: friendly.map(str::to_owned),
    };
    let whole = ServiceProvider {
        logout_url: Some("https://login.example/t/acme/saml/okta/slo".to_owned()),
        signing: vec![certificate.clone(), certificate.clone()],
        encryption: vec![certificate.clone(), certificate.clone()],
        name_id_formats: vec![names::NAME_ID_PERSISTENT.into(), names::NAME_ID_EMAIL.into()],
        signs_requests: true,
        want_assertions_signed: true,
        display_name: Some("Acme & Söhne".to_owned()),
        attributes: vec![
            attribute("urn:oid:2.5.4.42", Some("givenName")),
            attribute("groups", None),
        ],
        valid_until: Some(now + TimeDelta::days(30)),
        ..least.clone()
    };
    Ok(vec![("metadata", least.to_xml()?), ("metadata_whole", whole.to_xml()?)])
}

/// An RSA key and its self-signed certificate.
fn pair() -> Result<(PrivateKey, Certificate), Box<dyn Error>> {
    let key = PKey::from_rsa(Rsa::generate(2048)?)?;
    let mut x509 = X509::builder()?;
    x509.set_version(2)?;
    let (start, end) = (Asn1Time::from_unix(0)?, Asn1Time::days_from_now(30)?);
    x509.set_not_before(&start)?;
    x509.set_not_after(&end)?;
    x509.set_pubkey(&key)?;
    x509.sign(&key, MessageDigest::sha256())?;
    let private = String::from_utf8(key.private_key_to_pem_pkcs8()?)?;
    let certificate = Certificate::from_der(&x509.build().to_der()?)?;
    Ok((PrivateKey::from_pem(&private)?, certificate))
}
