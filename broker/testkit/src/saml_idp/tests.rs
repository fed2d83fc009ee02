//! The identity provider against `xmlsec1`, which shares no code with it, and against itself.

use std::process::Command;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::names::{PROTOCOL, Style, fresh_id};
use super::signer::Signer;
use super::*;
use crate::browser::{Browser, Page};
use crate::values::form_body;

const SP: &str = "https://broker.example/t/contoso/saml/upstream/metadata";
const ACS: &str = "http://127.0.0.1:9/acs";
const SLO: &str = "http://127.0.0.1:9/slo";

fn idp() -> FakeSamlIdp {
    let key = Signer::nth(KeyKind::Rs256, 0).unwrap();
    FakeSamlIdp::builder()
        .clock(Arc::new(|| 1_800_000_000))
        .user(
            ProviderUser::new("alice")
                .email("alice@contoso.example")
                .name("Alice R&D <Adams>")
                .groups(["Wiki Admins", "Everybody"]),
        )
        .service_provider(
            ServiceProviderEntry::new(SP, ACS)
                .slo_url(SLO)
                .signing_certificate(key.certificate_pem())
                .encryption_certificate(key.certificate_pem()),
        )
        .start()
        .unwrap()
}

fn vendors() -> [Vendor; 5] {
    let tid = guid("contoso");
    [Vendor::Generic, Vendor::Entra { tid }, Vendor::Adfs, Vendor::Okta, Vendor::Google]
}

/// Runs xmlsec1 on a document; `None` where it is not installed.
fn xmlsec1(arguments: &[&str], key: (&str, &str), xml: &str) -> Option<(bool, String)> {
    let folder = tempfile::tempdir().unwrap();
    let (key_file, file) = (folder.path().join("key.pem"), folder.path().join("document.xml"));
    std::fs::write(&key_file, key.1).unwrap();
    std::fs::write(&file, xml).unwrap();
    let mut command = Command::new("xmlsec1");
    command.args(arguments).arg(key.0).arg(key_file);
    for name in ["Response", "Assertion", "EntityDescriptor", "LogoutRequest"] {
        command.args(["--id-attr:ID", name]);
    }
    let Ok(output) = command.arg(file).output() else {
        eprintln!("xmlsec1 is not installed: not compared with it");
        return None;
    };
    Some((output.status.success(), String::from_utf8(output.stdout).unwrap()))
}

/// Whether the signature of the element with this name verifies with this certificate.
fn verifies(xml: &str, element: &str, certificate: &str) -> Option<bool> {
    let path = format!("//*[local-name()='{element}']/*[local-name()='Signature']");
    let key = ("--pubkey-cert-pem", certificate);
    xmlsec1(&["--verify", "--node-xpath", &path], key, xml).map(|(good, _)| good)
}

#[test]
fn every_vendors_signatures_verify_elsewhere() {
    let idp = idp();
    for vendor in vendors() {
        for hash in [Hash::Sha256, Hash::Sha1] {
            idp.world(|world| {
                let sign = Sign::Both;
                *world = Settings { sign, hash, ..Settings::of(vendor.clone()) };
            });
            idp.issue(SP, "alice").unwrap();
            let xml = idp.last_response().unwrap();
            for element in ["Response", "Assertion"] {
                let good = verifies(&xml, element, &idp.certificate_pem()).unwrap_or(true);
                assert!(good, "{vendor:?} {hash:?} {element}\n{xml}");
            }
        }
    }
}

#[test]
fn ecdsa_signatures_verify_elsewhere_and_keys_roll_over() {
    let idp = idp();
    let old = idp.certificate_pem();
    idp.add_key(KeyKind::Es256).unwrap();
    assert_eq!(idp.certificates_pem().len(), 2);
    assert_eq!(idp.certificate_pem(), old);
    idp.switch_key();
    idp.issue(SP, "alice").unwrap();
    let xml = idp.last_response().unwrap();
    assert_ne!(verifies(&xml, "Assertion", &idp.certificate_pem()), Some(false));
    assert_ne!(verifies(&xml, "Assertion", &old), Some(true));
    idp.remove_old_keys();
    assert_eq!(idp.certificates_pem(), [idp.certificate_pem()]);
}

