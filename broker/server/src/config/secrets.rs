//! `[secrets]`: the master keys that seal every secret in the database.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;

use base64::Engine as _;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use secrecy::{ExposeSecret, SecretBox};
use serde::{Serialize, Serializer};

use super::problems::Problems;

const KEY_BYTES: usize = 32;
/// Random bytes repeat now and then; 32 of them with fewer different values are a placeholder.
const FEWEST_DIFFERENT_BYTES: usize = 8;

/// The master keys that seal every secret in the database.
#[derive(Debug, Default, Serialize, JsonSchema)]
pub struct SecretSettings {
    /// The key that seals what is written from now on. May be left out when there is only one.
    #[schemars(with = "Option<String>")]
    pub active: String,
    /// Every key that something may still be sealed with: 32 random bytes each, base64 or
    /// hexadecimal. `NAME = "…"` holds the key itself, `NAME_file = "PATH"` names a file with it.
    #[schemars(with = "BTreeMap<String, String>")]
    pub keys: BTreeMap<String, MasterKey>,
}

/// A 32-byte key; cannot be printed, cleared from memory when dropped.
pub struct MasterKey(SecretBox<[u8; KEY_BYTES]>);

/// Why a text is refused as master key; the text itself is never repeated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidMasterKey {
    /// Some other text.
    #[error("expected 32 bytes as base64 or hexadecimal (make one: openssl rand -base64 32)")]
    NotEncoded,
    /// A key that is too short or too long.
    #[error("holds {0} bytes, expected 32 (make one: openssl rand -base64 32)")]
    WrongLength(usize),
    /// A placeholder.
    #[error("is not random: too many equal bytes (make one: openssl rand -base64 32)")]
    NotRandom,
}

impl MasterKey {
    /// Reads 32 bytes written as hexadecimal or as base64 (either alphabet, padded or not).
    ///
    /// # Errors
    /// [`InvalidMasterKey`], which never repeats the text.
    pub fn parse(text: &str) -> Result<Self, InvalidMasterKey> {
        let bytes = decode(text.trim()).ok_or(InvalidMasterKey::NotEncoded)?;
        let bytes = SecretBox::new(Box::new(bytes));
        let exposed: &Vec<u8> = bytes.expose_secret();
        let key: [u8; KEY_BYTES] = exposed
            .as_slice()
            .try_into()
            .map_err(|_| InvalidMasterKey::WrongLength(exposed.len()))?;
        let key = SecretBox::new(Box::new(key));
        let different: std::collections::BTreeSet<u8> = exposed.iter().copied().collect();
        if different.len() < FEWEST_DIFFERENT_BYTES {
            return Err(InvalidMasterKey::NotRandom);
        }
        Ok(Self(key))
    }

    /// The bytes, for the keyring alone.
    #[must_use]
    pub fn expose(&self) -> &[u8; KEY_BYTES] {
        self.0.expose_secret()
    }
}

fn decode(text: &str) -> Option<Vec<u8>> {
    if text.len() == 2 * KEY_BYTES
        && let Some(bytes) = decode_hex(text)
    {
        return Some(bytes);
    }
    let tolerant =
        GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);
    [&alphabet::STANDARD, &alphabet::URL_SAFE]
        .into_iter()
        .find_map(|alphabet| GeneralPurpose::new(alphabet, tolerant).decode(text).ok())
        .filter(|bytes| !bytes.is_empty())
}

fn decode_hex(text: &str) -> Option<Vec<u8>> {
    text.as_bytes()
        .chunks(2)
        .map(|pair| {
            let pair = std::str::from_utf8(pair).ok()?;
            pair.bytes().all(|b| b.is_ascii_hexdigit()).then_some(())?;
            u8::from_str_radix(pair, 16).ok()
        })
        .collect()
}

impl fmt::Debug for MasterKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MasterKey(***)")
    }
}

impl Serialize for MasterKey {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str("***")
    }
}

impl JsonSchema for MasterKey {
    fn schema_name() -> Cow<'static, str> {
        "MasterKey".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string" })
    }
}

impl SecretSettings {
    /// Takes the only key as the active one when none was named.
    pub(super) fn complete(&mut self) {
        if self.active.is_empty()
            && self.keys.len() == 1
            && let Some(only) = self.keys.keys().next()
        {
            self.active.clone_from(only);
        }
    }

    /// `refused` is the number of keys that were given but could not be read: those have their own
    /// problems, so "missing" would only confuse.
    pub(super) fn validate(&self, refused: usize, problems: &mut Problems) {
        if self.keys.is_empty() && refused == 0 {
            problems.refuse(
                "secrets.keys",
                "no master key: write one with `openssl rand -base64 32 > k1.key && chmod 600 k1.key` \
                 and set secrets.keys.k1_file = \"k1.key\"",
            );
        } else if self.active.is_empty() && refused == 0 {
            problems
                .refuse("secrets.active", "must name one of secrets.keys when there are several");
        } else if refused == 0 && !self.keys.contains_key(&self.active) {
            problems.refuse("secrets.active", "names no key of secrets.keys");
        }
    }
}

/// Whether a text can name a key: the name also has to survive the lower-casing of environment
/// variables and must not look like a `_file` variant.
pub(super) fn is_key_name(text: &str) -> bool {
    (1..=32).contains(&text.len())
        && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
        && !text.ends_with("_file")
        && !text.contains("__")
}

#[cfg(test)]
mod tests {
    use super::{InvalidMasterKey, MasterKey};

    const HEX: &str = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";
    const BASE64: &str = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";

    #[test]
    fn hexadecimal_and_base64_give_the_same_key() {
        let expected: Vec<u8> = (0..32).collect();
        for text in [HEX, &HEX.to_uppercase(), BASE64, BASE64.trim_end_matches('='), " \n"] {
            if text.trim().is_empty() {
                assert_eq!(MasterKey::parse(text).unwrap_err(), InvalidMasterKey::NotEncoded);
            } else {
                assert_eq!(MasterKey::parse(text).unwrap().expose().as_slice(), expected);
            }
        }
    }

    #[test]
    fn weak_keys_are_refused() {
        let cases = [
            ("changeme!", InvalidMasterKey::NotEncoded),
            ("AAECAwQFBgc=", InvalidMasterKey::WrongLength(8)),
            (&"00".repeat(32), InvalidMasterKey::NotRandom),
            (&"00112233".repeat(8), InvalidMasterKey::NotRandom),
        ];
        for (text, reason) in cases {
            assert_eq!(MasterKey::parse(text).unwrap_err(), reason, "{text}");
        }
    }
}
