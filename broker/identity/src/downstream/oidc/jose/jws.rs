//! The one signature check of what applications send (RFC 7515 5.2, RFC 8725).
//!
//! The compact form is taken apart here, once, because jsonwebtoken's header drops what must be seen
//! (private members of a `jwk`, names that stand twice) and knows no `Ed25519`; the signature itself is
//! jsonwebtoken's, over aws-lc. Nothing a header points at is ever fetched or trusted: `jku`, `x5u`,
//! `x5c` and `jwk` are passed over, and only DPoP looks at `jwk` for itself.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::crypto;
use serde_json::{Map, Value};
use thiserror::Error;

use super::claims_set::UniqueMembers;
use super::jwk::PublicJwk;
use super::{ProofAlgorithm, excerpt};

/// Longer tokens are refused before anything is parsed.
pub(crate) const MAX_TOKEN: usize = 32 * 1024;

/// A token without `kid` is tried with this many keys.
const MAX_TRIES: usize = 10;

/// Why a token is not one that the application signed.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub(crate) enum JwsProblem {
    /// Not worth parsing.
    #[error("it is longer than {MAX_TOKEN} bytes")]
    TooLong,
    /// Not three parts of base64url, or not JSON objects in them.
    #[error("it is not a signed JWT: {0}")]
    Malformed(&'static str),
    /// `none`, HMAC, or whatever else the rules do not allow here.
    #[error("alg is {seen}, expected one of {expected}")]
    Algorithm {
        /// What the header says.
        seen: String,
        /// What is allowed.
        expected: String,
    },
    /// It wants something understood that we do not know (RFC 7515 4.1.11).
    #[error("it carries crit, which is not supported")]
    Critical,
    /// No key has this `kid`.
    #[error("no key of the application has kid {0}")]
    UnknownKey(String),
    /// There are keys, but none for this algorithm.
    #[error("no key of the application fits alg and kid")]
    NoFittingKey,
    /// Signed by somebody else, or changed since.
    #[error("the signature fits no key of the application")]
    Signature,
}

/// A token whose signature holds.
#[derive(Debug)]
pub(crate) struct Verified {
    /// Its header.
    pub(crate) header: Map<String, Value>,
    /// Its claims.
    pub(crate) claims: Map<String, Value>,
}

/// Checks a token against the keys of the application that should have signed it.
///
/// # Errors
/// [`JwsProblem`] says what is wrong with it.
pub(crate) fn verify(
    token: &str,
    keys: &[PublicJwk],
    allowed: &[ProofAlgorithm],
) -> Result<Verified, JwsProblem> {
    Compact::parse(token)?.verify(keys, allowed)
}

/// A token that was taken apart and not believed yet.
pub(super) struct Compact<'t> {
    pub(super) header: Map<String, Value>,
    payload: &'t str,
    signed: &'t str,
    signature: &'t str,
}

impl<'t> Compact<'t> {
    pub(super) fn parse(token: &'t str) -> Result<Self, JwsProblem> {
        if token.len() > MAX_TOKEN {
            return Err(JwsProblem::TooLong);
        }
        let parts = JwsProblem::Malformed("not three parts");
        let Some((signed, signature)) = token.rsplit_once('.') else { return Err(parts) };
        let Some((header, payload)) = signed.split_once('.') else { return Err(parts) };
        if payload.contains('.') {
            return Err(parts);
        }
        let header = object(header).ok_or(JwsProblem::Malformed("its header"))?;
        Ok(Self { header, payload, signed, signature })
    }

    /// The claims, unverified: only to find out whose keys to take.
    pub(super) fn unverified_claims(&self) -> Result<Map<String, Value>, JwsProblem> {
        object(self.payload).ok_or(JwsProblem::Malformed("its claims"))
    }

    pub(super) fn algorithm(
        &self,
        allowed: &[ProofAlgorithm],
    ) -> Result<ProofAlgorithm, JwsProblem> {
        let seen = self.header.get("alg").and_then(Value::as_str).unwrap_or("missing");
        let known = ProofAlgorithm::parse(seen).filter(|known| allowed.contains(known));
        known.ok_or_else(|| JwsProblem::Algorithm {
            seen: excerpt(seen),
            expected: ProofAlgorithm::names(allowed).join(", "),
        })
    }

    fn verify(
        self,
        keys: &[PublicJwk],
        allowed: &[ProofAlgorithm],
    ) -> Result<Verified, JwsProblem> {
        let algorithm = self.algorithm(allowed)?;
        let kid = match self.header.get("kid") {
            None => None,
            Some(Value::String(kid)) => Some(kid.as_str()),
            Some(_) => return Err(JwsProblem::Malformed("its kid")),
        };
        let named = |key: &&PublicJwk| kid.is_none() || key.kid.as_deref() == kid;
        if let Some(kid) = kid
            && !keys.iter().any(|key| named(&key))
        {
            return Err(JwsProblem::UnknownKey(excerpt(kid)));
        }
        let fitting = keys.iter().filter(named).filter(|key| key.fits(algorithm)).take(MAX_TRIES);
        let mut tried = fitting.map(|key| self.signed_by(key, algorithm)).peekable();
        if tried.peek().is_none() {
            return Err(JwsProblem::NoFittingKey);
        }
        if !tried.any(|signed| signed) {
            return Err(JwsProblem::Signature);
        }
        self.accept()
    }

    /// With the one key that the token brings along (DPoP).
    pub(super) fn verify_with(
        self,
        key: &PublicJwk,
        allowed: &[ProofAlgorithm],
    ) -> Result<Verified, JwsProblem> {
        let algorithm = self.algorithm(allowed)?;
        if !key.fits(algorithm) {
            return Err(JwsProblem::NoFittingKey);
        }
        if !self.signed_by(key, algorithm) {
            return Err(JwsProblem::Signature);
        }
        self.accept()
    }

    fn signed_by(&self, key: &PublicJwk, algorithm: ProofAlgorithm) -> bool {
        let message = self.signed.as_bytes();
        let algorithm = algorithm.as_jsonwebtoken();
        crypto::verify(self.signature, message, key.decoding(), algorithm).unwrap_or(false)
    }

    fn accept(self) -> Result<Verified, JwsProblem> {
        if self.header.contains_key("crit") {
            return Err(JwsProblem::Critical);
        }
        let claims = self.unverified_claims()?;
        Ok(Verified { header: self.header, claims })
    }
}

impl JwsProblem {
    /// Whether newer keys of the application could change the outcome (DY-12).
    pub(super) fn may_be_a_new_key(&self) -> bool {
        matches!(self, Self::UnknownKey(_) | Self::NoFittingKey)
    }
}

fn object(part: &str) -> Option<Map<String, Value>> {
    let json = URL_SAFE_NO_PAD.decode(part).ok()?;
    let UniqueMembers(members) = serde_json::from_slice(&json).ok()?;
    Some(members)
}

#[cfg(test)]
mod tests;