#[test]
fn attacks_are_what_they_say() {
    let idp = idp();
    let of = |fault: Misbehaviour| {
        idp.behave();
        idp.misbehave(fault);
        idp.issue(SP, "alice").unwrap();
        idp.last_response().unwrap()
    };
    for fault in [
        Misbehaviour::BadSignature,
        Misbehaviour::ForeignKey,
        Misbehaviour::TamperedNameId,
        Misbehaviour::TamperedId,
    ] {
        let xml = of(fault.clone());
        assert_ne!(verifies(&xml, "Assertion", &idp.certificate_pem()), Some(true), "{fault:?}");
    }
    // Canonical form knows no comments: the signature holds, and a careless reader takes half of the name.
    let xml = of(Misbehaviour::CommentInNameId);
    assert!(xml.contains("<!---->"), "{xml}");
    assert_ne!(verifies(&xml, "Assertion", &idp.certificate_pem()), Some(false));
    for (fault, assertions) in [
        (Misbehaviour::SecondAssertionBefore, 2),
        (Misbehaviour::SecondAssertionAfter, 2),
        (Misbehaviour::DuplicateId, 2),
        (Misbehaviour::WrappedAssertion, 2),
        (Misbehaviour::AssertionInAdvice, 2),
        (Misbehaviour::NoAssertion, 0),
    ] {
        let xml = of(fault.clone());
        assert_eq!(xml.matches("<saml:Assertion ").count(), assertions, "{fault:?}\n{xml}");
    }
    assert!(of(Misbehaviour::WrappedAssertion).contains("</ds:Object></ds:Signature>"));
    idp.behave();
    idp.issue(SP, "alice").unwrap();
    let last = idp.last_field();
    idp.misbehave(Misbehaviour::Replay);
    assert_eq!(idp.issue(SP, "alice"), last);
}

#[test]
fn encrypted_assertions_open_elsewhere_and_their_signatures_hold() {
    let idp = idp();
    let key = Signer::nth(KeyKind::Rs256, 0).unwrap();
    for cipher in [Cipher::Aes128Cbc, Cipher::Aes256Cbc, Cipher::Aes128Gcm, Cipher::Aes256Gcm] {
        for vendor in vendors() {
            let how = Encryption { cipher, ..Encryption::default() };
            idp.world(|world| {
                *world = Settings { encrypt: Some(how), ..Settings::of(vendor.clone()) };
            });
            idp.issue(SP, "alice").unwrap();
            let xml = idp.last_response().unwrap();
            assert!(!xml.contains("Wiki Admins"));
            let private = ("--privkey-pem", &*key.private_key_pem());
            let Some((good, opened)) = xmlsec1(&["--decrypt"], private, &xml) else {
                return;
            };
            assert!(good && opened.contains("Subject"), "{cipher:?} {vendor:?}\n{xml}");
            assert_eq!(verifies(&opened, "Assertion", &idp.certificate_pem()), Some(true));
        }
    }
}

#[test]
fn shapes_of_encryption_can_be_chosen() {
    let idp = idp();
    let with = |how: Encryption| {
        idp.world(|world| world.encrypt = Some(how));
        idp.issue(SP, "alice").unwrap();
        idp.last_response().unwrap()
    };
    let usual = Encryption::default();
    assert!(with(Encryption { key_beside: true, ..usual }).contains("RetrievalMethod"));
    assert!(!with(Encryption { no_digest_method: true, ..usual }).contains("DigestMethod></xenc"));
    let transport = KeyTransport::OaepSha256;
    assert!(with(Encryption { transport, ..usual }).contains("mgf1sha256"));
    let transport = KeyTransport::Rsa15;
    assert!(with(Encryption { transport, ..usual }).contains("rsa-1_5"));
    assert!(with(Encryption { cut_to: Some(4), ..usual }).contains("CipherValue>"));
}

