//! Sealing and opening with the data key of a tenant, which is made when it is first needed.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use moka::future::Cache;
use secrecy::{ExposeSecret as _, SecretBox, SecretSlice, SecretString};
use symbolon_contract::TenantId;
use symbolon_storage::{DataKey, Database, SealedSecret};

use super::cipher::{Context, Sealed};
use super::digest::sha256_hex;
use super::error::SecretsError;
use super::keyring::{Keyring, MasterKeyBytes};
use super::purpose::Purpose;
use super::sealer::Sealer;
use crate::clock::Clock;
use crate::entropy::Entropy;
use crate::ids::IdSource;

/// Unwrapped data keys that are kept in memory; the rest is unwrapped again when needed.
const CACHED_DATA_KEYS: u64 = 10_000;

/// How long a key to seal with is not asked for again. Another node may make a newer one: both stay good.
const SEALERS_KEPT: Duration = Duration::from_secs(60);

/// Seals and opens the secrets of tenants. Cheap to clone.
#[derive(Clone)]
pub struct SecretStore(pub(super) Arc<Parts>);

pub(super) struct Parts {
    pub(super) database: Database,
    pub(super) keyring: Keyring,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) entropy: Arc<dyn Entropy>,
    data_keys: Cache<(TenantId, String), Arc<MasterKeyBytes>>,
    sealers: Cache<TenantId, Sealer>,
}

impl fmt::Debug for SecretStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SecretStore").field("keyring", &self.0.keyring).finish_non_exhaustive()
    }
}

impl SecretStore {
    /// A store over the database and the master keys.
    #[must_use]
    pub fn new(
        database: Database,
        keyring: Keyring,
        clock: Arc<dyn Clock>,
        entropy: Arc<dyn Entropy>,
    ) -> Self {
        let data_keys = Cache::new(CACHED_DATA_KEYS);
        let sealers =
            Cache::builder().max_capacity(CACHED_DATA_KEYS).time_to_live(SEALERS_KEPT).build();
        Self(Arc::new(Parts { database, keyring, clock, entropy, data_keys, sealers }))
    }

    /// Seals `plaintext` for one tenant, purpose and owner. The text may be stored or shown anywhere.
    ///
    /// # Errors
    /// [`SecretsError`]: mostly a missing master key or the database.
    pub async fn seal(
        &self,
        tenant: &TenantId,
        purpose: Purpose,
        owner: &str,
        plaintext: &[u8],
    ) -> Result<String, SecretsError> {
        self.sealer(tenant).await?.seal(purpose, owner, plaintext)
    }

    /// The tenant's newest data key, ready to seal; asked of the database once a minute at most.
    ///
    /// # Errors
    /// [`SecretsError`]: mostly a missing master key or the database.
    pub async fn sealer(&self, tenant: &TenantId) -> Result<Sealer, SecretsError> {
        if let Some(sealer) = self.0.sealers.get(tenant).await {
            return Ok(sealer);
        }
        let row = self.sealing_key(tenant).await?;
        let sealer = Sealer {
            tenant: tenant.clone(),
            key_id: row.id.clone(),
            key: self.unwrapped(tenant, row).await?,
            entropy: Arc::clone(&self.0.entropy),
        };
        self.0.sealers.insert(tenant.clone(), sealer.clone()).await;
        Ok(sealer)
    }

    /// Opens what was sealed for exactly this tenant, purpose and owner.
    ///
    /// # Errors
    /// [`SecretsError::AadMismatch`] for what belongs elsewhere or was changed; missing keys; the database.
    pub async fn open(
        &self,
        tenant: &TenantId,
        purpose: Purpose,
        owner: &str,
        sealed: &str,
    ) -> Result<SecretSlice<u8>, SecretsError> {
        let sealed = Sealed::parse(sealed)?;
        if !sealed.key_id.starts_with(&data_key_prefix(tenant)) {
            // The data key is another tenant's: without this it would only look like a missing one.
            return Err(SecretsError::AadMismatch);
        }
        let key = match self.0.data_keys.get(&(tenant.clone(), sealed.key_id.clone())).await {
            Some(key) => key,
            None => {
                let row = self.data_key(tenant, &sealed.key_id).await?;
                self.unwrapped(tenant, row).await?
            }
        };
        sealed.open(key.expose_secret(), &sealing_context(tenant, purpose, owner))
    }

    /// [`open`](Self::open) for a secret that is text.
    ///
    /// # Errors
    /// As for `open`, and [`SecretsError::NotText`].
    pub async fn open_text(
        &self,
        tenant: &TenantId,
        purpose: Purpose,
        owner: &str,
        sealed: &str,
    ) -> Result<SecretString, SecretsError> {
        let opened = self.open(tenant, purpose, owner, sealed).await?;
        let text =
            std::str::from_utf8(opened.expose_secret()).map_err(|_| SecretsError::NotText)?;
        Ok(text.into())
    }

    /// Reads a stored secret; `None` when there is none.
    ///
    /// # Errors
    /// As for [`open_text`](Self::open_text).
    pub async fn read(
        &self,
        tenant: &TenantId,
        purpose: Purpose,
        owner: &str,
    ) -> Result<Option<SecretString>, SecretsError> {
        let (of, whose) = (tenant.clone(), owner.to_owned());
        let row = self
            .0
            .database
            .read(move |conn| conn.tenant(&of).secrets().find(purpose.as_str(), &whose))
            .await?;
        match row {
            Some(row) => Ok(Some(self.open_text(tenant, purpose, owner, &row.sealed).await?)),
            None => Ok(None),
        }
    }

