//! A SAML message that was refused, with everything that an admin needs to mend it.

use symbolon_contract::ReasonCode;
use symbolon_saml::response::{Check, Problem, Reading, Status, VerifiedAssertion};
use symbolon_saml::{Fault, Refusal};
use thiserror::Error;

use crate::connectors::ConnectorError;
use crate::connectors::entra::number_in;

/// Why a message was refused.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{}", in_words(.refusal, .status.as_ref()))]
pub struct SamlProblem {
    /// The first rule that it broke.
    pub refusal: Refusal,
    /// What the identity provider reports. Untrusted text.
    pub status: Option<Status>,
    /// Every rule that was judged, in order.
    pub checks: Vec<Check>,
}

impl SamlProblem {
    /// What was found wrong before any rule of a response was judged.
    #[must_use]
    pub fn bare(refusal: Refusal) -> Self {
        Self { refusal, status: None, checks: Vec::new() }
    }

    pub(super) fn of(problem: Problem, checks: Vec<Check>) -> Self {
        Self { refusal: problem.refusal, status: problem.status, checks }
    }

    /// The catalogue's code: Microsoft's own where its number is in the message.
    #[must_use]
    pub fn reason(&self) -> ReasonCode {
        let number = self.status.as_ref().and_then(|status| number_in(status.message.as_deref()?));
        number.and_then(ReasonCode::from_aadsts).unwrap_or_else(|| reason_of(self.refusal.fault))
    }
}

fn in_words(refusal: &Refusal, status: Option<&Status>) -> String {
    match status {
        None => refusal.to_string(),
        Some(status) => {
            let codes: Vec<&str> =
                status.codes.iter().map(|code| code.rsplit(':').next().unwrap_or(code)).collect();
            let message = status.message.as_deref().unwrap_or("no message");
            format!("the identity provider answered {}: {message}", codes.join(" / "))
        }
    }
}

impl From<Refusal> for ConnectorError {
    fn from(refusal: Refusal) -> Self {
        Self::Saml(Box::new(SamlProblem::bare(refusal)))
    }
}

/// The catalogue's code of a fault. Both say the same words; a test holds them together.
#[must_use]
pub fn reason_of(fault: Fault) -> ReasonCode {
    ReasonCode::parse(fault.code()).unwrap_or(ReasonCode::ServerInternal)
}

/// The statement of a reading, or the problem with its checks.
pub(super) fn outcome(
    reading: Reading,
) -> Result<(Box<VerifiedAssertion>, Vec<Check>), ConnectorError> {
    let Reading { checks, outcome } = reading;
    match outcome {
        Ok(assertion) => Ok((assertion, checks)),
        Err(problem) => Err(ConnectorError::Saml(Box::new(SamlProblem::of(*problem, checks)))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_fault_of_a_document_is_in_the_catalogue_and_none_is_our_own_fault() {
        for fault in Fault::ALL {
            let reason = ReasonCode::parse(fault.code());
            assert!(reason.is_some(), "{} is not in the catalogue", fault.code());
            assert_ne!(reason, Some(ReasonCode::ServerInternal));
        }
    }

    #[test]
    fn saml_ei08_a_number_of_microsoft_in_an_error_status_gives_its_reason() {
        let status = |message: &str| SamlProblem {
            status: Some(Status {
                codes: vec![symbolon_saml::names::STATUS_RESPONDER.to_owned()],
                message: Some(message.to_owned()),
            }),
            ..SamlProblem::bare(Refusal::new(Fault::Status, "Responder", "Success"))
        };
        let assigned = status("AADSTS50105: The signed in user is not assigned to a role");
        assert_eq!(assigned.reason(), ReasonCode::from_aadsts(50105).unwrap());
        assert!(assigned.to_string().contains("Responder: AADSTS50105"), "{assigned}");
        assert_eq!(status("no number").reason(), ReasonCode::SamlStatus);
    }
}
