//! Why Graph gave nothing.

use http::StatusCode;
use symbolon_contract::ReasonCode;
use thiserror::Error;

use crate::connectors::ConnectorError;
use crate::connectors::error::shorten;
use crate::outgoing::OutgoingError;

/// Why Graph gave nothing. No variant holds a token or a person's data.
#[derive(Debug, Error)]
pub(crate) enum GraphError {
    /// The cloud's Graph is not known.
    #[error("the address of this cloud's Microsoft Graph is not known; the operator can set it")]
    NoAddress,
    /// Graph says that we may not.
    #[error("Microsoft Graph refused with status {status}, {code}")]
    Forbidden {
        /// The status.
        status: u16,
        /// Graph's word.
        code: String,
    },
    /// Graph does not know the thing that was asked for.
    #[error("Microsoft Graph does not know it ({code})")]
    NotFound {
        /// Graph's word.
        code: String,
    },
    /// Graph would not answer now.
    #[error("Microsoft Graph answered status {status}, {code}")]
    Unavailable {
        /// The status.
        status: u16,
        /// Graph's word.
        code: String,
    },
    /// Graph's answer cannot be used.
    #[error("Microsoft Graph gave {0}")]
    Malformed(String),
    /// Graph was not reached.
    #[error("Microsoft Graph: {0}")]
    Outgoing(#[from] OutgoingError),
    /// No token for Graph.
    #[error("no token for Microsoft Graph: {0}")]
    Token(Box<ConnectorError>),
}

impl GraphError {
    pub(super) fn refused(status: StatusCode, code: &str) -> Self {
        let (number, code) = (status.as_u16(), shorten(code));
        match number {
            401 | 403 => Self::Forbidden { status: number, code },
            404 => Self::NotFound { code },
            _ => Self::Unavailable { status: number, code },
        }
    }

    /// Whether a person's list is too long for one answer, so that it must be read by pages.
    pub(super) fn is_too_long(&self) -> bool {
        match self {
            Self::Forbidden { code, .. } | Self::Unavailable { code, .. } => {
                code == "Directory_ResultSizeLimitExceeded"
            }
            _ => false,
        }
    }

    /// The catalogue's code.
    #[must_use]
    pub(crate) fn reason(&self) -> ReasonCode {
        match self {
            Self::Forbidden { .. } => ReasonCode::EntraGraphForbidden,
            Self::NoAddress | Self::NotFound { .. } | Self::Malformed(_) => {
                ReasonCode::EntraGraphMalformed
            }
            Self::Unavailable { .. } => ReasonCode::EntraGraphUnavailable,
            Self::Outgoing(error) => match error.reason() {
                guard @ (ReasonCode::NetBlockedAddress | ReasonCode::NetSchemeRefused) => guard,
                _ => ReasonCode::EntraGraphUnavailable,
            },
            Self::Token(error) => error.reason(),
        }
    }
}
