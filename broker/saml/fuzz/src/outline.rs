//! PC-18: what the gate passes, roxmltree, quick-xml and libxml2 read as the same tree.

use libxml::parser::{Parser, ParserOptions};
use libxml::tree::{Node as LibNode, NodeType};
use quick_xml::escape::resolve_predefined_entity;
use quick_xml::events::{BytesStart, Event};
use quick_xml::name::ResolveResult;
use quick_xml::{NsReader, XmlVersion};
use roxmltree::{Document, Node};

/// One step through a document. Texts are whole: comments and CDATA do not divide them.
#[derive(Debug, PartialEq, Eq)]
enum Step {
    Open(Name, Vec<(Name, String)>),
    Text(String),
    Close,
}

type Name = (String, String);

/// Panics when the parsers disagree, or when one of them does not take the text at all.
pub fn agree(text: &str) {
    let document = Document::parse(text).expect("the gate parsed it");
    let mut ours = Vec::new();
    walk(document.root_element(), &mut ours);
    assert_eq!(ours, by_quick_xml(text), "quick-xml reads it differently");
    let options = ParserOptions {
        recover: false,
        no_net: true,
        no_error: true,
        no_warning: true,
        ..ParserOptions::default()
    };
    let other = Parser::default().parse_string_with_options(text, options);
    let other = other.expect("libxml2 takes it too");
    compare(document.root_element(), &other.get_root_element().expect("a root"));
}

fn push_text(steps: &mut Vec<Step>, text: &str) {
    match steps.last_mut() {
        Some(Step::Text(before)) => before.push_str(text),
        _ if text.is_empty() => {}
        _ => steps.push(Step::Text(text.to_owned())),
    }
}

fn walk(node: Node<'_, '_>, steps: &mut Vec<Step>) {
    let mut attributes: Vec<(Name, String)> = node
        .attributes()
        .map(|one| (named(one.namespace(), one.name()), one.value().to_owned()))
        .collect();
    attributes.sort();
    let name = named(node.tag_name().namespace(), node.tag_name().name());
    steps.push(Step::Open(name, attributes));
    for child in node.children() {
        if child.is_element() {
            walk(child, steps);
        } else if child.is_text() {
            push_text(steps, child.text().unwrap_or_default());
        }
    }
    steps.push(Step::Close);
}

fn named(namespace: Option<&str>, name: &str) -> Name {
    (namespace.unwrap_or_default().to_owned(), name.to_owned())
}

fn by_quick_xml(text: &str) -> Vec<Step> {
    let mut reader = NsReader::from_str(text);
    let mut steps = Vec::new();
    let mut depth = 0_usize;
    loop {
        match reader.read_event().expect("quick-xml takes it too") {
            Event::Start(tag) => {
                depth += 1;
                steps.push(opened(&reader, &tag));
            }
            Event::Empty(tag) => steps.extend([opened(&reader, &tag), Step::Close]),
            Event::End(_) => {
                depth -= 1;
                steps.push(Step::Close);
            }
            Event::Text(text) if depth > 0 => push_text(&mut steps, &text.xml10_content().unwrap()),
            Event::CData(text) => push_text(&mut steps, &text.xml10_content().unwrap()),
            Event::GeneralRef(reference) => match reference.resolve_char_ref().unwrap() {
                Some(one) => push_text(&mut steps, one.encode_utf8(&mut [0; 4])),
                None => {
                    let name = reference.decode().unwrap();
                    push_text(
                        &mut steps,
                        resolve_predefined_entity(&name).expect("a known entity"),
                    );
                }
            },
            Event::Text(_) | Event::Comment(_) => {}
            Event::Eof => return steps,
            other => panic!("quick-xml sees {other:?}"),
        }
    }
}

fn opened(reader: &NsReader<&[u8]>, tag: &BytesStart<'_>) -> Step {
    let (namespace, name) = reader.resolver().resolve_element(tag.name());
    let name = resolved(namespace, name.as_ref());
    let mut attributes = Vec::new();
    for attribute in tag.attributes() {
        let attribute = attribute.expect("quick-xml takes the attribute too");
        if attribute.key.as_namespace_binding().is_some() {
            continue;
        }
        let (namespace, name) = reader.resolver().resolve_attribute(attribute.key);
        let value = attribute.normalized_value(XmlVersion::Implicit1_0).unwrap().into_owned();
        attributes.push((resolved(namespace, name.as_ref()), value));
    }
    attributes.sort();
    Step::Open(name, attributes)
}

fn resolved(namespace: ResolveResult<'_>, name: &[u8]) -> Name {
    let namespace = match namespace {
        ResolveResult::Bound(namespace) => namespace.into_inner().to_vec(),
        ResolveResult::Unbound => Vec::new(),
        ResolveResult::Unknown(prefix) => panic!("quick-xml does not know {prefix:?}"),
    };
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    (text(&namespace), text(name))
}

/// The binding finds attributes by name only, so the tree is compared step by step instead of outlined.
fn compare(ours: Node<'_, '_>, theirs: &LibNode) {
    let namespace = theirs.get_namespace().map(|one| one.get_href()).unwrap_or_default();
    let name = named(ours.tag_name().namespace(), ours.tag_name().name());
    assert_eq!(name, (namespace, theirs.get_name()), "libxml2 names it differently");
    let known = theirs.get_properties();
    for attribute in ours.attributes() {
        let name = attribute.name();
        let alone = ours.attributes().filter(|other| other.name() == name).count() == 1;
        let value = match attribute.namespace() {
            Some(namespace) => theirs.get_property_ns(name, namespace),
            None if alone => theirs.get_property(name),
            None => continue,
        };
        assert_eq!(value.as_deref(), Some(attribute.value()), "libxml2 reads another {name}");
    }
    assert!(known.keys().all(|name| ours.attributes().any(|one| one.name() == name)));
    let (own_texts, own_elements) = parts(ours);
    let (mut texts, mut elements) = (vec![String::new()], Vec::new());
    for child in theirs.get_child_nodes() {
        match child.get_type() {
            Some(NodeType::ElementNode) => {
                elements.push(child);
                texts.push(String::new());
            }
            Some(NodeType::TextNode | NodeType::CDataSectionNode) => {
                texts.last_mut().unwrap().push_str(&child.get_content());
            }
            Some(NodeType::CommentNode) => {}
            other => panic!("libxml2 sees {other:?}"),
        }
    }
    assert_eq!(own_texts, texts, "libxml2 reads another text");
    assert_eq!(own_elements.len(), elements.len());
    for (ours, theirs) in own_elements.into_iter().zip(&elements) {
        compare(ours, theirs);
    }
}

/// The texts around and between the child elements, and these.
fn parts<'a, 'i>(node: Node<'a, 'i>) -> (Vec<String>, Vec<Node<'a, 'i>>) {
    let (mut texts, mut elements) = (vec![String::new()], Vec::new());
    for child in node.children() {
        if child.is_element() {
            elements.push(child);
            texts.push(String::new());
        } else if child.is_text() {
            texts.last_mut().unwrap().push_str(child.text().unwrap_or_default());
        }
    }
    (texts, elements)
}
