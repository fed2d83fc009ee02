//! Honest responses: what is read of them, whoever signed what.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use chrono::TimeDelta;

use crate::corpus;
use crate::forge::template::forge;
use crate::forge::{Scene, named, now, verdict};

const ASSERTION_SIGNED: &str = "{{response _r}}{{issuer}}{{status}}{{good _a}}</samlp:Response>";

#[test]
fn honest_responses_are_accepted_and_honest_errors_shown() {
    corpus::run("OK");
}

#[test]
fn saml_api04_the_result_says_who_when_how_and_by_which_key() {
    let document = forge(ASSERTION_SIGNED, &[], &[]);
    let reading = Scene::default().read(document.as_bytes());
    let found = reading.outcome.unwrap();
    assert_eq!(found.id, "_a");
    assert_eq!(found.issuer, "https://idp.example.com/metadata");
    assert_eq!(found.name_id.value, "alice@example.com");
    let format = "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent";
    assert_eq!(found.name_id.format.as_deref(), Some(format));
    assert_eq!(found.attributes[0].name, "mail");
    assert_eq!(found.authn_instant, now());
    assert!(found.authn_context.unwrap().ends_with(":Password"));
    assert_eq!(found.session_index.as_deref(), Some("_session"));
    assert_eq!((found.signed, found.encrypted, found.used_sha1), ("assertion", false, false));
    assert_eq!(found.verified_by, named("idp").certificate().facts().fingerprint);
    // VA-14: the later end, an hour, and the accepted difference of clocks.
    assert_eq!(found.remember_until, now() + TimeDelta::hours(1) + TimeDelta::seconds(180));
}

#[test]
fn saml_api04_the_result_says_what_was_signed_and_how() {
    let both = "{{response _r}}{{issuer}}{{signature _r}}{{status}}{{good _a}}</samlp:Response>";
    let encrypted = "{{response _r}}{{issuer}}{{signature _r method=rsa-sha1}}{{status}}{{encrypt}}{{assertion _a}}{{/encrypt}}</samlp:Response>";
    for (template, signed, is_encrypted) in [(both, "both", false), (encrypted, "response", true)] {
        let scene = Scene { sha1: is_encrypted, ..Scene::default() };
        let found = scene.read(forge(template, &[], &[]).as_bytes()).outcome.unwrap();
        let facts = (found.signed, found.encrypted, found.used_sha1);
        assert_eq!(facts, (signed, is_encrypted, is_encrypted));
    }
}

#[test]
fn checks_of_a_good_response_come_in_the_order_of_the_stages() {
    let reading = Scene::default().read(forge(ASSERTION_SIGNED, &[], &[]).as_bytes());
    let names: Vec<_> = reading.checks.iter().map(|check| check.name).collect();
    let expected = [
        "encoding",
        "document",
        "signature",
        "status",
        "issuer",
        "destination",
        "version",
        "conditions",
        "time",
        "audience",
        "subject",
        "recipient",
        "in_response_to",
        "authn_statement",
        "authn_context",
        "session",
        "attributes",
    ];
    assert_eq!(names, expected);
}

#[test]
fn saml_at71_base64_with_line_breaks_is_read() {
    let encoded = STANDARD.encode(forge(ASSERTION_SIGNED, &[], &[]));
    let lines: Vec<_> =
        encoded.as_bytes().chunks(76).map(|line| std::str::from_utf8(line).unwrap()).collect();
    for separator in ["\r\n", "\n", " ", "\n\t "] {
        let reading = Scene::default().read_field(&lines.join(separator));
        assert_eq!(verdict(&reading), "accepted");
    }
}

#[test]
fn a_declaration_and_white_space_around_the_document_do_not_matter() {
    let document = forge(ASSERTION_SIGNED, &[], &[]);
    for document in [
        format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n{document}\n"),
        format!("\u{feff}{document}"),
        document.replace("<samlp:Status>", "\n  <samlp:Status>"),
    ] {
        assert_eq!(Scene::default().verdict(document.as_bytes()), "accepted");
    }
}

/// Whatever is changed in a response afterwards, nobody but the person that was signed for gets in.
mod tampering {
    use proptest::prelude::*;

    use super::*;

    fn unchanged_or_refused(document: &[u8]) {
        if let Ok(found) = Scene::default().read(document).outcome {
            assert_eq!(found.id, "_a");
            assert_eq!(found.name_id.value, "alice@example.com");
            assert_eq!(found.attributes[0].values, ["alice@example.com"]);
            assert_eq!(found.authn_instant, now());
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(200))]

        #[test]
        fn saml_at01_no_change_of_any_byte_lets_anybody_else_in(
            at in any::<prop::sample::Index>(),
            byte: u8,
            template in prop::sample::select(vec![
                ASSERTION_SIGNED,
                "{{response _r}}{{issuer}}{{signature _r}}{{status}}{{assertion _a}}</samlp:Response>",
                "{{response _r}}{{issuer}}{{status}}{{encrypt cipher=aes128-cbc}}{{good _a}}{{/encrypt}}</samlp:Response>",
            ]),
        ) {
            let mut document = forge(template, &[], &[]).into_bytes();
            let at = at.index(document.len());
            document[at] = byte;
            unchanged_or_refused(&document);
        }

        #[test]
        fn saml_at10_no_piece_put_anywhere_lets_anybody_else_in(
            at in any::<prop::sample::Index>(),
            piece in prop::sample::select(vec!["{{evil _e}}", "{{evil-subject}}", "{{status}}", "{{good _b}}"]),
        ) {
            let document = forge(ASSERTION_SIGNED, &[], &[]);
            let ends: Vec<_> = document.match_indices('>').map(|(at, _)| at + 1).collect();
            let at = ends[at.index(ends.len())];
            let template = format!("{}{piece}{}", &document[..at], &document[at..]);
            unchanged_or_refused(forge(&template, &[], &[]).as_bytes());
        }
    }
}
