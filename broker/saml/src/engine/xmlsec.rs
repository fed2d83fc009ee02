//! The engine over samael's bindings to xmlsec.
//!
//! Owns: [`XmlSec`], and that only the bytes that were digested leave it, with the element asked for as their root
//! (SI-2, SI-3). Does not own: which document may come here ([`crate::gate`]).

use samael::crypto::AllowedSignatureAlgorithm as Allowed;
use samael::crypto::{CertificateDer, Crypto, CryptoProvider, ReduceMode};

use crate::certificate::{Certificate, PrivateKey};
use crate::engine::outline::{self, Signed, Target};
use crate::engine::{SignatureEngine, SignedElement, Trust, native, template};
use crate::fault::{Fault, Refusal};
use crate::fragment;
use crate::gate::GatedDocument;
use crate::xml;

/// What samael is told to take where SHA-1 is not needed; `outline` has checked the same before (PC-14).
const ALLOWED: &[Allowed] = &[
    Allowed::RsaSha256,
    Allowed::RsaSha384,
    Allowed::RsaSha512,
    Allowed::EcdsaSha256,
    Allowed::EcdsaSha384,
    Allowed::EcdsaSha512,
];

/// The one engine: xmlsec through samael.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct XmlSec {
    prepared: (),
}

impl XmlSec {
    /// Prepares the native libraries once a process and silences them (API-6).
    #[must_use]
    pub fn new() -> Self {
        native::prepare();
        Self { prepared: () }
    }
}

impl Default for XmlSec {
    fn default() -> Self {
        Self::new()
    }
}

impl SignatureEngine for XmlSec {
    fn verify(
        &self,
        document: &GatedDocument,
        element_id: &str,
        trust: &Trust<'_>,
    ) -> Result<SignedElement, Refusal> {
        verify(document.as_str(), element_id, trust)
    }

    fn sign(
        &self,
        xml: &str,
        key: &PrivateKey,
        certificate: &Certificate,
    ) -> Result<String, Refusal> {
        template::sign(xml, key, certificate)
    }
}

/// Verifies the element with this id. When the root carries a signature too, that one is verified first, and the
/// element is then looked for in the root's verified bytes only (SI-4).
pub(super) fn verify(text: &str, id: &str, trust: &Trust<'_>) -> Result<SignedElement, Refusal> {
    let document = xml::parse(text)?;
    let root = document.root_element();
    let target = outline::target(&document, id)?;
    let count = outline::signatures(&document)?.len();
    if target.node == root {
        return verified(text, &target, count, trust);
    }
    if root.children().any(|node| outline::is_signature(&node)) {
        let root_id = root.attribute("ID").unwrap_or_default();
        let outer = verified(text, &outline::target(&document, root_id)?, count, trust)?;
        return verify_inside(&outer.xml, id, trust);
    }
    inner(text, &target, count, trust)
}

/// The root's signature holds and is gone from these bytes.
fn verify_inside(text: &str, id: &str, trust: &Trust<'_>) -> Result<SignedElement, Refusal> {
    let document = xml::parse(text)?;
    let count = outline::signatures(&document)?.len();
    inner(text, &outline::target(&document, id)?, count, trust)
}

/// An element below the root. Other elements' signatures are none of its business: it is cut out.
fn inner(
    text: &str,
    target: &Target<'_, '_>,
    count: usize,
    trust: &Trust<'_>,
) -> Result<SignedElement, Refusal> {
    if count == 1 {
        return verified(text, target, count, trust);
    }
    let alone = fragment::standalone(target.node)
        .ok_or_else(|| Refusal::new(Fault::Malformed, "an element without text", "an element"))?;
    verified(&alone, target, 1, trust)
}

/// Tries the certificates one after the other; what comes back is checked to be the element asked for (SI-3).
fn verified(
    text: &str,
    target: &Target<'_, '_>,
    count: usize,
    trust: &Trust<'_>,
) -> Result<SignedElement, Refusal> {
    let Signed { keys, sha1 } = target.signature;
    if sha1 && !trust.algorithms.takes_sha1(trust.now) {
        return Err(outline::weak("SHA-1"));
    }
    let document = target.node.document();
    let weak_beside = outline::signatures(document)?.iter().any(|signed| signed.sha1);
    if weak_beside && !trust.algorithms.takes_sha1(trust.now) {
        return Err(outline::weak("SHA-1"));
    }
    let allowed = if weak_beside { None } else { Some(ALLOWED) };
    let fitting: Vec<&Certificate> =
        trust.certificates.iter().filter(|one| one.key_kind() == Some(keys)).collect();
    let (strong, weak): (Vec<_>, Vec<_>) = fitting.into_iter().partition(|one| one.is_strong());
    let found = strong
        .iter()
        .find_map(|one| reduce(text, &[*one], allowed).map(|xml| (xml, *one)))
        .or_else(|| both_by_different_keys(text, &strong, count, allowed));
    let Some((xml, by)) = found else {
        if weak.iter().any(|one| reduce(text, &[*one], allowed).is_some()) {
            return Err(Refusal::new(
                Fault::WeakAlgorithm,
                "a signature by a key that is too short",
                "RSA from 2048 bits or EC from 256",
            ));
        }
        return Err(bad_signature(trust.certificates.len()));
    };
    same_element(&xml, target)?;
    Ok(SignedElement { xml, verified_by: by.facts().fingerprint.clone() })
}

fn bad_signature(certificates: usize) -> Refusal {
    let seen = format!("a signature that none of {certificates} certificates verifies");
    Refusal::new(Fault::BadSignature, seen, "a signature by a configured certificate")
}

/// During a rollover, response and assertion may be signed by different keys. samael wants every signature of a
/// document to hold, so that it needs both keys at once.
fn both_by_different_keys<'a>(
    text: &str,
    strong: &[&'a Certificate],
    count: usize,
    allowed: Option<&[Allowed]>,
) -> Option<(String, &'a Certificate)> {
    if count < 2 || strong.len() < 2 {
        return None;
    }
    let xml = reduce(text, strong, allowed)?;
    // The first signature of the document is the root's: the gate has its place, and SAML its order.
    let outer = |one: &&Certificate| {
        let der = CertificateDer::from(one.der().to_vec());
        native::call(|| Crypto::verify_signed_xml(text, &der, Some("ID"))).is_ok()
    };
    strong.iter().copied().find(outer).map(|one| (xml, one))
}

/// The bytes that were digested for the one verified reference, or for the response's among several.
fn reduce(
    text: &str,
    certificates: &[&Certificate],
    allowed: Option<&[Allowed]>,
) -> Option<String> {
    let ders: Vec<CertificateDer> =
        certificates.iter().map(|one| CertificateDer::from(one.der().to_vec())).collect();
    native::call(|| {
        Crypto::reduce_xml_to_signed_with_allowed_algorithms(
            text,
            &ders,
            ReduceMode::PreDigest,
            allowed,
        )
    })
    .ok()
}

fn same_element(text: &str, target: &Target<'_, '_>) -> Result<(), Refusal> {
    let other = || Refusal::new(Fault::BadSignature, "another element", "the element asked for");
    let document = xml::parse(text)?;
    let root = document.root_element();
    let same = root.tag_name() == target.node.tag_name()
        && root.attribute("ID").is_some()
        && root.attribute("ID") == target.node.attribute("ID");
    if same { Ok(()) } else { Err(other()) }
}
