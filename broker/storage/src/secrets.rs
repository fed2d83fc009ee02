//! Sealed secrets: ciphertext, and what may be shown about it.

use chrono::{DateTime, NaiveDateTime, Utc};
use diesel::prelude::*;

use crate::error::StorageResult;
use crate::schema::sealed_secrets;
use crate::tenant::accessor;
use crate::types::{Row as _, row, utc};
use crate::upsert::{insert_or_ignore, upsert};

row! {
    /// A secret, sealed with a data key of its tenant.
    SealedSecret in sealed_secrets [purpose, owner] {
        /// What it is for; part of what the seal vouches for.
        purpose: String,
        /// Whose it is, for example a connector's id.
        owner: String,
        /// The sealed text.
        sealed: String,
        /// What an admin may see, for example its last characters.
        hint: Option<String>,
        /// When the other side stops accepting it.
        expires_at: Option<DateTime<Utc>>,
        /// When it was last put.
        updated_at: DateTime<Utc>,
    }
}

/// What may be shown about a secret. Never the sealed text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SecretSummary {
    /// Whose it is.
    pub owner: String,
    /// What an admin may see.
    pub hint: Option<String>,
    /// When the other side stops accepting it.
    pub expires_at: Option<DateTime<Utc>>,
    /// When it was last put.
    pub updated_at: DateTime<Utc>,
}

accessor! {
    /// The sealed secrets of one tenant.
    Secrets
}

impl Secrets<'_> {
    /// Keeps a secret, in place of the one before.
    pub fn put(&mut self, secret: &SealedSecret) -> StorageResult<()> {
        upsert!(self.conn, sealed_secrets(tenant_id, purpose, owner), &secret.raw(self.tenant))
    }

    /// Keeps a secret unless there is one. Says whether it did.
    pub fn put_new(&mut self, secret: &SealedSecret) -> StorageResult<bool> {
        insert_or_ignore!(self.conn, sealed_secrets, &secret.raw(self.tenant))
    }

    /// One secret.
    pub fn find(&mut self, purpose: &str, owner: &str) -> StorageResult<Option<SealedSecret>> {
        let query = sealed_secrets::table.find((self.tenant, purpose, owner));
        let raw = query.select(SealedSecret::COLUMNS).first(self.conn).optional()?;
        SealedSecret::read_option(raw)
    }

    /// Forgets a secret. False when there was none.
    pub fn delete(&mut self, purpose: &str, owner: &str) -> StorageResult<bool> {
        let target = sealed_secrets::table.find((self.tenant, purpose, owner));
        Ok(diesel::delete(target).execute(self.conn)? == 1)
    }

    /// Notes when the other side stops accepting a secret. False when there is none.
    pub fn set_expiry(
        &mut self,
        purpose: &str,
        owner: &str,
        expires_at: Option<DateTime<Utc>>,
    ) -> StorageResult<bool> {
        let rows = diesel::update(sealed_secrets::table.find((self.tenant, purpose, owner)))
            .set(sealed_secrets::expires_at.eq(expires_at.as_ref().map(utc)))
            .execute(self.conn)?;
        Ok(rows == 1)
    }

    /// All secrets of one purpose, without what is sealed.
    pub fn list(&mut self, purpose: &str) -> StorageResult<Vec<SecretSummary>> {
        type Raw = (String, Option<String>, Option<NaiveDateTime>, NaiveDateTime);
        let raws: Vec<Raw> = sealed_secrets::table
            .filter(sealed_secrets::tenant_id.eq(self.tenant))
            .filter(sealed_secrets::purpose.eq(purpose))
            .order(sealed_secrets::owner)
            .select((
                sealed_secrets::owner,
                sealed_secrets::hint,
                sealed_secrets::expires_at,
                sealed_secrets::updated_at,
            ))
            .load(self.conn)?;
        let summary = |(owner, hint, expires_at, updated_at): Raw| SecretSummary {
            owner,
            hint,
            expires_at: expires_at.map(|time| time.and_utc()),
            updated_at: updated_at.and_utc(),
        };
        Ok(raws.into_iter().map(summary).collect())
    }
}
