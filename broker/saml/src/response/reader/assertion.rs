//! The assertion: subject, conditions and the statement that a person authenticated (SAML Core 2.3 to 2.7).

use chrono::{DateTime, Utc};
use roxmltree::Node;

use super::{Attributes, Issuer, issuers};
use crate::names::ASSERTION;
use crate::response::NameId;
use crate::xml::{self, Moment, attribute, children, text, trimmed};

/// An assertion (SAML Core 2.3.3).
#[derive(Debug, Default)]
pub(in crate::response) struct Assertion {
    pub(in crate::response) id: Option<String>,
    pub(in crate::response) version: Option<String>,
    pub(in crate::response) issued: Moment,
    pub(in crate::response) issuers: Vec<Issuer>,
    pub(in crate::response) subjects: Vec<Subject>,
    pub(in crate::response) conditions: Vec<Conditions>,
    pub(in crate::response) authn_statements: Vec<AuthnStatement>,
    pub(in crate::response) attributes: Attributes,
}

/// A subject (SAML Core 2.4.1).
#[derive(Debug, Default)]
pub(in crate::response) struct Subject {
    pub(in crate::response) name_ids: Vec<NameId>,
    pub(in crate::response) encrypted_ids: usize,
    /// Identifiers that name nobody whom we know: `BaseID`.
    pub(in crate::response) base_ids: usize,
    pub(in crate::response) confirmations: Vec<Confirmation>,
}

/// How a subject may be confirmed (SAML Core 2.4.1.1).
#[derive(Debug, Default)]
pub(in crate::response) struct Confirmation {
    pub(in crate::response) method: Option<String>,
    pub(in crate::response) data: Vec<ConfirmationData>,
}

/// What limits a confirmation (SAML Core 2.4.1.2).
#[derive(Debug, Default)]
pub(in crate::response) struct ConfirmationData {
    pub(in crate::response) recipient: Option<String>,
    pub(in crate::response) in_response_to: Option<String>,
    pub(in crate::response) not_before: Moment,
    pub(in crate::response) not_on_or_after: Moment,
}

/// Under which conditions the assertion holds (SAML Core 2.5.1).
#[derive(Debug, Default)]
pub(in crate::response) struct Conditions {
    pub(in crate::response) not_before: Moment,
    pub(in crate::response) not_on_or_after: Moment,
    /// The audiences of each `AudienceRestriction`.
    pub(in crate::response) audiences: Vec<Vec<String>>,
    /// The names of conditions that are not known here (VA-07).
    pub(in crate::response) unknown: Vec<String>,
}

/// That a person authenticated (SAML Core 2.7.2).
#[derive(Debug, Default)]
pub(in crate::response) struct AuthnStatement {
    pub(in crate::response) instant: Moment,
    pub(in crate::response) session_index: Option<String>,
    pub(in crate::response) session_not_on_or_after: Moment,
    /// The context classes. White space around them is no part of them (EI-03).
    pub(in crate::response) contexts: Vec<String>,
}

impl Assertion {
    pub(in crate::response) fn of(assertion: Node<'_, '_>) -> Self {
        let all = |name| children(assertion, ASSERTION, name);
        Self {
            id: attribute(assertion, "ID"),
            version: attribute(assertion, "Version"),
            issued: Moment::of(assertion, "IssueInstant"),
            issuers: issuers(assertion),
            subjects: all("Subject").map(subject).collect(),
            conditions: all("Conditions").map(conditions).collect(),
            authn_statements: all("AuthnStatement").map(authn_statement).collect(),
            attributes: Attributes::of(assertion),
        }
    }

    /// When the identity provider's session ends: the earliest of the statements' ends.
    pub(in crate::response) fn session_end(&self) -> Option<DateTime<Utc>> {
        self.authn_statements
            .iter()
            .filter_map(|statement| statement.session_not_on_or_after.time())
            .min()
    }
}

fn subject(node: Node<'_, '_>) -> Subject {
    let count = |name| children(node, ASSERTION, name).count();
    Subject {
        name_ids: children(node, ASSERTION, "NameID").map(name_id).collect(),
        encrypted_ids: count("EncryptedID"),
        base_ids: count("BaseID"),
        confirmations: children(node, ASSERTION, "SubjectConfirmation").map(confirmation).collect(),
    }
}

/// A NameID (SAML Core 2.2.3), to the letter but for a printer's indentation.
pub(crate) fn name_id(node: Node<'_, '_>) -> NameId {
    NameId {
        value: xml::without_indentation(&text(node)).to_owned(),
        format: attribute(node, "Format"),
        name_qualifier: attribute(node, "NameQualifier"),
        sp_name_qualifier: attribute(node, "SPNameQualifier"),
    }
}

fn confirmation(node: Node<'_, '_>) -> Confirmation {
    Confirmation {
        method: attribute(node, "Method"),
        data: children(node, ASSERTION, "SubjectConfirmationData")
            .map(|data| ConfirmationData {
                recipient: attribute(data, "Recipient"),
                in_response_to: attribute(data, "InResponseTo"),
                not_before: Moment::of(data, "NotBefore"),
                not_on_or_after: Moment::of(data, "NotOnOrAfter"),
            })
            .collect(),
    }
}

fn conditions(node: Node<'_, '_>) -> Conditions {
    let audiences = |restriction| {
        children(restriction, ASSERTION, "Audience")
            .map(|audience| trimmed(&text(audience)).to_owned())
            .collect()
    };
    Conditions {
        not_before: Moment::of(node, "NotBefore"),
        not_on_or_after: Moment::of(node, "NotOnOrAfter"),
        audiences: children(node, ASSERTION, "AudienceRestriction").map(audiences).collect(),
        unknown: node
            .children()
            .filter(|child| child.is_element() && !is_known_condition(*child))
            .map(|child| child.tag_name().name().to_owned())
            .collect(),
    }
}

/// VA-07. `OneTimeUse` is kept by the replay store, for every assertion; `ProxyRestriction` limits who may issue further
/// assertions, which the broker does in its own name.
fn is_known_condition(node: Node<'_, '_>) -> bool {
    ["AudienceRestriction", "OneTimeUse", "ProxyRestriction"]
        .iter()
        .any(|name| node.has_tag_name((ASSERTION, *name)))
}

fn authn_statement(node: Node<'_, '_>) -> AuthnStatement {
    AuthnStatement {
        instant: Moment::of(node, "AuthnInstant"),
        session_index: attribute(node, "SessionIndex"),
        session_not_on_or_after: Moment::of(node, "SessionNotOnOrAfter"),
        contexts: children(node, ASSERTION, "AuthnContext")
            .flat_map(|context| children(context, ASSERTION, "AuthnContextClassRef"))
            .map(|class| trimmed(&text(class)).to_owned())
            .collect(),
    }
}
