//! Templates: XML with `{{words}}` in it.
//!
//! | word | becomes |
//! |---|---|
//! | `response ID` | the start tag of a response that all rules accept |
//! | `issuer`, `status` | its first children |
//! | `assertion ID`, `evil ID` | an unsigned assertion about alice, or about the administrator |
//! | `good ID` | the one about alice, signed by the identity provider |
//! | `head ID`, `subject`, `evil-subject`, `conditions`, `authn`, `attributes` | the parts of an assertion |
//! | `signature ID option..` | a signature over the element with this ID; options in `sign.rs` |
//! | `encrypt option..` to `/encrypt` | what is between, as an EncryptedAssertion; options in `encrypt.rs` |
//!
//! All of it is in canonical form, so that what is signed can be cut out as text (`sign.rs`).

use super::{ACS, IDP, SP, encrypt, sign};

const PROTOCOL: &str = "urn:oasis:names:tc:SAML:2.0:protocol";
const ASSERTION: &str = "urn:oasis:names:tc:SAML:2.0:assertion";
const ISSUED: &str = "2026-11-01T12:00:00Z";

/// Expands a template; `before` is replaced in it before anything is signed, `after` when all is done.
pub(crate) fn forge(
    template: &str,
    before: &[(String, String)],
    after: &[(String, String)],
) -> String {
    let mut text = template.trim_end().to_owned();
    while let Some((start, end)) = next_word(&text, |word| piece(word).is_some()) {
        let piece = piece(&text[start + 2..end - 2]).unwrap();
        text.replace_range(start..end, &piece);
    }
    let text = replaced(text, before);
    let text = replaced(finished(text), after);
    assert!(!text.contains("{{"), "unknown word: {text}");
    text
}

fn replaced(mut text: String, pairs: &[(String, String)]) -> String {
    for (from, to) in pairs {
        assert!(text.contains(from.as_str()), "nothing to replace: {from}");
        text = text.replace(from.as_str(), to);
    }
    text
}

/// Start and end of the first word that fits, braces included.
fn next_word(text: &str, fits: impl Fn(&str) -> bool) -> Option<(usize, usize)> {
    text.match_indices("{{").find_map(|(start, _)| {
        let end = start + text[start..].find("}}").expect("a closed word") + 2;
        fits(&text[start + 2..end - 2]).then_some((start, end))
    })
}

fn piece(word: &str) -> Option<String> {
    let (name, id) = word.split_once(' ').unwrap_or((word, ""));
    Some(match name {
        "response" => format!(
            r#"<samlp:Response xmlns:samlp="{PROTOCOL}" Destination="{ACS}" ID="{id}" InResponseTo="_request" IssueInstant="{ISSUED}" Version="2.0">"#
        ),
        "issuer" => format!(r#"<saml:Issuer xmlns:saml="{ASSERTION}">{IDP}</saml:Issuer>"#),
        "status" => r#"<samlp:Status><samlp:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:Success"></samlp:StatusCode></samlp:Status>"#.to_owned(),
        "head" => format!(
            r#"<saml:Assertion xmlns:saml="{ASSERTION}" ID="{id}" IssueInstant="{ISSUED}" Version="2.0"><saml:Issuer>{IDP}</saml:Issuer>"#
        ),
        "good" => format!("{{{{head {id}}}}}{{{{signature {id}}}}}{{{{body}}}}"),
        "assertion" => format!("{{{{head {id}}}}}{{{{body}}}}"),
        "evil" => format!("{{{{head {id}}}}}{{{{evil-subject}}}}{{{{rest}}}}"),
        "body" => "{{subject}}{{rest}}".to_owned(),
        "rest" => "{{conditions}}{{authn}}{{attributes}}</saml:Assertion>".to_owned(),
        "evil-subject" => subject("admin@example.com"),
        "subject" => subject("alice@example.com"),
        "conditions" => format!(
            r#"<saml:Conditions NotBefore="{ISSUED}" NotOnOrAfter="2026-11-01T13:00:00Z"><saml:AudienceRestriction><saml:Audience>{SP}</saml:Audience></saml:AudienceRestriction></saml:Conditions>"#
        ),
        "authn" => format!(
            r#"<saml:AuthnStatement AuthnInstant="{ISSUED}" SessionIndex="_session"><saml:AuthnContext><saml:AuthnContextClassRef>urn:oasis:names:tc:SAML:2.0:ac:classes:Password</saml:AuthnContextClassRef></saml:AuthnContext></saml:AuthnStatement>"#
        ),
        "attributes" => r#"<saml:AttributeStatement><saml:Attribute Name="mail"><saml:AttributeValue>alice@example.com</saml:AttributeValue></saml:Attribute></saml:AttributeStatement>"#.to_owned(),
        _ => return None,
    })
}

fn subject(name: &str) -> String {
    format!(
        r#"<saml:Subject><saml:NameID Format="urn:oasis:names:tc:SAML:2.0:nameid-format:persistent">{name}</saml:NameID><saml:SubjectConfirmation Method="urn:oasis:names:tc:SAML:2.0:cm:bearer"><saml:SubjectConfirmationData InResponseTo="_request" NotOnOrAfter="2026-11-01T12:05:00Z" Recipient="{ACS}"></saml:SubjectConfirmationData></saml:SubjectConfirmation></saml:Subject>"#
    )
}

/// Signs and encrypts from the inside out, until no word is left.
fn finished(mut text: String) -> String {
    loop {
        if let Some((start, end, inner)) = ready_block(&text) {
            let options = text[start + 2..].split_once("}}").unwrap().0.to_owned();
            let encrypted = encrypt::assertion(&inner, &options);
            text.replace_range(start..end, &encrypted);
        } else if let Some((start, end)) = next_word(&text, |word| sign::is_ready(word, &text)) {
            let signature = sign::signature(&text[start + 2..end - 2], &text);
            text.replace_range(start..end, &signature);
        } else {
            return text;
        }
    }
}

/// An `encrypt` block that has no word inside any more: start, end, content.
fn ready_block(text: &str) -> Option<(usize, usize, String)> {
    text.match_indices("{{encrypt").find_map(|(start, _)| {
        let open = start + text[start..].find("}}")? + 2;
        let close = open + text[open..].find("{{/encrypt}}")?;
        let inner = &text[open..close];
        (!inner.contains("{{")).then(|| (start, close + "{{/encrypt}}".len(), inner.to_owned()))
    })
}
