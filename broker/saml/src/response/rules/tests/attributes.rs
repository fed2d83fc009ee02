use super::*;
use crate::response::Attribute;

const ATTRIBUTE: &str =
    r#"<Attribute Name="mail"><AttributeValue>a@example.com</AttributeValue></Attribute>"#;

fn read(attributes: &str) -> (Option<Fault>, Vec<Attribute>) {
    let text = changed(ATTRIBUTE, attributes);
    let parsed = xml::parse(&text).unwrap();
    let node = xml::children(parsed.root_element(), ASSERTION, "Assertion").next().unwrap();
    (World::default().fault(&text), reader::Assertion::of(node).attributes.joined)
}

fn attribute(name: &str, values: &[&str]) -> Attribute {
    let values = values.iter().map(|value| (*value).to_owned()).collect();
    Attribute { name: name.to_owned(), values }
}

#[test]
fn saml_va01_values_are_read_whole_in_order_and_equal_names_are_joined() {
    let (fault, attributes) = read(
        r#"<Attribute Name="g" FriendlyName="groups" NameFormat="urn:x"><AttributeValue>a<!-- x -->b</AttributeValue><AttributeValue/><AttributeValue><![CDATA[R&D]]></AttributeValue></Attribute>
        <Attribute Name="h"/><Attribute Name="g"><AttributeValue> c </AttributeValue></Attribute>"#,
    );
    assert_eq!(fault, None);
    assert_eq!(attributes, [attribute("g", &["ab", "", "R&D", " c "]), attribute("h", &[])]);
}

#[test]
fn saml_va01_elements_inside_values_are_read_as_text_and_nil_is_no_value() {
    let (fault, attributes) = read(
        r#"<Attribute Name="urn:oid:1.3.6.1.4.1.5923.1.1.1.10"><AttributeValue>
          <NameID Format="urn:oasis:names:tc:SAML:2.0:nameid-format:persistent">x<b>y</b></NameID></AttributeValue></Attribute>
        <Attribute Name="nil" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><AttributeValue xsi:nil="true"/><AttributeValue xsi:nil="1"/><AttributeValue xsi:nil="false"/></Attribute>"#,
    );
    assert_eq!(fault, None);
    let targeted = attribute("urn:oid:1.3.6.1.4.1.5923.1.1.1.10", &["xy"]);
    assert_eq!(attributes, [targeted, attribute("nil", &[""])]);
}

#[test]
fn saml_va15_an_attribute_has_a_name_and_none_at_all_is_no_fault() {
    assert_eq!(read("").0, None);
    assert_eq!(
        read("<Attribute><AttributeValue>x</AttributeValue></Attribute>").0,
        Some(Fault::Structure)
    );
    assert_eq!(read(r#"<Attribute Name=" "/>"#).0, Some(Fault::Structure));
    let statement = format!("<AttributeStatement>{ATTRIBUTE}</AttributeStatement>");
    assert_eq!(World::default().fault(&changed(&statement, "")), None);
}

#[test]
fn saml_va15_attributes_values_and_bytes_are_capped() {
    let many = |count: usize| -> String {
        (0..count).map(|n| format!(r#"<Attribute Name="a{n}"/>"#)).collect()
    };
    let values = |count: usize, value: &str| {
        let value = format!("<AttributeValue>{value}</AttributeValue>");
        format!(r#"<Attribute Name="g">{}</Attribute>"#, value.repeat(count))
    };
    assert_eq!(read(&many(256)).0, None);
    assert_eq!(read(&many(257)).0, Some(Fault::TooManyAttributes));
    assert_eq!(read(&values(2000, "g")).0, None);
    assert_eq!(read(&values(2001, "g")).0, Some(Fault::TooManyAttributes));
    let nameless = r#"<Attribute Name="same"/>"#.repeat(257);
    assert_eq!(read(&nameless).0, Some(Fault::TooManyAttributes));
    assert_eq!(read(&values(1, &"x".repeat(131_071))).0, None);
    assert_eq!(read(&values(1, &"x".repeat(131_072))).0, Some(Fault::TooManyAttributes));
    // A thousand groups by distinguished name.
    let group =
        "CN=Department of Silly Walks,OU=Groups,OU=Head Office,OU=Europe,DC=corp,DC=example,DC=com";
    assert_eq!(read(&values(1000, group)).0, None);
}
