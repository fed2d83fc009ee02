//! The code that a person types: eight letters that cannot be mistaken for each other and spell no words
//! (RFC 8628 6.1).

use secrecy::SecretString;
use symbolon_contract::TenantId;

use crate::broker::Broker;
use crate::entropy::Entropy;
use crate::secrets::{Purpose, SecretsError, keyed_text};

const ALPHABET: &[u8; 20] = b"BCDFGHJKLMNPQRSTVWXZ";
const LENGTH: usize = 8;
/// The tenant's key for what is kept of its codes.
const KEY: (Purpose, &str) = (Purpose::DeviceCodeKey, "user codes");

/// A code in its one form, `XXXX-XXXX`. 34 bits: good only for ten minutes and behind a limit of tries.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct UserCode(String);

impl UserCode {
    /// A new one.
    pub(super) fn new(entropy: &dyn Entropy) -> Self {
        let mut letters = String::with_capacity(LENGTH);
        while letters.len() < LENGTH {
            let mut bytes = [0_u8; 16];
            entropy.fill(&mut bytes);
            // 240 is the last multiple of 20: what is above would favour some letters.
            let fair = bytes.iter().filter(|byte| **byte < 240);
            let new = fair.filter_map(|byte| ALPHABET.get(usize::from(byte % 20)));
            letters.extend(new.map(|letter| char::from(*letter)).take(LENGTH - letters.len()));
        }
        Self::of_letters(&letters)
    }

    /// As typed: in any case, with any blanks and dashes.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let meant = text.chars().filter(|c| !c.is_whitespace() && *c != '-');
        let letters: String = meant.take(LENGTH + 1).map(|c| c.to_ascii_uppercase()).collect();
        let fine = letters.len() == LENGTH && letters.bytes().all(|b| ALPHABET.contains(&b));
        fine.then(|| Self::of_letters(&letters))
    }

    fn of_letters(letters: &str) -> Self {
        let (first, second) = letters.split_at_checked(LENGTH / 2).unwrap_or((letters, ""));
        Self(format!("{first}-{second}"))
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    /// What is kept of it. Its 34 bits are soon tried out, so the hash is keyed: a copy of the database alone tells
    /// no code. The key is the tenant's and outlives a change of the master key, so that a waiting device does too.
    pub(super) async fn hash(
        &self,
        broker: &Broker,
        tenant: &TenantId,
    ) -> Result<String, SecretsError> {
        Ok(self.keyed(&broker.tenant_keys.get(tenant, KEY).await?))
    }

    fn keyed(&self, key: &SecretString) -> String {
        keyed_text(key, format!("symbolon device user code\n{}", self.0).as_bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::entropy::InsecureSeededEntropy;

    #[test]
    fn r_24_codes_have_one_form_however_they_are_typed() {
        let code = UserCode::new(&InsecureSeededEntropy::new(7));
        assert_eq!(code.as_str().len(), LENGTH + 1);
        let bare = code.as_str().replace('-', "");
        for typed in [code.as_str().to_owned(), bare.to_lowercase(), format!(" {bare}\n")] {
            assert_eq!(UserCode::parse(&typed).as_ref(), Some(&code), "{typed}");
        }
        for wrong in ["", "BCDF", "BCDF-GHJA", "BCDF-GHJKL", "BCDF-GHJÄ", &"B".repeat(100_000)] {
            assert_eq!(UserCode::parse(wrong), None);
        }
    }

    #[test]
    fn r_24_what_is_kept_of_a_code_cannot_be_made_without_the_key() {
        let code = UserCode::parse("BCDF-GHJK").unwrap();
        let (mine, other) = ("one key".into(), "another".into());
        assert_eq!(code.keyed(&mine), code.keyed(&mine));
        assert_ne!(code.keyed(&mine), code.keyed(&other));
        assert_ne!(code.keyed(&mine), UserCode::parse("BCDF-GHJL").unwrap().keyed(&mine));
    }

    #[test]
    fn r_24_every_letter_comes_as_often_as_the_others() {
        let entropy = InsecureSeededEntropy::new(1);
        let mut seen = std::collections::BTreeMap::new();
        for _ in 0..2_000 {
            for letter in UserCode::new(&entropy).as_str().bytes().filter(|b| *b != b'-') {
                *seen.entry(letter).or_insert(0_u32) += 1;
            }
        }
        assert_eq!(seen.len(), 20);
        assert!(seen.values().all(|count| (650..950).contains(count)), "{seen:?}");
    }
}
