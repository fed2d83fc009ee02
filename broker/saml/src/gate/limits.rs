//! Limits and the plainest form of XML (PC-06, PC-07): one pass over the tags, before any parser builds a tree.
//!
//! Bounds what a parser's cost depends on, and refuses what parsers are known to read differently: names beyond
//! ASCII, an attribute written twice, namespaces that are relative, taken back or written in references. Does not
//! own: whether tags match and characters are allowed; the parser says that.

use std::collections::HashSet;

use super::scan::is_space;
use crate::fault::{Fault, Refusal};

#[cfg(test)]
mod tests;

/// How much of everything a document may hold (PC-07).
#[derive(Debug, Clone, Copy)]
pub(super) struct Limits {
    /// Elements inside one another.
    pub(super) depth: usize,
    /// Attributes of an element, namespace declarations among them.
    pub(super) attributes: usize,
    /// Elements, texts and comments.
    pub(super) nodes: u32,
    /// Prefixes in force at one place. For an element that declares one more, a parser copies all of them and compares
    /// each with each.
    pub(super) prefixes: usize,
}

/// The limits of messages.
pub(super) const MESSAGE: Limits =
    Limits { depth: 48, attributes: 64, nodes: 20_000, prefixes: 32 };
/// The limits of metadata, aggregates among them.
pub(super) const METADATA: Limits = Limits { nodes: 200_000, prefixes: 48, ..MESSAGE };

/// Different namespace declarations of a document.
const NAMESPACES: usize = 1024;
/// `<` and `=`: parsers make room for as many elements and attributes before they read them.
const MARKS: usize = 1_000_000;

const XML: &str = "http://www.w3.org/XML/1998/namespace";

/// Walks over all tags.
pub(super) fn check(text: &str, limits: &Limits) -> Result<(), Refusal> {
    let marks = text.bytes().filter(|byte| matches!(byte, b'<' | b'=')).count();
    at_most(marks, MARKS, "marks")?;
    let mut walk =
        Walk { limits, open: Vec::new(), in_force: Vec::new(), namespaces: HashSet::new() };
    let mut rest = text;
    while let Some((_, behind)) = rest.split_once('<') {
        rest = if let Some(comment) = behind.strip_prefix("!--") {
            behind_end(comment, "-->")?
        } else if let Some(data) = behind.strip_prefix("![CDATA[") {
            behind_end(data, "]]>")?
        } else if let Some(name) = behind.strip_prefix('/') {
            walk.close();
            behind_end(name, ">")?
        } else {
            walk.tag(behind)?
        };
    }
    Ok(())
}

fn behind_end<'a>(text: &'a str, end: &str) -> Result<&'a str, Refusal> {
    text.split_once(end).map(|(_, rest)| rest).ok_or_else(|| malformed("markup without end"))
}

fn malformed(seen: &str) -> Refusal {
    Refusal::new(Fault::Malformed, seen, "well-formed XML")
}

fn at_most(count: usize, most: usize, what: &str) -> Result<(), Refusal> {
    if count <= most {
        return Ok(());
    }
    let (seen, expected) = (format!("{count} {what}"), format!("at most {most}"));
    Err(Refusal::new(Fault::TooComplex, seen, expected))
}

struct Walk<'a> {
    limits: &'a Limits,
    /// For each open element, how many prefixes were in force outside of it.
    open: Vec<usize>,
    in_force: Vec<&'a str>,
    namespaces: HashSet<(&'a str, &'a str)>,
}

impl<'a> Walk<'a> {
    fn close(&mut self) {
        self.in_force.truncate(self.open.pop().unwrap_or_default());
    }

