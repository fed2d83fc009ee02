//! Mapping plugins, kept by the digest of their bytes.

use chrono::{DateTime, Utc};
use diesel::dsl::exists;
use diesel::prelude::*;
use serde_json::Value;
use symbolon_contract::PluginDigest;

use crate::error::StorageResult;
use crate::schema::{mapping_history, plugins};
use crate::tenant::accessor;
use crate::types::{Row as _, row, text_enum};
use crate::upsert::insert_or_ignore;

text_enum! {
    /// What the calls of a plugin may cost.
    PluginClass {
        /// For rules, Rust, C and QuickJS.
        Standard = "standard",
        /// For the heavy languages; the operator permits it to a tenant.
        Large = "large",
    }
}

row! {
    /// A plugin without its bytes.
    PluginSummary in plugins [digest] {
        /// SHA-256 of the bytes.
        digest: PluginDigest,
        /// The name that the plugin gives itself.
        name: String,
        /// What the plugin says about itself. Typed by the domain.
        description: Option<Value>,
        /// What its calls may cost.
        class: PluginClass,
        /// Who uploaded it.
        author: Option<String>,
        /// The key of its signature.
        signed_by: Option<String>,
        /// What the check of its bytes found. Typed by the domain.
        inspection: Option<Value>,
        /// When it was uploaded.
        created_at: DateTime<Utc>,
    }
}

accessor! {
    /// The plugins of one tenant.
    Plugins
}

impl Plugins<'_> {
    /// The bytes of a plugin.
    pub fn find(&mut self, digest: &PluginDigest) -> StorageResult<Option<Vec<u8>>> {
        let query = plugins::table.find((self.tenant, digest.as_str())).select(plugins::component);
        Ok(query.first(self.conn).optional()?)
    }

    /// Keeps a plugin with all that is known about it. The same bytes twice are one plugin: false when it was
    /// there already, and then nothing is changed.
    pub fn add(&mut self, plugin: &PluginSummary, component: &[u8]) -> StorageResult<bool> {
        let raw = plugin.raw(self.tenant);
        insert_or_ignore!(self.conn, plugins, (&raw, plugins::component.eq(component)))
    }

    /// What is known about a plugin.
    pub fn summary(&mut self, digest: &PluginDigest) -> StorageResult<Option<PluginSummary>> {
        let query = plugins::table.find((self.tenant, digest.as_str()));
        let raw = query.select(PluginSummary::COLUMNS).first(self.conn).optional()?;
        PluginSummary::read_option(raw)
    }

    /// All plugins without their bytes, the newest first.
    pub fn list(&mut self) -> StorageResult<Vec<PluginSummary>> {
        let query = plugins::table
            .filter(plugins::tenant_id.eq(self.tenant))
            .order((plugins::created_at.desc(), plugins::digest));
        PluginSummary::read_all(query.select(PluginSummary::COLUMNS).load(self.conn)?)
    }

    /// How many there are.
    pub fn count(&mut self) -> StorageResult<i64> {
        let own = plugins::table.filter(plugins::tenant_id.eq(self.tenant));
        Ok(own.count().get_result(self.conn)?)
    }

    /// Forgets a plugin. False when a kept version of a mapping names it, or when there is no such plugin.
    pub fn delete_unused(&mut self, digest: &PluginDigest) -> StorageResult<bool> {
        // Holds the row, as somebody who adds a version does: either we see that version, or it comes later.
        let plugin = plugins::table.find((self.tenant, digest.as_str()));
        diesel::update(plugin).set(plugins::name.eq(plugins::name)).execute(self.conn)?;
        let used = mapping_history::table
            .filter(mapping_history::tenant_id.eq(self.tenant))
            .filter(mapping_history::plugin_digest.eq(digest.as_str()));
        if diesel::select(exists(used)).get_result::<bool>(self.conn)? {
            return Ok(false);
        }
        Ok(diesel::delete(plugin).execute(self.conn)? == 1)
    }
}
