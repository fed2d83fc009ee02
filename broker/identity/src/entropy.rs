//! Randomness as an argument. Owns the only call to the system's random generator for ids and secrets.

use std::fmt::Debug;
use std::sync::atomic::{AtomicU64, Ordering};

use aws_lc_rs::digest;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// Gives random bytes, so that a test can repeat them.
pub trait Entropy: Send + Sync + Debug {
    /// Fills `buffer` with bytes that nobody can guess.
    fn fill(&self, buffer: &mut [u8]);
}

/// The random generator of aws-lc, for everything but tests.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemEntropy;

impl Entropy for SystemEntropy {
    #[expect(clippy::expect_used, reason = "without randomness no secret may be made: stop here")]
    fn fill(&self, buffer: &mut [u8]) {
        aws_lc_rs::rand::fill(buffer).expect("the system's random generator gave no bytes");
    }
}

/// The same bytes for the same seed on every run. **Anyone can guess them: tests only.**
#[derive(Debug)]
pub struct InsecureSeededEntropy {
    seed: u64,
    drawn: AtomicU64,
}

impl InsecureSeededEntropy {
    /// A stream of bytes that `seed` decides.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self { seed, drawn: AtomicU64::new(0) }
    }
}

impl Entropy for InsecureSeededEntropy {
    fn fill(&self, buffer: &mut [u8]) {
        for chunk in buffer.chunks_mut(digest::SHA256_OUTPUT_LEN) {
            let mut block = self.seed.to_be_bytes().to_vec();
            block.extend(self.drawn.fetch_add(1, Ordering::Relaxed).to_be_bytes());
            let bytes = digest::digest(&digest::SHA256, &block);
            for (to, from) in chunk.iter_mut().zip(bytes.as_ref()) {
                *to = *from;
            }
        }
    }
}

/// A fresh secret of `bytes` random bytes as base64url text, for codes, states, nonces and cookies.
#[must_use]
pub fn secret_text(entropy: &dyn Entropy, bytes: usize) -> String {
    let mut buffer = vec![0; bytes];
    entropy.fill(&mut buffer);
    URL_SAFE_NO_PAD.encode(buffer)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seeded_bytes_repeat_and_never_stand_still() {
        let (first, second) = (InsecureSeededEntropy::new(7), InsecureSeededEntropy::new(7));
        let texts = [secret_text(&first, 40), secret_text(&first, 40)];
        assert_ne!(texts[0], texts[1]);
        assert_eq!(texts, [secret_text(&second, 40), secret_text(&second, 40)]);
        assert_ne!(texts[0], secret_text(&InsecureSeededEntropy::new(8), 40));
    }

    #[test]
    fn system_secrets_have_their_length_and_differ() {
        let text = secret_text(&SystemEntropy, 32);
        assert_eq!(text.len(), 43);
        assert_ne!(text, secret_text(&SystemEntropy, 32));
    }
}
