//! Reading metadata by its rules; below, documents of [`vendors`], [`signed`] and [`hostile`] ones.

mod hostile;
mod signed;
mod vendors;

use chrono::TimeDelta;

use super::super::fixtures::{ENTITY, Idp, endpoint, group, key, list, now, read, read_named, utc};
use super::*;
use crate::certificate::fixtures::{EC, OTHER_RSA, RSA, WEAK_RSA};

fn refusal(xml: &str) -> Refusal {
    read(xml).unwrap_err()
}

fn fingerprints(xml: &str) -> Vec<String> {
    let metadata = read(xml).unwrap();
    metadata.certificates.iter().map(|one| one.facts().fingerprint.clone()).collect()
}

fn idp() -> Idp {
    Idp::new(&[&RSA.certificate])
}

fn named(entity_id: &str) -> String {
    Idp { entity_id: entity_id.to_owned(), ..idp() }.xml()
}

#[test]
fn an_identity_provider_is_read_whole() {
    let mut idp = idp();
    idp.role_attributes += " WantAuthnRequestsSigned=\"1\" errorURL=\"https://idp.example/help\"";
    idp.endpoints = [
        endpoint("SingleLogoutService", names::BINDING_REDIRECT, "https://idp.example/slo")
            .as_str(),
        "<NameIDFormat> urn:a </NameIDFormat><NameIDFormat>urn:b</NameIDFormat>",
        &endpoint(
            "SingleSignOnService",
            "urn:oasis:names:tc:SAML:2.0:bindings:SOAP",
            "https://idp.example/soap",
        ),
        &endpoint(
            "SingleSignOnService",
            names::BINDING_POST,
            "https://idp.example/sso?a=1&amp;b=2",
        ),
        &endpoint("SingleSignOnService", names::BINDING_REDIRECT, " https://idp.example/sso "),
    ]
    .concat();
    let metadata = read(&idp.xml()).unwrap();
    assert_eq!(metadata.entity_id, ENTITY);
    let places: Vec<_> =
        metadata.sign_on.iter().map(|one| (one.binding.as_str(), one.location.as_str())).collect();
    assert_eq!(
        places,
        [
            (names::BINDING_POST, "https://idp.example/sso?a=1&b=2"),
            (names::BINDING_REDIRECT, "https://idp.example/sso"),
        ]
    );
    assert_eq!(metadata.logout.len(), 1);
    assert_eq!(metadata.name_id_formats, ["urn:a", "urn:b"]);
    assert!(metadata.want_signed_requests);
    assert_eq!(metadata.error_url.as_deref(), Some("https://idp.example/help"));
    assert_eq!(metadata.certificates.as_slice(), std::slice::from_ref(&RSA.certificate));
    assert_eq!((metadata.valid_until, metadata.cache_for), (None, None));
    assert_eq!((metadata.skipped_certificates, metadata.verified_by), (0, None));
}

#[test]
fn responses_to_logout_may_have_an_address_of_their_own() {
    let mut idp = idp();
    idp.endpoints +=
        &endpoint("SingleLogoutService", names::BINDING_POST, "https://idp.example/slo")
            .replace("/>", " ResponseLocation=\"https://idp.example/done\"/>");
    let logout = read(&idp.xml()).unwrap().logout;
    assert_eq!(logout[0].response_location.as_deref(), Some("https://idp.example/done"));
}

#[test]
fn saml_me02_without_a_usable_signing_certificate_it_is_refused() {
    let certificate = RSA.certificate.to_base64();
    for (keys, seen) in [
        (String::new(), "no signing certificate"),
        (key(Some("encryption"), &certificate), "no signing certificate"),
        (key(Some("signing"), ""), ""),
        (key(Some("signing"), "bm8gY2VydGlmaWNhdGU="), ""),
        (key(Some("signing"), &WEAK_RSA.certificate.to_base64()), "a key that is too weak"),
        (
            key(Some("signing"), &certificate).replace("ds:X509Certificate", "ds:X509Other"),
            "no signing certificate",
        ),
    ] {
        let refusal = refusal(&Idp { keys, ..idp() }.xml());
        assert_eq!(refusal.fault, Fault::Metadata);
        assert!(refusal.seen.starts_with(seen), "{refusal}");
        assert_eq!(refusal.expected, "a usable signing certificate");
    }
}

