//! The service providers that the identity provider knows, and whether a signature is theirs.

use aws_lc_rs::digest;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_ASN1, ECDSA_P256_SHA256_FIXED, ECDSA_P384_SHA384_FIXED,
    RSA_PKCS1_2048_8192_SHA1_FOR_LEGACY_USE_ONLY, RSA_PKCS1_2048_8192_SHA256,
    RSA_PKCS1_2048_8192_SHA384, RSA_PKCS1_2048_8192_SHA512, UnparsedPublicKey,
    VerificationAlgorithm,
};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use roxmltree::{Document, Node};
use x509_parser::prelude::{FromDer as _, X509Certificate};

use super::canonical::{Form, canonical, element_by_id};
use super::names::{DSIG, METADATA};
use super::settings::Hash;

/// A service provider (a broker, for example) with its addresses and certificates.
#[derive(Clone, Debug, Default)]
pub struct ServiceProviderEntry {
    pub(super) entity_id: String,
    /// The first one is the default.
    pub(super) acs_urls: Vec<String>,
    pub(super) slo_url: Option<String>,
    /// SubjectPublicKeyInfo each.
    pub(super) signing: Vec<Vec<u8>>,
    pub(super) encryption: Option<Vec<u8>>,
}

impl ServiceProviderEntry {
    /// One with an address for responses.
    #[must_use]
    pub fn new(entity_id: &str, acs_url: &str) -> Self {
        Self {
            entity_id: entity_id.to_owned(),
            acs_urls: vec![acs_url.to_owned()],
            ..Self::default()
        }
    }

    /// Reads a service provider's metadata (SAML Metadata 2.4.4); `None` if it is none. Certificates without
    /// a `use` serve both.
    #[must_use]
    pub fn from_metadata(xml: &str) -> Option<Self> {
        let document = Document::parse(xml).ok()?;
        let named = |name: &'static str| {
            document.descendants().filter(move |node| node.has_tag_name((METADATA, name)))
        };
        let entity_id = named("EntityDescriptor").next()?.attribute("entityID")?;
        let mut acs =
            named("AssertionConsumerService").filter_map(|node| node.attribute("Location"));
        let mut entry = Self::new(entity_id, acs.next()?);
        entry.acs_urls.extend(acs.map(str::to_owned));
        let slo = named("SingleLogoutService").find_map(|node| node.attribute("Location"));
        entry.slo_url = slo.map(str::to_owned);
        for descriptor in named("KeyDescriptor") {
            let certificates = descriptor
                .descendants()
                .filter(|node| node.has_tag_name((DSIG, "X509Certificate")))
                .filter_map(|node| node.text());
            for key in certificates.filter_map(public_key) {
                let purpose = descriptor.attribute("use");
                if purpose != Some("encryption") {
                    entry.signing.push(key.clone());
                }
                if purpose != Some("signing") {
                    entry.encryption.get_or_insert(key);
                }
            }
        }
        Some(entry)
    }

    /// One more address for responses.
    #[must_use]
    pub fn acs_url(mut self, url: &str) -> Self {
        self.acs_urls.push(url.to_owned());
        self
    }

    /// Where logout messages go.
    #[must_use]
    pub fn slo_url(mut self, url: &str) -> Self {
        self.slo_url = Some(url.to_owned());
        self
    }

    /// One more certificate (PEM) of its signatures; something else is left out.
    #[must_use]
    pub fn signing_certificate(mut self, pem: &str) -> Self {
        self.signing.extend(public_key(pem));
        self
    }

    /// The certificate (PEM, RSA) that assertions are encrypted for.
    #[must_use]
    pub fn encryption_certificate(mut self, pem: &str) -> Self {
        self.encryption = public_key(pem);
        self
    }

    /// Its entity id.
    #[must_use]
    pub fn entity_id(&self) -> &str {
        &self.entity_id
    }

    /// Whether one of its keys made this signature; `None` if none is known.
    pub(super) fn verifies(
        &self,
        algorithm: &str,
        octets: &[u8],
        signature: &[u8],
    ) -> Option<bool> {
        if self.signing.is_empty() {
            return None;
        }
        let fitting = algorithms(algorithm);
        Some(self.signing.iter().any(|key| {
            fitting.iter().any(|algorithm| {
                UnparsedPublicKey::new(*algorithm, key).verify(octets, signature).is_ok()
            })
        }))
    }

    /// Whether an enveloped signature of this root is by one of its keys: one reference to the root, exclusive
    /// canonicalisation. `None` if it carries none, or if no key is known.
    pub(super) fn verifies_enveloped(&self, xml: &str) -> Option<bool> {
        let document = Document::parse(xml).ok()?;
        let root = document.root_element();
        let signature = root.children().find(|node| node.has_tag_name((DSIG, "Signature")))?;
        if self.signing.is_empty() {
            return None;
        }
        Some(self.checked(root, signature).unwrap_or(false))
    }

    fn checked(&self, root: Node<'_, '_>, signature: Node<'_, '_>) -> Option<bool> {
        let find = |name: &'static str| {
            signature.descendants().find(|node| node.has_tag_name((DSIG, name)))
        };
        let id = find("Reference")?.attribute("URI")?.strip_prefix('#')?;
        if element_by_id(root.document(), id)? != root {
            return None;
        }
        let hash = match find("DigestMethod")?.attribute("Algorithm")? {
            "http://www.w3.org/2001/04/xmlenc#sha256" => Hash::Sha256,
            "http://www.w3.org/2000/09/xmldsig#sha1" => Hash::Sha1,
            _ => return None,
        };
        let form = Form { without: Some(signature.id()), ..Form::default() };
        let digest = hash.digest(canonical(root, form).as_bytes());
        let octets = canonical(find("SignedInfo")?, Form::default());
        let value = decoded(find("SignatureValue")?.text()?)?;
        let is_signed = self.verifies(
            find("SignatureMethod")?.attribute("Algorithm")?,
            octets.as_bytes(),
            &value,
        )?;
        Some(is_signed && decoded(find("DigestValue")?.text()?)? == digest)
    }
}

