//! Small values that both fakes need: the time, random words, form bodies.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// Tells the time in seconds since 1970: a test hands in its own, the demo takes [`system_clock`].
pub type Clock = Arc<dyn Fn() -> i64 + Send + Sync>;

/// The machine's clock.
#[must_use]
pub fn system_clock() -> Clock {
    #[expect(clippy::disallowed_methods, reason = "the one place that asks the machine")]
    Arc::new(|| chrono::Utc::now().timestamp())
}

/// A fresh value of 256 bits for codes, states, nonces and verifiers.
pub(crate) fn random_word() -> String {
    let mut bytes = [0_u8; 32];
    // A failing system generator would give a constant: good enough to fail a test loudly.
    let _ = aws_lc_rs::rand::fill(&mut bytes);
    URL_SAFE_NO_PAD.encode(bytes)
}

/// BASE64URL(SHA256(value)), as PKCE (RFC 7636 section 4.2) asks.
pub(crate) fn sha256_base64url(value: &str) -> String {
    let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, value.as_bytes());
    URL_SAFE_NO_PAD.encode(digest.as_ref())
}

/// The left half of SHA256(value), as `at_hash` (OpenID Connect Core 3.1.3.6) asks.
pub(crate) fn left_half_hash(value: &str) -> String {
    left_half(&aws_lc_rs::digest::SHA256, value)
}

/// The same for EdDSA, which hashes with SHA-512 (RFC 8032 5.1).
pub(crate) fn left_half_hash_eddsa(value: &str) -> String {
    left_half(&aws_lc_rs::digest::SHA512, value)
}

fn left_half(algorithm: &'static aws_lc_rs::digest::Algorithm, value: &str) -> String {
    let digest = aws_lc_rs::digest::digest(algorithm, value.as_bytes());
    let bytes = digest.as_ref();
    let half: Vec<u8> = bytes.iter().take(bytes.len() / 2).copied().collect();
    URL_SAFE_NO_PAD.encode(half)
}

/// A body of type application/x-www-form-urlencoded.
pub(crate) fn form_body<'a>(fields: impl IntoIterator<Item = (&'a str, &'a str)>) -> String {
    url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish()
}

/// Text made safe for HTML content and for quoted attributes.
pub(crate) fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
        .replace('\'', "&#39;")
}

/// A panic elsewhere must not hide behind a poisoned lock.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
