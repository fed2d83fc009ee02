//! Our own metadata, read back.

use super::super::fixtures::{now, utc};
use super::super::read::summaries;
use super::*;
use crate::Fault;
use crate::certificate::fixtures::{EC, OTHER_RSA, RSA};
use crate::engine::{SignatureEngine, Trust, XmlSec};
use crate::gate;
use crate::policy::AlgorithmPolicy;
use crate::write::tests::lines;

fn provider() -> ServiceProvider {
    ServiceProvider {
        id: write::id([2; 16]),
        entity_id: "https://login.example/t/acme/saml/okta/metadata".to_owned(),
        acs_url: "https://login.example/t/acme/saml/okta/acs".to_owned(),
        logout_url: None,
        signing: vec![RSA.certificate.clone()],
        encryption: vec![RSA.certificate.clone()],
        name_id_formats: Vec::new(),
        signs_requests: false,
        want_assertions_signed: true,
        display_name: None,
        attributes: Vec::new(),
        valid_until: None,
    }
}

/// Keys are made anew in each run.
fn named_certificates(xml: &str) -> String {
    let pairs = [("RSA", &RSA), ("OTHER", &OTHER_RSA), ("EC", &EC)];
    pairs
        .iter()
        .fold(lines(xml), |xml, (name, pair)| xml.replace(&pair.certificate.to_base64(), name))
}

