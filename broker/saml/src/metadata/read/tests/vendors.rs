//! Documents shaped like those of real products (saml.md 13 and 14), with keys of this run.

use super::*;

const WS_FEDERATION: &str = "http://docs.oasis-open.org/wsfed/federation/200706";

fn certificate() -> String {
    RSA.certificate.to_base64()
}

/// The roles of WS-Federation that AD FS and Entra put before those of SAML.
fn federation_role(kind: &str) -> String {
    format!(
        "<RoleDescriptor xsi:type=\"fed:{kind}\" xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" \
         xmlns:fed=\"{WS_FEDERATION}\" protocolSupportEnumeration=\"{WS_FEDERATION}\" ServiceDisplayName=\"x\">\
         <KeyDescriptor use=\"signing\"><KeyInfo xmlns=\"http://www.w3.org/2000/09/xmldsig#\"><X509Data>\
         <X509Certificate>{}</X509Certificate></X509Data></KeyInfo></KeyDescriptor>\
         <fed:ClaimTypesOffered><auth:ClaimType xmlns:auth=\"http://docs.oasis-open.org/wsfed/authorization/200706\" \
         Uri=\"urn:x\"><auth:DisplayName>Name</auth:DisplayName></auth:ClaimType></fed:ClaimTypesOffered>\
         <fed:PassiveRequestorEndpoint><wsa:EndpointReference xmlns:wsa=\"http://www.w3.org/2005/08/addressing\">\
         <wsa:Address>https://idp.example/wsfed</wsa:Address></wsa:EndpointReference></fed:PassiveRequestorEndpoint>\
         </RoleDescriptor>",
        OTHER_RSA.certificate.to_base64(),
    )
}

#[test]
fn saml_ei13_entra() {
    let tenant = "11111111-2222-3333-4444-555555555555";
    let sso = format!("https://login.microsoftonline.com/{tenant}/saml2");
    let xml = format!(
        "<?xml version=\"1.0\" encoding=\"utf-8\"?><EntityDescriptor ID=\"_0ded15f2\" \
         entityID=\"https://sts.windows.net/{tenant}/\" xmlns=\"{md}\">{}{}\
         <IDPSSODescriptor protocolSupportEnumeration=\"{saml}\"><KeyDescriptor use=\"signing\">\
         <KeyInfo xmlns=\"http://www.w3.org/2000/09/xmldsig#\"><X509Data><X509Certificate>{}</X509Certificate>\
         </X509Data></KeyInfo></KeyDescriptor><KeyDescriptor use=\"signing\">\
         <KeyInfo xmlns=\"http://www.w3.org/2000/09/xmldsig#\"><X509Data><X509Certificate>{}</X509Certificate>\
         </X509Data></KeyInfo></KeyDescriptor>{}{}{}</IDPSSODescriptor></EntityDescriptor>",
        federation_role("SecurityTokenServiceType"),
        federation_role("ApplicationServiceType"),
        certificate(),
        EC.certificate.to_base64(),
        endpoint("SingleLogoutService", names::BINDING_REDIRECT, &sso),
        endpoint("SingleSignOnService", names::BINDING_REDIRECT, &sso),
        endpoint("SingleSignOnService", names::BINDING_POST, &sso),
        md = names::METADATA,
        saml = names::PROTOCOL,
    );
    let metadata = read(&format!("\u{feff}{xml}")).unwrap();
    assert_eq!(metadata.entity_id, format!("https://sts.windows.net/{tenant}/"));
    assert_eq!((metadata.sign_on.len(), metadata.logout.len()), (2, 1));
    // The certificates of the federation roles are not those of SAML.
    assert_eq!(metadata.certificates, [RSA.certificate.clone(), EC.certificate.clone()]);
}

