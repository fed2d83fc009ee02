//! Attributes: names and values as text (SAML Core 2.7.3), whatever their types and friendly names.

use std::collections::HashMap;

use roxmltree::Node;

use crate::names::ASSERTION;
use crate::response::Attribute;
use crate::xml::{attribute, children, deep_text, text, trimmed};

/// The attributes of an assertion.
#[derive(Debug, Default)]
pub(in crate::response) struct Attributes {
    /// In order; those of equal names are joined.
    pub(in crate::response) joined: Vec<Attribute>,
    /// How many `Attribute` elements there are.
    pub(in crate::response) elements: usize,
    /// How many of them have no name.
    pub(in crate::response) nameless: usize,
}

impl Attributes {
    pub(super) fn of(assertion: Node<'_, '_>) -> Self {
        let mut attributes = Self::default();
        let mut places: HashMap<String, usize> = HashMap::new();
        let statements = children(assertion, ASSERTION, "AttributeStatement");
        for node in statements.flat_map(|statement| children(statement, ASSERTION, "Attribute")) {
            attributes.elements += 1;
            let name = attribute(node, "Name").unwrap_or_default();
            if trimmed(&name).is_empty() {
                attributes.nameless += 1;
                continue;
            }
            let values = children(node, ASSERTION, "AttributeValue").filter_map(value);
            match places.get(&name).and_then(|place| attributes.joined.get_mut(*place)) {
                Some(earlier) => earlier.values.extend(values),
                None => {
                    places.insert(name.clone(), attributes.joined.len());
                    attributes.joined.push(Attribute { name, values: values.collect() });
                }
            }
        }
        attributes
    }

    /// Names and values together, in bytes.
    pub(in crate::response) fn bytes(&self) -> usize {
        let values =
            |attribute: &Attribute| attribute.values.iter().map(String::len).sum::<usize>();
        self.joined.iter().map(|attribute| attribute.name.len() + values(attribute)).sum()
    }

    /// The number of values.
    pub(in crate::response) fn values(&self) -> usize {
        self.joined.iter().map(|attribute| attribute.values.len()).sum()
    }
}

/// A value; none where it says that it is none (`xsi:nil`, SAML Core 2.7.3.1.1). Elements inside a value refuse nothing:
/// their text is the value, as in eduPersonTargetedID (VA-01, AT-72).
fn value(node: Node<'_, '_>) -> Option<String> {
    if is_nil(node) {
        return None;
    }
    if node.children().any(|child| child.is_element()) {
        return Some(trimmed(&deep_text(node)).to_owned());
    }
    Some(text(node))
}

fn is_nil(node: Node<'_, '_>) -> bool {
    const SCHEMA_INSTANCE: &str = "http://www.w3.org/2001/XMLSchema-instance";
    node.attribute((SCHEMA_INSTANCE, "nil")).is_some_and(|nil| matches!(trimmed(nil), "true" | "1"))
}
