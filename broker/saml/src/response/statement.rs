//! From an assertion that kept every rule to what the rest of the product may know of it (API-4).

use chrono::TimeDelta;

use super::reader::{Assertion, Subject};
use super::rules::LARGEST_SKEW;
use super::signatures::Believed;
use super::{Expected, VerifiedAssertion};
use crate::fault::{Fault, Refusal};
use crate::xml::trimmed;

/// The statement. Everything that it needs is there when the rules hold; if not, a rule is missing, and the answer is no.
pub(super) fn statement(
    assertion: Assertion,
    believed: Believed,
    expected: &Expected<'_>,
) -> Result<VerifiedAssertion, Refusal> {
    let incomplete = || Refusal::new(Fault::Structure, "an incomplete assertion", "a complete one");
    let end = last_end(&assertion).ok_or_else(incomplete)?;
    let session_not_on_or_after = assertion.session_end();
    let authn = assertion.authn_statements.into_iter().next().ok_or_else(incomplete)?;
    let subject: Subject = assertion.subjects.into_iter().next().ok_or_else(incomplete)?;
    Ok(VerifiedAssertion {
        id: assertion.id.ok_or_else(incomplete)?,
        remember_until: end + expected.skew.clamp(TimeDelta::zero(), LARGEST_SKEW),
        issuer: assertion.issuers.into_iter().next().ok_or_else(incomplete)?.value,
        name_id: subject.name_ids.into_iter().next().ok_or_else(incomplete)?,
        attributes: assertion.attributes.joined,
        authn_instant: authn.instant.time().ok_or_else(incomplete)?,
        authn_context: authn.contexts.into_iter().next(),
        session_index: authn.session_index.filter(|index| !trimmed(index).is_empty()),
        session_not_on_or_after,
        encrypted: believed.encrypted,
        signed: believed.signed,
        verified_by: believed.verified_by,
        used_sha1: believed.used_sha1,
    })
}

/// VA-14: the replay store must know the assertion until nothing in it could be accepted any more.
fn last_end(assertion: &Assertion) -> Option<chrono::DateTime<chrono::Utc>> {
    let conditions = assertion.conditions.iter().map(|one| one.not_on_or_after.time());
    let confirmations = assertion
        .subjects
        .iter()
        .flat_map(|subject| &subject.confirmations)
        .flat_map(|confirmation| &confirmation.data)
        .map(|data| data.not_on_or_after.time());
    conditions.chain(confirmations).flatten().max()
}
