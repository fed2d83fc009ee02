//! For when and for whom the assertion holds.

use chrono::{DateTime, Utc};

use super::{Examined, Shown, Verdict, refuse, shown};
use crate::fault::{Fault, Refusal};
use crate::response::reader::Conditions;
use crate::xml::Moment;

/// VA-05, VA-07: one `Conditions` with an end, and nothing in it that is not understood (SAML Core 2.5.1).
pub(super) fn conditions(examined: &Examined<'_>) -> Verdict {
    let Some(assertion) = examined.assertion else { return Verdict::NotJudged };
    let [conditions] = assertion.conditions.as_slice() else {
        let seen = format!("{} Conditions elements", assertion.conditions.len());
        return Verdict::Broken(Refusal::new(Fault::Condition, seen, "one"));
    };
    judge_conditions(conditions).into()
}

fn judge_conditions(conditions: &Conditions) -> Shown {
    if let Some(name) = conditions.unknown.first() {
        return refuse(Fault::Condition, name, "only conditions that are known here");
    }
    if let Moment::Malformed(stated) = &conditions.not_before {
        return refuse(Fault::Condition, format!("NotBefore \"{stated}\""), "a time or none");
    }
    match &conditions.not_on_or_after {
        Moment::At(end) => Ok((format!("until {end}"), "an end".to_owned())),
        Moment::Missing => refuse(Fault::Condition, "no NotOnOrAfter", "a time"),
        Moment::Malformed(stated) => {
            refuse(Fault::Condition, format!("NotOnOrAfter \"{stated}\""), "a time")
        }
    }
}

/// VA-04, VA-05, VA-08, VA-13: issued after the request and not in the future, begun, and not over. There is no limit on
/// the age of an assertion that answers the request: its conditions decide (SM-09).
pub(super) fn time(examined: &Examined<'_>) -> Verdict {
    judge_time(examined).into()
}

fn judge_time(examined: &Examined<'_>) -> Shown {
    issued(examined, "Response", &examined.envelope.issued)?;
    if let Some(assertion) = examined.assertion {
        issued(examined, "Assertion", &assertion.issued)?;
        if let Some(conditions) = assertion.conditions.first() {
            begun(examined, "Conditions NotBefore", conditions.not_before.time())?;
            not_over(examined, "Conditions NotOnOrAfter", conditions.not_on_or_after.time())?;
        }
    }
    for data in examined.confirmation().iter().flat_map(|confirmation| &confirmation.data) {
        let name = "SubjectConfirmationData NotOnOrAfter";
        not_over(examined, name, data.not_on_or_after.time())?;
    }
    let now = format!("{} ± {} s", examined.expected.now, examined.skew().num_seconds());
    Ok((now.clone(), now))
}

fn issued(examined: &Examined<'_>, of: &str, issued: &Moment) -> Result<(), Refusal> {
    let name = format!("{of} IssueInstant");
    begun(examined, &name, issued.time())?;
    // No honest answer is older than its question.
    let (Some(issued), Some(request)) = (issued.time(), &examined.expected.request) else {
        return Ok(());
    };
    if issued < examined.earliest_answer(request) {
        let expected = format!("after the request of {}", request.sent_at);
        return refuse(Fault::Expired, format!("{name} {issued}"), expected);
    }
    Ok(())
}

/// A time that is not in the future beyond the accepted difference of clocks.
pub(super) fn begun(
    examined: &Examined<'_>,
    name: &str,
    time: Option<DateTime<Utc>>,
) -> Result<(), Refusal> {
    match time {
        Some(time) if time > examined.latest() => {
            let expected = format!("at most {}", examined.latest());
            refuse(Fault::NotYetValid, format!("{name} {time}"), expected)
        }
        _ => Ok(()),
    }
}

/// An end that is not over, with the accepted difference of clocks.
pub(super) fn not_over(
    examined: &Examined<'_>,
    name: &str,
    end: Option<DateTime<Utc>>,
) -> Result<(), Refusal> {
    match end {
        Some(end) if end <= examined.earliest() => {
            let expected = format!("later than {}", examined.earliest());
            refuse(Fault::Expired, format!("{name} {end}"), expected)
        }
        _ => Ok(()),
    }
}

/// VA-06: a restriction there must be, and each names us (SAML Core 2.5.1.4: all of them must hold).
pub(super) fn audience(examined: &Examined<'_>) -> Verdict {
    let Some(conditions) = examined.assertion.and_then(|found| found.conditions.first()) else {
        return Verdict::NotJudged;
    };
    let expected = examined.expected.service_provider;
    if conditions.audiences.is_empty() {
        let refusal = Refusal::new(Fault::AudienceMismatch, "no AudienceRestriction", expected);
        return Verdict::Broken(refusal);
    }
    let names_us = |audiences: &&Vec<String>| audiences.iter().any(|one| one == expected);
    match conditions.audiences.iter().find(|audiences| !names_us(audiences)) {
        None => Verdict::holds(expected, expected),
        Some(others) => {
            let seen = match others.as_slice() {
                [] => "no Audience".to_owned(),
                // A refusal shows 300 characters; no need to join thousands of names for them.
                some => {
                    some.iter().take(8).map(|one| shown(Some(one))).collect::<Vec<_>>().join(", ")
                }
            };
            Verdict::Broken(Refusal::new(Fault::AudienceMismatch, seen, expected))
        }
    }
}
