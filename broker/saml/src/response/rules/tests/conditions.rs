use super::*;

const WINDOW: &str = r#"NotBefore="2026-11-01T12:00:00Z" NotOnOrAfter="2026-11-01T13:00:00Z""#;

#[test]
fn saml_va05_conditions_have_an_end_and_only_times() {
    let end = r#" NotOnOrAfter="2026-11-01T13:00:00Z""#;
    let start = r#"NotBefore="2026-11-01T12:00:00Z""#;
    World::default().refuses(&[
        (end, "", "conditions", Fault::Condition), // spid 80
        (end, r#" NotOnOrAfter="""#, "conditions", Fault::Condition), // spid 79
        (end, r#" NotOnOrAfter="10-09-2018""#, "conditions", Fault::Condition), // spid 81
        (start, r#"NotBefore="""#, "conditions", Fault::Condition), // spid 75
        (start, r#"NotBefore="2018/09/10""#, "conditions", Fault::Condition), // spid 77
        ("</Conditions>", "</Conditions><Conditions/>", "conditions", Fault::Condition),
    ]);
    assert_eq!(World::default().fault(&changed(start, "")), None);
}

#[test]
fn saml_va05_missing_conditions_refuse() {
    let good = good();
    let (before, rest) = good.split_once("<Conditions").unwrap();
    let (_, after) = rest.split_once("</Conditions>").unwrap();
    let text = format!("{before}{after}"); // spid 74
    assert_eq!(World::default().fault(&text), Some(Fault::Condition));
}

#[test]
fn saml_va05_both_ends_count_within_the_accepted_difference_of_clocks() {
    for (now, fault) in [
        ("2026-11-01T11:57:00Z", None),
        ("2026-11-01T11:56:59Z", Some(Fault::NotYetValid)),
        ("2026-11-01T12:07:59Z", None),
        ("2026-11-01T12:08:00Z", Some(Fault::Expired)),
    ] {
        assert_eq!(World { now, ..World::default() }.fault(&good()), fault, "{now}");
    }
}

#[test]
fn saml_va05_the_window_of_the_conditions_counts_by_itself() {
    for (window, fault) in [
        (
            r#"NotBefore="2099-01-01T00:00:00Z" NotOnOrAfter="2100-01-01T00:00:00Z""#,
            Fault::NotYetValid,
        ), // spid 78
        (r#"NotOnOrAfter="2026-11-01T11:57:10Z""#, Fault::Expired), // spid 82
    ] {
        World::default().refuses(&[(WINDOW, window, "time", fault)]);
    }
    let just = changed(WINDOW, r#"NotOnOrAfter="2026-11-01T11:57:10.001Z""#);
    assert_eq!(World::default().fault(&just), None);
}

#[test]
fn saml_va04_an_issue_instant_lies_between_the_request_and_now() {
    for of in [r#"ID="_r" Version="2.0" "#, r#"ID="_a" Version="2.0" "#] {
        for (instant, fault) in [
            ("2099-01-01T00:00:00Z", Some(Fault::NotYetValid)), // spid 15, 40
            ("2026-11-01T12:03:11Z", Some(Fault::NotYetValid)),
            ("2026-11-01T12:03:10Z", None),
            ("2026-11-01T11:56:00Z", None),
            ("2026-11-01T11:55:59Z", Some(Fault::Expired)),
            ("2018-01-01T00:00:00Z", Some(Fault::Expired)), // spid 14, 39
        ] {
            let issued = format!(r#"{of}IssueInstant="2026-11-01T12:00:00Z""#);
            let text = changed(&issued, &format!(r#"{of}IssueInstant="{instant}""#));
            assert_eq!(World::default().fault(&text), fault, "{of} {instant}");
        }
    }
}

#[test]
fn saml_va13_no_connector_accepts_more_than_five_minutes() {
    for (skew, fault) in [(300, None), (3600, Some(Fault::Expired)), (0, Some(Fault::Expired))] {
        let now = if skew == 3600 { "2026-11-01T12:10:00Z" } else { "2026-11-01T12:09:59Z" };
        assert_eq!(World { now, skew, ..World::default() }.fault(&good()), fault, "{skew}");
    }
    let negative = World { skew: -3600, ..World::default() };
    assert_eq!(negative.fault(&good()), None);
}

#[test]
fn saml_va06_there_is_an_audience_and_it_is_us() {
    let restriction =
        format!("<AudienceRestriction><Audience>{SP}</Audience></AudienceRestriction>");
    let audience = format!("<Audience>{SP}</Audience>");
    World::default().refuses(&[
        (&restriction, "", "audience", Fault::AudienceMismatch), // spid 73
        (&audience, "", "audience", Fault::AudienceMismatch),    // spid 83, 86
        (&audience, "<Audience/>", "audience", Fault::AudienceMismatch), // spid 85
        (&audience, "<Audience>urn:other</Audience>", "audience", Fault::AudienceMismatch), // spid 87
    ]);
}

#[test]
fn saml_va06_every_restriction_names_us_and_each_may_name_others() {
    let audience = format!("<Audience>{SP}</Audience>");
    let more = format!("<Audience>urn:other</Audience>{audience}");
    assert_eq!(World::default().fault(&changed(&audience, &more)), None);
    let second = "</AudienceRestriction><AudienceRestriction><Audience>urn:other</Audience></AudienceRestriction>";
    let text = changed("</AudienceRestriction>", second);
    assert_eq!(World::default().fault(&text), Some(Fault::AudienceMismatch));
}

#[test]
fn saml_va07_an_unknown_condition_refuses_and_known_ones_do_not() {
    for known in ["<OneTimeUse/>", r#"<ProxyRestriction Count="0"/>"#] {
        let text = changed("</Conditions>", &format!("{known}</Conditions>"));
        assert_eq!(World::default().fault(&text), None, "{known}");
    }
    World::default().refuses(&[
        ("</Conditions>", "<Condition/></Conditions>", "conditions", Fault::Condition),
        (
            "</Conditions>",
            r#"<x:OneTimeUse xmlns:x="urn:x"/></Conditions>"#,
            "conditions",
            Fault::Condition,
        ),
    ]);
}
