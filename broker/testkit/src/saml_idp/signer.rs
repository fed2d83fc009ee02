//! Signing keys with their certificates, and XML signatures (W3C xmldsig-core 1.1) by them.
//!
//! Making an RSA key costs a tenth of a second, so all worlds of a process draw from one row of keys.

use std::sync::{Arc, Mutex};

use aws_lc_rs::digest;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeyPair as RsaKeyPair;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, RSA_PKCS1_SHA256};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rcgen::{
    CertificateParams, DnType, KeyPair, PKCS_ECDSA_P256_SHA256, PKCS_RSA_SHA256, RsaKeySize,
    date_time_ymd,
};
use roxmltree::Document;

use super::canonical::{Form, canonical, element_by_id};
use super::legacy::sign_rsa_sha1;
use super::names::{DSIG, EXCLUSIVE, Style};
use super::settings::Hash;
use crate::keys::{KeyError, KeyKind};
use crate::values::lock;

/// A private key and its self-signed certificate.
pub(super) struct Signer {
    pair: Pair,
    pkcs8: Vec<u8>,
    der: Vec<u8>,
    pem: String,
}

enum Pair {
    Rsa(RsaKeyPair),
    Ec(EcdsaKeyPair),
}

static RSA_KEYS: Mutex<Vec<Arc<Signer>>> = Mutex::new(Vec::new());
static FOREIGN: Mutex<Option<Arc<Signer>>> = Mutex::new(None);
static EC_KEYS: Mutex<Vec<Arc<Signer>>> = Mutex::new(Vec::new());

impl Signer {
    /// The nth key of this kind in this process.
    pub(super) fn nth(kind: KeyKind, number: usize) -> Result<Arc<Self>, KeyError> {
        let row = match kind {
            KeyKind::Rs256 => &RSA_KEYS,
            KeyKind::Es256 => &EC_KEYS,
        };
        let mut row = lock(row);
        loop {
            if let Some(signer) = row.get(number) {
                return Ok(Arc::clone(signer));
            }
            let name = format!("Fake SAML IdP key {}", row.len());
            row.push(Arc::new(Self::generate(kind, &name)?));
        }
    }

    /// A key that no metadata names.
    pub(super) fn foreign() -> Result<Arc<Self>, KeyError> {
        let mut kept = lock(&FOREIGN);
        if let Some(signer) = kept.as_ref() {
            return Ok(Arc::clone(signer));
        }
        let signer = Arc::new(Self::generate(KeyKind::Rs256, "Somebody else")?);
        *kept = Some(Arc::clone(&signer));
        Ok(signer)
    }

