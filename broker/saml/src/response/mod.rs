//! A response of an identity provider: read, verified, decrypted and judged, in the order of the rules.
//!
//! Owns: [`read`], the one way from bytes to a [`VerifiedAssertion`], and what an admin is told of each check. Does
//! not own: pending requests, the replay store and the user (`identity`).

use chrono::{DateTime, TimeDelta, Utc};

use crate::certificate::{Certificate, PrivateKey};
use crate::engine::XmlSec;
use crate::fault::{Fault, Refusal, shorten};
use crate::policy::{AlgorithmPolicy, SignedParts};

mod encrypted_subject;
mod pipeline;
pub(crate) mod reader;
mod rules;
mod signatures;
mod statement;

/// What is expected of a response.
#[derive(Debug, Clone)]
pub struct Expected<'a> {
    /// The identity provider's entity id, exactly.
    pub identity_provider: &'a str,
    /// Our entity id for this connector.
    pub service_provider: &'a str,
    /// Where this connector's responses are posted to.
    pub acs_url: &'a str,
    /// The request that this browser's attempt sent, or `None` when nobody asked (IdP-initiated).
    pub request: Option<ExpectedRequest<'a>>,
    /// Accepted difference of clocks, at most 300 s (VA-13).
    pub skew: TimeDelta,
    /// The present moment.
    pub now: DateTime<Utc>,
}

/// What the pending request asked for.
#[derive(Debug, Clone)]
pub struct ExpectedRequest<'a> {
    /// Its id.
    pub id: &'a str,
    /// When it was sent.
    pub sent_at: DateTime<Utc>,
    /// Whether it demanded a fresh authentication (VA-12).
    pub force_authn: bool,
    /// The contexts that it asked for, `exact`; empty: none (VA-10).
    pub contexts: &'a [String],
}

/// Keys and demands of the connector.
#[derive(Debug, Clone, Copy)]
pub struct Keys<'a> {
    /// Certificates of the identity provider. With none, nothing is ever verified (SI-1).
    pub certificates: &'a [Certificate],
    /// Our decryption keys, the present one first (DC-6).
    pub decryption: &'a [PrivateKey],
    /// Algorithms.
    pub algorithms: AlgorithmPolicy,
    /// What must be signed.
    pub signed: SignedParts,
}

/// One rule and how it ended, for test sign-ins and traces.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Check {
    /// Its stable name, for example `audience`.
    pub name: &'static str,
    /// The fault, when it failed.
    pub fault: Option<Fault>,
    /// What was seen.
    pub seen: String,
    /// What was expected.
    pub expected: String,
}

/// What came of a response.
#[derive(Debug)]
pub struct Reading {
    /// Every rule that was reached, in order. Rules of meaning are all judged, so that an admin sees every fault at once.
    pub checks: Vec<Check>,
    /// The statement, or the first fault.
    pub outcome: Result<Box<VerifiedAssertion>, Box<Problem>>,
}

/// Why a response was refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The first fault.
    pub refusal: Refusal,
    /// What the identity provider reports, where it reports an error: untrusted (ER-1).
    pub status: Option<Status>,
}

/// A status (SAML Core 3.2.2). Untrusted text.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Status {
    /// The status codes, from the outermost inwards.
    pub codes: Vec<String>,
    /// The message, if any, cut.
    pub message: Option<String>,
}

/// A NameID with everything that makes it (SAML Core 2.2.3).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NameId {
    /// The identifier.
    pub value: String,
    /// Its format; absent means unspecified.
    pub format: Option<String>,
    /// Whose name it is.
    pub name_qualifier: Option<String>,
    /// For whom it is.
    pub sp_name_qualifier: Option<String>,
}

/// An attribute: all values, in order (SAML Core 2.7.3.1).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Attribute {
    /// Its name.
    pub name: String,
    /// Its values as text.
    pub values: Vec<String>,
}

/// A statement that passed every check; read from the signed bytes only (API-4).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifiedAssertion {
    /// The assertion's id, for the replay store.
    pub id: String,
    /// Until when the replay store must know it.
    pub remember_until: DateTime<Utc>,
    /// The issuer.
    pub issuer: String,
    /// The subject.
    pub name_id: NameId,
    /// The attributes, in order; equal names are joined.
    pub attributes: Vec<Attribute>,
    /// When the person authenticated.
    pub authn_instant: DateTime<Utc>,
    /// How.
    pub authn_context: Option<String>,
    /// The identity provider's session.
    pub session_index: Option<String>,
    /// When the session ends at the latest.
    pub session_not_on_or_after: Option<DateTime<Utc>>,
    /// Whether it came encrypted.
    pub encrypted: bool,
    /// `response`, `assertion` or `both`.
    pub signed: &'static str,
    /// The fingerprint of the certificate that verified it (ME-7).
    pub verified_by: String,
    /// Whether SHA-1 was used, which the connector takes for now.
    pub used_sha1: bool,
}

/// Reads a `SAMLResponse` field as it was posted.
///
/// The last step of a sign-in is not here: the caller enters the assertion's id into the replay store (VA-14).
#[must_use]
pub fn read(field: &str, keys: &Keys<'_>, expected: &Expected<'_>) -> Reading {
    pipeline::read(&XmlSec::new(), field, keys, expected)
}

impl Check {
    fn passed(name: &'static str, seen: &str, expected: &str) -> Self {
        Self { name, fault: None, seen: shorten(seen), expected: shorten(expected) }
    }

    fn failed(name: &'static str, refusal: &Refusal) -> Self {
        let Refusal { fault, seen, expected } = refusal.clone();
        Self { name, fault: Some(fault), seen, expected }
    }
}
