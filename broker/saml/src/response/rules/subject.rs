//! Who it is about, and that it is meant for this browser's attempt.

use super::{Examined, Shown, Verdict, refuse, shown};
use crate::fault::{Fault, Refusal};
use crate::names::BEARER;
use crate::response::reader::{Assertion, Confirmation, ConfirmationData};
use crate::response::{Expected, NameId};
use crate::xml::Moment;

/// The longest NameID. SAML Core 8.3.7 has 256 characters for the longest kind; some identity providers are generous.
const LONGEST_NAME_ID: usize = 1024;

/// VA-08, A38: one subject with one usable NameID and a bearer confirmation of the right form.
pub(super) fn subject(examined: &Examined<'_>) -> Verdict {
    let Some(assertion) = examined.assertion else { return Verdict::NotJudged };
    judge_subject(assertion, examined).into()
}

fn judge_subject(assertion: &Assertion, examined: &Examined<'_>) -> Shown {
    let [subject] = assertion.subjects.as_slice() else {
        let seen = format!("{} Subject elements", assertion.subjects.len());
        return refuse(Fault::Subject, seen, "one");
    };
    // An encrypted one was decrypted before, if it was the only one.
    let others = subject.encrypted_ids + subject.base_ids;
    let ([name_id], 0) = (subject.name_ids.as_slice(), others) else {
        let seen = format!("{} NameIDs, {others} others", subject.name_ids.len());
        return refuse(Fault::Subject, seen, "one NameID");
    };
    usable(name_id)?;
    let Some(confirmation) = examined.confirmation() else {
        let methods: Vec<_> =
            subject.confirmations.iter().take(8).map(|one| shown(one.method.as_deref())).collect();
        let seen = match methods.as_slice() {
            [] => "no SubjectConfirmation".to_owned(),
            some => format!("SubjectConfirmation {}", some.join(", ")),
        };
        return refuse(Fault::Subject, seen, BEARER);
    };
    well_formed(confirmation)?;
    Ok(("one NameID, bearer".to_owned(), "one NameID, bearer".to_owned()))
}

/// Compared exactly ever after, so two spellings are two people; characters that only deceive readers are refused.
fn usable(name_id: &NameId) -> Result<(), Refusal> {
    let length = name_id.value.chars().count();
    if !(1..=LONGEST_NAME_ID).contains(&length) {
        let expected = format!("1 to {LONGEST_NAME_ID}");
        return refuse(Fault::Subject, format!("NameID of {length} characters"), expected);
    }
    if name_id.value.trim() != name_id.value {
        return refuse(Fault::Subject, "NameID with blanks around it", "none");
    }
    if name_id.value.chars().any(|c| c.is_control() || is_bidirectional_control(c)) {
        return refuse(Fault::Subject, "NameID with control characters", "none");
    }
    // SAML Core 1.3.1, 1.3.2: what is stated is not blank.
    let stated = [
        ("Format", &name_id.format),
        ("NameQualifier", &name_id.name_qualifier),
        ("SPNameQualifier", &name_id.sp_name_qualifier),
    ];
    for (name, value) in stated {
        if value.as_ref().is_some_and(|value| value.trim().is_empty()) {
            return refuse(Fault::Subject, format!("NameID with empty {name}"), "a value or none");
        }
    }
    Ok(())
}

/// Marks, embeddings, overrides and isolates of direction (Unicode Standard Annex 9).
fn is_bidirectional_control(c: char) -> bool {
    matches!(c, '\u{061c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

fn well_formed(confirmation: &Confirmation) -> Result<(), Refusal> {
    let [data] = confirmation.data.as_slice() else {
        let seen = format!("{} SubjectConfirmationData elements", confirmation.data.len());
        return refuse(Fault::Subject, seen, "one");
    };
    // SAML Profiles 4.1.4.2.
    if data.not_before != Moment::Missing {
        return refuse(Fault::Subject, "SubjectConfirmationData with NotBefore", "none");
    }
    match &data.not_on_or_after {
        Moment::At(_) => Ok(()),
        Moment::Missing => {
            refuse(Fault::Subject, "SubjectConfirmationData without NotOnOrAfter", "a time")
        }
        Moment::Malformed(stated) => {
            let seen = format!("SubjectConfirmationData NotOnOrAfter \"{stated}\"");
            refuse(Fault::Subject, seen, "a time")
        }
    }
}

/// The bearer confirmation that counts: the first that is right in every way, else the first, for showing what is wrong
/// with it (SAML Core 2.4.1.1: any one suffices).
pub(in crate::response) fn confirmation<'a>(
    assertion: &'a Assertion,
    expected: &Expected<'_>,
) -> Option<&'a Confirmation> {
    let [subject] = assertion.subjects.as_slice() else { return None };
    let bearers =
        || subject.confirmations.iter().filter(|one| one.method.as_deref() == Some(BEARER));
    bearers().find(|one| is_right(one, expected)).or_else(|| bearers().next())
}

fn is_right(confirmation: &Confirmation, expected: &Expected<'_>) -> bool {
    let skew = expected.skew.clamp(chrono::TimeDelta::zero(), super::LARGEST_SKEW);
    well_formed(confirmation).is_ok()
        && confirmation.data.iter().all(|data| {
            let end = data.not_on_or_after.time();
            data.recipient.as_deref() == Some(expected.acs_url)
                && data.in_response_to.as_deref() == expected.request.as_ref().map(|one| one.id)
                && end.is_some_and(|end| end > expected.now - skew)
        })
}

/// VA-08: confirmed for our address, exactly.
pub(super) fn recipient(examined: &Examined<'_>) -> Verdict {
    let Some(data) = confirmation_data(examined) else { return Verdict::NotJudged };
    let expected = examined.expected.acs_url;
    match data.recipient.as_deref() {
        Some(stated) if stated == expected => Verdict::holds(stated, expected),
        stated => Verdict::Broken(Refusal::new(Fault::RecipientMismatch, shown(stated), expected)),
    }
}

fn confirmation_data<'a>(examined: &'a Examined<'_>) -> Option<&'a ConfirmationData> {
    examined.confirmation()?.data.first()
}

/// VA-09: every request that is named is ours, and it is named wherever it must be.
pub(super) fn in_response_to(examined: &Examined<'_>) -> Verdict {
    judge_request(examined).into()
}

fn judge_request(examined: &Examined<'_>) -> Shown {
    let envelope = examined.envelope.in_response_to.as_deref();
    let confirmations = examined.assertion.iter().flat_map(|assertion| &assertion.subjects);
    let stated = confirmations
        .flat_map(|subject| &subject.confirmations)
        .flat_map(|confirmation| &confirmation.data)
        .filter_map(|data| data.in_response_to.as_deref())
        .chain(envelope);
    let Some(request) = &examined.expected.request else {
        return match stated.last() {
            None => Ok(("none".to_owned(), "none: nobody asked".to_owned())),
            Some(other) => refuse(Fault::InResponseTo, shown(Some(other)), "none: nobody asked"),
        };
    };
    if let Some(other) = stated.into_iter().find(|stated| *stated != request.id) {
        return refuse(Fault::InResponseTo, shown(Some(other)), request.id);
    }
    if envelope.is_none() {
        return refuse(Fault::Unsolicited, "none (Response)", request.id);
    }
    if confirmation_data(examined).is_some_and(|data| data.in_response_to.is_none()) {
        return refuse(Fault::InResponseTo, "none (SubjectConfirmationData)", request.id);
    }
    Ok((request.id.to_owned(), request.id.to_owned()))
}