fn authn_request(id: &str, acs: &str, more: &str) -> String {
    format!(
        "<samlp:AuthnRequest xmlns:samlp=\"{PROTOCOL}\" AssertionConsumerServiceURL=\"{acs}\" ID=\"{id}\" \
Version=\"2.0\" {more}><saml:Issuer xmlns:saml=\"urn:oasis:names:tc:SAML:2.0:assertion\">{SP}</saml:Issuer>\
<samlp:NameIDPolicy AllowCreate=\"true\" Format=\"{EMAIL_ADDRESS}\"></samlp:NameIDPolicy></samlp:AuthnRequest>"
    )
}

/// The query of a signed redirect.
fn signed_query(parameter: &str, xml: &str) -> String {
    let key = Signer::nth(KeyKind::Rs256, 0).unwrap();
    let packed = message::packed(xml).unwrap();
    let algorithm = key.algorithm(Hash::Sha256);
    let query =
        form_body([(parameter, packed.as_str()), ("RelayState", "r s"), ("SigAlg", algorithm)]);
    let signature = key.sign(query.as_bytes(), Hash::Sha256).unwrap();
    let signature = STANDARD.encode(signature);
    format!("{query}&{}", form_body([("Signature", signature.as_str())]))
}

async fn ask(idp: &FakeSamlIdp, query: &str) -> (Browser, Page) {
    let mut browser = Browser::new().unwrap();
    let page = browser.get(&format!("{}?{query}", idp.sso_url())).await.unwrap();
    (browser, page)
}

#[actix_web::test]
async fn a_person_signs_in_and_the_browser_carries_the_answer() {
    let idp = idp();
    let request = authn_request("_1", ACS, "ForceAuthn=\"true\"");
    let (mut browser, page) = ask(&idp, &signed_query("SAMLRequest", &request)).await;
    assert!(page.has("user-alice"), "{}", page.body());
    let page = browser.click("user-alice").await.unwrap();
    assert_eq!(page.attribute("form-post", "action").as_deref(), Some(ACS));
    assert_eq!(page.attribute_of("[name=RelayState]", "value").as_deref(), Some("r s"));
    assert_eq!(page.attribute_of("[name=SAMLResponse]", "value"), idp.last_field());
    let xml = idp.last_response().unwrap();
    assert_eq!(xml.matches("InResponseTo=\"_1\"").count(), 2, "{xml}");
    assert!(xml.contains("Alice R&amp;D &lt;Adams&gt;"), "{xml}");
    assert!(xml.contains(">alice@contoso.example</saml:NameID>"), "{xml}");
    let [request] = &idp.requests()[..] else { panic!("one request") };
    assert!(request.force_authn && !request.is_passive && request.is_signed);
    assert_eq!(request.signature_verifies, Some(true));
    assert_eq!(request.allow_create, Some(true));
    assert_eq!(request.name_id_format.as_deref(), Some(EMAIL_ADDRESS));
}

#[actix_web::test]
async fn a_request_by_form_is_verified_and_a_changed_one_is_refused() {
    let idp = idp();
    let key = Signer::nth(KeyKind::Rs256, 0).unwrap();
    let style = Style::of(&Vendor::Generic);
    let id = fresh_id();
    let request = authn_request(&id, ACS, "");
    let signed = key.sign_element(request, &id, Hash::Sha256, style).unwrap();
    let mut browser = Browser::new().unwrap();
    let field = STANDARD.encode(&signed);
    let page = browser.post(&idp.sso_url(), &[("SAMLRequest", &field)]).await.unwrap();
    assert!(page.has("user-alice"), "{}", page.body());
    let field = STANDARD.encode(signed.replace("AllowCreate=\"true\"", "AllowCreate=\"false\""));
    let page = browser.post(&idp.sso_url(), &[("SAMLRequest", &field)]).await.unwrap();
    assert_eq!(page.status(), 400);
    let verified: Vec<_> = idp.requests().iter().map(|one| one.signature_verifies).collect();
    assert_eq!(verified, [Some(true), Some(false)]);
}

