//! What applications sign: DPoP proofs, client assertions, request objects.
//!
//! Owns: which algorithms and keys count ([`algorithm`], [`jwk`]), the one signature check ([`jws`]), the
//! rules of each kind of token as a pure function ([`dpop`], [`assertion`], [`request_object`], and
//! what the last two share, [`statement`]), and where an application's keys come from ([`keys`]). Does not own: replay (the caller puts the hash that
//! a check returns into the typed store), what an accepted token entitles to, or our own signatures
//! ([`crate::keys`]).

pub(crate) mod algorithm;
pub(crate) mod assertion;
mod claims_set;
pub(crate) mod dpop;
pub(crate) mod jwk;
pub(crate) mod jws;
pub(crate) mod keys;
pub(crate) mod request_object;
pub(crate) mod statement;
#[cfg(test)]
mod testing;

pub(crate) use algorithm::ProofAlgorithm;

/// Untrusted text for a message: short, and nothing that a log or an `error_description` could trip over
/// (RFC 6749 5.2 allows neither quotes nor backslashes).
fn excerpt(text: &str) -> String {
    let plain = |c: &char| (c.is_ascii_graphic() || *c == ' ') && !matches!(c, '"' | '\\');
    text.chars().filter(plain).take(60).collect()
}
