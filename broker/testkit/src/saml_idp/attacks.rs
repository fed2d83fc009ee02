//! What somebody in the middle does to a response after it was signed.

use roxmltree::{Document, Node};

use super::assertion::halves;
use super::canonical::text;
use super::misbehaviour::Misbehaviour;
use super::names::{ASSERTION, DSIG, fresh_id};
use super::settings::Settings;

const SOMEBODY_ELSE: &str = "intruder@evil.example";

/// Applies every fault in force that changes the assertion.
pub(super) fn on_assertion(mut xml: String, settings: &Settings) -> String {
    for fault in &settings.faults {
        let change: fn(&str) -> Option<String> = match fault {
            Misbehaviour::BadSignature => bad_signature,
            Misbehaviour::TamperedNameId => |xml| with_name_id(xml, |_| text(SOMEBODY_ELSE)),
            Misbehaviour::CommentInNameId => |xml| {
                with_name_id(xml, |value| {
                    let (head, tail) = halves(value);
                    format!("{}<!---->{}", text(head), text(tail))
                })
            },
            Misbehaviour::TamperedId => tampered_id,
            Misbehaviour::SecondAssertionBefore => |xml| second(xml, true, false),
            Misbehaviour::SecondAssertionAfter => |xml| second(xml, false, false),
            Misbehaviour::DuplicateId => |xml| second(xml, false, true),
            Misbehaviour::WrappedAssertion => wrapped,
            _ => continue,
        };
        xml = change(&xml).unwrap_or(xml);
    }
    xml
}

/// Applies every fault in force that changes the document around the response.
pub(super) fn on_document(mut xml: String, settings: &Settings) -> String {
    for fault in &settings.faults {
        match fault {
            Misbehaviour::DocumentType => xml.insert_str(0, "<!DOCTYPE Response>"),
            Misbehaviour::Entity => {
                xml.insert_str(0, "<!DOCTYPE Response [<!ENTITY who \"intruder\">]>");
            }
            Misbehaviour::TrailingRoot => xml.push_str("<trailing></trailing>"),
            _ => {}
        }
    }
    xml
}

fn bad_signature(xml: &str) -> Option<String> {
    let (head, value) = xml.split_once("SignatureValue>")?;
    let (first, rest) = value.split_at_checked(1)?;
    let other = if first == "A" { "B" } else { "A" };
    Some(format!("{head}SignatureValue>{other}{rest}"))
}

fn assertion<'a, 'input>(document: &'a Document<'input>) -> Option<Node<'a, 'input>> {
    document.descendants().find(|node| node.has_tag_name((ASSERTION, "Assertion")))
}

fn with_name_id(xml: &str, change: fn(&str) -> String) -> Option<String> {
    let document = Document::parse(xml).ok()?;
    let node = assertion(&document)?
        .descendants()
        .find(|node| node.has_tag_name((ASSERTION, "NameID")))?
        .first_child()?;
    let changed = change(node.text()?);
    let mut out = xml.to_owned();
    out.replace_range(node.range(), &changed);
    Some(out)
}

fn tampered_id(xml: &str) -> Option<String> {
    let document = Document::parse(xml).ok()?;
    let id = assertion(&document)?.attribute("ID")?;
    Some(xml.replacen(&format!("ID=\"{id}\""), &format!("ID=\"{}\"", fresh_id()), 1))
}

/// The first assertion without its signature, for somebody else.
fn forged(xml: &str, keep_id: bool) -> Option<String> {
    let document = Document::parse(xml).ok()?;
    let source = assertion(&document)?;
    let id = source.attribute("ID")?;
    let mut copy = unsigned(xml, source)?;
    if !keep_id {
        copy = copy.replacen(&format!("ID=\"{id}\""), &format!("ID=\"{}\"", fresh_id()), 1);
    }
    with_name_id(&copy, |_| text(SOMEBODY_ELSE))
}

/// The text of an assertion without its signature.
fn unsigned(xml: &str, source: Node<'_, '_>) -> Option<String> {
    let range = source.range();
    let signature = source.children().find(|node| node.has_tag_name((DSIG, "Signature")));
    let mut copy = xml.get(range.clone())?.to_owned();
    if let Some(signature) = signature.map(|node| node.range()) {
        let (start, end) = (signature.start - range.start, signature.end - range.start);
        copy.replace_range(start..end, "");
    }
    Some(copy)
}

fn second(xml: &str, before: bool, keep_id: bool) -> Option<String> {
    let forged = forged(xml, keep_id)?;
    let document = Document::parse(xml).ok()?;
    let range = assertion(&document)?.range();
    let mut out = xml.to_owned();
    out.insert_str(if before { range.start } else { range.end }, &forged);
    Some(out)
}

/// The forged assertion carries the genuine signature, which holds the genuine assertion in an Object
/// (XSW, in the numbering of Somorovsky and others the fourth kind).
fn wrapped(xml: &str) -> Option<String> {
    let document = Document::parse(xml).ok()?;
    let source = assertion(&document)?;
    let signature = source.children().find(|node| node.has_tag_name((DSIG, "Signature")))?;
    let signature = xml.get(signature.range())?;
    let genuine = unsigned(xml, source)?;
    let (inside, end) = signature.rsplit_once("</")?;
    let prefix = end.split_once(':').map_or(String::new(), |(prefix, _)| format!("{prefix}:"));
    let signature = format!("{inside}<{prefix}Object>{genuine}</{prefix}Object></{end}");
    let mut forged = forged(xml, false)?;
    let issuer = {
        let document = Document::parse(&forged).ok()?;
        document.root_element().first_element_child()?.range().end
    };
    forged.insert_str(issuer, &signature);
    let mut out = xml.to_owned();
    out.replace_range(source.range(), &forged);
    Some(out)
}
