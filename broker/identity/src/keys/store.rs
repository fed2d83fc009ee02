//! The signing keys of tenants, as the rest of the product asks for them.

use std::fmt;
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use moka::future::Cache;
use secrecy::ExposeSecret as _;
use serde_json::{Map, Value, json};
use symbolon_contract::TenantId;
use symbolon_storage::{Database, SigningKeyState};

use super::error::KeysError;
use super::jws::{Signer, verify_own};
use super::rotation::{KeyFacts, RotationPolicy, StoredKey};
use super::settle::Intent;
use super::signing_key::SigningAlgorithm;
use crate::clock::Clock;
use crate::entropy::Entropy;
use crate::secrets::{Purpose, SecretStore};

/// For how long a node goes on with the active key that it knows. After a rotation elsewhere it signs
/// with a key that is retired already, but still published for far longer than this.
const SIGNER_FRESH_SECONDS: i64 = 30;

/// Opened private halves that are kept in memory.
const CACHED_SIGNERS: u64 = 5_000;

/// What every tenant has from the start: the default, and the one that every application understands.
const DEFAULTS: [SigningAlgorithm; 2] = [SigningAlgorithm::Es256, SigningAlgorithm::Rs256];

/// The signing keys of all tenants. Cheap to clone.
#[derive(Clone)]
pub struct KeyStore {
    pub(super) database: Database,
    pub(super) secrets: SecretStore,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) policy: RotationPolicy,
    entropy: Arc<dyn Entropy>,
    active: Cache<(TenantId, SigningAlgorithm), (Signer, DateTime<Utc>)>,
}

impl fmt::Debug for KeyStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KeyStore").field("policy", &self.policy).finish_non_exhaustive()
    }
}

impl KeyStore {
    /// A store with the default rotation policy.
    #[must_use]
    pub fn new(
        database: Database,
        secrets: SecretStore,
        clock: Arc<dyn Clock>,
        entropy: Arc<dyn Entropy>,
    ) -> Self {
        let active = Cache::new(CACHED_SIGNERS);
        Self { database, secrets, clock, policy: RotationPolicy::default(), entropy, active }
    }

    /// The same store with another rotation policy.
    #[must_use]
    pub fn with_policy(self, policy: RotationPolicy) -> Self {
        Self { policy, ..self }
    }

    /// The key that signs for a tenant now; made on first demand, rotated when it is due.
    ///
    /// # Errors
    /// [`KeysError`]: the database, or a private half that cannot be opened.
    pub async fn signer(
        &self,
        tenant: &TenantId,
        algorithm: SigningAlgorithm,
    ) -> Result<Signer, KeysError> {
        let place = (tenant.clone(), algorithm);
        let known = self.active.get(&place).await;
        let now = self.clock.now();
        if let Some((signer, until)) = &known
            && now < *until
        {
            return Ok(signer.clone());
        }
        let keys = self.settle(tenant, &Intent::Due(vec![algorithm])).await?;
        let active = newest_active(&keys, algorithm)?;
        let signer = match known {
            Some((signer, _)) if signer.kid() == active.facts.kid => signer,
            _ => self.open(tenant, active).await?,
        };
        let until = now + TimeDelta::seconds(SIGNER_FRESH_SECONDS);
        self.active.insert(place, (signer.clone(), until)).await;
        Ok(signer)
    }

    /// The JWKS document of a tenant (RFC 7517 5): every key that signs, will sign or has signed.
    ///
    /// # Errors
    /// [`KeysError`]: mostly the database.
    pub async fn jwks(&self, tenant: &TenantId) -> Result<Value, KeysError> {
        let mut keys = self.settle(tenant, &Intent::Due(DEFAULTS.to_vec())).await?;
        // Applications that ignore `kid` take the first key of the type.
        keys.sort_by_key(|key| match key.facts.state {
            SigningKeyState::Active => 0,
            SigningKeyState::Next => 1,
            SigningKeyState::Retired => 2,
        });
        let keys: Vec<Value> = keys.into_iter().map(|key| key.public_jwk).collect();
        Ok(json!({ "keys": keys }))
    }

