//! Old callback paths that lead to a connector. A path belongs to the whole deployment, because it is looked
//! up before the tenant is known; a tenant only sees its own.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use symbolon_contract::{ConnectorId, TenantId};

use crate::error::StorageResult;
use crate::operator::Operator;
use crate::schema::callback_aliases;
use crate::tenant::accessor;
use crate::types::{Row as _, row};
use crate::upsert::insert_new;

row! { global
    /// An old callback path of a connector, at most one for each.
    CallbackAlias in callback_aliases [path] {
        /// The path, with its slashes, as it is registered upstream.
        path: String,
        /// The connector's tenant.
        tenant_id: TenantId,
        /// The connector.
        connector_id: ConnectorId,
        /// When it was made.
        created_at: DateTime<Utc>,
    }
}

accessor! {
    /// The old callback paths of the connectors of one tenant.
    CallbackAliases
}

impl CallbackAliases<'_> {
    /// The old path of a connector.
    pub fn of(&mut self, connector: &ConnectorId) -> StorageResult<Option<String>> {
        let query = callback_aliases::table
            .filter(callback_aliases::tenant_id.eq(self.tenant))
            .filter(callback_aliases::connector_id.eq(connector.as_str()));
        Ok(query.select(callback_aliases::path).first(self.conn).optional()?)
    }
}

impl Operator<'_> {
    /// Where a path leads. Paths are compared byte by byte, the trailing slash included.
    pub fn find_callback_alias(
        &mut self,
        path: &str,
    ) -> StorageResult<Option<(TenantId, ConnectorId)>> {
        let query = callback_aliases::table.find(path).select(CallbackAlias::COLUMNS);
        let alias = CallbackAlias::read_option(query.first(self.conn).optional()?)?;
        Ok(alias.map(|alias| (alias.tenant_id, alias.connector_id)))
    }

    /// Keeps a path; `Conflict` when it is taken, or when the connector has one already.
    pub fn insert_callback_alias(&mut self, alias: &CallbackAlias) -> StorageResult<()> {
        insert_new!(self.conn, callback_aliases, &alias.raw(""))
    }

    /// Forgets a path. False when there was none.
    pub fn delete_callback_alias(&mut self, path: &str) -> StorageResult<bool> {
        Ok(diesel::delete(callback_aliases::table.find(path)).execute(self.conn)? == 1)
    }

    /// All paths, in alphabetical order.
    pub fn list_callback_aliases(&mut self) -> StorageResult<Vec<CallbackAlias>> {
        let query = callback_aliases::table.order(callback_aliases::path);
        CallbackAlias::read_all(query.select(CallbackAlias::COLUMNS).load(self.conn)?)
    }
}
