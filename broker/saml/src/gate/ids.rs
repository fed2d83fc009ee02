//! Ids that stand once (PC-10): a reference must not have two readings.

use std::collections::HashSet;

use roxmltree::Node;

use crate::fault::{Fault, Refusal};

/// Refuses a value that two attributes named `ID`, `Id`, `id` or `xml:id` share, across the names: which of them
/// makes an id depends on who reads. An `ID` with a prefix is refused for the same reason.
pub(super) fn are_unique(root: Node<'_, '_>) -> Result<(), Refusal> {
    let mut seen = HashSet::new();
    for node in root.descendants() {
        for attribute in node.attributes().filter(|one| one.name().eq_ignore_ascii_case("id")) {
            // libxml2 and others would take `x:ID` for the `ID` that a signature means.
            if attribute.name() == "ID" && attribute.namespace().is_some() {
                return Err(Refusal::new(Fault::Structure, "an ID with a prefix", "plain IDs"));
            }
            // White space around an `xml:id` does not count (xml:id section 4).
            if !seen.insert(attribute.value().trim()) {
                return Err(Refusal::new(Fault::DuplicateId, attribute.value(), "each id once"));
            }
        }
    }
    Ok(())
}

/// Whether an id can be referred to by `#` and itself and by nothing else: no XPointer, no quotes, no blanks.
pub(super) fn is_plain(id: &str) -> bool {
    let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.' | ':');
    !id.is_empty() && id.chars().all(fits)
}
