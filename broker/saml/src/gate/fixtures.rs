//! Small documents for the tests: well shaped, never true.

/// What a signature is made of; each test spoils one thing.
#[derive(Debug, Clone)]
pub(crate) struct Shape {
    pub(crate) uri: String,
    pub(crate) canonicalization: String,
    pub(crate) method: String,
    pub(crate) transforms: String,
    pub(crate) digest: String,
    pub(crate) key_info: String,
}

pub(crate) const EXCLUSIVE: &str = "http://www.w3.org/2001/10/xml-exc-c14n#";
pub(crate) const ENVELOPED: &str =
    r#"<ds:Transform Algorithm="http://www.w3.org/2000/09/xmldsig#enveloped-signature"/>"#;

pub(crate) fn transform(algorithm: &str) -> String {
    format!(r#"<ds:Transform Algorithm="{algorithm}"/>"#)
}

impl Shape {
    pub(crate) fn of(id: &str) -> Self {
        Self {
            uri: format!(r##" URI="#{id}""##),
            canonicalization: format!(r#"<ds:CanonicalizationMethod Algorithm="{EXCLUSIVE}"/>"#),
            method: "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256".into(),
            transforms: format!("{ENVELOPED}{}", transform(EXCLUSIVE)),
            digest: "http://www.w3.org/2001/04/xmlenc#sha256".into(),
            key_info: "<ds:KeyInfo><ds:X509Data><ds:X509Certificate>AA==</ds:X509Certificate>\
                </ds:X509Data></ds:KeyInfo>"
                .into(),
        }
    }

    pub(crate) fn signed_info(&self) -> String {
        let Self { uri, canonicalization, method, transforms, digest, .. } = self;
        format!(
            r#"<ds:SignedInfo>{canonicalization}<ds:SignatureMethod Algorithm="{method}"/>
            <ds:Reference{uri}><ds:Transforms>{transforms}</ds:Transforms>
            <ds:DigestMethod Algorithm="{digest}"/><ds:DigestValue>AA==</ds:DigestValue>
            </ds:Reference></ds:SignedInfo>"#
        )
    }

    pub(crate) fn xml(&self) -> String {
        let (info, key_info) = (self.signed_info(), &self.key_info);
        format!(
            r#"<ds:Signature xmlns:ds="http://www.w3.org/2000/09/xmldsig#">{info}
            <ds:SignatureValue>AA==</ds:SignatureValue>{key_info}</ds:Signature>"#
        )
    }
}

pub(crate) const SUCCESS: &str =
    r#"<p:Status><p:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:Success"/></p:Status>"#;
pub(crate) const DENIED: &str = r#"<p:Status><p:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:Responder"><p:StatusCode Value="urn:x"/></p:StatusCode><p:StatusMessage>AADSTS1</p:StatusMessage></p:Status>"#;
pub(crate) const ISSUER: &str = "<a:Issuer>https://idp.example</a:Issuer>";
pub(crate) const ENCRYPTED: &str = r##"<a:EncryptedAssertion><e:EncryptedData xmlns:e="http://www.w3.org/2001/04/xmlenc#"><k:KeyInfo xmlns:k="http://www.w3.org/2000/09/xmldsig#"><k:RetrievalMethod URI="#_k"/></k:KeyInfo><e:CipherData><e:CipherValue>AA==</e:CipherValue></e:CipherData></e:EncryptedData><e:EncryptedKey xmlns:e="http://www.w3.org/2001/04/xmlenc#" Id="_k"/></a:EncryptedAssertion>"##;

/// A message of this name with these attributes and contents.
pub(crate) fn root(name: &str, attributes: &str, inner: &str) -> String {
    format!(
        r#"<p:{name} xmlns:p="urn:oasis:names:tc:SAML:2.0:protocol" xmlns:a="urn:oasis:names:tc:SAML:2.0:assertion" {attributes}>{inner}</p:{name}>"#
    )
}

/// A response with the id `_r`.
pub(crate) fn response(inner: &str) -> String {
    root("Response", r#"ID="_r" Version="2.0""#, inner)
}

/// An assertion with this id and these contents behind its issuer.
pub(crate) fn assertion(id: &str, inner: &str) -> String {
    format!(
        r#"<a:Assertion xmlns:a="urn:oasis:names:tc:SAML:2.0:assertion" ID="{id}" Version="2.0">{ISSUER}{inner}</a:Assertion>"#
    )
}

/// The usual response: one signed assertion with this in it.
pub(crate) fn usual(inner: &str) -> String {
    let signature = Shape::of("_a").xml();
    response(&format!("{ISSUER}{SUCCESS}{}", assertion("_a", &format!("{signature}{inner}"))))
}
