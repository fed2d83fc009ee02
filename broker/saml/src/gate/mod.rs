//! The gate's first layer (GT-01, GT-02): bytes in, scanned text out, no XML parser involved.
//!
//! Parsers differ in how they read document types, comments and encodings, and forged documents
//! live from such differences. What can differ is therefore refused, not interpreted.
//! Does not own: well-formedness, structure and signatures (GT-03 and on).

use std::fmt;

use thiserror::Error;

#[cfg(test)]
mod tests;

/// The longest document that is read, in bytes (GT-01).
pub const LONGEST_DOCUMENT: usize = 512 * 1024;

/// A document that passed the scan: UTF-8, of bounded size, without refused markup. Not trusted yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ScannedDocument<'a> {
    text: &'a str,
}

impl<'a> ScannedDocument<'a> {
    /// The document without a byte order mark; the XML declaration is still there.
    #[must_use]
    pub fn text(self) -> &'a str {
        self.text
    }
}

/// Markup that no signed SAML message needs (GT-02).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RefusedMarkup {
    /// `<!DOCTYPE`, `<!ENTITY` or any other declaration of a document type.
    DocumentType,
    /// `<!--`: parsers disagree about text with a comment inside.
    Comment,
    /// `<?` anywhere but as the XML declaration at the very beginning.
    ProcessingInstruction,
    /// An XML declaration that is not `version="1.0"` with the usual additions.
    Declaration,
}

impl fmt::Display for RefusedMarkup {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::DocumentType => "a document type or entity declaration",
            Self::Comment => "a comment",
            Self::ProcessingInstruction => "a processing instruction",
            Self::Declaration => "an unusual XML declaration",
        })
    }
}

/// Why a document does not pass. No variant carries any of the document's text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum GateRefusal {
    /// Reason code `saml.document_too_large`.
    #[error("the document has {seen} bytes, at most {LONGEST_DOCUMENT} are read")]
    TooLarge {
        /// Its size in bytes.
        seen: usize,
    },
    /// Reason code `saml.not_utf8`.
    #[error("the document is not UTF-8 (near byte {at})")]
    NotUtf8 {
        /// Where the first byte lies that cannot be UTF-8 text.
        at: usize,
    },
    /// Reason code `saml.not_utf8`.
    #[error("the document declares another encoding than UTF-8")]
    OtherEncoding,
    /// Reason code `saml.markup_refused`.
    #[error("the document holds {markup} at byte {at}")]
    Markup {
        /// Which kind of markup.
        markup: RefusedMarkup,
        /// Where it begins.
        at: usize,
    },
}

/// Refuses what is too large, not UTF-8, or holds markup that no signed message needs.
///
/// # Errors
/// [`GateRefusal`] for the first thing found.
pub fn scan(bytes: &[u8]) -> Result<ScannedDocument<'_>, GateRefusal> {
    if bytes.len() > LONGEST_DOCUMENT {
        return Err(GateRefusal::TooLarge { seen: bytes.len() });
    }
    let text = std::str::from_utf8(bytes)
        .map_err(|error| GateRefusal::NotUtf8 { at: error.valid_up_to() })?;
    // UTF-16 without a byte order mark is valid UTF-8 full of NULs, and libxml2 would decode it as
    // UTF-16: everything that this scan looks for would hide there.
    if let Some(at) = text.find('\0') {
        return Err(GateRefusal::NotUtf8 { at });
    }
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let body = after_declaration(text)?;
    refuse_markup(text, body)?;
    Ok(ScannedDocument { text })
}

/// Checks a leading XML declaration; the answer is where the rest begins.
fn after_declaration(text: &str) -> Result<usize, GateRefusal> {
    let refused = GateRefusal::Markup { markup: RefusedMarkup::Declaration, at: 0 };
    let Some(inner) = text.strip_prefix("<?xml") else {
        return Ok(0);
    };
    // `<?xml-stylesheet` is a processing instruction; the scan of the body finds it at byte 0.
    if !inner.starts_with(is_xml_space) {
        return Ok(0);
    }
    let (inner, _) = inner.split_once("?>").ok_or(refused)?;
    let mut rest = inner;
    let mut expected = ["version", "encoding", "standalone"].iter();
    while !rest.trim_matches(is_xml_space).is_empty() {
        let (name, value, after) = pseudo_attribute(rest).ok_or(refused)?;
        // The order is fixed (XML 1.0 section 2.8), so each name is looked for behind the last one.
        if !expected.any(|known| *known == name) {
            return Err(refused);
        }
        match name {
            "version" if value == "1.0" => {}
            "encoding" if value.eq_ignore_ascii_case("utf-8") => {}
            "encoding" => return Err(GateRefusal::OtherEncoding),
            "standalone" if value == "yes" || value == "no" => {}
            _ => return Err(refused),
        }
        rest = after;
    }
    if !inner.trim_start_matches(is_xml_space).starts_with("version") {
        return Err(refused);
    }
    Ok("<?xml".len() + inner.len() + "?>".len())
}

/// Reads ` name="value"` and gives back what follows.
fn pseudo_attribute(text: &str) -> Option<(&str, &str, &str)> {
    let trimmed = text.trim_start_matches(is_xml_space);
    if trimmed.len() == text.len() {
        return None;
    }
    let (name, rest) = trimmed.split_once('=')?;
    let rest = rest.trim_start_matches(is_xml_space);
    let quote = rest.chars().next().filter(|c| matches!(c, '"' | '\''))?;
    let (value, after) = rest.strip_prefix(quote)?.split_once(quote)?;
    Some((name.trim_end_matches(is_xml_space), value, after))
}

fn is_xml_space(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\r' | '\n')
}

/// Looks at every `<!` and `<?` behind the declaration. A `<` has no other meaning in XML than to
/// open markup, except inside CDATA; there the same words are refused too, which costs nobody.
fn refuse_markup(text: &str, body: usize) -> Result<(), GateRefusal> {
    for (at, _) in text.match_indices('<').filter(|(at, _)| *at >= body) {
        let behind = text.get(at + 1..).unwrap_or_default();
        let markup = if behind.starts_with('?') {
            RefusedMarkup::ProcessingInstruction
        } else if behind.starts_with("!--") {
            RefusedMarkup::Comment
        } else if behind.starts_with('!') && !behind.starts_with("![CDATA[") {
            RefusedMarkup::DocumentType
        } else {
            continue;
        };
        return Err(GateRefusal::Markup { markup, at });
    }
    Ok(())
}

/// A document that passed every rule of the gate. Not trusted yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GatedDocument {
    text: String,
}

impl GatedDocument {
    /// The document, without a byte order mark.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }
}