    /// Makes the keys that every tenant has: ES256 and RS256. For tenant creation; harmless to repeat.
    ///
    /// # Errors
    /// [`KeysError`]: mostly the database.
    pub async fn ensure_defaults(&self, tenant: &TenantId) -> Result<(), KeysError> {
        self.settle(tenant, &Intent::Due(DEFAULTS.to_vec())).await.map(|_| ())
    }

    /// Does what is due for the keys of a tenant. For the rotation job.
    ///
    /// # Errors
    /// [`KeysError`]: mostly the database.
    pub async fn rotate_due(&self, tenant: &TenantId) -> Result<(), KeysError> {
        self.settle(tenant, &Intent::Due(Vec::new())).await.map(|_| ())
    }

    /// Rotates at once: the next key, or a new one, signs from now on; the old one stays published.
    /// Returns what is known about the key that signs now.
    ///
    /// # Errors
    /// [`KeysError`]: mostly the database.
    pub async fn rotate(
        &self,
        tenant: &TenantId,
        algorithm: SigningAlgorithm,
    ) -> Result<KeyFacts, KeysError> {
        let keys = self.settle(tenant, &Intent::RotateNow(algorithm)).await?;
        self.active.invalidate(&(tenant.clone(), algorithm)).await;
        Ok(newest_active(&keys, algorithm)?.facts.clone())
    }

    /// What is known about the keys of a tenant, the oldest first. Changes nothing.
    ///
    /// # Errors
    /// [`KeysError`]: mostly the database.
    pub async fn list(&self, tenant: &TenantId) -> Result<Vec<KeyFacts>, KeysError> {
        Ok(self.stored(tenant).await?.into_iter().map(|key| key.facts).collect())
    }

    /// The claims of an ID token that this tenant signed under `issuer`, expired or not, for
    /// `id_token_hint` (OpenID Connect Core 3.1.2.1). What it says is still to be compared with the request.
    ///
    /// # Errors
    /// The `Token…` variants of [`KeysError`] for a token that is not ours; the database.
    pub async fn verify_id_token(
        &self,
        tenant: &TenantId,
        issuer: &str,
        token: &str,
    ) -> Result<Map<String, Value>, KeysError> {
        self.verify_typed(tenant, ("JWT", issuer), token).await
    }

    /// The claims of a token of a type, for example `at+jwt`, that this tenant signed under an issuer, expired
    /// or not.
    ///
    /// # Errors
    /// The `Token…` variants of [`KeysError`] for a token that is not ours; the database.
    pub async fn verify_typed(
        &self,
        tenant: &TenantId,
        (typ, issuer): (&str, &str),
        token: &str,
    ) -> Result<Map<String, Value>, KeysError> {
        verify_own(&self.stored(tenant).await?, (typ, issuer), token)
    }

    async fn open(&self, tenant: &TenantId, key: &StoredKey) -> Result<Signer, KeysError> {
        let (kid, sealed) = (&key.facts.kid, &key.sealed_private);
        let pkcs8 = self.secrets.open(tenant, Purpose::SigningKey, kid, sealed).await?;
        let entropy = Arc::clone(&self.entropy);
        Signer::new(kid.clone(), key.facts.algorithm, pkcs8.expose_secret(), entropy)
    }
}

fn newest_active(keys: &[StoredKey], algorithm: SigningAlgorithm) -> Result<&StoredKey, KeysError> {
    keys.iter()
        .filter(|key| key.facts.algorithm == algorithm)
        .filter(|key| key.facts.state == SigningKeyState::Active)
        .max_by_key(|key| (key.facts.signing_since(), key.facts.kid.as_str()))
        .ok_or(KeysError::NotGenerated(algorithm.as_str()))
}
