//! The connector's own keys: one to sign what we send, one to decrypt what comes, each with a certificate. Three
//! generations, so that a new one is published before it is used and the old one still decrypts (ME-10, DC-6).

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Datelike, TimeDelta, Utc};
use moka::future::Cache;
use rcgen::{CertificateParams, DnType, KeyPair, PKCS_RSA_SHA256, RsaKeySize, date_time_ymd};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use symbolon_contract::{ConnectorId, TenantId};
use symbolon_saml::certificate::{Certificate, PrivateKey};
use symbolon_storage::{SealedSecret, StorageResult, TenantRows};

use crate::broker::Broker;
use crate::connectors::ConnectorError;
use crate::connectors::credentials::{next_slot, previous_slot};
use crate::secrets::{Purpose, sha256_hex};

/// Under this purpose the generations are sealed.
pub(crate) const PURPOSE: Purpose = Purpose::ConnectorSamlKeys;
/// How long a certificate says it lasts. Only the key counts for those who verify; long, because a date that passes
/// breaks sign-ins at identity providers that look at it.
const YEARS: i32 = 10;

/// A private key and the certificate that tells others of it.
pub(crate) struct OwnKey {
    pub(crate) key: PrivateKey,
    pub(crate) certificate: Certificate,
}

/// One generation of keys.
pub(crate) struct OwnKeys {
    pub(crate) signing: OwnKey,
    pub(crate) encryption: OwnKey,
}

/// All generations that there are.
pub(crate) struct KeyRing {
    /// In use.
    pub(crate) present: Arc<OwnKeys>,
    /// Published, not used yet.
    pub(crate) next: Option<Arc<OwnKeys>>,
    /// Used before; still decrypts, still published.
    pub(crate) previous: Option<Arc<OwnKeys>>,
}

impl fmt::Debug for OwnKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "OwnKeys({})", self.signing.certificate.facts().fingerprint)
    }
}

#[derive(Serialize, Deserialize)]
struct Stored {
    signing: StoredKey,
    encryption: StoredKey,
}

#[derive(Serialize, Deserialize)]
struct StoredKey {
    private_key_pem: String,
    certificate_pem: String,
}

/// Opened generations of this node. What is sealed is the key of the entry, with its place: other bytes, or the same
/// at another place, are opened anew.
#[derive(Clone)]
pub(crate) struct OpenedKeys(Cache<(TenantId, String, String), Arc<OwnKeys>>);

/// Opened generations that are kept in memory, and for how long after their last use.
const CACHED: u64 = 2_000;
const CACHED_FOR: Duration = Duration::from_secs(600);

impl Default for OpenedKeys {
    fn default() -> Self {
        Self(Cache::builder().max_capacity(CACHED).time_to_idle(CACHED_FOR).build())
    }
}

impl fmt::Debug for OpenedKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "OpenedKeys({})", self.0.entry_count())
    }
}

/// A generation that was just made; it leaves in sealed form only.
pub(crate) struct NewKeys {
    /// The fingerprint of the signing certificate, to tell generations apart.
    pub(crate) fingerprint: String,
    /// When its certificates end.
    pub(crate) ends_at: DateTime<Utc>,
    to_seal: SecretString,
}

/// Makes a generation: two RSA keys of 2048 bits, because Entra and others take no other for requests (EI-02).
///
/// # Errors
/// When the library refuses.
pub(crate) fn make(name: &str, now: DateTime<Utc>) -> Result<NewKeys, ConnectorError> {
    let signing = make_one(&format!("{name} signing"), now)?;
    let encryption = make_one(&format!("{name} encryption"), now)?;
    let certificate = Certificate::from_pem(&signing.certificate_pem).map_err(unusable)?;
    let facts = certificate.facts();
    let (fingerprint, ends_at) = (facts.fingerprint.clone(), facts.not_after);
    let text = serde_json::to_string(&Stored { signing, encryption }).map_err(unusable)?;
    Ok(NewKeys { fingerprint, ends_at, to_seal: text.into() })
}

