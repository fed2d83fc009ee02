//! Single logout, both directions (SAML Core 3.7, Profiles 4.4; SW-9).
//!
//! Owns: what stands in our LogoutRequest and LogoutResponse, and the way from received ones to what a session store
//! can act on: gate, then the signature, which is always needed, then only verified bytes. Does not own: sessions, the
//! pending logout, and replay (`identity`).

mod read;
mod rules;
mod write;

#[cfg(test)]
mod tests;

use chrono::{DateTime, TimeDelta, Utc};

use crate::response::NameId;

pub use read::{
    LogoutKind, kind_of, request_from_post, request_from_redirect, response_from_post,
    response_from_redirect,
};

/// A request to end sessions that Symbolon sends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogoutRequest {
    /// Its id; see [`crate::write::id`].
    pub id: String,
    /// Our entity id for this connector.
    pub issuer: String,
    /// The identity provider's logout address.
    pub destination: String,
    /// The present moment.
    pub issued_at: DateTime<Utc>,
    /// Until when it counts.
    pub not_on_or_after: Option<DateTime<Utc>>,
    /// The subject, exactly as the assertion named it.
    pub name_id: NameId,
    /// The sessions; empty: all of the subject.
    pub session_indexes: Vec<String>,
}

/// The answer to a request to end sessions that Symbolon sends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogoutResponse {
    /// Its id; see [`crate::write::id`].
    pub id: String,
    /// The id of the request that it answers.
    pub in_response_to: String,
    /// Our entity id for this connector.
    pub issuer: String,
    /// The identity provider's address for logout responses.
    pub destination: String,
    /// The present moment.
    pub issued_at: DateTime<Utc>,
    /// The status codes, from the outermost inwards; at least one.
    pub status: Vec<String>,
}

/// What is expected of a received message.
#[derive(Debug, Clone, Copy)]
pub struct LogoutExpected<'a> {
    /// The identity provider's entity id, exactly.
    pub identity_provider: &'a str,
    /// Our logout address.
    pub destination: &'a str,
    /// Accepted difference of clocks.
    pub skew: TimeDelta,
    /// The present moment.
    pub now: DateTime<Utc>,
}

/// A request of the identity provider to end sessions; read from verified bytes only.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReceivedLogoutRequest {
    /// Its id, for the answer and for the replay store.
    pub id: String,
    /// The issuer.
    pub issuer: String,
    /// The subject.
    pub name_id: NameId,
    /// The sessions; empty: all of the subject.
    pub session_indexes: Vec<String>,
    /// Until when it counts.
    pub not_on_or_after: Option<DateTime<Utc>>,
    /// Until when the replay store must know its id.
    pub remember_until: DateTime<Utc>,
    /// The RelayState that the answer must carry; with POST the caller has it (Bindings 3.5.3).
    pub relay_state: Option<String>,
    /// The fingerprint of the certificate that verified it.
    pub verified_by: String,
}
