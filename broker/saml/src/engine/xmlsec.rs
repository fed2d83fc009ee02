//! The engine over samael's bindings to xmlsec.
//!
//! Owns: [`XmlSec`], and that only the bytes that were digested leave it, with the element asked for as their root
//! (SI-2, SI-3). Does not own: which document may come here ([`crate::gate`]).

use roxmltree::Node;
use samael::crypto::AllowedSignatureAlgorithm as Allowed;
use samael::crypto::{CertificateDer, Crypto, CryptoProvider, ReduceMode};

use crate::certificate::{Certificate, PrivateKey};
use crate::engine::outline::{self, Target};
use crate::engine::{MOST_TRIED, SignatureEngine, SignedElement, Trust, native, template};
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
        match outline::only_target(document, element_id) {
            Some(target) => verified(document.as_str(), &target, trust),
            None => verify(document.as_str(), element_id, trust),
        }
    }

    fn verify_inside(
        &self,
        outer: &SignedElement,
        element_id: &str,
        trust: &Trust<'_>,
    ) -> Result<SignedElement, Refusal> {
        inside(&outer.xml, element_id, trust)
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
    let (node, target) = outline::target(&document, id)?;
    if node == root {
        return verified(text, &target, trust);
    }
    if !root.children().any(|node| outline::is_signature(&node)) {
        return inner(node, &target, trust);
    }
    let root_id = xml::plain_attribute(root, "ID").unwrap_or_default();
    let outer = verified(text, &outline::target(&document, root_id)?.1, trust)?;
    inside(&outer.xml, id, trust)
}

/// Verifies an element below the root of verified bytes. The root's own signature is not part of what it covers.
fn inside(text: &str, id: &str, trust: &Trust<'_>) -> Result<SignedElement, Refusal> {
    let document = xml::parse(text)?;
    let (node, target) = outline::target(&document, id)?;
    inner(node, &target, trust)
}

/// An element below the root. Other elements' signatures are none of its business, so it is cut out.
fn inner(node: Node<'_, '_>, target: &Target, trust: &Trust<'_>) -> Result<SignedElement, Refusal> {
    let document = node.document();
    if document.descendants().filter(outline::is_signature).count() == 1 {
        return verified(document.input_text(), target, trust);
    }
    let alone = fragment::standalone(node)
        .ok_or_else(|| Refusal::new(Fault::Malformed, "an element without text", "an element"))?;
    verified(&alone, target, trust)
}

/// Tries the certificates one after the other; what comes back is checked to be the element asked for (SI-3).
fn verified(text: &str, target: &Target, trust: &Trust<'_>) -> Result<SignedElement, Refusal> {
    if target.sha1 && !trust.algorithms.takes_sha1(trust.now) {
        return Err(outline::weak("SHA-1"));
    }
    // samael has no name for SHA-1; `outline` knows no other weak algorithm.
    let allowed = if target.sha1 { None } else { Some(ALLOWED) };
    let fitting = trust.certificates.iter().filter(|one| one.key_id() == target.key);
    let fitting = fitting.take(MOST_TRIED);
    let (strong, weak): (Vec<_>, Vec<_>) = fitting.partition(|one| one.is_strong());
    let found = strong
        .iter()
        .find_map(|one| reduce(text, &[*one], allowed).map(|xml| (xml, *one)))
        .or_else(|| both_by_different_keys(text, target, &strong, allowed));
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
    if !outline::is_root(&xml, target) {
        return Err(Refusal::new(Fault::BadSignature, "another element", "the element asked for"));
    }
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
    target: &Target,
    strong: &[&'a Certificate],
    allowed: Option<&[Allowed]>,
) -> Option<(String, &'a Certificate)> {
    if !target.several || strong.len() < 2 {
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
