use super::*;

fn fault(text: &str) -> Option<Fault> {
    check(text, &MESSAGE).err().map(|refusal| refusal.fault)
}

fn nested(depth: usize) -> String {
    format!("{}{}", "<a>".repeat(depth), "</a>".repeat(depth))
}

fn attributes(count: usize, name: impl Fn(usize) -> String) -> String {
    let all: Vec<String> = (0..count).map(|number| format!(" {}", name(number))).collect();
    format!("<a{}/>", all.concat())
}

#[test]
fn saml_pc07_48_levels_pass_and_49_do_not() {
    assert_eq!(fault(&nested(48)), None);
    assert_eq!(fault(&nested(49)), Some(Fault::TooComplex));
    assert_eq!(fault(&nested(48).replacen("</a>", "<b/></a>", 1)), Some(Fault::TooComplex));
    // Siblings are not levels.
    assert_eq!(fault(&format!("<a>{}</a>", "<b></b><b/>".repeat(100))), None);
}

#[test]
fn saml_pc07_200000_levels_are_refused_at_the_49th() {
    let mut text = "<a>".repeat(200_000);
    assert_eq!(fault(&text), Some(Fault::TooComplex));
    text.insert_str(49 * 3, "nothing behind the limit is read <<<");
    assert_eq!(fault(&text), Some(Fault::TooComplex));
}

#[test]
fn saml_pc07_markup_in_text_and_values_is_not_counted() {
    let hidden = "</a>/></a>/>";
    let text = format!("<a b='{}'><!--{hidden}--><![CDATA[{hidden}]]>></a>", "/>>");
    assert_eq!(fault(&text), None);
    let deep = format!("{}{}", r#"<a b="/>" c='</'>"#.repeat(48), "</a>".repeat(48));
    assert_eq!(fault(&deep), Some(Fault::Malformed));
    let deep = r#"<a b="/>">"#.repeat(49);
    assert_eq!(fault(&deep), Some(Fault::TooComplex));
}

#[test]
fn saml_pc07_64_attributes_pass_and_65_do_not() {
    assert_eq!(fault(&attributes(64, |n| format!("a{n}='x=y'"))), None);
    assert_eq!(fault(&attributes(65, |n| format!("a{n}=''"))), Some(Fault::TooComplex));
    assert_eq!(fault(&attributes(100_000, |n| format!("a{n}=''"))), Some(Fault::TooComplex));
}

#[test]
fn saml_pc07_namespace_declarations_are_bounded() {
    let declared = |n| format!("xmlns:n{n}='urn:{n}'");
    assert_eq!(fault(&attributes(32, declared)), None);
    assert_eq!(fault(&attributes(33, declared)), Some(Fault::TooComplex));
    assert_eq!(fault(&attributes(100_000, declared)), Some(Fault::TooComplex));
    // Declared again, a prefix is still one.
    let open = attributes(32, declared).replace("/>", ">");
    assert_eq!(fault(&open.repeat(9)), None);
    assert_eq!(fault(&format!("{open}<b xmlns='urn:x'/>")), Some(Fault::TooComplex));
    // Out of force again, as many others pass.
    let others = attributes(32, |n| format!("xmlns:m{n}='urn:{n}'"));
    assert_eq!(fault(&format!("<c>{open}</a>{others}{others}</c>")), None);
    let different: String = (0..1025).map(|n| format!("<a xmlns='urn:{n}'/>")).collect();
    assert_eq!(fault(&different), Some(Fault::TooComplex));
}

#[test]
fn saml_pc07_more_marks_than_a_parser_should_make_room_for_are_refused() {
    assert_eq!(fault(&"=".repeat(MARKS)), None);
    assert_eq!(fault(&"=".repeat(MARKS + 1)), Some(Fault::TooComplex));
}

#[test]
fn saml_pc07_relative_and_odd_namespaces_are_refused() {
    for fine in [
        "xmlns='urn:x'",
        "xmlns=''",
        "xmlns:x='http://www.w3.org/2001/XMLSchema'",
        "xmlns:xml='http://www.w3.org/XML/1998/namespace'",
    ] {
        assert_eq!(fault(&format!("<a {fine}/>")), None, "{fine}");
    }
    for odd in [
        "xmlns='x'",
        "xmlns='../x:y'",
        "xmlns=':x'",
        "xmlns:x=''",
        "xmlns:xmlns='urn:x'",
        "xmlns:xml='urn:x'",
        "xmlns='&#117;rn:x'",
        "xmlns='urn:x y'",
        "xmlns='urn:\u{e9}'",
    ] {
        assert_eq!(fault(&format!("<a {odd}/>")), Some(Fault::Malformed), "{odd}");
    }
}

#[test]
fn saml_pc06_an_attribute_written_twice_is_refused_although_a_parser_may_not_mind() {
    assert_eq!(fault("<a xmlns='urn:x' xmlns='urn:y'/>"), Some(Fault::Malformed));
    assert_eq!(fault("<a b='' b=''/>"), Some(Fault::Malformed));
    assert_eq!(fault("<a b='' B=''/>"), None);
}

#[test]
fn saml_pc06_tags_that_somebody_might_repair_are_refused() {
    for broken in [
        "<",
        "<>",
        "< a>",
        "<a",
        "<a b",
        "<a b=",
        "<a b=c>",
        "<a b='c>",
        "<a b='c'd='e'/>",
        "<a b='<'/>",
        "<1a/>",
        "<a:b:c/>",
        "<:a/>",
        "<a:/>",
        "<a:1/>",
        "<\u{e9}/>",
        "<a \u{e9}=''/>",
        "<a / >",
        "</a",
        "<!--",
        "<![CDATA[]]",
    ] {
        assert_eq!(fault(broken), Some(Fault::Malformed), "{broken}");
    }
    for fine in ["<a b = 'c'\n\td=\"'\" />", "<_a.b-c:_d.e-f/>", "<a>></a >", "<a></a>\n"] {
        assert_eq!(fault(fine), None, "{fine}");
    }
}
