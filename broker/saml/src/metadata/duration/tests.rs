use super::*;

#[test]
fn saml_me04_durations_are_read() {
    for (text, hours) in [
        ("PT1H", 1),
        ("PT60M", 1),
        ("PT3600S", 1),
        ("PT3600.5S", 1),
        ("P1D", 24),
        ("P1DT1H", 25),
        ("P0Y0M7DT0H0M0.000S", 168),
        ("P1M", 720),
        ("P1Y", 8760),
        ("PT0S", 0),
    ] {
        assert_eq!(parse(text), Some(TimeDelta::hours(hours)), "{text}");
    }
}

#[test]
fn durations_are_bounded() {
    for text in
        ["P999999999999999999999Y", "P11Y", "PT99999999999999999999S", "P1DT9223372036854775807H"]
    {
        assert_eq!(parse(text), Some(LONGEST), "{text}");
    }
}

#[test]
fn what_is_no_duration_is_none() {
    for text in [
        "",
        "P",
        "PT",
        "P1DT",
        "1H",
        "-PT1H",
        "P-1D",
        "PT1",
        "PT1.5H",
        "PT1.S",
        "P1H",
        "PT1D",
        "P1D1Y",
        "P1D1D",
        "P\u{0661}D",
        "86400",
    ] {
        assert_eq!(parse(text), None, "{text}");
    }
}

proptest::proptest! {
    #[test]
    fn no_text_makes_them_panic(text in "\\PC{0,40}") {
        let _ = parse(&text);
    }

    #[test]
    fn nothing_that_looks_like_one_makes_them_panic(text in "-?P[0-9YMDTHS.]{0,60}") {
        let _ = parse(&text);
    }
}
