//! DPoP proofs (RFC 9449 4.3, FAPI 2.0; FA-10, FA-11): who holds the key, for this request only.
//!
//! A pure check. Against replay the caller puts [`DpopProof::jti_hash`] into the typed store until
//! [`DpopProof::until`]; a conflict there is a replay.

use aws_lc_rs::digest;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Map, Value};
use thiserror::Error;
use url::Url;

use super::claims_set::{AHEAD, MemberProblem, Times, text, token_id};
use super::jwk::{JwkProblem, PublicJwk};
use super::jws::{Compact, JwsProblem};
use super::{ProofAlgorithm, excerpt};
use crate::secrets::{equal_in_constant_time, sha256_hex};

#[cfg(test)]
mod tests;

/// A proof is good for this long after `iat`.
const LIFETIME: TimeDelta = TimeDelta::seconds(300);

/// The request that a proof must be made for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Expected<'e> {
    /// The HTTP method, in upper case.
    pub(crate) method: &'e str,
    /// Every address under which this endpoint answers.
    pub(crate) urls: &'e [String],
    /// The access token that came with the proof, if one did.
    pub(crate) access_token: Option<&'e str>,
    /// The thumbprint that a code, a token or `dpop_jkt` is bound to, if it is.
    pub(crate) bound_to: Option<&'e str>,
    /// The nonces of which it must hold one, if it must (RFC 9449 8).
    pub(crate) nonces: Option<&'e [String]>,
}

/// A proof that holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct DpopProof {
    /// The SHA-256 thumbprint of its key in base64url: `cnf.jkt` (RFC 7638, RFC 9449 6.1).
    pub(crate) thumbprint: String,
    /// What must not come again: hash over key, `jti` and address (RFC 9449 11.1).
    pub(crate) jti_hash: String,
    /// After this moment the proof would be refused in any case.
    pub(crate) until: DateTime<Utc>,
}

