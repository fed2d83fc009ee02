//! The response around the assertion, and the form that both share.

use super::{Examined, Shown, Verdict, refuse, shown};
use crate::fault::{Fault, Refusal};
use crate::names::STATUS_SUCCESS;
use crate::response::reader::Issuer;
use crate::xml::Moment;

/// The only format of an issuer (SAML Profiles 4.1.4.2, SAML Core 8.3.6).
const ENTITY: &str = "urn:oasis:names:tc:SAML:2.0:nameid-format:entity";

/// PC-16, ER-1: one status, and it is success.
pub(super) fn status(examined: &Examined<'_>) -> Verdict {
    let (count, status) = (examined.envelope.statuses, &examined.envelope.status);
    let expected = "one status, Success";
    if count != 1 {
        let seen = format!("{count} Status elements");
        return Verdict::Broken(Refusal::new(Fault::Status, seen, expected));
    }
    match status.codes.first() {
        Some(code) if code == STATUS_SUCCESS => Verdict::holds("Success", expected),
        None => Verdict::Broken(Refusal::new(Fault::Status, "no StatusCode", expected)),
        Some(_) => {
            let mut seen = status.codes.join(" / ");
            if let Some(message) = &status.message {
                seen = format!("{seen}: {message}");
            }
            Verdict::Broken(Refusal::new(Fault::Status, seen, expected))
        }
    }
}

/// VA-02: the assertion's issuer always, the response's where it is stated or must be (SAML Profiles 4.1.4.2: when the
/// response is signed).
pub(super) fn issuer(examined: &Examined<'_>) -> Verdict {
    judge_issuers(examined).into()
}

fn judge_issuers(examined: &Examined<'_>) -> Shown {
    let expected = examined.expected.identity_provider;
    if examined.envelope_signed || !examined.envelope.issuers.is_empty() {
        one_issuer(&examined.envelope.issuers, "Response", expected)?;
    }
    if let Some(assertion) = examined.assertion {
        one_issuer(&assertion.issuers, "Assertion", expected)?;
    }
    Ok((expected.to_owned(), expected.to_owned()))
}

/// Compared character by character (A42). A format may only be that of an entity: another says that this is the name of
/// something else.
fn one_issuer(issuers: &[Issuer], of: &str, expected: &str) -> Result<(), Refusal> {
    let [issuer] = issuers else {
        let seen = format!("{} Issuer elements in the {of}", issuers.len());
        return refuse(Fault::IssuerMismatch, seen, expected);
    };
    if issuer.value != expected {
        let seen = format!("{} ({of})", shown(Some(&issuer.value)));
        return refuse(Fault::IssuerMismatch, seen, expected);
    }
    match &issuer.format {
        Some(format) if format != ENTITY => {
            let seen = format!("Format {} ({of})", shown(Some(format)));
            refuse(Fault::IssuerMismatch, seen, format!("no Format, or {ENTITY}"))
        }
        _ => Ok(()),
    }
}

/// VA-03: always equal where it is stated; required when the response is signed.
pub(super) fn destination(examined: &Examined<'_>) -> Verdict {
    let expected = examined.expected.acs_url;
    match examined.envelope.destination.as_deref() {
        Some(stated) if stated == expected => Verdict::holds(stated, expected),
        None if !examined.envelope_signed => Verdict::holds("none", "none is needed unsigned"),
        stated => {
            let refusal = Refusal::new(Fault::DestinationMismatch, shown(stated), expected);
            Verdict::Broken(refusal)
        }
    }
}

/// VA-04 and the required attributes of both elements (SAML Core 3.2.2, 2.3.3).
pub(super) fn version(examined: &Examined<'_>) -> Verdict {
    judge_form(examined).into()
}

fn judge_form(examined: &Examined<'_>) -> Shown {
    let envelope = examined.envelope;
    form("Response", envelope.id.as_deref(), envelope.version.as_deref(), &envelope.issued)?;
    if let Some(assertion) = examined.assertion {
        let (id, version) = (assertion.id.as_deref(), assertion.version.as_deref());
        form("Assertion", id, version, &assertion.issued)?;
    }
    Ok(("2.0".to_owned(), "2.0".to_owned()))
}

fn form(of: &str, id: Option<&str>, version: Option<&str>, issued: &Moment) -> Result<(), Refusal> {
    if version != Some("2.0") {
        return refuse(Fault::Structure, format!("{of} Version {}", shown(version)), "2.0");
    }
    if id.is_none_or(|id| id.trim().is_empty()) {
        return refuse(Fault::Structure, format!("{of} ID {}", shown(id)), "an ID");
    }
    match issued {
        Moment::At(_) => Ok(()),
        Moment::Missing => refuse(Fault::Structure, format!("{of} without IssueInstant"), "a time"),
        Moment::Malformed(stated) => {
            refuse(Fault::Structure, format!("{of} IssueInstant \"{stated}\""), "a time")
        }
    }
}