#[test]
fn saml_me02_a_certificate_that_cannot_be_used_is_left_out_beside_others() {
    let keys = [
        key(None, "bm8gY2VydGlmaWNhdGU="),
        key(None, &WEAK_RSA.certificate.to_base64()),
        key(None, &RSA.certificate.to_pem()),
        key(None, &RSA.certificate.to_base64()),
    ]
    .concat();
    let metadata = read(&Idp { keys, ..idp() }.xml()).unwrap();
    assert_eq!(metadata.certificates.as_slice(), std::slice::from_ref(&RSA.certificate));
    assert_eq!(metadata.skipped_certificates, 2);
}

#[test]
fn saml_me03_of_a_group_the_admin_picks_one() {
    let xml = group("Name=\"federation\"", &(named("urn:one") + &group("", &named("urn:two"))));
    let refused = refusal(&xml);
    assert_eq!(refused.fault, Fault::Metadata);
    assert_eq!(refused.seen, "urn:one and urn:two");
    assert_eq!(read_named(&xml, "urn:two").unwrap().entity_id, "urn:two");
    let missing = read_named(&xml, "urn:three").unwrap_err();
    assert_eq!((missing.fault, missing.seen.as_str()), (Fault::Metadata, "urn:one, urn:two"));
    assert_eq!(read_named(&named("urn:one"), "urn:two").unwrap_err().fault, Fault::Metadata);
}

#[test]
fn saml_me03_the_only_identity_provider_of_a_group_needs_no_choice() {
    let sp = "<EntityDescriptor entityID=\"urn:sp\"><SPSSODescriptor/></EntityDescriptor>";
    let xml = group("", &(sp.to_owned() + &named("urn:idp")));
    assert_eq!(read(&xml).unwrap().entity_id, "urn:idp");
    let summaries = list(&xml).unwrap();
    let facts: Vec<_> =
        summaries.iter().map(|one| (one.entity_id.as_str(), one.is_identity_provider)).collect();
    assert_eq!(facts, [("urn:sp", false), ("urn:idp", true)]);
}

#[test]
fn saml_me03_entities_elsewhere_in_the_document_do_not_count() {
    let hidden = format!("<Extensions>{}</Extensions>", named("urn:hidden"));
    let xml = Idp { before_role: hidden.clone(), ..idp() }.xml();
    assert_eq!(read(&xml).unwrap_err().fault, Fault::Structure);
    // Behind the gate they would not be found either.
    assert_eq!(identity_provider(&xml, None, now(), None).unwrap().entity_id, ENTITY);
    assert_eq!(summaries(&group("", &(hidden + &xml)), now()).unwrap().len(), 1);
}

#[test]
fn saml_me04_shapes_of_real_documents_pass() {
    let federation = "<RoleDescriptor xmlns:fed=\"http://docs.oasis-open.org/wsfed/federation/200706\" \
        xsi:type=\"fed:SecurityTokenServiceType\" protocolSupportEnumeration=\"http://docs.oasis-open.org/wsfed/federation/200706\">\
        <fed:TokenTypesOffered><fed:TokenType Uri=\"urn:x\"/></fed:TokenTypesOffered></RoleDescriptor>\
        <SPSSODescriptor protocolSupportEnumeration=\"urn:oasis:names:tc:SAML:2.0:protocol\"/>";
    let mut idp = idp();
    idp.entity_attributes = "cacheDuration=\"P1D\" validUntil=\"2026-12-01T00:00:00\"".to_owned();
    idp.role_attributes += " cacheDuration=\"PT1H\" validUntil=\"2026-11-30T00:00:00Z\"";
    idp.before_role = format!("<Extensions><x xmlns=\"urn:x\"/></Extensions>{federation}");
    idp.extensions =
        "<Extensions><!-- scope --><Scope xmlns=\"urn:s\">example</Scope></Extensions>".to_owned();
    idp.after_role = "<Organization/><ContactPerson contactType=\"technical\"/>".to_owned();
    let extensions = "<Extensions><x xmlns=\"urn:x\"/></Extensions>";
    let xml = group(
        "cacheDuration=\"PT30M\" validUntil=\"2027-01-01T00:00:00.0000000Z\"",
        &(extensions.to_owned() + &idp.xml()),
    );
    let metadata = read(&xml).unwrap();
    assert_eq!(metadata.valid_until, Some(utc("2026-11-30T00:00:00Z")));
    assert_eq!(metadata.cache_for, Some(TimeDelta::minutes(30)));
}

