//! The secret of an application, which is kept as a hash.

use aws_lc_rs::constant_time;

use crate::secrets::sha256_hex;

/// The SHA-256 of an application's secret. Secrets are 256 random bits, so a plain hash is enough.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApplicationSecretHash(String);

impl ApplicationSecretHash {
    /// From the database.
    #[must_use]
    pub fn from_hex(hex: String) -> Self {
        Self(hex)
    }

    /// Of a secret.
    #[must_use]
    pub fn of(secret: &str) -> Self {
        Self(sha256_hex(secret.as_bytes()))
    }

    /// The text for the database.
    #[must_use]
    pub fn as_hex(&self) -> &str {
        &self.0
    }

    /// Whether the secret is the right one, in constant time.
    #[must_use]
    pub fn matches(&self, secret: &str) -> bool {
        let presented = sha256_hex(secret.as_bytes());
        constant_time::verify_slices_are_equal(self.0.as_bytes(), presented.as_bytes()).is_ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_kept_as_hash_and_compared_whole() {
        let hash = ApplicationSecretHash::of("correct");
        assert!(hash.matches("correct"));
        assert!(!hash.matches("correc") && !hash.matches(""));
        assert!(!hash.as_hex().contains("correct"));
    }
}