    /// Reads a start tag behind its `<` and gives back what follows it.
    fn tag(&mut self, text: &'a str) -> Result<&'a str, Refusal> {
        let (_, mut rest) = name(text)?;
        let mut attributes: Vec<&str> = Vec::new();
        let outside = self.in_force.len();
        let (empty, behind) = loop {
            let trimmed = rest.trim_start_matches(is_space);
            if let Some(behind) = trimmed.strip_prefix('>') {
                break (false, behind);
            }
            if let Some(behind) = trimmed.strip_prefix("/>") {
                break (true, behind);
            }
            if trimmed.len() == rest.len() {
                return Err(malformed("a tag without end"));
            }
            let (name, value, behind) = attribute(trimmed)?;
            if attributes.contains(&name) {
                return Err(malformed("an attribute written twice"));
            }
            attributes.push(name);
            at_most(attributes.len(), self.limits.attributes, "attributes of one element")?;
            self.namespace(name, value)?;
            rest = behind;
        };
        at_most(self.open.len() + 1, self.limits.depth, "levels")?;
        if empty {
            self.in_force.truncate(outside);
        } else {
            self.open.push(outside);
        }
        Ok(behind)
    }

    /// Checks the attribute if it is a namespace declaration.
    fn namespace(&mut self, name: &'a str, value: &'a str) -> Result<(), Refusal> {
        let (prefix, fine) = match name.split_once(':') {
            None if name == "xmlns" => ("", value.is_empty() || is_absolute(value)),
            Some(("xmlns", "xml")) => ("xml", value == XML),
            Some(("xmlns", prefix)) => (prefix, prefix != "xmlns" && is_absolute(value)),
            _ => return Ok(()),
        };
        if !fine {
            return Err(malformed("a namespace that is no absolute URI"));
        }
        self.namespaces.insert((prefix, value));
        at_most(self.namespaces.len(), NAMESPACES, "namespaces")?;
        if !self.in_force.contains(&prefix) {
            self.in_force.push(prefix);
        }
        at_most(self.in_force.len(), self.limits.prefixes, "prefixes in force")
    }
}

/// A name with at most one colon, in ASCII, and what follows it.
fn name(text: &str) -> Result<(&str, &str), Refusal> {
    let is_part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.' | ':');
    let end = text.find(|c| !is_part(c)).unwrap_or(text.len());
    let (name, rest) = text.split_at_checked(end).unwrap_or_default();
    let (prefix, local) = name.split_once(':').unwrap_or(("_", name));
    let starts = |part: &str| part.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
    if starts(prefix) && starts(local) && !local.contains(':') {
        Ok((name, rest))
    } else {
        Err(malformed("a name that is none, or not in ASCII letters"))
    }
}

/// Reads `name="value"` and gives back what follows it.
fn attribute(text: &str) -> Result<(&str, &str, &str), Refusal> {
    let (name, rest) = name(text)?;
    let broken = || malformed("an attribute without value");
    let rest = rest.trim_start_matches(is_space).strip_prefix('=').ok_or_else(broken)?;
    let rest = rest.trim_start_matches(is_space);
    let quote = rest.chars().next().filter(|c| matches!(c, '"' | '\'')).ok_or_else(broken)?;
    let rest = rest.strip_prefix(quote).ok_or_else(broken)?;
    let end = rest.find([quote, '<']).ok_or_else(broken)?;
    let (value, rest) = rest.split_at_checked(end).ok_or_else(broken)?;
    // A `<` may not stand in a value (XML 1.0 section 3.1).
    Ok((name, value, rest.strip_prefix(quote).ok_or_else(broken)?))
}

/// `scheme:` and printable ASCII without references: the only form that canonicalisation, libxml2 and the rest
/// treat alike (GT-10).
fn is_absolute(uri: &str) -> bool {
    let Some((scheme, _)) = uri.split_once(':') else {
        return false;
    };
    scheme.starts_with(|c: char| c.is_ascii_alphabetic())
        && scheme.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.'))
        && uri.chars().all(|c| c.is_ascii_graphic() && !matches!(c, '&' | '<' | '>' | '"' | '\''))
}
