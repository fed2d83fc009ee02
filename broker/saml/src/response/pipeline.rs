//! The stages in their order: decode, gate, believe, read, judge (saml.md 3). Nothing later runs when one refuses.

use std::borrow::Cow;

use roxmltree::Node;

use super::reader::{Assertion, Envelope};
use super::rules::{self, Examined};
use super::signatures::{Believed, Verifier};
use super::statement::statement;
use super::{Check, Expected, Keys, Problem, Reading, VerifiedAssertion, encrypted_subject};
use crate::bindings::post;
use crate::engine::SignatureEngine;
use crate::fault::{Fault, Refusal};
use crate::gate::{self, AssertionPlace, GatedDocument};
use crate::names::{ASSERTION, PROTOCOL};
use crate::xml::{self, children, plain_attribute};

#[cfg(test)]
mod tests;

/// Runs every stage.
pub(super) fn read<E: SignatureEngine>(
    engine: &E,
    field: &str,
    keys: &Keys<'_>,
    expected: &Expected<'_>,
) -> Reading {
    let mut checks = Vec::new();
    let verifier = Verifier { engine, keys, expected };
    let outcome = stages(&verifier, field, &mut checks);
    // Whatever no check has shown is about bytes that are not what their signature promised (SI-3).
    if let Err(problem) = &outcome
        && checks.iter().all(|check| check.fault.is_none())
    {
        checks.push(Check::failed("signature", &problem.refusal));
    }
    Reading { checks, outcome: outcome.map(Box::new).map_err(Box::new) }
}

fn stages<E: SignatureEngine>(
    verifier: &Verifier<'_, E>,
    field: &str,
    checks: &mut Vec<Check>,
) -> Result<VerifiedAssertion, Problem> {
    let document = gated(verifier, field, checks)?;
    if document.assertion == AssertionPlace::None {
        return Err(reported_error(&document, verifier.expected, checks));
    }
    let believed = verifier.believe(&document, checks)?;
    // An unsigned response may still lead to refusal, never to more (SI-6).
    // It needs no assertion then, because that is signed or encrypted itself.
    let response = believed.response.as_deref().map_or_else(|| document.envelope(), Cow::Borrowed);
    let envelope = xml::parse(&response)?;
    let envelope = response_root(envelope.root_element())?;
    let own = believed.assertion.as_deref().map(xml::parse).transpose()?;
    let assertion = match &own {
        Some(document) => document.root_element(),
        None => only_assertion(envelope)?,
    };
    let node = expected_assertion(assertion, &believed)?;
    let mut assertion = Assertion::of(node);
    encrypted_subject::open(verifier, node, &mut assertion)
        .inspect_err(|refusal| checks.push(Check::failed("decryption", refusal)))?;
    let envelope = Envelope::of(envelope);
    let examined = Examined {
        envelope: &envelope,
        envelope_signed: believed.response.is_some(),
        assertion: Some(&assertion),
        expected: verifier.expected,
    };
    rules::judge(&examined, checks).map_err(|refusal| {
        let reported = refusal.fault == Fault::Status;
        Problem { refusal, status: reported.then(|| envelope.status.clone()) }
    })?;
    Ok(statement(assertion, believed, verifier.expected)?)
}

fn gated<E>(
    verifier: &Verifier<'_, E>,
    field: &str,
    checks: &mut Vec<Check>,
) -> Result<GatedDocument, Refusal> {
    let text = post::decode(field)
        .inspect_err(|refusal| checks.push(Check::failed("encoding", refusal)))?;
    checks.push(Check::passed("encoding", "base64", "base64"));
    let document = gate::response(&text, &verifier.keys.algorithms, verifier.expected.now)
        .inspect_err(|refusal| checks.push(Check::failed("document", refusal)))?;
    checks.push(Check::passed("document", "one response", "one response"));
    Ok(document)
}

/// ER-1: a response without an assertion. It is judged like any other, so that an admin sees what else is wrong, and is
/// never believed: its signature, if any, is not even looked at.
fn reported_error(
    document: &GatedDocument,
    expected: &Expected<'_>,
    checks: &mut Vec<Check>,
) -> Problem {
    let parsed = match xml::parse(document.as_str()) {
        Ok(parsed) => parsed,
        Err(refusal) => return refusal.into(),
    };
    let envelope = Envelope::of(parsed.root_element());
    let examined =
        Examined { envelope: &envelope, envelope_signed: false, assertion: None, expected };
    match rules::judge(&examined, checks) {
        Err(refusal) => Problem { refusal, status: Some(envelope.status.clone()) },
        Ok(()) => Refusal::new(Fault::AssertionCount, "no assertion", "one").into(),
    }
}

/// SI-3: the bytes that come back from a verified signature are looked at again.
fn response_root<'a, 'input>(root: Node<'a, 'input>) -> Result<Node<'a, 'input>, Refusal> {
    if root.has_tag_name((PROTOCOL, "Response")) {
        return Ok(root);
    }
    Err(Refusal::new(Fault::BadSignature, root.tag_name().name(), "a signed Response"))
}

fn only_assertion<'a, 'input>(response: Node<'a, 'input>) -> Result<Node<'a, 'input>, Refusal> {
    let mut assertions = children(response, ASSERTION, "Assertion");
    match (assertions.next(), assertions.next()) {
        (Some(one), None) => Ok(one),
        _ => Err(Refusal::new(Fault::AssertionCount, "none or several", "one")),
    }
}

fn expected_assertion<'a, 'input>(
    node: Node<'a, 'input>,
    believed: &Believed,
) -> Result<Node<'a, 'input>, Refusal> {
    let same = plain_attribute(node, "ID") == Some(believed.assertion_id.as_str());
    if node.has_tag_name((ASSERTION, "Assertion")) && same {
        return Ok(node);
    }
    Err(Refusal::new(Fault::BadSignature, node.tag_name().name(), "the signed Assertion"))
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        Self { refusal, status: None }
    }
}
