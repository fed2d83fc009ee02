//! Mapping plugins, kept by the digest of their bytes.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use symbolon_contract::PluginDigest;

use crate::error::StorageResult;
use crate::schema::plugins;
use crate::tenant::accessor;
use crate::types::{Row as _, column, row};
use crate::upsert::insert_or_ignore;

row! {
    /// A plugin with its bytes.
    Plugin in plugins [digest] {
        /// SHA-256 of the bytes.
        digest: PluginDigest,
        /// The name that the plugin gives itself.
        name: String,
        /// The component.
        component: Vec<u8>,
        /// When it was uploaded.
        created_at: DateTime<Utc>,
    }
}

/// A plugin without its bytes, for lists.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PluginSummary {
    /// SHA-256 of the bytes.
    pub digest: PluginDigest,
    /// The name that the plugin gives itself.
    pub name: String,
    /// When it was uploaded.
    pub created_at: DateTime<Utc>,
}

accessor! {
    /// The plugins of one tenant.
    Plugins
}

impl Plugins<'_> {
    /// Keeps a plugin. The same bytes twice are one plugin: false when it was there already.
    pub fn insert(&mut self, plugin: &Plugin) -> StorageResult<bool> {
        insert_or_ignore!(self.conn, plugins, &plugin.raw(self.tenant))
    }

    /// The bytes of a plugin.
    pub fn find(&mut self, digest: &PluginDigest) -> StorageResult<Option<Vec<u8>>> {
        let query = plugins::table.find((self.tenant, digest.as_str())).select(plugins::component);
        Ok(query.first(self.conn).optional()?)
    }

    /// All plugins without their bytes, the newest first.
    pub fn list(&mut self) -> StorageResult<Vec<PluginSummary>> {
        let query = plugins::table
            .filter(plugins::tenant_id.eq(self.tenant))
            .order((plugins::created_at.desc(), plugins::digest))
            .select((plugins::digest, plugins::name, plugins::created_at));
        let raws: Vec<(String, String, chrono::NaiveDateTime)> = query.load(self.conn)?;
        raws.into_iter()
            .map(|(digest, name, created_at)| {
                Ok(PluginSummary {
                    digest: column(Plugin::TABLE, "digest", digest)?,
                    name,
                    created_at: created_at.and_utc(),
                })
            })
            .collect()
    }
}
