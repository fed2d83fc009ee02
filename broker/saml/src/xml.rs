//! Reading elements by namespace and name, and text whole: what the readers of all messages share.
//!
//! Owns: how a name is found and how text is put together. Does not own: what a message must hold (`response`,
//! `logout`, `metadata`), and whether its bytes may be believed.

use chrono::{DateTime, NaiveDateTime, Utc};
use roxmltree::{Document, Node, ParsingOptions};

use crate::fault::{Fault, Refusal};

#[cfg(test)]
mod tests;

/// More nodes than the gate lets through (PC-07, ME-1).
const MOST_NODES: u32 = 250_000;

/// Parses a text that passed the gate or that a signature covers: strict, no document type (PC-06).
pub(crate) fn parse(text: &str) -> Result<Document<'_>, Refusal> {
    let options =
        ParsingOptions { allow_dtd: false, nodes_limit: MOST_NODES, ..Default::default() };
    Document::parse_with_options(text, options)
        .map_err(|_| Refusal::new(Fault::Malformed, "text that is no XML", "well-formed XML"))
}

/// The child elements of this namespace and name, in order.
pub(crate) fn children<'a, 'input: 'a>(
    parent: Node<'a, 'input>,
    namespace: &'static str,
    name: &'static str,
) -> impl Iterator<Item = Node<'a, 'input>> {
    parent.children().filter(move |node| node.has_tag_name((namespace, name)))
}

/// The text of an element, whole: comments and CDATA sections do not cut it (AT-23, AT-26).
pub(crate) fn text(node: Node<'_, '_>) -> String {
    node.children().filter(Node::is_text).filter_map(|child| child.text()).collect()
}

/// The text of an element and of everything inside it, whole.
pub(crate) fn deep_text(node: Node<'_, '_>) -> String {
    node.descendants().filter(Node::is_text).filter_map(|child| child.text()).collect()
}

/// The text without the line breaks and blanks that an indenting printer puts around it. Blanks that somebody typed stay:
/// who may choose a name must not become somebody else by a blank (A38).
pub(crate) fn without_indentation(text: &str) -> &str {
    let inner = trimmed(text);
    let before = text.split(inner).next().unwrap_or_default();
    let after = text.strip_prefix(before).and_then(|rest| rest.strip_prefix(inner));
    let printed = before.contains('\n') && after.is_some_and(|after| after.starts_with('\n'));
    if printed { inner } else { text }
}

/// The text without the white space of XML around it; other white space is part of the value (XML 1.0 2.3).
pub(crate) fn trimmed(text: &str) -> &str {
    text.trim_matches(|c| matches!(c, ' ' | '\t' | '\r' | '\n'))
}

/// An attribute in no namespace, as all of SAML's own are. The parser's own way by name alone would also take one of
/// another namespace.
pub(crate) fn plain_attribute<'a>(node: Node<'a, '_>, name: &str) -> Option<&'a str> {
    node.attributes()
        .find(|attribute| attribute.namespace().is_none() && attribute.name() == name)
        .map(|attribute| attribute.value())
}

/// [`plain_attribute`] to keep.
pub(crate) fn attribute(node: Node<'_, '_>, name: &str) -> Option<String> {
    plain_attribute(node, name).map(str::to_owned)
}

/// A time as a document states it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) enum Moment {
    /// Not at all.
    #[default]
    Missing,
    /// In a form that is no time.
    Malformed(String),
    /// A time.
    At(DateTime<Utc>),
}

impl Moment {
    /// An attribute of type `xs:dateTime` (SAML Core 1.3.3): fractions of any length and offsets are read, and a time
    /// without a zone is UTC, as the section says.
    pub(crate) fn of(node: Node<'_, '_>, name: &str) -> Self {
        let Some(stated) = plain_attribute(node, name) else { return Self::Missing };
        date_time(stated).map_or_else(|| Self::Malformed(stated.to_owned()), Self::At)
    }

    /// The time, where one is stated.
    pub(crate) fn time(&self) -> Option<DateTime<Utc>> {
        match self {
            Self::At(time) => Some(*time),
            Self::Missing | Self::Malformed(_) => None,
        }
    }
}

/// An `xs:dateTime` of the years 0000 to 9999 (XML Schema 2, 3.2.7).
pub(crate) fn date_time(stated: &str) -> Option<DateTime<Utc>> {
    let stated = trimmed(stated);
    // RFC 3339 has the same form but also takes a blank or a small `t` here.
    if stated.as_bytes().get(10) != Some(&b'T') {
        return None;
    }
    if let Ok(time) = DateTime::parse_from_rfc3339(stated) {
        return Some(time.to_utc());
    }
    // Without a zone. The first digit keeps out signs and longer years, whose sums could overflow.
    let digits = stated.as_bytes().first().is_some_and(u8::is_ascii_digit);
    let naive = NaiveDateTime::parse_from_str(stated, "%Y-%m-%dT%H:%M:%S%.f").ok()?;
    digits.then(|| naive.and_utc())
}
