//! Brings the stored keys of a tenant to where the plan wants them, whoever else is trying the same.

use chrono::{DateTime, Utc};
use symbolon_contract::TenantId;
use symbolon_storage::{SigningKey, SigningKeyState, StorageError, StorageResult, TenantRows};

use super::error::KeysError;
use super::rotation::{KeyChange, KeyFacts, RotationPolicy, StoredKey, plan, plan_rotate_now};
use super::signing_key::{Generated, SigningAlgorithm, generate};
use super::store::KeyStore;
use crate::secrets::Purpose;

/// How often we start again when other nodes change the keys meanwhile.
const TRIES: usize = 4;

/// Why the keys are looked at.
#[derive(Debug, Clone)]
pub(super) enum Intent {
    /// Do what is due, and have a key for each of these.
    Due(Vec<SigningAlgorithm>),
    /// Rotate this algorithm at once.
    RotateNow(SigningAlgorithm),
}

impl Intent {
    fn plan(
        &self,
        keys: &[StoredKey],
        now: DateTime<Utc>,
        policy: &RotationPolicy,
    ) -> Vec<KeyChange> {
        let facts: Vec<KeyFacts> = keys.iter().map(|key| key.facts.clone()).collect();
        match self {
            Self::Due(wanted) => plan(&facts, wanted, now, policy),
            Self::RotateNow(algorithm) => plan_rotate_now(&facts, *algorithm),
        }
    }
}

impl KeyStore {
    /// Reads the keys, does what `intent` asks for, and returns the keys as they are then.
    ///
    /// The plan is made twice: outside the transaction to make new keys (RSA takes long), and inside it
    /// over the rows that count. Where the two differ, others were faster, and we start again.
    pub(super) async fn settle(
        &self,
        tenant: &TenantId,
        intent: &Intent,
    ) -> Result<Vec<StoredKey>, KeysError> {
        for _ in 0..TRIES {
            let keys = self.stored(tenant).await?;
            let (now, policy) = (self.clock.now(), self.policy);
            let changes = intent.plan(&keys, now, &policy);
            if changes.is_empty() {
                return Ok(keys);
            }
            let made = self.make_keys(tenant, &changes).await?;
            let (of, intent) = (tenant.clone(), intent.clone());
            let applied = self.database.write(move |conn| {
                let mut rows = conn.tenant(&of);
                let keys = read_all(rows.signing_keys().list()?)?;
                apply(&mut rows, intent.plan(&keys, now, &policy), made, now)?;
                rows.signing_keys().list()
            });
            match applied.await {
                Ok(rows) => return Ok(read_all(rows)?),
                Err(StorageError::StaleVersion) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(KeysError::Contended)
    }

    /// The keys as they are.
    pub(super) async fn stored(&self, tenant: &TenantId) -> Result<Vec<StoredKey>, KeysError> {
        let of = tenant.clone();
        let rows = self.database.read(move |conn| conn.tenant(&of).signing_keys().list()).await?;
        Ok(read_all(rows)?)
    }

    async fn make_keys(
        &self,
        tenant: &TenantId,
        changes: &[KeyChange],
    ) -> Result<Vec<SigningKey>, KeysError> {
        let mut made = Vec::new();
        for change in changes {
            let KeyChange::Create { algorithm, state } = change else {
                continue;
            };
            let Generated { kid, pkcs8, public_jwk } = generate_apart(*algorithm).await?;
            let pkcs8 = secrecy::ExposeSecret::expose_secret(&pkcs8);
            let now = self.clock.now();
            made.push(SigningKey {
                algorithm: algorithm.as_str().to_owned(),
                state: *state,
                public_jwk,
                sealed_private: self.secrets.seal(tenant, Purpose::SigningKey, &kid, pkcs8).await?,
                id: kid,
                created_at: now,
                activated_at: (*state == SigningKeyState::Active).then_some(now),
                retired_at: None,
            });
        }
        Ok(made)
    }
}

/// RSA keys take long to find: not on a thread that serves requests.
async fn generate_apart(algorithm: SigningAlgorithm) -> Result<Generated, KeysError> {
    if !algorithm.is_rsa() {
        return generate(algorithm);
    }
    #[expect(
        clippy::disallowed_methods,
        reason = "seconds of CPU, a few times a year for each tenant; no thread is ever kept waiting"
    )]
    let generating = tokio::task::spawn_blocking(move || generate(algorithm));
    generating.await.unwrap_or(Err(KeysError::NotGenerated(algorithm.as_str())))
}

fn apply(
    rows: &mut TenantRows<'_>,
    changes: Vec<KeyChange>,
    mut made: Vec<SigningKey>,
    now: DateTime<Utc>,
) -> StorageResult<()> {
    use SigningKeyState::{Active, Next, Retired};
    for change in changes {
        let done = match change {
            KeyChange::Create { algorithm, state } => {
                let fits =
                    |key: &SigningKey| key.algorithm == algorithm.as_str() && key.state == state;
                match made.iter().position(fits) {
                    Some(index) => {
                        rows.signing_keys().insert(&made.swap_remove(index))?;
                        true
                    }
                    None => false,
                }
            }
            KeyChange::Activate { kid } => {
                rows.signing_keys().set_state(&kid, Next, Active, now)?
            }
            KeyChange::Retire { kid } => {
                rows.signing_keys().set_state(&kid, Active, Retired, now)?
            }
            KeyChange::Remove { kid } => {
                rows.signing_keys().delete(&kid)?;
                true
            }
        };
        if !done {
            return Err(StorageError::StaleVersion);
        }
    }
    Ok(())
}

fn read_all(rows: Vec<SigningKey>) -> StorageResult<Vec<StoredKey>> {
    rows.into_iter().map(read).collect()
}

fn read(row: SigningKey) -> StorageResult<StoredKey> {
    let Some(algorithm) = SigningAlgorithm::parse(&row.algorithm) else {
        let why = format!("algorithm: {:?} is unknown", row.algorithm);
        return Err(StorageError::Corrupt { table: "signing_keys", why });
    };
    Ok(StoredKey {
        facts: KeyFacts {
            kid: row.id,
            algorithm,
            state: row.state,
            created_at: row.created_at,
            activated_at: row.activated_at,
            retired_at: row.retired_at,
        },
        public_jwk: row.public_jwk,
        sealed_private: row.sealed_private,
    })
}
