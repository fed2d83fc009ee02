//! One element cut out of its document so that it stands alone.
//!
//! Owns: the declaration of the namespaces that were in scope (Namespaces in XML 1.0 section 6.1). Does not own: what
//! is done with the element (`engine`, `decrypt`).

use std::fmt::Write as _;

use roxmltree::Node;

const XML: &str = "http://www.w3.org/XML/1998/namespace";

/// The element's text, with every namespace declared that is in scope there and that it does not declare itself.
pub(crate) fn standalone(node: Node<'_, '_>) -> Option<String> {
    let text = node.document().input_text().get(node.range())?;
    let own = own_declarations(text);
    let mut missing = String::new();
    for namespace in node.namespaces() {
        if namespace.uri() == XML || own.contains(&namespace.name()) {
            continue;
        }
        declare(&mut missing, namespace.name(), namespace.uri());
    }
    let end_of_name = text.find(|c: char| c.is_ascii_whitespace() || c == '>' || c == '/')?;
    let (name, rest) = text.split_at_checked(end_of_name)?;
    Some([name, &missing, rest].concat())
}

/// The namespaces in scope at the element, as attributes of another one that is to stand in its place (DC-7).
pub(crate) fn declarations(node: Node<'_, '_>) -> String {
    let mut all = String::new();
    for namespace in node.namespaces().filter(|namespace| namespace.uri() != XML) {
        declare(&mut all, namespace.name(), namespace.uri());
    }
    all
}

/// The prefixes that the first tag of the text declares. The text has been parsed before.
fn own_declarations(text: &str) -> Vec<Option<&str>> {
    let mut found = Vec::new();
    let mut rest = text;
    while let Some((name, after)) = rest.split_once('=') {
        // Outside values, `>` ends the tag.
        if name.contains('>') {
            break;
        }
        let name = name.trim_ascii_end().rsplit(|c: char| c.is_ascii_whitespace()).next();
        match name {
            Some("xmlns") => found.push(None),
            Some(name) => found.extend(name.strip_prefix("xmlns:").map(Some)),
            None => {}
        }
        let value = after.trim_ascii_start();
        let Some(quote) = value.chars().next() else { break };
        let Some((_, behind)) = value.get(1..).and_then(|value| value.split_once(quote)) else {
            break;
        };
        rest = behind;
    }
    found
}

fn declare(to: &mut String, prefix: Option<&str>, uri: &str) {
    let value = uri.replace('&', "&amp;").replace('<', "&lt;").replace('"', "&quot;");
    // Blanks and line ends in an attribute survive only as references (XML 1.0 section 3.3.3).
    let value = value.replace('\t', "&#9;").replace('\n', "&#10;").replace('\r', "&#13;");
    let _ = match prefix {
        Some(prefix) => write!(to, " xmlns:{prefix}=\"{value}\""),
        None => write!(to, " xmlns=\"{value}\""),
    };
}

#[cfg(test)]
mod tests {
    use roxmltree::Document;

    use super::*;

    fn cut(xml: &str, name: &str) -> String {
        let document = Document::parse(xml).unwrap();
        let node = document.descendants().find(|node| node.tag_name().name() == name).unwrap();
        let text = standalone(node).unwrap();
        let alone = Document::parse(&text).unwrap();
        assert_eq!(alone.root_element().tag_name(), node.tag_name());
        let sorted = |node: Node<'_, '_>| {
            let mut all: Vec<_> = node
                .namespaces()
                .map(|n| (n.name().map(str::to_owned), n.uri().to_owned()))
                .collect();
            all.sort();
            all
        };
        assert_eq!(sorted(alone.root_element()), sorted(node));
        text
    }

    #[test]
    fn saml_dc07_namespaces_in_scope_are_declared_once() {
        let text = cut(r#"<a xmlns="u:d" xmlns:p="u:p"><p:b xmlns:p="u:q" q='>'/></a>"#, "b");
        assert_eq!(text, r#"<p:b xmlns="u:d" xmlns:p="u:q" q='>'/>"#);
    }

    #[test]
    fn an_element_may_take_back_the_default_namespace() {
        assert_eq!(cut(r#"<a xmlns="u:d"><b xmlns=""/></a>"#, "b"), r#"<b xmlns=""/>"#);
    }

    #[test]
    fn odd_spellings_of_declarations_are_seen() {
        let xml = "<a xmlns:p='1'><b\n xmlns:p\t=\n'xmlns:r=\"2\"'\tc = 'xmlns=\"x\"'>xmlns:s=\"3\"</b></a>";
        assert!(!cut(xml, "b").contains("xmlns:p=\"1\""));
    }

    #[test]
    fn a_namespace_with_quotes_and_blanks_comes_through() {
        cut("<a xmlns:p='u:&quot;&amp;&#10;&lt;'><p:b/></a>", "b");
    }
}
