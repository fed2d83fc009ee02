//! The proof that a written document is read as it was meant, by the strict parser that receivers' rules rest on.

use roxmltree::{Document, Node};

use super::{Content, Element, PREFIXES};
use crate::fault::{Fault, Refusal};

/// Parses the document again and compares every name, attribute and text (SW-2).
pub(super) fn reads_back(xml: &str, meant: &Element) -> Result<(), Refusal> {
    let differs = || {
        Refusal::new(Fault::Malformed, "a document that does not read back as meant", "the same")
    };
    let document = Document::parse(xml).map_err(|_| differs())?;
    if same_element(document.root_element(), meant) { Ok(()) } else { Err(differs()) }
}

fn same_element(found: Node<'_, '_>, meant: &Element) -> bool {
    let tag = found.tag_name();
    let name = (tag.namespace().unwrap_or_default(), tag.name());
    let attributes = found.attributes().map(|attribute| {
        ((attribute.namespace().unwrap_or_default(), attribute.name()), attribute.value())
    });
    let meant_attributes =
        meant.attributes.iter().map(|(name, value)| (expanded(name), value.as_str()));
    name == expanded(meant.name) && attributes.eq(meant_attributes) && same_content(found, meant)
}

/// Adjoining texts are one to a parser, and empty ones none.
fn same_content(found: Node<'_, '_>, meant: &Element) -> bool {
    let mut found = found.children();
    let mut text = String::new();
    for content in &meant.content {
        match content {
            Content::Text(more) => text.push_str(more),
            Content::Element(child) => {
                if !same_text(&mut found, &mut text) {
                    return false;
                }
                if !found.next().is_some_and(|node| same_element(node, child)) {
                    return false;
                }
            }
        }
    }
    same_text(&mut found, &mut text) && found.next().is_none()
}

fn same_text<'a, 'i>(found: &mut impl Iterator<Item = Node<'a, 'i>>, text: &mut String) -> bool
where
    'i: 'a,
{
    let meant = std::mem::take(text);
    meant.is_empty()
        || found.next().is_some_and(|node| node.is_text() && node.text() == Some(meant.as_str()))
}

fn expanded(name: &str) -> (&'static str, &str) {
    let Some((prefix, local)) = name.split_once(':') else { return ("", name) };
    let known = PREFIXES.iter().find(|(known, _)| *known == prefix);
    // An unknown prefix equals no namespace that a parser could find.
    (known.map_or("unknown", |(_, uri)| uri), local)
}
