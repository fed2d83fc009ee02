//! The master keys of the operator: the database never holds them, they only wrap data keys.

use std::collections::BTreeMap;
use std::fmt;

use aws_lc_rs::hmac;
use secrecy::{ExposeSecret as _, SecretBox};
use symbolon_contract::TenantId;
use zeroize::Zeroize as _;

use super::cipher::{Context, Sealed};
use super::digest::sha256_hex;
use super::error::{KeyringError, SecretsError};
use crate::entropy::Entropy;

/// A key of 256 bits that cannot be printed and is wiped when it is dropped.
pub type MasterKeyBytes = SecretBox<[u8; 32]>;

/// The master keys by name; one of them wraps, all of them unwrap.
pub struct Keyring {
    active: String,
    keys: BTreeMap<String, MasterKeyBytes>,
}

impl Keyring {
    /// A keyring that wraps with `active` and unwraps with any of `keys`.
    ///
    /// # Errors
    /// When `active` names none of `keys`.
    pub fn new(
        active: String,
        keys: BTreeMap<String, MasterKeyBytes>,
    ) -> Result<Self, KeyringError> {
        if keys.contains_key(&active) {
            Ok(Self { active, keys })
        } else {
            Err(KeyringError::ActiveUnknown { active })
        }
    }

    /// The name of the key that wraps from now on.
    #[must_use]
    pub fn active(&self) -> &str {
        &self.active
    }

    /// A key for something that only this installation can have made, derived from the active master key
    /// (HMAC-SHA-256 over `purpose`), and a name that tells it from that of another master key.
    ///
    /// # Errors
    /// [`SecretsError`] when the active key is not there.
    pub fn derived(&self, purpose: &str) -> Result<(String, MasterKeyBytes), SecretsError> {
        let master = self.key(&self.active)?;
        let key = hmac::Key::new(hmac::HMAC_SHA256, master.expose_secret().as_slice());
        let tag = hmac::sign(&key, purpose.as_bytes());
        let mut bytes: [u8; 32] = tag.as_ref().try_into().map_err(|_| SecretsError::Malformed)?;
        let derived = SecretBox::new(Box::new(bytes));
        bytes.zeroize();
        let name = sha256_hex(format!("{purpose} {}", self.active).as_bytes());
        Ok((name.get(..16).unwrap_or_default().to_owned(), derived))
    }

    /// Wraps a data key with the active master key.
    pub(super) fn wrap(
        &self,
        tenant: &TenantId,
        data_key: &str,
        bytes: &MasterKeyBytes,
        entropy: &dyn Entropy,
    ) -> Result<String, SecretsError> {
        let master = self.key(&self.active)?;
        let context = wrapping_context(tenant, data_key);
        let plaintext = bytes.expose_secret().as_slice();
        let wrapped =
            Sealed::seal(&self.active, master.expose_secret(), &context, plaintext, entropy)?;
        Ok(wrapped.to_text())
    }

    /// Unwraps a data key of this tenant with the master key that its wrapping names.
    pub(super) fn unwrap(
        &self,
        tenant: &TenantId,
        data_key: &str,
        wrapped: &str,
    ) -> Result<MasterKeyBytes, SecretsError> {
        let wrapped = Sealed::parse(wrapped)?;
        let master = self.key(&wrapped.key_id)?;
        let opened = wrapped.open(master.expose_secret(), &wrapping_context(tenant, data_key))?;
        let mut bytes: [u8; 32] =
            opened.expose_secret().try_into().map_err(|_| SecretsError::Malformed)?;
        let key = SecretBox::new(Box::new(bytes));
        bytes.zeroize();
        Ok(key)
    }

    fn key(&self, id: &str) -> Result<&MasterKeyBytes, SecretsError> {
        self.keys.get(id).ok_or_else(|| SecretsError::MasterKeyUnknown { id: id.to_owned() })
    }
}

fn wrapping_context(tenant: &TenantId, data_key: &str) -> Context {
    Context::of(&["symbolon data key v1", tenant.as_str(), data_key])
}

impl fmt::Debug for Keyring {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Keyring")
            .field("active", &self.active)
            .field("keys", &self.keys.keys().collect::<Vec<_>>())
            .finish()
    }
}
