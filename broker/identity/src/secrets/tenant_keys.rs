//! Keys of a tenant that nobody outside ever sees: made once, the same on every node, unharmed by a new master key,
//! which only wraps what seals them.

use std::fmt;
use std::sync::Arc;

use moka::future::Cache;
use secrecy::SecretString;
use symbolon_contract::TenantId;

use super::error::SecretsError;
use super::purpose::Purpose;
use super::store::SecretStore;
use crate::entropy::secret_text;

/// Keys that are kept in memory; the rest is read again when needed.
const KEPT: u64 = 10_000;

/// The tenants' own keys, read through. Cheap to clone.
#[derive(Clone)]
pub struct TenantKeys {
    secrets: SecretStore,
    kept: Cache<(TenantId, Purpose), SecretString>,
}

impl fmt::Debug for TenantKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TenantKeys")
    }
}

impl TenantKeys {
    /// The keys that lie in this store.
    #[must_use]
    pub fn new(secrets: SecretStore) -> Self {
        Self { secrets, kept: Cache::new(KEPT) }
    }

    /// The tenant's key for one purpose, of which it has one; made when it is first needed. Of two nodes that both
    /// make one, both get the first.
    ///
    /// # Errors
    /// [`SecretsError`]: mostly a missing master key or the database.
    pub async fn get(
        &self,
        tenant: &TenantId,
        (purpose, owner): (Purpose, &'static str),
    ) -> Result<SecretString, SecretsError> {
        let place = (tenant.clone(), purpose);
        let reading = async {
            match self.secrets.read(tenant, purpose, owner).await? {
                Some(key) => Ok(key),
                None => {
                    let new = secret_text(self.secrets.0.entropy.as_ref(), 32).into();
                    self.secrets.keep_first(tenant, purpose, owner, &new).await
                }
            }
        };
        let key = self.kept.try_get_with(place, reading).await;
        key.map_err(|error: Arc<SecretsError>| error.as_ref().clone())
    }
}