/// Why a proof does not hold.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub(crate) enum DpopProblem {
    /// There is none.
    #[error("the request carries no DPoP proof")]
    Missing,
    /// There are several headers, and nobody knows which one counts.
    #[error("the request carries {0} DPoP headers, expected one")]
    Several(usize),
    /// It is not signed, or not in an allowed way.
    #[error("the DPoP proof: {0}")]
    Jws(#[from] JwsProblem),
    /// Another kind of token.
    #[error("typ of the DPoP proof is {0}, expected dpop+jwt")]
    Type(String),
    /// The header's `jwk`.
    #[error("the jwk of the DPoP proof: {0}")]
    Key(#[from] JwkProblem),
    /// A claim is missing, of the wrong form, or its time is over or not come.
    #[error("the DPoP proof: {0}")]
    Claim(#[from] MemberProblem),
    /// Made for another method.
    #[error("htm of the DPoP proof is {seen}, expected {expected}")]
    Method {
        /// What it says.
        seen: String,
        /// What was asked.
        expected: String,
    },
    /// Made for another address.
    #[error("htu of the DPoP proof is {seen}, expected {expected}")]
    Address {
        /// What it says.
        seen: String,
        /// What was asked.
        expected: String,
    },
    /// Made without a nonce of ours, or with one that is over.
    #[error("nonce of the DPoP proof is missing, or none that counts now")]
    Nonce,
    /// Made for another access token.
    #[error("ath of the DPoP proof is not the hash of the access token")]
    AccessToken,
    /// Made with another key than the one that was bound.
    #[error("the key of the DPoP proof is not the one that the code, token or request is bound to")]
    OtherKey,
}

/// Checks the DPoP headers of a request.
///
/// # Errors
/// [`DpopProblem`] for the first rule of RFC 9449 4.3 that does not hold.
pub(crate) fn check(
    proofs: &[&str],
    expected: &Expected<'_>,
    now: DateTime<Utc>,
) -> Result<DpopProof, DpopProblem> {
    let proof = match proofs {
        [] => return Err(DpopProblem::Missing),
        [proof] => Compact::parse(proof)?,
        several => return Err(DpopProblem::Several(several.len())),
    };
    let typ = proof.header.get("typ").and_then(Value::as_str).unwrap_or("missing");
    if typ != "dpop+jwt" {
        return Err(DpopProblem::Type(excerpt(typ)));
    }
    proof.algorithm(&ProofAlgorithm::FAPI)?;
    let jwk = proof.header.get("jwk").ok_or(JwkProblem::Malformed("missing"))?;
    let key = PublicJwk::read(jwk)?;
    let thumbprint = key.thumbprint()?;
    let claims = proof.verify_with(&key, &ProofAlgorithm::FAPI)?.claims;
    let address = request(&claims, expected)?;
    let issued = issued(&claims, now)?;
    let jti = token_id(&claims)?;
    bindings(&claims, &thumbprint, expected)?;
    if let Some(nonces) = expected.nonces {
        fresh(&claims, nonces)?;
    }
    let once = format!("{thumbprint}\n{address}\n{jti}");
    Ok(DpopProof {
        jti_hash: sha256_hex(once.as_bytes()),
        thumbprint,
        until: issued + LIFETIME + AHEAD,
    })
}

/// `htm` and `htu` (RFC 9449 4.3, 8 and 9); the address in its one spelling.
fn request(claims: &Map<String, Value>, expected: &Expected<'_>) -> Result<String, DpopProblem> {
    let method = text(claims, "htm")?;
    if method != expected.method {
        return Err(DpopProblem::Method {
            seen: excerpt(method),
            expected: expected.method.to_owned(),
        });
    }
    let address = text(claims, "htu")?;
    let known = spelled_alike(address).filter(|address| {
        expected.urls.iter().filter_map(|url| spelled_alike(url)).any(|url| url == *address)
    });
    known.ok_or_else(|| DpopProblem::Address {
        seen: excerpt(address),
        expected: expected.urls.first().cloned().unwrap_or_default(),
    })
}

/// An address without query and fragment, scheme and host in lower case, without its default port
/// (RFC 9449 4.3, RFC 3986 6.2.2 and 6.2.3).
fn spelled_alike(address: &str) -> Option<String> {
    // The parser would repair these silently.
    if address.chars().any(|c| c.is_whitespace() || c.is_control() || c == '\\') {
        return None;
    }
    let mut url = Url::parse(address).ok()?;
    let bare = url.username().is_empty() && url.password().is_none();
    if !(matches!(url.scheme(), "https" | "http") && url.has_host() && bare) {
        return None;
    }
    url.set_query(None);
    url.set_fragment(None);
    Some(url.into())
}

/// `iat`, at most five minutes ago; `exp` and `nbf` where they stand (FA-10).
fn issued(claims: &Map<String, Value>, now: DateTime<Utc>) -> Result<DateTime<Utc>, DpopProblem> {
    let issued = Times::read(claims, now)?.issued.ok_or(MemberProblem::Missing("iat"))?;
    if issued < now - LIFETIME {
        return Err(MemberProblem::Over("iat").into());
    }
    Ok(issued)
}

/// `nonce` (RFC 9449 4.3, 8).
fn fresh(claims: &Map<String, Value>, nonces: &[String]) -> Result<(), DpopProblem> {
    let seen = claims.get("nonce").and_then(Value::as_str).ok_or(DpopProblem::Nonce)?;
    let counts = |nonce: &String| equal_in_constant_time(seen.as_bytes(), nonce.as_bytes());
    if nonces.iter().any(counts) { Ok(()) } else { Err(DpopProblem::Nonce) }
}

/// The nonce that a proof holds, unverified: to tell its maker a newer one.
pub(crate) fn nonce_of(proof: &str) -> Option<String> {
    let claims = Compact::parse(proof).ok()?.unverified_claims().ok()?;
    text(&claims, "nonce").ok().map(str::to_owned)
}

/// `ath` and the key (RFC 9449 4.3, 11 and 12).
fn bindings(
    claims: &Map<String, Value>,
    thumbprint: &str,
    expected: &Expected<'_>,
) -> Result<(), DpopProblem> {
    if let Some(token) = expected.access_token {
        let seen = text(claims, "ath")?;
        let hash = URL_SAFE_NO_PAD.encode(digest::digest(&digest::SHA256, token.as_bytes()));
        if !equal_in_constant_time(seen.as_bytes(), hash.as_bytes()) {
            return Err(DpopProblem::AccessToken);
        }
    }
    if expected.bound_to.is_some_and(|bound| bound != thumbprint) {
        return Err(DpopProblem::OtherKey);
    }
    Ok(())
}