#[test]
fn saml_me04_a_cache_duration_that_cannot_be_read_is_no_reason_to_refuse() {
    let xml = Idp { entity_attributes: "cacheDuration=\"86400\"".to_owned(), ..idp() }.xml();
    assert_eq!(read(&xml).unwrap().cache_for, None);
}

#[test]
fn saml_me04_the_role_of_saml_2_is_found_among_several() {
    let mut idp = idp();
    idp.before_role =
        "<IDPSSODescriptor protocolSupportEnumeration=\"urn:oasis:names:tc:SAML:1.1:protocol\"/>"
            .to_owned();
    idp.role_attributes = format!(
        "protocolSupportEnumeration=\"urn:oasis:names:tc:SAML:1.1:protocol  {}\"",
        names::PROTOCOL
    );
    assert_eq!(read(&idp.xml()).unwrap().certificates.len(), 1);
    idp.role_attributes =
        "protocolSupportEnumeration=\"urn:oasis:names:tc:SAML:1.1:protocol\"".to_owned();
    let refused = refusal(&idp.xml());
    assert_eq!(refused.seen, "IDPSSODescriptor, IDPSSODescriptor");
    assert_eq!(refused.expected, "the role IDPSSODescriptor for SAML 2.0");
}

#[test]
fn saml_me05_a_key_without_use_counts_beside_one_for_signing() {
    let keys = key(Some("signing"), &RSA.certificate.to_base64())
        + &key(None, &OTHER_RSA.certificate.to_base64())
        + &key(Some("encryption"), &EC.certificate.to_base64());
    let expected = [&RSA, &OTHER_RSA].map(|pair| pair.certificate.facts().fingerprint.clone());
    assert_eq!(fingerprints(&Idp { keys, ..idp() }.xml()), expected);
}

#[test]
fn saml_me06_any_number_of_keys_of_mixed_types_counts_in_order() {
    let all = [&EC.certificate, &RSA.certificate, &OTHER_RSA.certificate];
    let expected: Vec<_> = all.iter().map(|one| one.facts().fingerprint.clone()).collect();
    assert_eq!(fingerprints(&Idp::new(&all).xml()), expected);
}

#[test]
fn saml_me06_the_chain_behind_a_certificate_is_not_trusted() {
    let chain = format!(
        "</ds:X509Certificate><ds:X509Certificate>{}</ds:X509Certificate>",
        OTHER_RSA.certificate.to_base64()
    );
    let keys = key(None, &RSA.certificate.to_base64()).replacen("</ds:X509Certificate>", &chain, 1);
    let expected = [RSA.certificate.facts().fingerprint.clone()];
    assert_eq!(fingerprints(&Idp { keys, ..idp() }.xml()), expected);
}

#[test]
fn saml_me08_metadata_that_has_expired_is_refused_on_every_level() {
    let old = "validUntil=\"2026-11-22T10:00:00Z\"";
    let mut role = idp();
    role.role_attributes += &format!(" {old}");
    let entity = Idp { entity_attributes: old.to_owned(), ..idp() };
    for xml in [role.xml(), entity.xml(), group(old, &idp().xml())] {
        let refused = refusal(&xml);
        assert_eq!(refused.fault, Fault::Metadata);
        assert_eq!(refused.seen, "metadata that expired at 2026-11-22 10:00:00 UTC");
    }
    assert_eq!(list(&group(old, &idp().xml())).unwrap_err().fault, Fault::Metadata);
}

#[test]
fn saml_me08_a_time_that_cannot_be_read_counts_as_passed() {
    let xml = Idp { entity_attributes: "validUntil=\"soon\"".to_owned(), ..idp() }.xml();
    assert_eq!(refusal(&xml).seen, "validUntil soon");
}

#[test]
fn saml_me08_signed_metadata_is_not_valid_for_years() {
    let far = Idp { entity_attributes: "validUntil=\"2031-11-22T10:00:00Z\"".to_owned(), ..idp() };
    // Google's is valid for five years; here TLS says that it is the present one.
    assert!(read(&far.xml()).is_ok());
    let signed = SignedElement { xml: far.xml(), verified_by: "x".to_owned() };
    let refused = identity_provider(&signed.xml, None, now(), Some(&signed)).unwrap_err();
    assert_eq!(refused.expected, "at most 400 days ahead");
}

