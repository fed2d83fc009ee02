//! Data keys, wrapped by a master key that the database never sees.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use symbolon_contract::TenantId;

use crate::error::StorageResult;
use crate::operator::Operator;
use crate::schema::data_keys;
use crate::tenant::accessor;
use crate::types::{Row as _, column, row};
use crate::upsert::insert_new;

row! {
    /// A key of one tenant that seals its secrets, itself wrapped by a master key.
    DataKey in data_keys [id] {
        /// Its id, named by every secret that it seals.
        id: String,
        /// The wrapped key.
        wrapped: String,
        /// Which master key unwraps it.
        master_key_id: String,
        /// When it was made.
        created_at: DateTime<Utc>,
    }
}

accessor! {
    /// The data keys of one tenant.
    DataKeys
}

impl DataKeys<'_> {
    /// Keeps a new data key.
    pub fn insert(&mut self, key: &DataKey) -> StorageResult<()> {
        insert_new!(self.conn, data_keys, &key.raw(self.tenant))
    }

    /// The key to seal with.
    pub fn newest(&mut self) -> StorageResult<Option<DataKey>> {
        let query = data_keys::table
            .filter(data_keys::tenant_id.eq(self.tenant))
            .order((data_keys::created_at.desc(), data_keys::id.desc()));
        let raw = query.select(DataKey::COLUMNS).first(self.conn).optional()?;
        DataKey::read_option(raw)
    }

    /// The key that a secret names.
    pub fn find(&mut self, id: &str) -> StorageResult<Option<DataKey>> {
        let query = data_keys::table.find((self.tenant, id));
        let raw = query.select(DataKey::COLUMNS).first(self.conn).optional()?;
        DataKey::read_option(raw)
    }

    /// All keys, the oldest first.
    pub fn list(&mut self) -> StorageResult<Vec<DataKey>> {
        let query = data_keys::table
            .filter(data_keys::tenant_id.eq(self.tenant))
            .order((data_keys::created_at, data_keys::id));
        DataKey::read_all(query.select(DataKey::COLUMNS).load(self.conn)?)
    }
}

impl Operator<'_> {
    /// Data keys of all tenants in the order `(tenant, id)`, from after the given pair: for master key rotation.
    pub fn list_data_keys(
        &mut self,
        after: Option<(&TenantId, &str)>,
        limit: i64,
    ) -> StorageResult<Vec<(TenantId, DataKey)>> {
        let (tenant, id) = after.map_or(("", ""), |(tenant, id)| (tenant.as_str(), id));
        let later = data_keys::tenant_id
            .gt(tenant)
            .or(data_keys::tenant_id.eq(tenant).and(data_keys::id.gt(id)));
        let query = data_keys::table
            .filter(later)
            .order((data_keys::tenant_id, data_keys::id))
            .limit(limit);
        let raws = query
            .select((data_keys::tenant_id, DataKey::COLUMNS))
            .load::<(String, <DataKey as crate::types::Row>::Raw)>(self.conn)?;
        raws.into_iter()
            .map(|(tenant, raw)| {
                Ok((column(DataKey::TABLE, "tenant_id", tenant)?, DataKey::read(raw)?))
            })
            .collect()
    }

    /// Replaces the wrapping of a key. False when there is no such key.
    pub fn rewrap(
        &mut self,
        tenant: &TenantId,
        id: &str,
        wrapped: &str,
        master_key_id: &str,
    ) -> StorageResult<bool> {
        let rows = diesel::update(data_keys::table.find((tenant.as_str(), id)))
            .set((data_keys::wrapped.eq(wrapped), data_keys::master_key_id.eq(master_key_id)))
            .execute(self.conn)?;
        Ok(rows == 1)
    }
}
