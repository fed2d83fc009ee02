//! The mapping of a connector: versions that never change, and which of them is active.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use symbolon_contract::{ConnectorId, PluginDigest};

use crate::error::StorageResult;
use crate::schema::{active_mappings, connectors, mapping_versions};
use crate::tenant::accessor;
use crate::types::{Row as _, row};
use crate::upsert::{insert_new, per_backend};

row! {
    /// One version of the mapping of a connector: which plugin, with which configuration.
    MappingVersion in mapping_versions [connector_id, version] {
        /// The connector.
        connector_id: ConnectorId,
        /// 1, 2, 3, ... for each connector.
        version: i32,
        /// The plugin.
        plugin_digest: PluginDigest,
        /// The plugin's configuration, as its author wrote it.
        configuration: String,
        /// Who saved it.
        author: String,
        /// Why.
        note: Option<String>,
        /// When.
        created_at: DateTime<Utc>,
    }
}

/// A version that has no number yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewMappingVersion {
    /// The connector.
    pub connector_id: ConnectorId,
    /// The plugin.
    pub plugin_digest: PluginDigest,
    /// The plugin's configuration, as its author wrote it.
    pub configuration: String,
    /// Who saves it.
    pub author: String,
    /// Why.
    pub note: Option<String>,
    /// When.
    pub created_at: DateTime<Utc>,
}

accessor! {
    /// The mappings of one tenant.
    Mappings
}

impl Mappings<'_> {
    /// Keeps a version under the next number of its connector, and returns that number.
    pub fn add_version(&mut self, new: &NewMappingVersion) -> StorageResult<i32> {
        // Holds the connector's row, so that two authors on PostgreSQL queue up instead of taking one number.
        let connector = connectors::table.find((self.tenant, new.connector_id.as_str()));
        diesel::update(connector).set(connectors::kind.eq(connectors::kind)).execute(self.conn)?;
        let last: Option<i32> = mapping_versions::table
            .filter(mapping_versions::tenant_id.eq(self.tenant))
            .filter(mapping_versions::connector_id.eq(new.connector_id.as_str()))
            .select(diesel::dsl::max(mapping_versions::version))
            .first(self.conn)?;
        let version = last.unwrap_or(0).saturating_add(1);
        let raw = MappingVersion {
            connector_id: new.connector_id.clone(),
            version,
            plugin_digest: new.plugin_digest.clone(),
            configuration: new.configuration.clone(),
            author: new.author.clone(),
            note: new.note.clone(),
            created_at: new.created_at,
        }
        .raw(self.tenant);
        insert_new!(self.conn, mapping_versions, &raw)?;
        Ok(version)
    }

    /// Makes a version the one that sign-ins use.
    pub fn activate(&mut self, connector: &ConnectorId, version: i32) -> StorageResult<()> {
        let row = (
            active_mappings::tenant_id.eq(self.tenant),
            active_mappings::connector_id.eq(connector.as_str()),
            active_mappings::version.eq(version),
        );
        let key = (active_mappings::tenant_id, active_mappings::connector_id);
        per_backend!(self.conn, |c| {
            diesel::insert_into(active_mappings::table)
                .values(row)
                .on_conflict(key)
                .do_update()
                .set(active_mappings::version.eq(version))
                .execute(c)
        })?;
        Ok(())
    }

    /// The version that sign-ins use.
    pub fn active(&mut self, connector: &ConnectorId) -> StorageResult<Option<MappingVersion>> {
        let same = active_mappings::tenant_id
            .eq(mapping_versions::tenant_id)
            .and(active_mappings::connector_id.eq(mapping_versions::connector_id))
            .and(active_mappings::version.eq(mapping_versions::version));
        let query = mapping_versions::table
            .inner_join(active_mappings::table.on(same))
            .filter(mapping_versions::tenant_id.eq(self.tenant))
            .filter(mapping_versions::connector_id.eq(connector.as_str()));
        let raw = query.select(MappingVersion::COLUMNS).first(self.conn).optional()?;
        MappingVersion::read_option(raw)
    }

    /// One version.
    pub fn find(
        &mut self,
        connector: &ConnectorId,
        version: i32,
    ) -> StorageResult<Option<MappingVersion>> {
        let query = mapping_versions::table.find((self.tenant, connector.as_str(), version));
        let raw = query.select(MappingVersion::COLUMNS).first(self.conn).optional()?;
        MappingVersion::read_option(raw)
    }

    /// All versions of a connector, the newest first.
    pub fn list(&mut self, connector: &ConnectorId) -> StorageResult<Vec<MappingVersion>> {
        let query = mapping_versions::table
            .filter(mapping_versions::tenant_id.eq(self.tenant))
            .filter(mapping_versions::connector_id.eq(connector.as_str()))
            .order(mapping_versions::version.desc());
        MappingVersion::read_all(query.select(MappingVersion::COLUMNS).load(self.conn)?)
    }
}