#[test]
fn saml_me11_entity_ids_have_at_most_256_characters() {
    let longest = format!("https://idp.example/{}", "ä".repeat(236));
    assert_eq!(read(&named(&longest)).unwrap().entity_id, longest);
    assert_eq!(refusal(&named(&(longest + "x"))).fault, Fault::Metadata);
    assert_eq!(refusal(&named("")).fault, Fault::Metadata);
}

#[test]
fn saml_me11_long_values_elsewhere_are_no_reason_to_refuse() {
    let mut idp = idp();
    let long = "x".repeat(20_000);
    idp.after_role = format!(
        "<Organization><OrganizationDisplayName>{long}</OrganizationDisplayName></Organization>"
    );
    idp.endpoints = endpoint(
        "SingleSignOnService",
        names::BINDING_POST,
        &format!("https://idp.example/{long}"),
    );
    let metadata = read(&idp.xml()).unwrap();
    assert_eq!(metadata.sign_on[0].location.len(), 20_020);
    assert!(metadata.display_name.unwrap().chars().count() <= 301);
}

#[test]
fn saml_me12_entity_ids_are_exact() {
    for entity_id in ["https://IdP.example/a/../b/", "urn:x ", "http://idp.example:443/%7e"] {
        assert_eq!(read(&named(entity_id)).unwrap().entity_id, entity_id);
    }
    let xml = group("", &(named("urn:one") + &named("urn:One")));
    assert_eq!(read_named(&xml, "urn:One").unwrap().entity_id, "urn:One");
}

#[test]
fn saml_ei13_the_metadata_of_any_entra_tenant_is_refused() {
    let refused = refusal(&named("https://sts.windows.net/{tenant}/"));
    assert_eq!(refused.seen, "https://sts.windows.net/{tenant}/");
}

#[test]
fn only_absolute_web_addresses_count() {
    for bad in [
        "javascript:alert(1)",
        "/sso",
        "//idp.example/sso",
        "ftp://idp.example/",
        "https:///",
        "http://",
        "https://idp.example/a b",
        "https://idp.example/&#10;x",
        "data:text/html,x",
        "",
        "mailto:a@b",
    ] {
        let endpoints = endpoint("SingleSignOnService", names::BINDING_POST, bad);
        let refused = refusal(&Idp { endpoints, ..idp() }.xml());
        assert_eq!(refused.seen, "no usable sign-on address", "{bad}");
    }
    let mut idp = idp();
    idp.role_attributes += " errorURL=\"javascript:alert(1)\"";
    assert_eq!(read(&idp.xml()).unwrap().error_url, None);
}

#[test]
fn the_name_for_people_is_the_english_one_of_the_user_interface() {
    let name = |language: &str, name: &str| {
        format!("<mdui:DisplayName xml:lang=\"{language}\">{name}</mdui:DisplayName>")
    };
    let interface =
        |names: String| format!("<Extensions><mdui:UIInfo>{names}</mdui:UIInfo></Extensions>");
    let organisation = "<Organization><OrganizationDisplayName xml:lang=\"de\">Firma</OrganizationDisplayName></Organization>";
    let mut idp = Idp { after_role: organisation.to_owned(), ..idp() };
    assert_eq!(read(&idp.xml()).unwrap().display_name.as_deref(), Some("Firma"));
    idp.extensions =
        interface(name("de", "Anmeldung") + &name("en-GB", "<!-- -->Sign<!-- -->-in "));
    assert_eq!(list(&idp.xml()).unwrap()[0].display_name.as_deref(), Some("Sign-in"));
    idp.extensions = interface(name("de", "Anmeldung") + &name("fr", "Connexion"));
    assert_eq!(read(&idp.xml()).unwrap().display_name.as_deref(), Some("Anmeldung"));
}

#[test]
fn attributes_of_other_namespaces_are_not_taken_for_ours() {
    let xml =
        idp().xml().replace("entityID=", "xmlns:x=\"urn:x\" x:entityID=\"urn:evil\" entityID=");
    assert_eq!(read(&xml).unwrap().entity_id, ENTITY);
    let xml = idp().xml().replace("entityID=", "xmlns:x=\"urn:x\" x:entityID=");
    assert_eq!(refusal(&xml).fault, Fault::Metadata);
}
