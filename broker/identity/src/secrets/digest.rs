//! Hashing of values that are looked up but never shown again, and comparison without a timing trace.

use std::fmt::Write as _;

use aws_lc_rs::{constant_time, digest, hmac};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use secrecy::{ExposeSecret as _, SecretString};

/// SHA-256 in lower-case hexadecimal: how codes, tokens and cookies are stored.
///
/// Only for values with at least 128 random bits; passwords need a password hash.
#[must_use]
pub fn sha256_hex(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(2 * digest::SHA256_OUTPUT_LEN);
    for byte in digest::digest(&digest::SHA256, bytes).as_ref() {
        // Writing to a String cannot fail.
        let _ = write!(text, "{byte:02x}");
    }
    text
}

/// HMAC-SHA-256 of a message as base64url text: only who holds the key can make it.
#[must_use]
pub fn keyed_text(key: &SecretString, message: &[u8]) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA256, key.expose_secret().as_bytes());
    URL_SAFE_NO_PAD.encode(hmac::sign(&key, message).as_ref())
}

/// The last four characters of a secret that is long enough to lose them: how people tell two apart (N19).
#[must_use]
pub fn hint_of(secret: &SecretString) -> Option<String> {
    let text = secret.expose_secret();
    let length = text.chars().count();
    (length >= 16).then(|| text.chars().skip(length - 4).collect())
}

/// Whether two values are equal, in a time that depends on their length only.
#[must_use]
pub fn equal_in_constant_time(left: &[u8], right: &[u8]) -> bool {
    constant_time::verify_slices_are_equal(left, right).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hashes_as_fips_180_has_it() {
        assert_eq!(
            sha256_hex(b"abc"),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        );
    }

    #[test]
    fn compares_content_and_length() {
        assert!(equal_in_constant_time(b"same", b"same"));
        assert!(!equal_in_constant_time(b"same", b"sane"));
        assert!(!equal_in_constant_time(b"same", b"same "));
    }
}
