//! AES-256-GCM (NIST SP 800-38D) and the text form `v1.<key id>.<nonce>.<ciphertext>`.

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use secrecy::SecretSlice;
use zeroize::Zeroizing;

use super::error::SecretsError;
use crate::entropy::Entropy;

/// A sealed text in its parts. Holds no secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Sealed {
    pub(super) key_id: String,
    nonce: [u8; NONCE_LEN],
    ciphertext: Vec<u8>,
}

impl Sealed {
    /// Seals under a fresh random nonce. A tenant stays far below the 2^32 seals that one key allows.
    pub(super) fn seal(
        key_id: &str,
        key: &[u8; 32],
        context: &Context,
        plaintext: &[u8],
        entropy: &dyn Entropy,
    ) -> Result<Self, SecretsError> {
        let mut nonce = [0; NONCE_LEN];
        entropy.fill(&mut nonce);
        let mut buffer =
            Zeroizing::new(Vec::with_capacity(plaintext.len() + AES_256_GCM.tag_len()));
        buffer.extend_from_slice(plaintext);
        cipher(key)?
            .seal_in_place_append_tag(
                Nonce::assume_unique_for_key(nonce),
                Aad::from(context.under(key_id)),
                &mut *buffer,
            )
            .map_err(|_| SecretsError::SealFailed)?;
        Ok(Self { key_id: key_id.to_owned(), nonce, ciphertext: buffer.to_vec() })
    }

    /// Opens, if key and context are those of sealing.
    pub(super) fn open(
        &self,
        key: &[u8; 32],
        context: &Context,
    ) -> Result<SecretSlice<u8>, SecretsError> {
        let mut buffer = Zeroizing::new(self.ciphertext.clone());
        let plaintext = cipher(key)?
            .open_in_place(
                Nonce::assume_unique_for_key(self.nonce),
                Aad::from(context.under(&self.key_id)),
                &mut buffer,
            )
            .map_err(|_| SecretsError::AadMismatch)?;
        Ok(plaintext.to_vec().into())
    }

    pub(super) fn to_text(&self) -> String {
        let nonce = URL_SAFE_NO_PAD.encode(self.nonce);
        let ciphertext = URL_SAFE_NO_PAD.encode(&self.ciphertext);
        format!("v1.{}.{nonce}.{ciphertext}", self.key_id)
    }

    pub(super) fn parse(text: &str) -> Result<Self, SecretsError> {
        let parts = || {
            let (rest, ciphertext) = text.strip_prefix("v1.")?.rsplit_once('.')?;
            let (key_id, nonce) = rest.rsplit_once('.')?;
            Some(Self {
                key_id: key_id.to_owned(),
                nonce: URL_SAFE_NO_PAD.decode(nonce).ok()?.try_into().ok()?,
                ciphertext: URL_SAFE_NO_PAD.decode(ciphertext).ok()?,
            })
        };
        parts().ok_or(SecretsError::Malformed)
    }
}

fn cipher(key: &[u8; 32]) -> Result<LessSafeKey, SecretsError> {
    let key = UnboundKey::new(&AES_256_GCM, key).map_err(|_| SecretsError::SealFailed)?;
    Ok(LessSafeKey::new(key))
}

/// What a seal is bound to. Each part carries its length, so that no two contexts read alike.
pub(super) struct Context(Vec<u8>);

impl Context {
    pub(super) fn of(parts: &[&str]) -> Self {
        let mut bytes = Vec::new();
        for part in parts {
            append(&mut bytes, part);
        }
        Self(bytes)
    }

    fn under(&self, key_id: &str) -> Vec<u8> {
        let mut bytes = self.0.clone();
        append(&mut bytes, key_id);
        bytes
    }
}

fn append(bytes: &mut Vec<u8>, part: &str) {
    bytes.extend_from_slice(&(part.len() as u64).to_be_bytes());
    bytes.extend_from_slice(part.as_bytes());
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret as _;

    use super::*;
    use crate::entropy::SystemEntropy;

    fn seal() -> Sealed {
        let context = Context::of(&["a", "b"]);
        Sealed::seal("key.with.dots", &[1; 32], &context, b"hush", &SystemEntropy).unwrap()
    }

    #[test]
    fn a_sealed_text_reads_back_and_opens_in_its_context_only() {
        let sealed = Sealed::parse(&seal().to_text()).unwrap();
        assert_eq!(sealed.key_id, "key.with.dots");
        let open = |key, parts: &[&str]| sealed.open(&[key; 32], &Context::of(parts));
        assert_eq!(open(1, &["a", "b"]).unwrap().expose_secret(), b"hush");
        for (key, parts) in [(2, &["a", "b"][..]), (1, &["ab"]), (1, &["ab", ""]), (1, &["b", "a"])]
        {
            assert_eq!(open(key, parts).unwrap_err(), SecretsError::AadMismatch, "{parts:?}");
        }
    }

    #[test]
    fn every_changed_byte_is_noticed() {
        let sealed = seal();
        for index in 0..sealed.ciphertext.len() {
            let mut changed = sealed.clone();
            changed.ciphertext[index] ^= 1;
            assert!(changed.open(&[1; 32], &Context::of(&["a", "b"])).is_err(), "byte {index}");
        }
    }

    #[test]
    fn other_texts_are_malformed() {
        for text in ["", "v1", "v1.a.b", "v2.k.AAAAAAAAAAAAAAAA.AAAA", "v1.k.AAAA.AAAA", "v1.k.?.?"]
        {
            assert_eq!(Sealed::parse(text).unwrap_err(), SecretsError::Malformed, "{text}");
        }
    }

    #[test]
    fn equal_secrets_look_different_when_sealed() {
        assert_ne!(seal().to_text(), seal().to_text());
    }
}
