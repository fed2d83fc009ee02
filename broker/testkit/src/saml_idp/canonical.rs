//! Exclusive XML Canonicalization 1.0 without comments (W3C REC-xml-exc-c14n-20020718), written apart
//! from the product's engine so that the two can disagree.
//!
//! It owns the canonical form and finding an element by its `ID`; it checks no signature.

use std::collections::BTreeMap;

use roxmltree::{Document, Node, NodeId};

/// How an element is to be written.
#[derive(Clone, Copy, Default)]
pub(super) struct Form<'a> {
    /// An element that is left out: the enveloped signature.
    pub(super) without: Option<NodeId>,
    /// `InclusiveNamespaces PrefixList`, split.
    pub(super) inclusive: &'a [&'a str],
}

/// The element with this `ID`.
pub(super) fn element_by_id<'a, 'input>(
    document: &'a Document<'input>,
    id: &str,
) -> Option<Node<'a, 'input>> {
    document.descendants().find(|node| node.attribute("ID") == Some(id))
}

/// The canonical form of an element.
pub(super) fn canonical(element: Node<'_, '_>, form: Form<'_>) -> String {
    let mut out = String::new();
    write(element, form, &BTreeMap::new(), &mut out);
    out
}

type Rendered = BTreeMap<String, String>;

fn write(node: Node<'_, '_>, form: Form<'_>, above: &Rendered, out: &mut String) {
    if node.is_text() {
        out.push_str(&text(node.text().unwrap_or_default()));
        return;
    }
    if let Some(pi) = node.pi() {
        out.push_str(&format!("<?{} {}?>", pi.target, pi.value.unwrap_or_default()));
        return;
    }
    if !node.is_element() || form.without == Some(node.id()) {
        return;
    }
    let name = qualified_name(node);
    let mut rendered = above.clone();
    let mut attributes: Vec<(String, String, String)> = node
        .attributes()
        .map(|one| {
            let source = node.document().input_text().get(one.range_qname()).unwrap_or_default();
            let namespace = one.namespace().unwrap_or_default().to_owned();
            (namespace, source.to_owned(), one.value().to_owned())
        })
        .collect();
    let mut used: Vec<String> = vec![prefix_of(&name).to_owned()];
    used.extend(
        attributes
            .iter()
            .map(|(_, name, _)| prefix_of(name).to_owned())
            .filter(|prefix| !prefix.is_empty()),
    );
    used.extend(form.inclusive.iter().map(|prefix| (*prefix).to_owned()));
    used.sort();
    used.dedup();
    out.push('<');
    out.push_str(&name);
    for prefix in used {
        declare(node, prefix, &mut rendered, out);
    }
    attributes.sort_by(|a, b| (&a.0, local(&a.1)).cmp(&(&b.0, local(&b.1))));
    for (_, name, value) in attributes {
        out.push_str(&format!(" {name}=\"{}\"", attribute(&value)));
    }
    out.push('>');
    for child in node.children() {
        write(child, form, &rendered, out);
    }
    out.push_str(&format!("</{name}>"));
}

/// Writes a namespace declaration unless an ancestor in the output has written the same.
fn declare(node: Node<'_, '_>, prefix: String, rendered: &mut Rendered, out: &mut String) {
    if prefix == "xml" {
        return;
    }
    let wanted = (!prefix.is_empty()).then_some(prefix.as_str());
    let Some(uri) = node.lookup_namespace_uri(wanted).or(prefix.is_empty().then_some("")) else {
        return;
    };
    let known = rendered.get(&prefix).map(String::as_str);
    if known == Some(uri) || (uri.is_empty() && known.is_none()) {
        return;
    }
    match wanted {
        Some(prefix) => out.push_str(&format!(" xmlns:{prefix}=\"{}\"", attribute(uri))),
        None => out.push_str(&format!(" xmlns=\"{}\"", attribute(uri))),
    }
    rendered.insert(prefix, uri.to_owned());
}

/// The name as it stands in the source, which is the only place that knows the prefix.
fn qualified_name(node: Node<'_, '_>) -> String {
    let source = node.document().input_text().get(node.range()).unwrap_or_default();
    let name = source.trim_start_matches('<');
    let end = name.find(|c: char| c.is_whitespace() || c == '>' || c == '/');
    name.get(..end.unwrap_or(name.len())).unwrap_or_default().to_owned()
}

fn prefix_of(name: &str) -> &str {
    name.split_once(':').map_or("", |(prefix, _)| prefix)
}

fn local(name: &str) -> &str {
    name.split_once(':').map_or(name, |(_, local)| local)
}

/// Text content, escaped as canonical form wants it.
pub(super) fn text(value: &str) -> String {
    value.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('\r', "&#xD;")
}

/// An attribute's value, escaped as canonical form wants it.
pub(super) fn attribute(value: &str) -> String {
    value
        .replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('"', "&quot;")
        .replace('\t', "&#x9;")
        .replace('\n', "&#xA;")
        .replace('\r', "&#xD;")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(xml: &str, inclusive: &[&str]) -> String {
        let document = Document::parse(xml).unwrap();
        let form = Form { without: None, inclusive };
        canonical(element_by_id(&document, "x").unwrap(), form)
    }

    #[test]
    fn namespaces_are_declared_where_they_are_used_and_comments_are_gone() {
        let xml = "<a:r xmlns:a='urn:a' xmlns:b='urn:b'><a:e  ID='x' b:z='1' A='&#9;'><!--c-->t<b:i/>\
<b:i xmlns=''/></a:e></a:r>";
        assert_eq!(
            of(xml, &[]),
            "<a:e xmlns:a=\"urn:a\" xmlns:b=\"urn:b\" A=\"&#x9;\" ID=\"x\" b:z=\"1\">t<b:i></b:i><b:i></b:i></a:e>"
        );
    }

    #[test]
    fn the_default_namespace_and_listed_prefixes_are_kept() {
        let xml = "<r xmlns='urn:r' xmlns:xs='urn:xs'><e ID='x'><f xmlns=''/><![CDATA[<]]></e></r>";
        assert_eq!(
            of(xml, &["xs"]),
            "<e xmlns=\"urn:r\" xmlns:xs=\"urn:xs\" ID=\"x\"><f xmlns=\"\"></f>&lt;</e>"
        );
    }
}
