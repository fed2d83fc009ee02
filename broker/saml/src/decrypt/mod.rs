//! Encrypted assertions and identifiers, made readable (DC-1 to DC-10).
//!
//! Owns: content and key decryption over `openssl`, and which algorithms are taken. Does not own: what becomes of the
//! plaintext: it goes through [`crate::gate`] like any other document (GT-15), and needs a signature (`response`).

use crate::certificate::PrivateKey;
use crate::fault::{Fault, Refusal};
use crate::gate::GatedDocument;

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
    let _ = (document, keys);
    Err(Refusal::new(Fault::Decryption, "", ""))
}

/// Decrypts the one `EncryptedID` of a logout request or subject (SAML Core 2.2.4).
///
/// # Errors
/// As [`encrypted_assertion`].
pub fn encrypted_id(document: &GatedDocument, keys: &[PrivateKey]) -> Result<String, Refusal> {
    let _ = (document, keys);
    Err(Refusal::new(Fault::Decryption, "", ""))
}
