//! What a response says, read from its elements and not yet judged.
//!
//! Owns: where each fact stands, by namespace and name. Does not own: whether a fact is right or missing ([`super::rules`])
//! and whether the bytes may be believed ([`super::pipeline`]). Reading never fails: what is absent stays absent, what
//! stands twice is kept twice, so that every rule sees what was sent.

use roxmltree::Node;

use super::Status;
use crate::names::{ASSERTION, PROTOCOL};
use crate::xml::{Moment, attribute, children, text, trimmed};

mod assertion;
mod attributes;

pub(crate) use assertion::name_id;
pub(super) use assertion::{
    Assertion, AuthnStatement, Conditions, Confirmation, ConfirmationData, Subject,
};
pub(super) use attributes::Attributes;

/// The response around the assertion (SAML Core 3.2.2). From unsigned bytes it can only lead to refusal (SI-6).
#[derive(Debug, Default)]
pub(super) struct Envelope {
    pub(super) id: Option<String>,
    pub(super) version: Option<String>,
    pub(super) issued: Moment,
    pub(super) destination: Option<String>,
    pub(super) in_response_to: Option<String>,
    pub(super) issuers: Vec<Issuer>,
    /// How many `Status` elements there are.
    pub(super) statuses: usize,
    pub(super) status: Status,
}

/// An issuer (SAML Core 2.2.5). White space around it is no part of it (EI-03).
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Issuer {
    pub(super) value: String,
    pub(super) format: Option<String>,
}

impl Envelope {
    pub(super) fn of(response: Node<'_, '_>) -> Self {
        Self {
            id: attribute(response, "ID"),
            version: attribute(response, "Version"),
            issued: Moment::of(response, "IssueInstant"),
            destination: attribute(response, "Destination"),
            in_response_to: attribute(response, "InResponseTo"),
            issuers: issuers(response),
            statuses: children(response, PROTOCOL, "Status").count(),
            status: status(response),
        }
    }
}

fn issuers(parent: Node<'_, '_>) -> Vec<Issuer> {
    children(parent, ASSERTION, "Issuer")
        .map(|node| Issuer {
            value: trimmed(&text(node)).to_owned(),
            format: attribute(node, "Format"),
        })
        .collect()
}

/// The first status of a response (SAML Core 3.2.2.1): untrusted text for an admin, cut (ER-1).
pub(crate) fn status(response: Node<'_, '_>) -> Status {
    let Some(status) = children(response, PROTOCOL, "Status").next() else {
        return Status::default();
    };
    let code = |parent| children(parent, PROTOCOL, "StatusCode").next();
    let codes = std::iter::successors(code(status), |outer| code(*outer))
        .map(|node| crate::shorten(&attribute(node, "Value").unwrap_or_default()))
        .collect();
    let message = children(status, PROTOCOL, "StatusMessage")
        .next()
        .map(|node| crate::shorten(trimmed(&text(node))))
        .filter(|message| !message.is_empty());
    Status { codes, message }
}
