//! The catalogue of roles of a tenant.

use diesel::prelude::*;
use symbolon_contract::RoleName;

use crate::error::StorageResult;
use crate::schema::roles;
use crate::tenant::accessor;
use crate::types::{Row as _, row};
use crate::upsert::upsert;

row! {
    /// A role that users of a tenant may hold. The database refuses grants of any other.
    Role in roles [name] {
        /// Its name, which applications see.
        name: RoleName,
        /// What it is for.
        description: String,
        /// Whether a mapping may grant it.
        grantable_by_mapping: bool,
    }
}

accessor! {
    /// The roles of one tenant.
    Roles
}

impl Roles<'_> {
    /// Keeps a role, new or changed.
    pub fn put(&mut self, role: &Role) -> StorageResult<()> {
        upsert!(self.conn, roles(tenant_id, name), &role.raw(self.tenant))
    }

    /// One role.
    pub fn find(&mut self, name: &RoleName) -> StorageResult<Option<Role>> {
        let query = roles::table.find((self.tenant, name.as_str()));
        Role::read_option(query.select(Role::COLUMNS).first(self.conn).optional()?)
    }

    /// All roles, in the order of their names.
    pub fn list(&mut self) -> StorageResult<Vec<Role>> {
        let query = roles::table.filter(roles::tenant_id.eq(self.tenant)).order(roles::name);
        Role::read_all(query.select(Role::COLUMNS).load(self.conn)?)
    }
}
