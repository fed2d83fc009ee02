//! Keys to the admin API, by their hash. The operator's own are kept under the reserved tenant id, as its
//! audit chain is: see `Operator::api_keys`.

use chrono::{DateTime, Utc};
use diesel::prelude::*;

use crate::error::StorageResult;
use crate::schema::api_keys;
use crate::tenant::accessor;
use crate::types::{Row as _, row, utc};
use crate::upsert::insert_new;

row! {
    /// A key to the admin API.
    ApiKey in api_keys [id] {
        /// Its id; not what the caller sends.
        id: String,
        /// The name to show.
        name: String,
        /// Hash of what the caller sends, unique across tenants.
        secret_hash: String,
        /// What it may be used for. Typed by the domain.
        scopes: Vec<String>,
        /// Who made it.
        created_by: String,
        /// When it was made.
        created_at: DateTime<Utc>,
        /// When it ends.
        expires_at: Option<DateTime<Utc>>,
        /// When it was last used.
        last_used_at: Option<DateTime<Utc>>,
        /// When it was taken back.
        revoked_at: Option<DateTime<Utc>>,
    }
}

accessor! {
    /// The API keys of one tenant, or the operator's own.
    ApiKeys
}

impl ApiKeys<'_> {
    /// Keeps a new key.
    pub fn insert(&mut self, key: &ApiKey) -> StorageResult<()> {
        insert_new!(self.conn, api_keys, &key.raw(self.tenant))
    }

    /// The key that a caller sent, also when it is revoked or expired.
    pub fn find_by_hash(&mut self, hash: &str) -> StorageResult<Option<ApiKey>> {
        let query = api_keys::table
            .filter(api_keys::tenant_id.eq(self.tenant))
            .filter(api_keys::secret_hash.eq(hash));
        ApiKey::read_option(query.select(ApiKey::COLUMNS).first(self.conn).optional()?)
    }

    /// All keys, the newest first.
    pub fn list(&mut self) -> StorageResult<Vec<ApiKey>> {
        let query = api_keys::table
            .filter(api_keys::tenant_id.eq(self.tenant))
            .order((api_keys::created_at.desc(), api_keys::id));
        ApiKey::read_all(query.select(ApiKey::COLUMNS).load(self.conn)?)
    }

    /// Takes a key back. False when it was taken back before, or is unknown.
    pub fn revoke(&mut self, id: &str, at: DateTime<Utc>) -> StorageResult<bool> {
        let target = api_keys::table.find((self.tenant, id)).filter(api_keys::revoked_at.is_null());
        let update = diesel::update(target).set(api_keys::revoked_at.eq(Some(utc(&at))));
        Ok(update.execute(self.conn)? == 1)
    }

    /// Notes that a key was used. False when it has been taken back, or is unknown.
    pub fn touch(&mut self, id: &str, at: DateTime<Utc>) -> StorageResult<bool> {
        let target = api_keys::table.find((self.tenant, id)).filter(api_keys::revoked_at.is_null());
        let update = diesel::update(target).set(api_keys::last_used_at.eq(Some(utc(&at))));
        Ok(update.execute(self.conn)? == 1)
    }
}
