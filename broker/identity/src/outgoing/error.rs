//! Every way in which an outgoing request can fail. Texts name the host, never query, body or secret.

use http::StatusCode;
use symbolon_contract::ReasonCode;
use thiserror::Error;

/// An outgoing request was refused by us or did not work out.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum OutgoingError {
    /// The address itself, or one that the name resolves to, is not on the public internet.
    #[error(
        "{host} is, or resolves to, a private or reserved address that the operator has not allowed"
    )]
    BlockedAddress {
        /// The host as the URL names it.
        host: String,
    },
    /// Neither `https` nor `http` to an address that the operator listed.
    #[error(
        "{scheme}://{host} is refused: use https (http only reaches addresses that the operator allowed)"
    )]
    SchemeRefused {
        /// The scheme of the URL.
        scheme: String,
        /// The host as the URL names it, or nothing.
        host: String,
    },
    /// The URL carries a user name or a password.
    #[error("the URL of {host} carries a user name or password; leave them out")]
    CredentialsInUrl {
        /// The host as the URL names it.
        host: String,
    },
    /// The port belongs to another protocol.
    #[error("port {port} of {host} is refused: it does not speak HTTP")]
    PortRefused {
        /// The host as the URL names it.
        host: String,
        /// The refused port.
        port: u16,
    },
    /// The other side answered with a redirect; we never follow one.
    #[error(
        "{host} answered {status}, a redirect, and redirects are not followed: enter the final URL"
    )]
    RedirectRefused {
        /// The host that was asked.
        host: String,
        /// The status it answered with.
        status: StatusCode,
    },
    /// No complete answer in time.
    #[error("{host} gave no complete answer in time")]
    TimedOut {
        /// The host that was asked.
        host: String,
    },
    /// Name resolution, connection, TLS or HTTP failed.
    #[error("{host} cannot be reached: {cause}")]
    Unreachable {
        /// The host that was asked.
        host: String,
        /// The innermost cause, for the admin.
        cause: String,
    },
    /// The body is longer than the cap.
    #[error("the answer of {host} is longer than {limit} bytes")]
    TooLarge {
        /// The host that was asked.
        host: String,
        /// The cap in bytes.
        limit: usize,
    },
    /// The client could not be built, for example because the extra CA file is no PEM.
    #[error("outgoing HTTP cannot be set up: {cause}")]
    Setup {
        /// What was wrong.
        cause: String,
    },
}

impl OutgoingError {
    /// The code that the person, the admin and the audit trail see.
    #[must_use]
    pub fn reason(&self) -> ReasonCode {
        match self {
            Self::BlockedAddress { .. } | Self::PortRefused { .. } => ReasonCode::NetBlockedAddress,
            Self::SchemeRefused { .. } | Self::CredentialsInUrl { .. } => {
                ReasonCode::NetSchemeRefused
            }
            Self::RedirectRefused { .. } => ReasonCode::NetRedirectRefused,
            Self::TimedOut { .. } => ReasonCode::NetTimedOut,
            Self::Unreachable { .. } => ReasonCode::NetUnreachable,
            Self::TooLarge { .. } => ReasonCode::NetResponseTooLarge,
            Self::Setup { .. } => ReasonCode::ServerInternal,
        }
    }
}
