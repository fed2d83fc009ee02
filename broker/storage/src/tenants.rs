//! Tenants themselves: found and changed by the operator only.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use serde_json::Value;
use symbolon_contract::{TenantId, TenantSlug};

use crate::error::{StorageError, StorageResult};
use crate::operator::Operator;
use crate::schema::tenants;
use crate::tenant::exactly_one;
use crate::types::{Row as _, row, text_enum};
use crate::upsert::insert_new;

/// The tenant that owns the operator's applications and keys. Nobody signs in there, and no list shows it.
pub const PLATFORM_TENANT: &str = "platform";

text_enum! {
    /// Whether anybody of this tenant may sign in.
    TenantStatus {
        /// Open.
        Active = "active",
        /// Closed by the operator; nothing is deleted.
        Suspended = "suspended",
    }
}

row! { global
    /// A tenant: the hard wall around connectors, users, keys and audit.
    Tenant in tenants [id] {
        /// Its id. `operator` is reserved and refused by the database.
        id: TenantId,
        /// Its name in URLs, unique.
        slug: TenantSlug,
        /// The name to show.
        display_name: String,
        /// Whether anybody may sign in.
        status: TenantStatus,
        /// Typed by the domain.
        settings: Value,
        /// Counts the changes.
        version: i32,
        /// When it was made.
        created_at: DateTime<Utc>,
        /// When it was last changed.
        updated_at: DateTime<Utc>,
    }
}

/// Reads tenant ids of a table.
pub(crate) fn tenant_ids(table: &'static str, ids: Vec<String>) -> StorageResult<Vec<TenantId>> {
    let parsed = ids.into_iter().map(TenantId::parse).collect::<Result<_, _>>();
    parsed.map_err(|error| StorageError::Corrupt { table, why: error.to_string() })
}

impl Operator<'_> {
    /// Keeps a new tenant; `Conflict` when the id or the slug is taken.
    pub fn insert_tenant(&mut self, tenant: &Tenant) -> StorageResult<()> {
        insert_new!(self.conn, tenants, &tenant.raw(""))
    }

    /// The tenant of a URL.
    pub fn tenant_by_slug(&mut self, slug: &TenantSlug) -> StorageResult<Option<Tenant>> {
        let query = tenants::table.filter(tenants::slug.eq(slug.as_str()));
        let raw = query.select(Tenant::COLUMNS).first(self.conn).optional()?;
        Tenant::read_option(raw)
    }

    /// One tenant.
    pub fn tenant_by_id(&mut self, id: &TenantId) -> StorageResult<Option<Tenant>> {
        let query = tenants::table.find(id.as_str());
        let raw = query.select(Tenant::COLUMNS).first(self.conn).optional()?;
        Tenant::read_option(raw)
    }

    /// Tenants in the order of their ids, from after the given one; without the platform's.
    pub fn list_tenants(
        &mut self,
        after: Option<&TenantId>,
        limit: i64,
    ) -> StorageResult<Vec<Tenant>> {
        let query = tenants::table
            .filter(tenants::id.gt(after.map_or("", TenantId::as_str)))
            .filter(tenants::id.ne(PLATFORM_TENANT))
            .order(tenants::id)
            .limit(limit);
        Tenant::read_all(query.select(Tenant::COLUMNS).load(self.conn)?)
    }

    /// Overwrites a tenant that still has the expected version, and counts the version on.
    pub fn update_tenant(&mut self, tenant: &Tenant, expected_version: i32) -> StorageResult<()> {
        let mut raw = tenant.raw("");
        raw.version = expected_version.saturating_add(1);
        let target =
            tenants::table.find(tenant.id.as_str()).filter(tenants::version.eq(expected_version));
        exactly_one(diesel::update(target).set(&raw).execute(self.conn)?)
    }
}
