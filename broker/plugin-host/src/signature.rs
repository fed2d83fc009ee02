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

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = "RWQIBwYFBAMCAYKLTefYBhCvhTHF/Vcys1SS+7BoxPho5VRNr/xnrlPF";
    const OTHER: &str = "RWQYFxYVFBMSERiqzYsIgW/qSgsvmvHFcl1BqD7bsRc5U0Hvreab+p7b";
    const SIGNED: &[u8] = b"a component";
    const SIGNATURE: &str = "untrusted comment: signature
RUQIBwYFBAMCAaIQenZZLRfiJlMrMOHt1HAI+nDzE9WQ8xsNgmTh20jUxqmfF5zRId0SRiYs7HZWzlZgH72RgUuEdhvOeEqo+Ao=
trusted comment: timestamp:1750000000\tfile:plugin.wasm
KxC+Ipv42EhsbMMfjtXw4FVA4waWtLGbuL59YgbLLxh6thSGkKPzGpZ409VQhdoA3ijZQfYKdLhu7awaqOJbCA==
";
    const LEGACY: &str = "untrusted comment: signature
RWQIBwYFBAMCAUsGyfoH4lCJ2bXUsDchdsRH6e27UWAfjs6m9eMaK+Z1/YPTuwm9dpHvKe8taRKOW2LtMYWeZExeAdJvFFGK4wc=
trusted comment: timestamp:1750000000\tfile:plugin.wasm
QPy/lsif9Lxppx9/OMANJphn0pe3nd1/K9k8/dyGmsFl4n3r/jpeCE4oN0E3UBqlpH3+IqEwdSmLppYMT8ZCBw==
";

    fn keys(texts: &[&str]) -> Vec<TrustedKey> {
        texts.iter().map(|text| TrustedKey::parse(text).unwrap()).collect()
    }

    #[test]
    fn wp85_a_signature_names_its_key() {
        for trusted in [keys(&[KEY]), keys(&[OTHER, KEY])] {
            let signer = verify(SIGNED, SIGNATURE, &trusted).unwrap();
            assert_eq!(signer.as_str(), "0102030405060708");
        }
        let file = format!("untrusted comment: minisign public key 0102030405060708\n{KEY}\n");
        assert_eq!(keys(&[&file]), keys(&[KEY]));
    }

    #[test]
    fn wp85_what_does_not_fit_is_refused() {
        let refused = |bytes, signature: &str, texts: &[&str]| {
            verify(bytes, signature, &keys(texts)).unwrap_err()
        };
        assert_eq!(refused(b"another", SIGNATURE, &[KEY]), SignatureError::DoesNotFit);
        let comment = SIGNATURE.replace("plugin.wasm", "other.wasm");
        assert_eq!(refused(SIGNED, &comment, &[KEY]), SignatureError::DoesNotFit);
        assert_eq!(refused(SIGNED, SIGNATURE, &[OTHER]), SignatureError::UnknownKey);
        assert_eq!(refused(SIGNED, SIGNATURE, &[]), SignatureError::UnknownKey);
        assert_eq!(refused(SIGNED, LEGACY, &[KEY]), SignatureError::Legacy);
        for text in ["", "rubbish", &SIGNATURE[..100], &"x\n".repeat(4_000)] {
            assert_eq!(refused(SIGNED, text, &[KEY]), SignatureError::NotASignature, "{text:?}");
        }
        assert_eq!(SignatureError::UnknownKey.reason().as_str(), "plugin.signature_refused");
    }

    #[test]
    fn wp85_what_is_no_key_is_refused() {
        for text in ["", "rubbish", &KEY[..20], SIGNATURE] {
            assert_eq!(TrustedKey::parse(text), Err(SignatureError::NotAKey), "{text:?}");
        }
    }
}
