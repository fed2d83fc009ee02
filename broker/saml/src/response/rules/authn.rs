//! That the person authenticated: when, how, and for how long it counts.

use super::conditions::{begun, not_over};
use super::{Examined, Shown, Verdict, refuse, shown};
use crate::fault::{Fault, Refusal};
use crate::response::reader::{Assertion, AuthnStatement};
use crate::xml::Moment;

/// VA-10: at least one statement, with the time of the authentication (SAML Core 2.7.2).
pub(super) fn authn_statement(examined: &Examined<'_>) -> Verdict {
    if examined.assertion.is_none() {
        return Verdict::NotJudged;
    }
    let Some(statement) = examined.authn_statement() else {
        return Verdict::Broken(Refusal::new(Fault::AuthnStatement, "none", "an AuthnStatement"));
    };
    judge_statement(examined, statement).into()
}

fn judge_statement(examined: &Examined<'_>, statement: &AuthnStatement) -> Shown {
    match &statement.instant {
        Moment::At(instant) => {
            begun(examined, "AuthnInstant", Some(*instant))?;
            Ok((instant.to_string(), "a time".to_owned()))
        }
        Moment::Missing => refuse(Fault::AuthnStatement, "no AuthnInstant", "a time"),
        Moment::Malformed(stated) => {
            refuse(Fault::AuthnStatement, format!("AuthnInstant \"{stated}\""), "a time")
        }
    }
}

/// VA-10, IIP-SP07: a context class, and one of the requested ones where any was requested (`exact`).
pub(super) fn authn_context(examined: &Examined<'_>) -> Verdict {
    let Some(statement) = examined.authn_statement() else { return Verdict::NotJudged };
    let requested = examined.expected.request.as_ref().map_or(&[][..], |request| request.contexts);
    let expected = if requested.is_empty() { "any".to_owned() } else { requested.join(" or ") };
    match statement.contexts.as_slice() {
        [class] if class.is_empty() || !(requested.is_empty() || requested.contains(class)) => {
            Verdict::Broken(Refusal::new(Fault::AuthnContext, shown(Some(class)), expected))
        }
        [class] => Verdict::holds(class, expected),
        others => {
            let seen = format!("{} AuthnContextClassRef elements", others.len());
            Verdict::Broken(Refusal::new(Fault::AuthnContext, seen, expected))
        }
    }
}

/// VA-11: no session of the identity provider that is over already.
pub(super) fn session(examined: &Examined<'_>) -> Verdict {
    let Some(assertion) = examined.assertion else { return Verdict::NotJudged };
    if assertion.authn_statements.is_empty() {
        return Verdict::NotJudged;
    }
    judge_session(examined, assertion).into()
}

fn judge_session(examined: &Examined<'_>, assertion: &Assertion) -> Shown {
    for statement in &assertion.authn_statements {
        let end = &statement.session_not_on_or_after;
        if let Moment::Malformed(stated) = end {
            let seen = format!("SessionNotOnOrAfter \"{stated}\"");
            return refuse(Fault::Structure, seen, "a time or none");
        }
        not_over(examined, "SessionNotOnOrAfter", end.time())?;
    }
    let seen = assertion.session_end().map_or("no end".to_owned(), |end| format!("until {end}"));
    Ok((seen, "an end in the future, or none".to_owned()))
}

/// VA-12: a fresh authentication that was asked for is proved, never assumed.
pub(super) fn fresh(examined: &Examined<'_>) -> Verdict {
    let (Some(statement), Some(request)) = (examined.authn_statement(), &examined.expected.request)
    else {
        return Verdict::NotJudged;
    };
    let Some(instant) = statement.instant.time().filter(|_| request.force_authn) else {
        return Verdict::NotJudged;
    };
    let expected = format!("after the request of {}", request.sent_at);
    if instant < examined.earliest_answer(request) {
        return Verdict::Broken(Refusal::new(Fault::NotFresh, instant, expected));
    }
    Verdict::holds(instant.to_string(), expected)
}