    /// Stores a secret in place of the one before.
    ///
    /// # Errors
    /// As for [`seal`](Self::seal).
    pub async fn put(
        &self,
        tenant: &TenantId,
        purpose: Purpose,
        owner: &str,
        secret: &SecretString,
    ) -> Result<(), SecretsError> {
        let row = self.prepare(tenant, purpose, owner, secret).await?;
        let tenant = tenant.clone();
        Ok(self.0.database.write(move |conn| conn.tenant(&tenant).secrets().put(&row)).await?)
    }

    /// Stores a secret unless there is one; answers the one that stays. Of two nodes that both make one, both get
    /// the first.
    ///
    /// # Errors
    /// As for [`open_text`](Self::open_text).
    pub async fn keep_first(
        &self,
        tenant: &TenantId,
        purpose: Purpose,
        owner: &str,
        secret: &SecretString,
    ) -> Result<SecretString, SecretsError> {
        let row = self.prepare(tenant, purpose, owner, secret).await?;
        let of = tenant.clone();
        let kept = self.0.database.write(move |conn| {
            let mut rows = conn.tenant(&of);
            if rows.secrets().put_new(&row)? {
                return Ok(row);
            }
            let earlier = rows.secrets().find(&row.purpose, &row.owner)?;
            Ok(earlier.unwrap_or(row))
        });
        let kept = kept.await?;
        self.open_text(tenant, purpose, owner, &kept.sealed).await
    }

    /// The row of a secret, for use cases that store it together with its owner in one transaction:
    /// `conn.tenant(id).secrets().put(&row)`. Hint and expiry are left for the caller to fill.
    ///
    /// # Errors
    /// As for [`seal`](Self::seal).
    pub async fn prepare(
        &self,
        tenant: &TenantId,
        purpose: Purpose,
        owner: &str,
        secret: &SecretString,
    ) -> Result<SealedSecret, SecretsError> {
        let plaintext = secret.expose_secret().as_bytes();
        Ok(SealedSecret {
            purpose: purpose.as_str().to_owned(),
            owner: owner.to_owned(),
            sealed: self.seal(tenant, purpose, owner, plaintext).await?,
            hint: None,
            expires_at: None,
            updated_at: self.0.clock.now(),
        })
    }

    async fn data_key(&self, tenant: &TenantId, id: &str) -> Result<DataKey, SecretsError> {
        let (of, wanted) = (tenant.clone(), id.to_owned());
        let row =
            self.0.database.read(move |conn| conn.tenant(&of).data_keys().find(&wanted)).await?;
        row.ok_or_else(|| SecretsError::DataKeyUnknown { id: id.to_owned() })
    }

    async fn unwrapped(
        &self,
        tenant: &TenantId,
        row: DataKey,
    ) -> Result<Arc<MasterKeyBytes>, SecretsError> {
        let place = (tenant.clone(), row.id.clone());
        let unwrapping =
            async { self.0.keyring.unwrap(tenant, &row.id, &row.wrapped).map(Arc::new) };
        let key = self.0.data_keys.try_get_with(place, unwrapping).await;
        key.map_err(|error: Arc<SecretsError>| error.as_ref().clone())
    }

    /// The tenant's newest data key, made now if there is none. Two nodes may both make one: both stay.
    async fn sealing_key(&self, tenant: &TenantId) -> Result<DataKey, SecretsError> {
        let of = tenant.clone();
        let newest =
            self.0.database.read(move |conn| conn.tenant(&of).data_keys().newest()).await?;
        if let Some(row) = newest {
            return Ok(row);
        }
        let row = self.new_data_key(tenant)?;
        let of = tenant.clone();
        let kept = self.0.database.write(move |conn| {
            let mut tenant = conn.tenant(&of);
            if let Some(earlier) = tenant.data_keys().newest()? {
                return Ok(earlier);
            }
            tenant.data_keys().insert(&row)?;
            Ok(row)
        });
        Ok(kept.await?)
    }

    fn new_data_key(&self, tenant: &TenantId) -> Result<DataKey, SecretsError> {
        let Parts { keyring, clock, entropy, .. } = self.0.as_ref();
        let row_id = IdSource::new(Arc::clone(clock), Arc::clone(entropy)).new_row_id();
        let id = format!("{}{row_id}", data_key_prefix(tenant));
        let bytes = SecretBox::init_with_mut(|bytes: &mut [u8; 32]| entropy.fill(bytes));
        Ok(DataKey {
            wrapped: keyring.wrap(tenant, &id, &bytes, entropy.as_ref())?,
            id,
            master_key_id: keyring.active().to_owned(),
            created_at: clock.now(),
        })
    }
}

/// The id of a data key begins with a print of its tenant, so that a foreign secret is told from a lost key.
fn data_key_prefix(tenant: &TenantId) -> String {
    let print = sha256_hex(format!("symbolon data key of {tenant}").as_bytes());
    format!("{}-", print.get(..16).unwrap_or_default())
}

pub(super) fn sealing_context(tenant: &TenantId, purpose: Purpose, owner: &str) -> Context {
    Context::of(&["symbolon sealed v1", tenant.as_str(), purpose.as_str(), owner])
}
