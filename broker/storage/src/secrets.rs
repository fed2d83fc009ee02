//! Sealed secrets: ciphertext, and what may be shown about it.

use chrono::{DateTime, Utc};
use diesel::prelude::*;

use crate::error::StorageResult;
use crate::schema::sealed_secrets;
use crate::tenant::accessor;
use crate::types::{Row as _, row};
use crate::upsert::upsert;

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

accessor! {
    /// The sealed secrets of one tenant.
    Secrets
}

impl Secrets<'_> {
    /// Keeps a secret, in place of the one before.
    pub fn put(&mut self, secret: &SealedSecret) -> StorageResult<()> {
        upsert!(self.conn, sealed_secrets(tenant_id, purpose, owner), &secret.raw(self.tenant))
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

    /// All secrets of one purpose.
    pub fn list(&mut self, purpose: &str) -> StorageResult<Vec<SealedSecret>> {
        let query = sealed_secrets::table
            .filter(sealed_secrets::tenant_id.eq(self.tenant))
            .filter(sealed_secrets::purpose.eq(purpose))
            .order(sealed_secrets::owner);
        SealedSecret::read_all(query.select(SealedSecret::COLUMNS).load(self.conn)?)
    }
}
