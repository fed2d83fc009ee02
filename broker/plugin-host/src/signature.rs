//! Detached signatures of components in minisign's format (WP-85): Ed25519 over the BLAKE2b hash of the
//! bytes, and over the trusted comment.

use std::fmt;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use minisign_verify::{Error, PublicKey, Signature};
use symbolon_contract::ReasonCode;

/// A signature file has four lines; a longer one is none.
const MOST_SIGNATURE: usize = 4 << 10;

/// Whose signatures are accepted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TrustedKey {
    id: KeyId,
    key: PublicKey,
}

/// The key that signed, as minisign prints it: 16 hexadecimal characters.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize)]
#[serde(transparent)]
pub struct KeyId(String);

/// Why a signature or a key is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SignatureError {
    /// The text is no public key of minisign.
    #[error("this is not a minisign public key")]
    NotAKey,
    /// The text is no signature file of minisign.
    #[error("this is not a minisign signature")]
    NotASignature,
    /// No trusted key made it.
    #[error("the signature was not made by a trusted key")]
    UnknownKey,
    /// It was made in the old mode, which signs the bytes themselves.
    #[error("the signature is in minisign's legacy format; sign again with minisign 0.10 or newer")]
    Legacy,
    /// It belongs to other bytes, or was changed.
    #[error("the signature does not fit the component")]
    DoesNotFit,
}

impl TrustedKey {
    /// Reads a public key: the contents of `minisign.pub`, or its second line alone.
    ///
    /// # Errors
    /// [`SignatureError::NotAKey`].
    pub fn parse(text: &str) -> Result<Self, SignatureError> {
        let line = text.trim().lines().last().unwrap_or_default().trim();
        let key = PublicKey::from_base64(line).map_err(|_| SignatureError::NotAKey)?;
        Ok(Self { id: KeyId::of_line(line)?, key })
    }

    /// The key's name.
    #[must_use]
    pub fn id(&self) -> &KeyId {
        &self.id
    }
}

impl KeyId {
    /// The id as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// After two bytes of algorithm come eight of id, little-endian in what minisign prints.
    fn of_line(line: &str) -> Result<Self, SignatureError> {
        let bytes = BASE64_STANDARD.decode(line).map_err(|_| SignatureError::NotAKey)?;
        let id = bytes.get(2..10).ok_or(SignatureError::NotAKey)?;
        Ok(Self(id.iter().rev().map(|byte| format!("{byte:02X}")).collect()))
    }
}

impl fmt::Display for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl SignatureError {
    /// The catalogue's code.
    #[must_use]
    pub fn reason(&self) -> ReasonCode {
        ReasonCode::PluginSignatureRefused
    }
}

/// Checks a component's detached signature (`.minisig`) and says whose it is.
///
/// # Errors
/// [`SignatureError`]: the component must not be accepted.
pub fn verify(
    component: &[u8],
    signature: &str,
    trusted: &[TrustedKey],
) -> Result<KeyId, SignatureError> {
    if signature.len() > MOST_SIGNATURE {
        return Err(SignatureError::NotASignature);
    }
    let signature =
        Signature::decode(signature.trim()).map_err(|_| SignatureError::NotASignature)?;
    let mut refused = SignatureError::UnknownKey;
    for one in trusted {
        match one.key.verify(component, &signature, false) {
            Ok(()) => return Ok(one.id.clone()),
            Err(Error::UnexpectedKeyId) => {}
            Err(Error::UnexpectedAlgorithm) => refused = SignatureError::Legacy,
            Err(_) => refused = SignatureError::DoesNotFit,
        }
    }
    Err(refused)
}
