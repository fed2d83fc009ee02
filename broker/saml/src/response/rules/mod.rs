//! The rules of meaning: VA-02 to VA-15 and ER-1 (saml.md 3.4, 3.5). One rule, one function, one row of [`RULES`].
//!
//! Owns: the judgement of what a response says against what is expected. Does not own: signatures, which were verified
//! before (`pipeline`), and the replay store (VA-14), which is asked after everything here holds.

use chrono::{DateTime, SubsecRound, TimeDelta, Utc};

use super::reader::{Assertion, AuthnStatement, Confirmation, Envelope};
use super::{Check, Expected, ExpectedRequest};
use crate::fault::{Fault, Refusal};

mod attributes;
mod authn;
mod conditions;
mod envelope;
mod subject;
#[cfg(test)]
mod tests;

pub(super) use subject::confirmation;

/// The largest difference of clocks that a connector may accept (VA-13).
pub(super) const LARGEST_SKEW: TimeDelta = TimeDelta::seconds(300);

/// What the rules look at.
pub(super) struct Examined<'a> {
    pub(super) envelope: &'a Envelope,
    /// Whether the envelope was signed: what it must say then, it may leave out otherwise.
    pub(super) envelope_signed: bool,
    /// The assertion; none in a response that reports an error.
    pub(super) assertion: Option<&'a Assertion>,
    pub(super) expected: &'a Expected<'a>,
}

/// How a rule ended.
pub(super) enum Verdict {
    /// It holds: what was seen, what was expected.
    Holds(String, String),
    /// It is broken.
    Broken(Refusal),
    /// What it judges is not there, and another rule says so.
    NotJudged,
}

type Rule = fn(&Examined<'_>) -> Verdict;

/// The rules in order; the first broken one is the reason of the refusal.
const RULES: &[(&str, Rule)] = &[
    ("status", envelope::status),
    ("issuer", envelope::issuer),
    ("destination", envelope::destination),
    ("version", envelope::version),
    ("conditions", conditions::conditions),
    ("time", conditions::time),
    ("audience", conditions::audience),
    ("subject", subject::subject),
    ("recipient", subject::recipient),
    ("in_response_to", subject::in_response_to),
    ("authn_statement", authn::authn_statement),
    ("authn_context", authn::authn_context),
    ("session", authn::session),
    ("fresh", authn::fresh),
    ("attributes", attributes::attributes),
];

/// Judges every rule, so that an admin sees every fault at once; the answer is the first refusal.
pub(super) fn judge(examined: &Examined<'_>, checks: &mut Vec<Check>) -> Result<(), Refusal> {
    let mut first = Ok(());
    for (name, rule) in RULES {
        let check = match rule(examined) {
            Verdict::NotJudged => continue,
            Verdict::Holds(seen, expected) => Check::passed(name, &seen, &expected),
            Verdict::Broken(refusal) => {
                let check = Check::failed(name, &refusal);
                first = first.and(Err(refusal));
                check
            }
        };
        checks.push(check);
    }
    first
}

impl Verdict {
    fn holds(seen: impl Into<String>, expected: impl Into<String>) -> Self {
        Self::Holds(seen.into(), expected.into())
    }
}

impl From<Result<(String, String), Refusal>> for Verdict {
    fn from(result: Result<(String, String), Refusal>) -> Self {
        match result {
            Ok((seen, expected)) => Self::Holds(seen, expected),
            Err(refusal) => Self::Broken(refusal),
        }
    }
}

/// What a rule that holds shows: what was seen, what was expected.
type Shown = Result<(String, String), Refusal>;

impl Examined<'_> {
    fn skew(&self) -> TimeDelta {
        self.expected.skew.clamp(TimeDelta::zero(), LARGEST_SKEW)
    }

    /// The latest time that is not in the future.
    fn latest(&self) -> DateTime<Utc> {
        self.expected.now + self.skew()
    }

    /// The earliest end that is not over.
    fn earliest(&self) -> DateTime<Utc> {
        self.expected.now - self.skew()
    }

    /// The earliest time at which a request could be answered. Many identity providers cut fractions of seconds.
    fn earliest_answer(&self, request: &ExpectedRequest<'_>) -> DateTime<Utc> {
        request.sent_at.trunc_subsecs(0) - self.skew()
    }

    /// The statement that counts: the first.
    fn authn_statement(&self) -> Option<&AuthnStatement> {
        self.assertion?.authn_statements.first()
    }

    /// The confirmation that counts.
    fn confirmation(&self) -> Option<&Confirmation> {
        confirmation(self.assertion?, self.expected)
    }
}

/// A value as it is shown: `none` where there is none.
fn shown(value: Option<&str>) -> &str {
    match value {
        None => "none",
        Some("") => "an empty value",
        Some(value) => value,
    }
}

fn refuse<T>(
    fault: Fault,
    seen: impl std::fmt::Display,
    expected: impl std::fmt::Display,
) -> Result<T, Refusal> {
    Err(Refusal::new(fault, seen, expected))
}