#[test]
fn saml_oi1_ad_fs() {
    let mut idp = idp();
    idp.entity_id = "http://sts.example/adfs/services/trust".to_owned();
    idp.before_role = [
        federation_role("ApplicationServiceType").as_str(),
        &federation_role("SecurityTokenServiceType"),
        &format!(
            "<SPSSODescriptor WantAssertionsSigned=\"true\" protocolSupportEnumeration=\"{}\">{}{}\
             </SPSSODescriptor>",
            names::PROTOCOL,
            key(Some("encryption"), &certificate()),
            "<AssertionConsumerService Binding=\"urn:x\" Location=\"https://sts.example/\" index=\"0\"/>",
        ),
    ]
    .concat();
    idp.keys = key(Some("encryption"), &OTHER_RSA.certificate.to_base64())
        + &key(Some("signing"), &certificate());
    idp.endpoints += "<Attribute Name=\"http://schemas.xmlsoap.org/ws/2005/05/identity/claims/upn\" \
        NameFormat=\"urn:oasis:names:tc:SAML:2.0:attrname-format:uri\" FriendlyName=\"UPN\" \
        xmlns=\"urn:oasis:names:tc:SAML:2.0:assertion\"/>";
    idp.after_role = "<ContactPerson contactType=\"support\"/>".to_owned();
    let metadata = read(&idp.xml()).unwrap();
    assert_eq!(metadata.entity_id, "http://sts.example/adfs/services/trust");
    assert_eq!(metadata.certificates.as_slice(), std::slice::from_ref(&RSA.certificate));
}

#[test]
fn saml_oi3_google() {
    let mut idp = Idp::new(&[&RSA.certificate, &OTHER_RSA.certificate]);
    idp.entity_id = "https://accounts.google.com/o/saml2?idpid=C0123".to_owned();
    idp.entity_attributes = "validUntil=\"2031-11-01T09:00:00.000Z\"".to_owned();
    idp.role_attributes = format!("WantAuthnRequestsSigned=\"false\" {}", idp.role_attributes);
    // Its certificates have line ends inside.
    idp.keys = idp.keys.replace("MII", "\n      MII").replace("</ds:X509C", "\n    </ds:X509C");
    let metadata = read(&idp.xml()).unwrap();
    assert_eq!((metadata.certificates.len(), metadata.logout.len()), (2, 0));
    assert_eq!(metadata.valid_until, Some(utc("2031-11-01T09:00:00Z")));
}

#[test]
fn saml_oi6_shibboleth() {
    let mut idp = idp();
    idp.role_attributes = format!(
        "protocolSupportEnumeration=\"urn:mace:shibboleth:1.0 urn:oasis:names:tc:SAML:1.1:protocol {}\"",
        names::PROTOCOL
    );
    idp.extensions = "<Extensions><shibmd:Scope xmlns:shibmd=\"urn:mace:shibboleth:metadata:1.0\" \
        regexp=\"false\">example.edu</shibmd:Scope><mdui:UIInfo><mdui:DisplayName xml:lang=\"en\">Example \
        University</mdui:DisplayName><mdui:Logo height=\"80\" width=\"80\">https://x.example/l.png</mdui:Logo>\
        </mdui:UIInfo></Extensions>"
        .to_owned();
    idp.keys = key(None, &certificate());
    idp.endpoints = [
        "<ArtifactResolutionService Binding=\"urn:oasis:names:tc:SAML:2.0:bindings:SOAP\" \
         Location=\"https://idp.example:8443/a\" index=\"1\"/>",
        &endpoint(
            "SingleSignOnService",
            "urn:mace:shibboleth:1.0:profiles:AuthnRequest",
            "https://idp.example/s",
        ),
        &endpoint("SingleSignOnService", names::BINDING_POST, "https://idp.example/post"),
        &endpoint(
            "SingleSignOnService",
            "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST-SimpleSign",
            "https://idp.example/x",
        ),
        &endpoint("SingleSignOnService", names::BINDING_REDIRECT, "https://idp.example/redirect"),
    ]
    .concat();
    idp.after_role = format!(
        "<AttributeAuthorityDescriptor protocolSupportEnumeration=\"{}\">{}</AttributeAuthorityDescriptor>",
        names::PROTOCOL,
        key(None, &OTHER_RSA.certificate.to_base64()),
    );
    let metadata = read(&idp.xml()).unwrap();
    assert_eq!(metadata.display_name.as_deref(), Some("Example University"));
    assert_eq!(metadata.sign_on.len(), 2);
    assert_eq!(metadata.certificates.as_slice(), std::slice::from_ref(&RSA.certificate));
}