#[actix_web::test]
async fn nothing_goes_to_an_address_that_is_not_registered() {
    let idp = idp();
    let request = authn_request("_1", "https://evil.example/acs", "");
    let (_, page) = ask(&idp, &signed_query("SAMLRequest", &request)).await;
    assert_eq!(page.status(), 400);
    idp.world(|world| world.wants_signed_requests = true);
    let packed = message::packed(&authn_request("_2", ACS, "")).unwrap();
    let (_, page) = ask(&idp, &form_body([("SAMLRequest", packed.as_str())])).await;
    assert_eq!(page.text("provider-error").as_deref(), Some("The request must be signed."));
    assert!(idp.metadata_xml().unwrap().contains("WantAuthnRequestsSigned=\"true\""));
}

#[actix_web::test]
async fn er1_errors_and_passive_requests_are_answered_without_an_assertion() {
    let idp = idp();
    let request = authn_request("_1", ACS, "IsPassive=\"true\"");
    let (mut browser, _) = ask(&idp, &signed_query("SAMLRequest", &request)).await;
    assert!(idp.last_response().unwrap().contains("status:NoPassive"));
    browser.get(&idp.start_url(SP, "alice")).await.unwrap();
    let query = signed_query("SAMLRequest", &request);
    browser.get(&format!("{}?{query}", idp.sso_url())).await.unwrap();
    assert!(idp.last_response().unwrap().contains("status:Success"));
    let message = "AADSTS50105: the person is not assigned to a role.";
    let status = StatusError::new("Responder", "RequestDenied", message);
    idp.world(|world| world.status = Some(status));
    browser.get(&idp.start_url(SP, "alice")).await.unwrap();
    let xml = idp.last_response().unwrap();
    assert!(xml.contains(message) && !xml.contains("Assertion ") && !xml.contains("Signature"));
}

#[actix_web::test]
async fn a_logout_by_the_service_provider_is_answered_with_a_signature() {
    let idp = idp();
    idp.world(|world| *world = Settings::of(Vendor::Entra { tid: guid("contoso") }));
    let request = format!(
        "<samlp:LogoutRequest xmlns:samlp=\"{PROTOCOL}\" xmlns:saml=\"urn:oasis:names:tc:SAML:2.0:assertion\" \
ID=\"_l\" Version=\"2.0\"><saml:Issuer>{SP}</saml:Issuer><saml:NameID Format=\"{PERSISTENT}\">x</saml:NameID>\
<samlp:SessionIndex>_s</samlp:SessionIndex></samlp:LogoutRequest>"
    );
    let mut browser = Browser::new().unwrap();
    browser.stop_before(SLO);
    let query = signed_query("SAMLRequest", &request);
    let page = browser.get(&format!("{}?{query}", idp.slo_url())).await.unwrap();
    let location = page.location().unwrap();
    // Lower-case hex, as .NET writes it; the fragment of the URI in SigAlg stays inside.
    assert!(location.query().unwrap().contains("SigAlg=http%3a%2f%2f"), "{location}");
    let own = ServiceProviderEntry::new(&idp.entity_id(), ACS)
        .signing_certificate(&idp.certificate_pem());
    let envelope = message::Envelope::from_query(location.query().unwrap()).unwrap();
    let answer = envelope.logout_answer(|_| Some(own.clone())).unwrap();
    assert_eq!(answer.signature_verifies, Some(true));
    assert_eq!(answer.in_response_to.as_deref(), Some("_l"));
    let [request] = &idp.logout_requests()[..] else { panic!("one request") };
    assert_eq!((request.signature_verifies, request.name_id.value.as_str()), (Some(true), "x"));
    assert_eq!(request.session_indexes, ["_s"]);
}

