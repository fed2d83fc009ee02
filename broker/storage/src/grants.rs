//! Who holds which role, and from whom: what a source gave, it can take away, and nothing else.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use symbolon_contract::{PluginDigest, RoleName, UserId};

use crate::error::StorageResult;
use crate::schema::role_grants;
use crate::tenant::accessor;
use crate::types::{Column as _, Row as _, row, text_enum};
use crate::upsert::insert_or_ignore;

text_enum! {
    /// What kind of source gave a role.
    RoleSource {
        /// The tenant's default for new users.
        Default = "default",
        /// The mapping of a connector.
        Mapping = "mapping",
        /// An admin.
        Admin = "admin",
        /// SCIM.
        Scim = "scim",
    }
}

row! {
    /// A role that a user holds from one source.
    RoleGrant in role_grants [user_id, role, source_kind, source] {
        /// The user.
        user_id: UserId,
        /// The role.
        role: RoleName,
        /// What kind of source gave it.
        source_kind: RoleSource,
        /// Which one: a connector's id, an admin.
        source: String,
        /// The plugin, where a mapping gave it.
        plugin_digest: Option<PluginDigest>,
        /// The version of the mapping.
        mapping_version: Option<i32>,
        /// The rule's reason.
        because: Option<String>,
        /// Since when, without a break.
        granted_at: DateTime<Utc>,
    }
}

/// What a source gives now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewGrant {
    /// The role.
    pub role: RoleName,
    /// The plugin, where a mapping gives it.
    pub plugin_digest: Option<PluginDigest>,
    /// The version of the mapping.
    pub mapping_version: Option<i32>,
    /// The rule's reason.
    pub because: Option<String>,
    /// When, if it is new.
    pub granted_at: DateTime<Utc>,
}

/// What replacing changed, for the audit trail. A role may still be held from another source.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct GrantChanges {
    /// Roles that this source had not given before.
    pub added: Vec<RoleName>,
    /// Roles that this source gives no more.
    pub removed: Vec<RoleName>,
}

accessor! {
    /// The role grants of one tenant.
    Grants
}

impl Grants<'_> {
    /// All grants of a user, from every source, in the order of the roles.
    pub fn of_user(&mut self, user: &UserId) -> StorageResult<Vec<RoleGrant>> {
        let query = role_grants::table
            .filter(role_grants::tenant_id.eq(self.tenant))
            .filter(role_grants::user_id.eq(user.as_str()))
            .order((role_grants::role, role_grants::source_kind, role_grants::source));
        RoleGrant::read_all(query.select(RoleGrant::COLUMNS).load(self.conn)?)
    }

    /// Makes the grants of one source what it gives now. Grants of other sources stay, and those that
    /// the source gave before keep their `granted_at`. Of a role named twice the first counts.
    pub fn replace_from_source(
        &mut self,
        user: &UserId,
        kind: RoleSource,
        source: &str,
        grants: &[NewGrant],
    ) -> StorageResult<GrantChanges> {
        let mut changes = GrantChanges::default();
        let mut before = self.of_user(user)?;
        before.retain(|grant| grant.source_kind == kind && grant.source == source);
        for old in &before {
            if !grants.iter().any(|new| new.role == old.role) {
                diesel::delete(role_grants::table.find((
                    self.tenant,
                    user.as_str(),
                    old.role.as_str(),
                    kind.as_str(),
                    source,
                )))
                .execute(self.conn)?;
                changes.removed.push(old.role.clone());
            }
        }
        let mut seen: Vec<&RoleName> = Vec::new();
        for new in grants {
            if seen.contains(&&new.role) {
                continue;
            }
            seen.push(&new.role);
            let old = before.iter().find(|old| old.role == new.role);
            let row = RoleGrant {
                user_id: user.clone(),
                role: new.role.clone(),
                source_kind: kind,
                source: source.to_owned(),
                plugin_digest: new.plugin_digest.clone(),
                mapping_version: new.mapping_version,
                because: new.because.clone(),
                granted_at: old.map_or(new.granted_at, |old| old.granted_at),
            };
            match old {
                Some(old) if *old == row => {}
                Some(_) => self.explain(&row)?,
                // A second sign-in of the same person at the same time may have been quicker.
                None => {
                    if insert_or_ignore!(self.conn, role_grants, &row.raw(self.tenant))? {
                        changes.added.push(row.role);
                    }
                }
            }
        }
        Ok(changes)
    }

    /// The same grant by another version of the mapping, or for another reason.
    fn explain(&mut self, grant: &RoleGrant) -> StorageResult<()> {
        let key = (
            self.tenant,
            grant.user_id.as_str(),
            grant.role.as_str(),
            grant.source_kind.as_str(),
            grant.source.as_str(),
        );
        diesel::update(role_grants::table.find(key))
            .set((
                role_grants::plugin_digest.eq(grant.plugin_digest.to_raw()),
                role_grants::mapping_version.eq(grant.mapping_version),
                role_grants::because.eq(grant.because.as_deref()),
            ))
            .execute(self.conn)?;
        Ok(())
    }
}
