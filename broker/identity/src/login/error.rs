//! Every way in which a sign-in can end without a session.

use symbolon_contract::{ConnectorId, ReasonCode};
use symbolon_storage::StorageError;
use thiserror::Error;

use crate::connectors::ConnectorError;
use crate::downstream::oidc::OauthError;
use crate::mapping::MappingError;
use crate::{policy, provisioning};

/// Why nobody came in. The texts are for the admin; the person's are in the catalogue.
#[derive(Debug, Error)]
pub enum LoginError {
    /// The application's request is wrong.
    #[error("{}", .0.detail)]
    Request(OauthError),
    /// No such attempt, or not this tenant's.
    #[error("no login attempt of this tenant has this id")]
    AttemptUnknown,
    /// No test sign-in of this tenant has this link.
    #[error("no test sign-in waits behind this link")]
    TestUnknown,
    /// It took too long.
    #[error("the login attempt has expired")]
    AttemptExpired,
    /// Another browser began it.
    #[error("the login attempt was begun by another browser")]
    AttemptOfAnotherBrowser,
    /// It ended before.
    #[error("the login attempt was finished before")]
    AttemptUsed,
    /// The `state` of a callback is none of ours, or not for this browser, tenant or connector (C1, C2).
    #[error("the state of the callback was refused: {0}")]
    State(&'static str),
    /// The callback came to another connector than the one that was begun (H-09).
    #[error("the sign-in was begun through connector {begun}, the answer came to {came}")]
    CallbackOfAnotherConnector {
        /// Where it began.
        begun: ConnectorId,
        /// Where it came.
        came: ConnectorId,
    },
    /// No such connector.
    #[error("no connector of this tenant has this id")]
    ConnectorUnknown,
    /// There is one, but people may not use it.
    #[error("connector {0} is {1}")]
    ConnectorNotOffered(ConnectorId, &'static str),
    /// The tenant offers none that the application accepts.
    #[error("no connector is offered to people of this application")]
    NoConnector,
    /// No connector serves the e-mail's domain.
    #[error("no connector serves this e-mail domain")]
    NoConnectorForEmail,
    /// The application does not accept this connector (D22).
    #[error("the application does not accept connector {0}")]
    ConnectorForApplication(ConnectorId),
    /// The pushed request was answered before (FA-05).
    #[error("the pushed request was answered before")]
    PushedRequestUsed,
    /// No question of this browser's session waits for an answer.
    #[error("no question of this session waits behind this address")]
    ConsentUnknown,
    /// Browser and upstream send each other round in circles (E-80).
    #[error("three round trips of this browser failed within five minutes, the last one with {0}")]
    Loop(ReasonCode),
    /// The upstream failed or its answer was refused.
    #[error(transparent)]
    Connector(#[from] ConnectorError),
    /// The upstream's `sub` of a known person is another one (E-20).
    #[error("the person's sub is not the one of earlier sign-ins with this client id")]
    UpstreamSubjectChanged,
    /// A statement that was believed before (VA-14).
    #[error("this statement was accepted before")]
    Replayed,
    /// The mapping gave nothing to go on with.
    #[error(transparent)]
    Mapping(#[from] MappingError),
    /// No user for this person.
    #[error(transparent)]
    Provisioning(#[from] provisioning::Refusal),
    /// The gate said no.
    #[error(transparent)]
    Policy(#[from] policy::Refused),
    /// The database failed.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

impl LoginError {
    /// The catalogue's code.
    #[must_use]
    pub fn reason(&self) -> ReasonCode {
        match self {
            Self::Request(error) => error.reason,
            Self::AttemptUnknown => ReasonCode::AttemptUnknown,
            Self::TestUnknown => ReasonCode::ConnectorTestUnknown,
            Self::AttemptExpired => ReasonCode::AttemptExpired,
            Self::AttemptOfAnotherBrowser => ReasonCode::AttemptOtherBrowser,
            Self::AttemptUsed => ReasonCode::AttemptAlreadyUsed,
            Self::State(_) => ReasonCode::OidcStateMismatch,
            Self::CallbackOfAnotherConnector { .. } => ReasonCode::OidcMixup,
            Self::ConnectorUnknown => ReasonCode::ConnectorUnknown,
            Self::ConnectorNotOffered(_, "test") => ReasonCode::ConnectorTestOnly,
            Self::ConnectorNotOffered(..) => ReasonCode::ConnectorOff,
            Self::NoConnector => ReasonCode::ConnectorNoneAvailable,
            Self::NoConnectorForEmail => ReasonCode::ConnectorNoMatch,
            Self::ConnectorForApplication(_) => ReasonCode::PolicyConnectorForApplication,
            Self::PushedRequestUsed => ReasonCode::AuthorizePushedRequestUsed,
            Self::ConsentUnknown => ReasonCode::AuthorizeConsentUnknown,
            Self::Loop(_) => ReasonCode::AttemptLoop,
            Self::Connector(error) => error.reason(),
            Self::UpstreamSubjectChanged => ReasonCode::EntraSubjectChanged,
            Self::Replayed => ReasonCode::SamlReplayed,
            Self::Mapping(error) => error.reason(),
            Self::Provisioning(error) => error.reason(),
            Self::Policy(error) => error.reason(),
            Self::Storage(error) => crate::storage_reason(error),
        }
    }

    /// Words for the person in place of the catalogue's: a plugin's own where it denied with some, and what
    /// went wrong before where we stop.
    #[must_use]
    pub fn words_for_person(&self) -> Option<String> {
        match self {
            Self::Mapping(MappingError::Denied { message, .. }) if !message.is_empty() => {
                Some(message.clone())
            }
            Self::Loop(last) => {
                let (stopped, before) = (self.reason().entry().person, last.entry().person);
                Some(format!("{stopped} What happened before ({last}): {before}"))
            }
            _ => None,
        }
    }
}