fn make_one(name: &str, now: DateTime<Utc>) -> Result<StoredKey, ConnectorError> {
    let key = KeyPair::generate_rsa_for(&PKCS_RSA_SHA256, RsaKeySize::_2048).map_err(unusable)?;
    let mut parameters = CertificateParams::new(Vec::new()).map_err(unusable)?;
    parameters.distinguished_name.push(DnType::CommonName, name);
    // Begins a day early, for those whose clock is behind.
    let from = now - TimeDelta::days(1);
    let day = |year| date_time_ymd(year, from.month() as u8, from.day().min(28) as u8);
    parameters.not_before = day(from.year());
    parameters.not_after = day(from.year() + YEARS);
    let certificate = parameters.self_signed(&key).map_err(unusable)?;
    Ok(StoredKey { private_key_pem: key.serialize_pem(), certificate_pem: certificate.pem() })
}

impl NewKeys {
    /// Seals it for a slot.
    ///
    /// # Errors
    /// Those of the secrets.
    pub(crate) async fn seal(
        &self,
        broker: &Broker,
        tenant: &TenantId,
        slot: &str,
    ) -> Result<SealedSecret, ConnectorError> {
        let mut row = broker.secrets.prepare(tenant, PURPOSE, slot, &self.to_seal).await?;
        row.hint = Some(self.fingerprint.clone());
        row.expires_at = Some(self.ends_at);
        Ok(row)
    }
}

/// The sealed rows of a connector's generations: present, next, previous.
pub(crate) fn rows(
    rows: &mut TenantRows<'_>,
    connector: &ConnectorId,
) -> StorageResult<[Option<SealedSecret>; 3]> {
    let mut find = |slot: &str| rows.secrets().find(PURPOSE.as_str(), slot);
    let present = find(connector.as_str())?;
    let next = find(&next_slot(connector))?;
    Ok([present, next, find(&previous_slot(connector))?])
}

/// Opens them.
///
/// # Errors
/// [`ConnectorError::Misconfigured`] when there is no present one; those of the secrets.
pub(crate) async fn open(
    broker: &Broker,
    tenant: &TenantId,
    [present, next, previous]: [Option<SealedSecret>; 3],
) -> Result<KeyRing, ConnectorError> {
    let present = present.ok_or_else(|| {
        ConnectorError::Misconfigured("it has no keys of its own: make them anew".into())
    })?;
    let mut opened = Vec::with_capacity(2);
    for row in [next, previous] {
        opened.push(match row {
            Some(row) => Some(read(broker, tenant, &row).await?),
            None => None,
        });
    }
    let previous = opened.pop().flatten();
    let next = opened.pop().flatten();
    Ok(KeyRing { present: read(broker, tenant, &present).await?, next, previous })
}

async fn read(
    broker: &Broker,
    tenant: &TenantId,
    row: &SealedSecret,
) -> Result<Arc<OwnKeys>, ConnectorError> {
    let place = (tenant.clone(), row.owner.clone(), sha256_hex(row.sealed.as_bytes()));
    let opened = &broker.saml.opened_keys().0;
    if let Some(keys) = opened.get(&place).await {
        return Ok(keys);
    }
    let text = broker.secrets.open_text(tenant, PURPOSE, &row.owner, &row.sealed).await?;
    let stored: Stored = serde_json::from_str(text.expose_secret()).map_err(unusable)?;
    let keys = OwnKeys { signing: stored.signing.read()?, encryption: stored.encryption.read()? };
    let keys = Arc::new(keys);
    opened.insert(place, Arc::clone(&keys)).await;
    Ok(keys)
}

impl StoredKey {
    fn read(&self) -> Result<OwnKey, ConnectorError> {
        Ok(OwnKey {
            key: PrivateKey::from_pem(&self.private_key_pem).map_err(unusable)?,
            certificate: Certificate::from_pem(&self.certificate_pem).map_err(unusable)?,
        })
    }
}

impl KeyRing {
    /// The generations in the order in which they are tried and published.
    pub(crate) fn generations(&self) -> impl Iterator<Item = &OwnKeys> {
        let others = [self.next.as_deref(), self.previous.as_deref()];
        std::iter::once(self.present.as_ref()).chain(others.into_iter().flatten())
    }

    /// Keys that decrypt.
    pub(crate) fn decryption(&self) -> Vec<PrivateKey> {
        self.generations().map(|one| one.encryption.key.clone()).collect()
    }
}

/// What is wrong with a stored key is never shown: it might hold parts of it.
fn unusable<E>(_: E) -> ConnectorError {
    ConnectorError::Misconfigured("a key of the connector cannot be made or read".into())
}