/// What a signature's URI may mean; ECDSA values come as two numbers (RFC 9231) and, by redirect, also as DER.
fn algorithms(uri: &str) -> Vec<&'static dyn VerificationAlgorithm> {
    match uri.rsplit('#').next().unwrap_or_default() {
        "rsa-sha1" => vec![&RSA_PKCS1_2048_8192_SHA1_FOR_LEGACY_USE_ONLY],
        "rsa-sha256" => vec![&RSA_PKCS1_2048_8192_SHA256],
        "rsa-sha384" => vec![&RSA_PKCS1_2048_8192_SHA384],
        "rsa-sha512" => vec![&RSA_PKCS1_2048_8192_SHA512],
        "ecdsa-sha256" => vec![&ECDSA_P256_SHA256_FIXED, &ECDSA_P256_SHA256_ASN1],
        "ecdsa-sha384" => vec![&ECDSA_P384_SHA384_FIXED],
        _ => Vec::new(),
    }
}

/// The SubjectPublicKeyInfo of a certificate in PEM or bare base64.
fn public_key(certificate: &str) -> Option<Vec<u8>> {
    let inside = match certificate.split_once("-----BEGIN CERTIFICATE-----") {
        Some((_, rest)) => rest.split_once("-----END")?.0,
        None => certificate,
    };
    let der = decoded(inside)?;
    let (_, certificate) = X509Certificate::from_der(&der).ok()?;
    Some(certificate.public_key().raw.to_vec())
}

/// Base64 with line breaks, as PEM and XML have it.
pub(super) fn decoded(text: &str) -> Option<Vec<u8>> {
    let packed: String = text.split_whitespace().collect();
    STANDARD.decode(packed).ok()
}

/// SHA-256 as hex, for names that stand for a person at one service provider.
pub(super) fn pairwise(subject: &str, entity_id: &str) -> String {
    let digest = digest::digest(&digest::SHA256, format!("{entity_id}!{subject}").as_bytes());
    digest.as_ref().iter().take(20).map(|byte| format!("{byte:02x}")).collect()
}
