//! Encrypted assertions and identifiers, made readable (DC-1 to DC-10).
//!
//! Owns: content and key decryption over `openssl`, and which algorithms are taken. Does not own: what becomes of the
//! plaintext: it goes through [`crate::gate`] like any other document (GT-15), and needs a signature (`response`).
//!
//! CBC does not notice a changed ciphertext. When nothing signed the response, whoever tells its sender whether the
//! plaintext was well-formed, signed or judged gives away the plaintext step by step: to that sender, every refusal
//! after decryption must look like [`Fault::Decryption`] (DC-9).

use roxmltree::{Document, Node, ParsingOptions};

use crate::certificate::PrivateKey;
use crate::fault::{Fault, Refusal};
use crate::fragment;
use crate::gate::GatedDocument;
use crate::names::{ASSERTION, DSIG, XS, XSI};
use crate::xml;

mod algorithms;
pub(crate) mod open;
mod plan;
#[cfg(test)]
pub(crate) mod tests;

pub use algorithms::{ContentCipher, KeyTransport, OaepHash};

/// Decrypts the one `EncryptedAssertion` of a response, or the document that is one (SAML Core 2.3.4).
///
/// The plaintext is the `Assertion` element alone, with the namespaces declared that were in scope (DC-7).
///
/// # Errors
/// [`Fault::EncryptionAlgorithm`] for an algorithm that is refused, before any key is used (DC-2);
/// [`Fault::Decryption`] for everything else, without the cause (DC-9).
pub fn encrypted_assertion(
    document: &GatedDocument,
    keys: &[PrivateKey],
) -> Result<String, Refusal> {
    assertion_in(document.as_str(), keys)
}

/// Decrypts the one `EncryptedID` of a logout request, or of an assertion's subject (SAML Core 2.2.4, 2.4.1, 3.7.1).
///
/// The plaintext is the `NameID` element alone.
///
/// # Errors
/// As [`encrypted_assertion`].
pub fn encrypted_id(document: &GatedDocument, keys: &[PrivateKey]) -> Result<String, Refusal> {
    id_in(document.as_str(), keys)
}

/// The one refusal for all that goes wrong with keys and ciphertexts.
fn undecipherable() -> Refusal {
    Refusal::new(
        Fault::Decryption,
        "something that none of our keys decrypts",
        "an element encrypted for one of our certificates",
    )
}

fn assertion_in(text: &str, keys: &[PrivateKey]) -> Result<String, Refusal> {
    let document = xml::parse(text)?;
    let root = document.root_element();
    let mut found: Vec<_> = xml::children(root, ASSERTION, "EncryptedAssertion").collect();
    if root.has_tag_name((ASSERTION, "EncryptedAssertion")) {
        found = vec![root];
    }
    let [encrypted] = found.as_slice() else { return Err(undecipherable()) };
    open(*encrypted, "Assertion", keys)
}

fn id_in(text: &str, keys: &[PrivateKey]) -> Result<String, Refusal> {
    let document = xml::parse(text)?;
    let root = document.root_element();
    let subjects = xml::children(root, ASSERTION, "Subject");
    let found: Vec<_> = subjects
        .chain([root])
        .flat_map(|parent| xml::children(parent, ASSERTION, "EncryptedID"))
        .collect();
    let [encrypted] = found.as_slice() else { return Err(undecipherable()) };
    open(*encrypted, "NameID", keys)
}

fn open(
    encrypted: Node<'_, '_>,
    name: &'static str,
    keys: &[PrivateKey],
) -> Result<String, Refusal> {
    let plan = plan::read(encrypted)?;
    let scope = fragment::declarations(encrypted);
    let (plaintext, _) = open::open(&plan, keys, |text| element(text, &scope, name));
    plaintext.ok_or_else(undecipherable)
}

/// The one element of the plaintext, if it is the expected one. It is read inside a shell with the namespaces that
/// were in scope, and leaves with them (DC-7).
fn element(text: &str, scope: &str, name: &'static str) -> Option<String> {
    let body = text.strip_prefix('\u{feff}').unwrap_or(text);
    let body = match body.strip_prefix("<?xml ") {
        Some(rest) => rest.split_once("?>")?.1,
        None => body,
    };
    let shell = ["<shell", scope, &usual(scope, body), ">", body, "</shell>"].concat();
    let options = ParsingOptions { allow_dtd: false, nodes_limit: 20_000, ..Default::default() };
    let document = Document::parse_with_options(&shell, options).ok()?;
    let mut children = document.root_element().children().filter(|node| !is_blank(*node));
    let (node, None) = (children.next()?, children.next()) else { return None };
    node.has_tag_name((ASSERTION, name)).then(|| fragment::standalone(node)).flatten()
}

/// Declarations that were lost on the way: a signature over the whole response keeps only the prefixes that it sees,
/// and what is encrypted it does not see. Prefixes that everybody uses for one namespace are declared as that, and as
/// nothing else: what stands outside of the verified bytes is never asked.
fn usual(scope: &str, body: &str) -> String {
    const USUAL: [(&str, &str); 4] = [("xsi", XSI), ("xs", XS), ("xsd", XS), ("ds", DSIG)];
    let mut lost = String::new();
    for (prefix, uri) in USUAL {
        let declaration = format!("xmlns:{prefix}=");
        let used = body.contains(&format!("{prefix}:"));
        if used && !scope.contains(&declaration) && !body.contains(&declaration) {
            lost.push_str(&format!(" {declaration}\"{uri}\""));
        }
    }
    lost
}

fn is_blank(node: Node<'_, '_>) -> bool {
    node.is_text() && node.text().is_some_and(|text| text.trim_ascii().is_empty())
}
