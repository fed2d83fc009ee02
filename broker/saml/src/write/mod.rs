//! Our own serialiser: every document that Symbolon sends is put together here (SW-1, SW-2, SW-8).
//!
//! Owns: [`Element`], the tree of a document; its escaping; the refusal of characters that XML cannot carry; the proof
//! that a strict parser reads back what was meant; ids and times as SAML writes them. Does not own: what the documents
//! say ([`crate::authn_request`], [`crate::logout`], [`crate::metadata`]) and signatures ([`crate::engine`]).

mod proof;

use chrono::{DateTime, SecondsFormat, Utc};
use quick_xml::Writer;
use quick_xml::escape::escape;
use quick_xml::events::{BytesEnd, BytesStart, BytesText, Event};

use crate::fault::{Fault, Refusal};
use crate::names;

#[cfg(test)]
pub(crate) mod tests;

/// The prefixes that our documents use. Each root declares those that stand in it.
const PREFIXES: [(&str, &str); 6] = [
    ("samlp", names::PROTOCOL),
    ("saml", names::ASSERTION),
    ("md", names::METADATA),
    ("mdui", names::MDUI),
    ("ds", names::DSIG),
    ("xml", names::XML),
];

/// An element with its attributes and content. Names are constants of the code, so that only values need escaping.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Element {
    name: &'static str,
    attributes: Vec<(&'static str, String)>,
    content: Vec<Content>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Content {
    Element(Element),
    Text(String),
}

impl Element {
    /// An empty element; the name carries its prefix.
    #[must_use]
    pub fn new(name: &'static str) -> Self {
        Self { name, attributes: Vec::new(), content: Vec::new() }
    }

    /// An element with text.
    #[must_use]
    pub fn with_text(name: &'static str, text: impl Into<String>) -> Self {
        Self::new(name).text(text)
    }

    /// Adds an attribute.
    #[must_use]
    pub fn attribute(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.attributes.push((name, value.into()));
        self
    }

    /// Adds an attribute when there is a value for it.
    #[must_use]
    pub fn maybe(self, name: &'static str, value: Option<impl Into<String>>) -> Self {
        match value {
            Some(value) => self.attribute(name, value),
            None => self,
        }
    }

    /// Adds child elements: one, several, or an `Option`.
    #[must_use]
    pub fn children(mut self, children: impl IntoIterator<Item = Self>) -> Self {
        self.content.extend(children.into_iter().map(Content::Element));
        self
    }

    /// Adds one child element.
    #[must_use]
    pub fn child(self, child: Self) -> Self {
        self.children([child])
    }

    /// Adds text.
    #[must_use]
    pub fn text(mut self, text: impl Into<String>) -> Self {
        self.content.push(Content::Text(text.into()));
        self
    }

    /// The document with this element as its root: escaped, without insignificant space, and proved to read back as
    /// what was meant (SW-2).
    ///
    /// # Errors
    /// [`Fault::Malformed`] when a value holds a character that XML 1.0 cannot carry (section 2.2).
    pub fn to_document(&self) -> Result<String, Refusal> {
        self.check_characters()?;
        let mut writer = Writer::new(Vec::new());
        self.write(&mut writer, true).map_err(|_| unwritable())?;
        let xml = String::from_utf8(writer.into_inner()).map_err(|_| unwritable())?;
        proof::reads_back(&xml, self)?;
        Ok(xml)
    }

    fn write(&self, writer: &mut Writer<Vec<u8>>, is_root: bool) -> std::io::Result<()> {
        let mut start = BytesStart::new(self.name);
        if is_root {
            for (prefix, uri) in PREFIXES.iter().filter(|(prefix, _)| self.uses(prefix)) {
                start.push_attribute((format!("xmlns:{prefix}").as_str(), *uri));
            }
        }
        for (name, value) in &self.attributes {
            start.push_attribute((name.as_bytes(), escape_attribute(value).as_bytes()));
        }
        if self.content.is_empty() {
            return writer.write_event(Event::Empty(start));
        }
        writer.write_event(Event::Start(start))?;
        for content in &self.content {
            match content {
                Content::Element(child) => child.write(writer, false)?,
                Content::Text(text) => {
                    writer.write_event(Event::Text(BytesText::from_escaped(escape_text(text))))?;
                }
            }
        }
        writer.write_event(Event::End(BytesEnd::new(self.name)))
    }

    fn uses(&self, prefix: &str) -> bool {
        // `xml` is bound without a declaration (Namespaces in XML 1.0, section 3).
        prefix != "xml"
            && (self.name.split_once(':').is_some_and(|(own, _)| own == prefix)
                || self.elements().any(|child| child.uses(prefix)))
    }

    fn elements(&self) -> impl Iterator<Item = &Self> {
        self.content.iter().filter_map(|content| match content {
            Content::Element(child) => Some(child),
            Content::Text(_) => None,
        })
    }

    fn check_characters(&self) -> Result<(), Refusal> {
        for (name, value) in &self.attributes {
            check_characters(name, value)?;
        }
        for content in &self.content {
            match content {
                Content::Element(child) => child.check_characters()?,
                Content::Text(text) => check_characters(self.name, text)?,
            }
        }
        Ok(())
    }
}

/// Line ends become references, because parsers would turn a carriage return into a line feed (XML 1.0, 2.11).
fn escape_text(text: &str) -> String {
    escape(text).replace('\r', "&#13;")
}

/// As text, and every kind of space becomes a reference, because parsers would make it a blank (XML 1.0, 3.3.3).
fn escape_attribute(value: &str) -> String {
    escape_text(value).replace('\t', "&#9;").replace('\n', "&#10;")
}

fn check_characters(place: &str, value: &str) -> Result<(), Refusal> {
    match value.chars().find(|c| !is_xml_char(*c)) {
        None => Ok(()),
        Some(found) => Err(Refusal::new(
            Fault::Malformed,
            format_args!("the character U+{:04X} in {place}", u32::from(found)),
            "characters that XML 1.0 can carry",
        )),
    }
}

/// XML 1.0, section 2.2, production `Char`; surrogates are no `char` anyway.
fn is_xml_char(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\r' | '\u{20}'..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..)
}

fn unwritable() -> Refusal {
    Refusal::new(Fault::Malformed, "a document that cannot be written", "a document")
}

/// An id of a document from 128 random bits: it never starts with a digit, which Entra refuses (SW-8).
#[must_use]
pub fn id(random: [u8; 16]) -> String {
    format!("id{:032x}", u128::from_be_bytes(random))
}

/// Whether this may be the `ID` of a document: an ASCII NCName (Namespaces in XML 1.0, section 3) of useful length.
///
/// # Errors
/// [`Fault::Malformed`].
pub fn check_id(id: &str) -> Result<(), Refusal> {
    let first = id.chars().next();
    let starts = first.is_some_and(|c| c.is_ascii_alphabetic() || c == '_');
    let continues = id.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.'));
    if starts && continues && id.len() <= 256 {
        return Ok(());
    }
    Err(Refusal::new(Fault::Malformed, id, "an id that starts with a letter or an underscore"))
}

/// A time as SAML writes it: UTC, with a `Z` (SAML Core 1.3.3).
#[must_use]
pub fn time(time: DateTime<Utc>) -> String {
    time.to_rfc3339_opts(SecondsFormat::Millis, true)
}

/// Refuses an empty value where the schema of the document wants one.
pub(crate) fn require(place: &str, value: &str) -> Result<(), Refusal> {
    if value.trim().is_empty() {
        return Err(Refusal::new(Fault::Malformed, format_args!("an empty {place}"), "a value"));
    }
    Ok(())
}