#[test]
fn saml_sw10_metadata_of_the_least() {
    insta::assert_snapshot!(named_certificates(&provider().to_xml().unwrap()), @r#"
    <md:EntityDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata" xmlns:ds="http://www.w3.org/2000/09/xmldsig#" ID="id02020202020202020202020202020202" entityID="https://login.example/t/acme/saml/okta/metadata">
    <md:SPSSODescriptor AuthnRequestsSigned="false" WantAssertionsSigned="true" protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol">
    <md:KeyDescriptor use="signing">
    <ds:KeyInfo>
    <ds:X509Data>
    <ds:X509Certificate>RSA</ds:X509Certificate>
    </ds:X509Data>
    </ds:KeyInfo>
    </md:KeyDescriptor>
    <md:KeyDescriptor use="encryption">
    <ds:KeyInfo>
    <ds:X509Data>
    <ds:X509Certificate>RSA</ds:X509Certificate>
    </ds:X509Data>
    </ds:KeyInfo>
    <md:EncryptionMethod Algorithm="http://www.w3.org/2009/xmlenc11#aes256-gcm"/>
    <md:EncryptionMethod Algorithm="http://www.w3.org/2009/xmlenc11#aes128-gcm"/>
    <md:EncryptionMethod Algorithm="http://www.w3.org/2001/04/xmlenc#aes256-cbc"/>
    <md:EncryptionMethod Algorithm="http://www.w3.org/2001/04/xmlenc#aes128-cbc"/>
    <md:EncryptionMethod Algorithm="http://www.w3.org/2001/04/xmlenc#rsa-oaep-mgf1p"/>
    <md:EncryptionMethod Algorithm="http://www.w3.org/2009/xmlenc11#rsa-oaep"/>
    </md:KeyDescriptor>
    <md:AssertionConsumerService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST" Location="https://login.example/t/acme/saml/okta/acs" index="0" isDefault="true"/>
    </md:SPSSODescriptor>
    </md:EntityDescriptor>
    "#);
}

#[test]
fn saml_sw13_metadata_with_everything_stands_in_the_order_of_the_schema() {
    let attribute = |name: &str, friendly: Option<&str>| RequestedAttribute {
        name: name.to_owned(),
        friendly_name: friendly.map(str::to_owned),
    };
    let provider = ServiceProvider {
        logout_url: Some("https://login.example/t/acme/saml/okta/slo".to_owned()),
        name_id_formats: vec![
            names::NAME_ID_PERSISTENT.to_owned(),
            names::NAME_ID_EMAIL.to_owned(),
        ],
        signs_requests: true,
        display_name: Some("Acme & Söhne".to_owned()),
        attributes: vec![
            attribute("urn:oid:2.5.4.42", Some("givenName")),
            attribute("groups", None),
        ],
        valid_until: Some(utc("2026-12-22T10:00:00Z")),
        ..provider()
    };
    insta::assert_snapshot!(named_certificates(&provider.to_xml().unwrap()), @r#"
    <md:EntityDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata" xmlns:mdui="urn:oasis:names:tc:SAML:metadata:ui" xmlns:ds="http://www.w3.org/2000/09/xmldsig#" ID="id02020202020202020202020202020202" entityID="https://login.example/t/acme/saml/okta/metadata" validUntil="2026-12-22T10:00:00.000Z">
    <md:SPSSODescriptor AuthnRequestsSigned="true" WantAssertionsSigned="true" protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol">
    <md:Extensions>
    <mdui:UIInfo>
    <mdui:DisplayName xml:lang="en">Acme &amp; Söhne</mdui:DisplayName>
    </mdui:UIInfo>
    </md:Extensions>
    <md:KeyDescriptor use="signing">
    <ds:KeyInfo>
    <ds:X509Data>
    <ds:X509Certificate>RSA</ds:X509Certificate>
    </ds:X509Data>
    </ds:KeyInfo>
    </md:KeyDescriptor>
    <md:KeyDescriptor use="encryption">
    <ds:KeyInfo>
    <ds:X509Data>
    <ds:X509Certificate>RSA</ds:X509Certificate>
    </ds:X509Data>
    </ds:KeyInfo>
    <md:EncryptionMethod Algorithm="http://www.w3.org/2009/xmlenc11#aes256-gcm"/>
    <md:EncryptionMethod Algorithm="http://www.w3.org/2009/xmlenc11#aes128-gcm"/>
    <md:EncryptionMethod Algorithm="http://www.w3.org/2001/04/xmlenc#aes256-cbc"/>
    <md:EncryptionMethod Algorithm="http://www.w3.org/2001/04/xmlenc#aes128-cbc"/>
    <md:EncryptionMethod Algorithm="http://www.w3.org/2001/04/xmlenc#rsa-oaep-mgf1p"/>
    <md:EncryptionMethod Algorithm="http://www.w3.org/2009/xmlenc11#rsa-oaep"/>
    </md:KeyDescriptor>
    <md:SingleLogoutService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect" Location="https://login.example/t/acme/saml/okta/slo"/>
    <md:SingleLogoutService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST" Location="https://login.example/t/acme/saml/okta/slo"/>
    <md:NameIDFormat>urn:oasis:names:tc:SAML:2.0:nameid-format:persistent</md:NameIDFormat>
    <md:NameIDFormat>urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress</md:NameIDFormat>
    <md:AssertionConsumerService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST" Location="https://login.example/t/acme/saml/okta/acs" index="0" isDefault="true"/>
    <md:AttributeConsumingService index="0">
    <md:ServiceName xml:lang="en">Acme &amp; Söhne</md:ServiceName>
    <md:RequestedAttribute Name="urn:oid:2.5.4.42" NameFormat="urn:oasis:names:tc:SAML:2.0:attrname-format:uri" FriendlyName="givenName"/>
    <md:RequestedAttribute Name="groups"/>
    </md:AttributeConsumingService>
    </md:SPSSODescriptor>
    </md:EntityDescriptor>
    "#);
}

#[test]
fn saml_me10_both_keys_of_each_kind_stand_in_it_during_a_rollover() {
    let provider = ServiceProvider {
        signing: vec![RSA.certificate.clone(), EC.certificate.clone()],
        encryption: vec![RSA.certificate.clone(), OTHER_RSA.certificate.clone()],
        ..provider()
    };
    let xml = named_certificates(&provider.to_xml().unwrap());
    let keys: Vec<_> = xml
        .lines()
        .filter(|line| {
            line.starts_with("<md:KeyDescriptor") || line.starts_with("<ds:X509Certificate>")
        })
        .map(|line| line.split(['"', '>', '<']).nth(2).unwrap())
        .collect();
    assert_eq!(
        keys,
        ["signing", "RSA", "signing", "EC", "encryption", "RSA", "encryption", "OTHER"]
    );
}

#[test]
fn saml_sw10_keys_that_encrypt_offer_only_what_can_be_decrypted() {
    let xml = provider().to_xml().unwrap();
    for refused in ["rsa-1_5", "tripledes", "aes192", "kw-"] {
        assert!(!xml.contains(refused), "{refused}");
    }
    assert_eq!(xml.matches("<md:EncryptionMethod ").count(), ENCRYPTION_METHODS.len());
}

#[test]
fn our_own_metadata_is_read_as_one_entity() {
    let xml =
        ServiceProvider { entity_id: "https://a.example/?x=1&y=<2>".to_owned(), ..provider() };
    let summaries = summaries(&xml.to_xml().unwrap(), now()).unwrap();
    assert_eq!(summaries.len(), 1);
    assert_eq!(summaries[0].entity_id, "https://a.example/?x=1&y=<2>");
    assert!(!summaries[0].is_identity_provider);
}

#[test]
fn metadata_without_what_it_needs_is_not_written() {
    for provider in [
        ServiceProvider { id: String::new(), ..provider() },
        ServiceProvider { entity_id: String::new(), ..provider() },
        ServiceProvider { acs_url: String::new(), ..provider() },
        ServiceProvider { display_name: Some("\u{ffff}".to_owned()), ..provider() },
    ] {
        assert_eq!(provider.to_xml().unwrap_err().fault, Fault::Malformed);
    }
}

#[test]
fn saml_sw10_our_metadata_can_be_signed_and_is_verified_as_a_whole() {
    let xml = provider().to_xml().unwrap();
    for pair in [&RSA, &EC] {
        let signed = XmlSec::new().sign(&xml, &pair.key, &pair.certificate).unwrap();
        let algorithms = AlgorithmPolicy::default();
        let document = gate::metadata(signed.as_bytes(), &algorithms, now()).unwrap();
        let certificates = std::slice::from_ref(&pair.certificate);
        let trust = Trust { certificates, algorithms, now: now() };
        let verified = XmlSec::new().verify(&document, &provider().id, &trust).unwrap();
        assert_eq!(summaries(&verified.xml, now()).unwrap()[0].entity_id, provider().entity_id);
    }
}
