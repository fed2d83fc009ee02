//! A subject that only we can read (SAML Core 2.2.4, 2.4.1), as Shibboleth writes it where NameIDs are encrypted.

use roxmltree::Node;

use super::reader::{self, Assertion};
use super::signatures::Verifier;
use crate::fault::{Fault, Refusal};
use crate::{decrypt, fragment, gate, xml};

/// Decrypts the one `EncryptedID` of an assertion that is believed, and has the subject read as if it had been plain.
///
/// A signature covers the ciphertext, so what goes wrong may be said. Beside another identifier it stays closed, and the
/// rule of the subject refuses.
pub(super) fn open<E>(
    verifier: &Verifier<'_, E>,
    node: Node<'_, '_>,
    assertion: &mut Assertion,
) -> Result<(), Refusal> {
    let [subject] = assertion.subjects.as_mut_slice() else { return Ok(()) };
    if (subject.name_ids.len(), subject.base_ids, subject.encrypted_ids) != (0, 0, 1) {
        return Ok(());
    }
    let unreadable = || Refusal::new(Fault::Decryption, "an encrypted NameID", "a NameID");
    let text = fragment::standalone(node).ok_or_else(unreadable)?;
    let (algorithms, now) = (&verifier.keys.algorithms, verifier.expected.now);
    let gated = gate::assertion(text.as_bytes(), algorithms, now)?;
    let name_id = decrypt::encrypted_id(&gated, verifier.keys.decryption)?;
    let name_id = xml::parse(&name_id)?;
    subject.name_ids.push(reader::name_id(name_id.root_element()));
    subject.encrypted_ids = 0;
    Ok(())
}