    fn generate(kind: KeyKind, name: &str) -> Result<Self, KeyError> {
        let refused = |_| KeyError::Generate;
        let key = match kind {
            KeyKind::Rs256 => KeyPair::generate_rsa_for(&PKCS_RSA_SHA256, RsaKeySize::_2048),
            KeyKind::Es256 => KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256),
        }
        .map_err(refused)?;
        let mut parameters = CertificateParams::new(Vec::new()).map_err(refused)?;
        parameters.distinguished_name.push(DnType::CommonName, name);
        parameters.not_before = date_time_ymd(2020, 1, 1);
        parameters.not_after = date_time_ymd(2049, 1, 1);
        let certificate = parameters.self_signed(&key).map_err(refused)?;
        let pkcs8 = key.serialize_der();
        let pair = match kind {
            KeyKind::Rs256 => RsaKeyPair::from_pkcs8(&pkcs8).map(Pair::Rsa),
            KeyKind::Es256 => {
                EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &pkcs8).map(Pair::Ec)
            }
        }
        .map_err(|_| KeyError::Generate)?;
        Ok(Self { pair, pkcs8, der: certificate.der().to_vec(), pem: certificate.pem() })
    }

    pub(super) fn certificate_pem(&self) -> &str {
        &self.pem
    }

    /// The private key as PEM (PKCS #8).
    #[cfg(test)]
    pub(super) fn private_key_pem(&self) -> String {
        format!(
            "-----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY-----\n",
            STANDARD.encode(&self.pkcs8)
        )
    }

    pub(super) fn certificate_base64(&self) -> String {
        STANDARD.encode(&self.der)
    }

    /// The signature over these octets. ECDSA keys know no SHA-1 here.
    pub(super) fn sign(&self, octets: &[u8], hash: Hash) -> Result<Vec<u8>, KeyError> {
        let random = SystemRandom::new();
        match (&self.pair, hash) {
            (Pair::Rsa(_), Hash::Sha1) => sign_rsa_sha1(&self.pkcs8, octets).ok_or(KeyError::Sign),
            (Pair::Rsa(pair), Hash::Sha256) => {
                let mut signature = vec![0; pair.public_modulus_len()];
                pair.sign(&RSA_PKCS1_SHA256, &random, octets, &mut signature)
                    .map_err(|_| KeyError::Sign)?;
                Ok(signature)
            }
            (Pair::Ec(pair), _) => {
                let signature = pair.sign(&random, octets).map_err(|_| KeyError::Sign)?;
                Ok(signature.as_ref().to_vec())
            }
        }
    }

    /// The URI of the algorithm (RFC 9231) that [`Self::sign`] takes.
    pub(super) fn algorithm(&self, hash: Hash) -> &'static str {
        match (&self.pair, hash) {
            (Pair::Rsa(_), Hash::Sha1) => "http://www.w3.org/2000/09/xmldsig#rsa-sha1",
            (Pair::Rsa(_), Hash::Sha256) => "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256",
            (Pair::Ec(_), _) => "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256",
        }
    }

    /// Puts an enveloped signature over the element with this `ID` into it: right after its Issuer, or as its
    /// first child where it has none. A document without that element comes back as it was.
    pub(super) fn sign_element(
        &self,
        xml: String,
        id: &str,
        hash: Hash,
        style: Style,
    ) -> Result<String, KeyError> {
        let Ok(document) = Document::parse(&xml) else {
            return Ok(xml);
        };
        let Some(element) = element_by_id(&document, id) else {
            return Ok(xml);
        };
        let form = Form { without: None, inclusive: style.inclusive };
        let digest = hash.digest(canonical(element, form).as_bytes());
        let issuer = element.first_element_child().filter(|one| one.tag_name().name() == "Issuer");
        let inside = element.first_child().map(|child| child.range().start);
        let Some(place) = issuer.map(|issuer| issuer.range().end).or(inside) else {
            return Ok(xml);
        };
        drop(document);
        let signature = self.signature(id, &STANDARD.encode(digest), hash, style)?;
        let mut signed = xml;
        signed.insert_str(place, &signature);
        Ok(signed)
    }

    fn signature(
        &self,
        id: &str,
        digest: &str,
        hash: Hash,
        style: Style,
    ) -> Result<String, KeyError> {
        let Style { signature: prefix, .. } = style;
        let (declaration, info) = (style.signature_namespace(), style.ds("SignedInfo"));
        let list = style.inclusive.join(" ");
        let transform = if list.is_empty() {
            String::new()
        } else {
            format!(
                "<ec:InclusiveNamespaces xmlns:ec=\"{EXCLUSIVE}\" PrefixList=\"{list}\"></ec:InclusiveNamespaces>"
            )
        };
        let inside = format!(
            "<{prefix}CanonicalizationMethod Algorithm=\"{EXCLUSIVE}\"></{prefix}CanonicalizationMethod>\
<{prefix}SignatureMethod Algorithm=\"{method}\"></{prefix}SignatureMethod>\
<{prefix}Reference URI=\"#{id}\"><{prefix}Transforms>\
<{prefix}Transform Algorithm=\"{DSIG}enveloped-signature\"></{prefix}Transform>\
<{prefix}Transform Algorithm=\"{EXCLUSIVE}\">{transform}</{prefix}Transform></{prefix}Transforms>\
<{prefix}DigestMethod Algorithm=\"{digest_method}\"></{prefix}DigestMethod>\
<{prefix}DigestValue>{digest}</{prefix}DigestValue></{prefix}Reference>",
            method = self.algorithm(hash),
            digest_method = hash.uri(),
        );
        let signed_info = format!("<{info}{declaration}>{inside}</{info}>");
        let value = self.sign(signed_info.as_bytes(), hash)?;
        Ok(format!(
            "<{prefix}Signature{declaration}><{info}>{inside}</{info}>\
<{prefix}SignatureValue>{value}</{prefix}SignatureValue><{prefix}KeyInfo><{prefix}X509Data>\
<{prefix}X509Certificate>{certificate}</{prefix}X509Certificate></{prefix}X509Data></{prefix}KeyInfo>\
</{prefix}Signature>",
            value = STANDARD.encode(value),
            certificate = self.certificate_base64(),
        ))
    }
}

impl Hash {
    /// Of some octets.
    pub(super) fn digest(self, octets: &[u8]) -> Vec<u8> {
        let algorithm = match self {
            Self::Sha1 => &digest::SHA1_FOR_LEGACY_USE_ONLY,
            Self::Sha256 => &digest::SHA256,
        };
        digest::digest(algorithm, octets).as_ref().to_vec()
    }

    fn uri(self) -> &'static str {
        match self {
            Self::Sha1 => "http://www.w3.org/2000/09/xmldsig#sha1",
            Self::Sha256 => "http://www.w3.org/2001/04/xmlenc#sha256",
        }
    }
}
