//! The parsed tree (PC-06) and the few questions that the rules ask of it.

use roxmltree::{Document, Error, Node, ParsingOptions};

use super::limits::Limits;
use crate::fault::{Fault, Refusal};

/// Parses strictly: no document type, one root, every prefix declared.
pub(super) fn parse<'a>(text: &'a str, limits: &Limits) -> Result<Document<'a>, Refusal> {
    // One more, because the document itself is a node, too.
    let nodes_limit = limits.nodes + 1;
    let options = ParsingOptions { allow_dtd: false, nodes_limit, entity_resolver: None };
    Document::parse_with_options(text, options).map_err(|error| match error {
        Error::NodesLimitReached
        | Error::AttributesLimitReached
        | Error::NamespacesLimitReached => {
            let expected = format!("at most {} nodes", limits.nodes);
            Refusal::new(Fault::TooComplex, error, expected)
        }
        _ => Refusal::new(Fault::Malformed, error, "well-formed XML"),
    })
}

/// Whether it is the element of this expanded name.
pub(super) fn is(node: Node<'_, '_>, namespace: &str, name: &str) -> bool {
    node.tag_name().name() == name && is_in(node, namespace)
}

/// Whether it is an element of this namespace.
pub(super) fn is_in(node: Node<'_, '_>, namespace: &str) -> bool {
    node.is_element() && node.tag_name().namespace() == Some(namespace)
}

/// Its child elements.
pub(super) fn elements<'a, 'i>(node: Node<'a, 'i>) -> impl Iterator<Item = Node<'a, 'i>> {
    node.children().filter(Node::is_element)
}

/// All elements inside it, not itself.
pub(super) fn inside<'a, 'i>(node: Node<'a, 'i>) -> impl Iterator<Item = Node<'a, 'i>> {
    node.descendants().skip(1).filter(Node::is_element)
}

/// Whether text stands between its children that is more than white space.
pub(super) fn has_own_text(node: Node<'_, '_>) -> bool {
    let blank = |text: &str| text.chars().all(super::scan::is_space);
    node.children().any(|child| child.is_text() && !child.text().is_none_or(blank))
}

/// A refusal for an element at a place where it has no business.
pub(super) fn misplaced(fault: Fault, node: Node<'_, '_>, expected: &str) -> Refusal {
    Refusal::new(fault, node.tag_name().name(), expected)
}