#[actix_web::test]
async fn a_logout_that_begins_here_goes_by_both_bindings() {
    let idp = idp();
    let mut browser = Browser::new().unwrap();
    browser.stop_before(SLO);
    browser.get(&idp.start_url(SP, "alice")).await.unwrap();
    let page = browser.get(&idp.logout_url("alice")).await.unwrap();
    let own = ServiceProviderEntry::new(&idp.entity_id(), ACS)
        .signing_certificate(&idp.certificate_pem());
    let query = page.location().unwrap().query().unwrap().to_owned();
    let envelope = message::Envelope::from_query(&query).unwrap();
    let request = envelope.logout_request(|_| Some(own.clone())).unwrap();
    assert_eq!(request.signature_verifies, Some(true));
    let signed_in = idp.last_response().unwrap();
    assert!(signed_in.contains(&request.name_id.value));
    assert!(signed_in.contains(&request.session_indexes[0]));

    idp.world(|world| world.logout_binding = Binding::Post);
    let page = browser.get(&idp.logout_url("alice")).await.unwrap();
    assert_eq!(page.attribute("form-post", "action").as_deref(), Some(SLO));
    let field = page.attribute_of("[name=SAMLRequest]", "value").unwrap();
    let xml = String::from_utf8(STANDARD.decode(field).unwrap()).unwrap();
    assert_eq!(own.verifies_enveloped(&xml), Some(true));
    assert_ne!(verifies(&xml, "LogoutRequest", &idp.certificate_pem()), Some(false));

    let answer = format!(
        "<samlp:LogoutResponse xmlns:samlp=\"{PROTOCOL}\" ID=\"_a\" InResponseTo=\"{}\" Version=\"2.0\">\
<saml:Issuer xmlns:saml=\"urn:oasis:names:tc:SAML:2.0:assertion\">{SP}</saml:Issuer>{}</samlp:LogoutResponse>",
        request.id,
        assertion::status_element("samlp:", None),
    );
    let query = signed_query("SAMLResponse", &answer);
    let page = browser.get(&format!("{}?{query}", idp.slo_url())).await.unwrap();
    assert!(page.text("logout-status").unwrap().ends_with(":Success"));
    assert_eq!(idp.logout_answers()[0].signature_verifies, Some(true));
}

#[actix_web::test]
async fn metadata_of_every_vendor_names_the_entity_and_can_be_signed() {
    let idp = idp();
    let mut browser = Browser::new().unwrap();
    for vendor in vendors() {
        idp.world(|world| {
            *world = Settings { sign_metadata: true, ..Settings::of(vendor.clone()) };
        });
        let page = browser.get(&idp.metadata_url()).await.unwrap();
        let document = roxmltree::Document::parse(page.body()).unwrap();
        let root = document.root_element();
        assert_eq!(root.attribute("entityID"), Some(idp.entity_id().as_str()));
        let good = verifies(page.body(), "EntityDescriptor", &idp.certificate_pem());
        assert_ne!(good, Some(false), "{vendor:?}");
    }
}

#[test]
fn a_service_provider_is_read_from_its_metadata() {
    let key = Signer::nth(KeyKind::Rs256, 0).unwrap();
    let descriptor = |purpose: &str| {
        format!(
            "<KeyDescriptor{purpose}><KeyInfo xmlns='http://www.w3.org/2000/09/xmldsig#'><X509Data>\
<X509Certificate>{}</X509Certificate></X509Data></KeyInfo></KeyDescriptor>",
            key.certificate_base64()
        )
    };
    let xml = format!(
        "<EntityDescriptor xmlns='urn:oasis:names:tc:SAML:2.0:metadata' entityID='{SP}'><SPSSODescriptor>{}{}\
<SingleLogoutService Location='{SLO}'/><AssertionConsumerService Location='{ACS}'/></SPSSODescriptor></EntityDescriptor>",
        descriptor(" use='signing'"),
        descriptor(""),
    );
    let entry = ServiceProviderEntry::from_metadata(&xml).unwrap();
    assert_eq!((entry.entity_id(), entry.slo_url.as_deref()), (SP, Some(SLO)));
    assert_eq!((entry.signing.len(), entry.encryption.is_some()), (2, true));
    assert!(ServiceProviderEntry::from_metadata("<x/>").is_none());
}
