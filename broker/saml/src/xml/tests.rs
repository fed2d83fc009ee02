use super::*;

#[test]
fn saml_at23_text_is_read_whole_across_comments_and_cdata() {
    let xml = parse("<a>admin@<!-- cut -->example.<![CDATA[com]]>.evil</a>").unwrap();
    assert_eq!(text(xml.root_element()), "admin@example.com.evil");
}

#[test]
fn a_document_type_is_not_parsed() {
    assert_eq!(parse("<!DOCTYPE a><a/>").unwrap_err().fault, Fault::Malformed);
    assert_eq!(parse("<a>").unwrap_err().fault, Fault::Malformed);
}

#[test]
fn names_count_only_in_their_namespace() {
    let xml = parse(r#"<a xmlns="urn:x"><b/><b xmlns="urn:y"/><c/></a>"#).unwrap();
    assert_eq!(children(xml.root_element(), "urn:x", "b").count(), 1);
    assert_eq!(children(xml.root_element(), "urn:z", "b").count(), 0);
    let xml = parse(r#"<a xmlns:p="urn:p" p:ID="1"/>"#).unwrap();
    assert_eq!(attribute(xml.root_element(), "ID"), None);
}

#[test]
fn saml_va01_times_with_fractions_offsets_and_without_zone_are_read() {
    let expected = date_time("2026-03-04T15:48:46Z").unwrap();
    for same in [
        "2026-03-04T15:48:46.0000000Z",
        "2026-03-04T15:48:46+00:00",
        "2026-03-04T17:48:46.000+02:00",
        "2026-03-04T15:48:46",
        " 2026-03-04T15:48:46.000\n",
    ] {
        assert_eq!(date_time(same), Some(expected), "{same}");
    }
}

#[test]
fn what_is_no_time_is_told_from_no_statement() {
    for wrong in [
        "",
        "2018-09-04",
        "2018-09-06 16:00",
        "2018.09.18",
        "10-09-2018",
        "now",
        "2026-03-04 15:48:46Z",
        "+2026-03-04T15:48:46",
        "12026-03-04T15:48:46Z",
        "-0001-03-04T15:48:46Z",
        "2026-13-04T15:48:46Z",
        "2026-03-04T15:48:46Zjunk",
    ] {
        assert_eq!(date_time(wrong), None, "{wrong}");
        let text = format!("<a T='{wrong}'/>");
        let xml = parse(&text).unwrap();
        assert_eq!(Moment::of(xml.root_element(), "T"), Moment::Malformed(wrong.to_owned()));
        assert_eq!(Moment::of(xml.root_element(), "U"), Moment::Missing);
    }
}

#[test]
fn the_furthest_time_survives_arithmetic() {
    let furthest = date_time("9999-12-31T23:59:59-23:59").unwrap();
    assert!(furthest.checked_add_signed(chrono::TimeDelta::days(1)).is_some());
}
