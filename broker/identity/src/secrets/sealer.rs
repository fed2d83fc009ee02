//! Sealing without a trip to the database, for what is made in the middle of a sign-in's transaction.

use std::fmt;
use std::sync::Arc;

use secrecy::ExposeSecret as _;
use symbolon_contract::TenantId;

use super::cipher::Sealed;
use super::error::SecretsError;
use super::keyring::MasterKeyBytes;
use super::purpose::Purpose;
use super::store::sealing_context;
use crate::entropy::Entropy;

/// One tenant's data key, ready to seal. Data keys are never taken away and a new master key only wraps them
/// anew, so what it seals opens for as long as the tenant exists.
#[derive(Clone)]
pub struct Sealer {
    pub(super) tenant: TenantId,
    pub(super) key_id: String,
    pub(super) key: Arc<MasterKeyBytes>,
    pub(super) entropy: Arc<dyn Entropy>,
}

impl fmt::Debug for Sealer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sealer")
            .field("tenant", &self.tenant)
            .field("key_id", &self.key_id)
            .finish_non_exhaustive()
    }
}

impl Sealer {
    /// Seals `plaintext` for one purpose and owner. The text may be stored or shown anywhere.
    ///
    /// # Errors
    /// [`SecretsError::SealFailed`].
    pub fn seal(
        &self,
        purpose: Purpose,
        owner: &str,
        plaintext: &[u8],
    ) -> Result<String, SecretsError> {
        let context = sealing_context(&self.tenant, purpose, owner);
        let (key, entropy) = (self.key.expose_secret(), self.entropy.as_ref());
        Ok(Sealed::seal(&self.key_id, key, &context, plaintext, entropy)?.to_text())
    }
}
