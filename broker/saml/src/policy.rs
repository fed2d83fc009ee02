//! What a connector demands of signatures. There is no switch for RSA-1.5, 3DES, HMAC or MD5 (API-3).

use chrono::{DateTime, Utc};

/// Algorithms that a connector takes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct AlgorithmPolicy {
    /// SHA-1 in signatures and digests is taken until then; never when nothing is given.
    pub sha1_until: Option<DateTime<Utc>>,
}

impl AlgorithmPolicy {
    /// Whether SHA-1 is taken at this time.
    #[must_use]
    pub fn takes_sha1(&self, now: DateTime<Utc>) -> bool {
        self.sha1_until.is_some_and(|end| now < end)
    }
}

/// What must be signed (SI-5). A signature that is there must verify in any case (SI-4).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum SignedParts {
    /// The response or the assertion.
    #[default]
    Either,
    /// The assertion, whatever else is.
    Assertion,
    /// The response, whatever else is.
    Response,
    /// Both.
    Both,
}
