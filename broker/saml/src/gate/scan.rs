//! The byte scan (PC-01, PC-03 to PC-05): bytes in, plain text out, no XML parser involved.
//!
//! Parsers differ in how they read encodings, document types and line ends, and forged documents live from such
//! differences. What can differ is refused, and what need not be there is taken away. Does not own: well-formedness.

use std::borrow::Cow;
use std::fmt;

use crate::fault::{Fault, Refusal};

#[cfg(test)]
mod tests;

/// Refuses what is too large, not UTF-8, or holds markup that no message needs. What comes back is the same
/// document without byte order mark and XML declaration, and with line feeds for line ends, as every parser
/// would make them (XML 1.0 section 2.11).
pub(super) fn scan(bytes: &[u8], longest: usize) -> Result<String, Refusal> {
    if bytes.len() > longest {
        let expected = format!("at most {longest} bytes");
        return Err(Refusal::new(Fault::TooLarge, bytes.len(), expected));
    }
    let text = std::str::from_utf8(bytes).map_err(|error| not_utf8(error.valid_up_to()))?;
    // UTF-16 without a byte order mark is valid UTF-8 full of NULs, and libxml2 would decode it as UTF-16:
    // everything that this scan looks for would hide there.
    if let Some(at) = text.find('\0') {
        return Err(not_utf8(at));
    }
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let body = behind_declaration(text)?;
    refuse_markup(body)?;
    Ok(unix_lines(body).into_owned())
}

fn not_utf8(at: impl fmt::Display) -> Refusal {
    Refusal::new(Fault::NotUtf8, format!("other bytes near {at}"), "UTF-8")
}

/// Checks a leading XML declaration and gives back what follows (PC-03).
fn behind_declaration(text: &str) -> Result<&str, Refusal> {
    let refused = || Refusal::new(Fault::Markup, "an unusual XML declaration", "version 1.0");
    let Some(inner) = text.strip_prefix("<?xml") else {
        return Ok(text);
    };
    // `<?xml-stylesheet` is a processing instruction; the scan of the body finds it.
    if !inner.starts_with(is_space) {
        return Ok(text);
    }
    let (inner, body) = inner.split_once("?>").ok_or_else(refused)?;
    let mut rest = inner;
    let mut expected = ["version", "encoding", "standalone"].iter();
    while !rest.trim_matches(is_space).is_empty() {
        let (name, value, after) = pseudo_attribute(rest).ok_or_else(refused)?;
        // The order is fixed (XML 1.0 section 2.8), so each name is looked for behind the last one.
        if !expected.any(|known| *known == name) {
            return Err(refused());
        }
        match name {
            "version" if value == "1.0" => {}
            "encoding" if value.eq_ignore_ascii_case("utf-8") => {}
            "encoding" => {
                return Err(Refusal::new(Fault::NotUtf8, "another declared encoding", "UTF-8"));
            }
            "standalone" if value == "yes" || value == "no" => {}
            _ => return Err(refused()),
        }
        rest = after;
    }
    if !inner.trim_start_matches(is_space).starts_with("version") {
        return Err(refused());
    }
    Ok(body)
}

/// Reads ` name="value"` and gives back what follows.
fn pseudo_attribute(text: &str) -> Option<(&str, &str, &str)> {
    let trimmed = text.trim_start_matches(is_space);
    if trimmed.len() == text.len() {
        return None;
    }
    let (name, rest) = trimmed.split_once('=')?;
    let rest = rest.trim_start_matches(is_space);
    let quote = rest.chars().next().filter(|c| matches!(c, '"' | '\''))?;
    let (value, after) = rest.strip_prefix(quote)?.split_once(quote)?;
    Some((name.trim_end_matches(is_space), value, after))
}

/// White space of XML 1.0 section 2.3.
pub(super) fn is_space(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\r' | '\n')
}

/// Looks at every `<!` and `<?` (PC-04, PC-05). A `<` has no other meaning in XML than to open markup, except in
/// CDATA and comments; there the same words are refused too, which costs nobody.
fn refuse_markup(text: &str) -> Result<(), Refusal> {
    for (at, _) in text.match_indices('<') {
        let behind = text.get(at + 1..).unwrap_or_default();
        let kind = if behind.starts_with('?') {
            "a processing instruction"
        } else if !behind.starts_with('!')
            || ["!--", "![CDATA["].iter().any(|known| behind.starts_with(known))
        {
            continue;
        } else {
            "a document type or entity declaration"
        };
        return Err(Refusal::new(Fault::Markup, kind, "elements, text and comments only"));
    }
    Ok(())
}

fn unix_lines(text: &str) -> Cow<'_, str> {
    if !text.contains('\r') {
        return Cow::Borrowed(text);
    }
    Cow::Owned(text.replace("\r\n", "\n").replace('\r', "\n"))
}
