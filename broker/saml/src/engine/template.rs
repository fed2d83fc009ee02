//! Signing: the signature's skeleton, put where the schema wants it, and filled by xmlsec (SW-3).
//!
//! Only the two values come from xmlsec; every other byte of the result is the writer's own. Does not own: what is
//! signed (`write`, `metadata`).

use openssl::pkey::Id;
use roxmltree::Node;
use samael::crypto::{Crypto, CryptoProvider};

use crate::certificate::{Certificate, PrivateKey};
use crate::engine::{native, outline};
use crate::fault::{Fault, Refusal};
use crate::gate::algorithms::{ECDSA_SHA256, RSA_SHA256};
use crate::names::{ASSERTION, DSIG, METADATA};
use crate::xml;

const DIGEST: &str = "<ds:DigestValue></ds:DigestValue>";
const VALUE: &str = "<ds:SignatureValue></ds:SignatureValue>";

/// Signs the root element: RSA-SHA256 or ECDSA-SHA256, SHA-256, exclusive canonicalisation.
pub(super) fn sign(
    text: &str,
    key: &PrivateKey,
    certificate: &Certificate,
) -> Result<String, Refusal> {
    if !key.belongs_to(certificate) {
        return Err(Refusal::new(Fault::Metadata, "another key's certificate", "the key's own"));
    }
    let (place, id) = place(text)?;
    let (before, after) =
        text.split_at_checked(place).ok_or_else(|| unfit("no place for a signature"))?;
    let skeleton = skeleton(&id, method(key)?, &certificate.to_base64());
    let unsigned = [before, &skeleton, after].concat();
    let der = key.pkey().private_key_to_pkcs8().map_err(|_| unfit("an unusable key"))?;
    let signed = native::call(|| Crypto::sign_xml(&unsigned, &der))
        .map_err(|_| unfit("a document that xmlsec does not sign"))?;
    let (digest, value) = values(&signed, &id)?;
    let filled = skeleton
        .replacen(DIGEST, &format!("<ds:DigestValue>{digest}</ds:DigestValue>"), 1)
        .replacen(VALUE, &format!("<ds:SignatureValue>{value}</ds:SignatureValue>"), 1);
    Ok([before, &filled, after].concat())
}

fn unfit(seen: &str) -> Refusal {
    Refusal::new(Fault::Malformed, seen, "a document of ours that can be signed")
}

fn method(key: &PrivateKey) -> Result<&'static str, Refusal> {
    match key.pkey().id() {
        Id::RSA => Ok(RSA_SHA256),
        Id::EC => Ok(ECDSA_SHA256),
        _ => Err(unfit("a key that cannot sign")),
    }
}

/// Where the signature goes, and the `ID` that it names: right behind the issuer, or first in metadata (SAML Core
/// 3.2.1 and 2.3.3, SAML Metadata 2.3.1).
fn place(text: &str) -> Result<(usize, String), Refusal> {
    let document = xml::parse(text)?;
    let root = document.root_element();
    let id = xml::plain_attribute(root, "ID");
    let id = id.filter(|id| is_plain(id)).ok_or_else(|| unfit("no plain ID"))?;
    if root.children().any(|node| outline::is_signature(&node)) {
        return Err(unfit("a signature that is there already"));
    }
    let place = if root.tag_name().namespace() == Some(METADATA) {
        root.first_child().map(|child| child.range().start)
    } else {
        root.first_element_child().filter(is_issuer).map(|issuer| issuer.range().end)
    };
    Ok((place.ok_or_else(|| unfit("no place for a signature"))?, id.to_owned()))
}

fn is_issuer(node: &Node<'_, '_>) -> bool {
    node.has_tag_name((ASSERTION, "Issuer"))
}

fn is_plain(id: &str) -> bool {
    id.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.'))
        && id.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
}

fn skeleton(id: &str, method: &str, certificate: &str) -> String {
    const EXCLUSIVE: &str = "http://www.w3.org/2001/10/xml-exc-c14n#";
    const SHA256: &str = "http://www.w3.org/2001/04/xmlenc#sha256";
    format!(
        "<ds:Signature xmlns:ds=\"{DSIG}\"><ds:SignedInfo>\
         <ds:CanonicalizationMethod Algorithm=\"{EXCLUSIVE}\"/>\
         <ds:SignatureMethod Algorithm=\"{method}\"/><ds:Reference URI=\"#{id}\"><ds:Transforms>\
         <ds:Transform Algorithm=\"{DSIG}enveloped-signature\"/>\
         <ds:Transform Algorithm=\"{EXCLUSIVE}\"/></ds:Transforms>\
         <ds:DigestMethod Algorithm=\"{SHA256}\"/>{DIGEST}</ds:Reference></ds:SignedInfo>{VALUE}\
         <ds:KeyInfo><ds:X509Data><ds:X509Certificate>{certificate}</ds:X509Certificate>\
         </ds:X509Data></ds:KeyInfo></ds:Signature>"
    )
}

/// The digest and the signature that xmlsec filled into the root's signature.
fn values(signed: &str, id: &str) -> Result<(String, String), Refusal> {
    let document = xml::parse(signed)?;
    let root = document.root_element();
    let signature = root.children().find(outline::is_signature);
    let signature = signature.filter(|_| xml::plain_attribute(root, "ID") == Some(id));
    let value_of = |name: &str| {
        let nodes = signature.into_iter().flat_map(|node| node.descendants());
        let value = nodes.into_iter().find(|node| node.has_tag_name((DSIG, name)))?.text()?;
        // Line ends in the digest would be signed text, so it must be there as xmlsec wrote it.
        value.chars().all(|c| !c.is_control() || c == '\n').then(|| value.to_owned())
    };
    let missing = || unfit("an empty signature");
    let digest = value_of("DigestValue").ok_or_else(missing)?;
    let value = value_of("SignatureValue").ok_or_else(missing)?;
    Ok((digest, value.replace('\n', "")))
}
