//! The operator's library of approved plugins, and which tenant has enabled which of them.

use chrono::{DateTime, NaiveDateTime, Utc};
use diesel::dsl::exists;
use diesel::prelude::*;
use serde_json::Value;
use symbolon_contract::PluginDigest;

use crate::any_connection::AnyConnection;
use crate::error::StorageResult;
use crate::operator::Operator;
use crate::plugins::PluginClass;
use crate::schema::{library_plugins, tenant_library};
use crate::tenant::accessor;
use crate::types::{Row as _, column, row, utc};
use crate::upsert::insert_or_ignore;

row! { global
    /// A plugin of the library without its bytes.
    LibraryPlugin in library_plugins [digest] {
        /// SHA-256 of the bytes.
        digest: PluginDigest,
        /// What the operator calls it.
        name: String,
        /// What the plugin says about itself. Typed by the domain.
        description: Option<Value>,
        /// What its calls may cost.
        class: PluginClass,
        /// What the check of its bytes found. Typed by the domain.
        inspection: Option<Value>,
        /// The key of its signature.
        signed_by: Option<String>,
        /// When it was added.
        created_at: DateTime<Utc>,
        /// Since when nobody can use it any more.
        retired_at: Option<DateTime<Utc>>,
    }
}

/// A plugin of the library that a tenant has enabled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EnabledPlugin {
    /// The plugin. One that is retired cannot be used, though it is enabled.
    pub plugin: LibraryPlugin,
    /// Since when it is enabled.
    pub enabled_at: DateTime<Utc>,
    /// By whom.
    pub enabled_by: String,
}

/// The library, as its owner sees it.
pub struct Library<'a> {
    conn: &'a mut AnyConnection,
}

impl Operator<'_> {
    /// The library of approved plugins.
    pub fn library(&mut self) -> Library<'_> {
        Library { conn: self.conn }
    }
}

impl Library<'_> {
    /// Keeps a plugin. The same bytes twice are one plugin: false when it was there already, and then nothing
    /// is changed.
    pub fn insert(&mut self, plugin: &LibraryPlugin, component: &[u8]) -> StorageResult<bool> {
        let raw = plugin.raw("");
        insert_or_ignore!(
            self.conn,
            library_plugins,
            (&raw, library_plugins::component.eq(component))
        )
    }

    /// The bytes of a plugin, also when it is retired.
    pub fn find(&mut self, digest: &PluginDigest) -> StorageResult<Option<Vec<u8>>> {
        let query = library_plugins::table.find(digest.as_str());
        Ok(query.select(library_plugins::component).first(self.conn).optional()?)
    }

    /// All plugins, the newest first.
    pub fn list(&mut self) -> StorageResult<Vec<LibraryPlugin>> {
        let query = library_plugins::table
            .order((library_plugins::created_at.desc(), library_plugins::digest));
        LibraryPlugin::read_all(query.select(LibraryPlugin::COLUMNS).load(self.conn)?)
    }

    /// From now on nobody can use it, whoever has enabled it. False when it is retired already, or unknown.
    pub fn retire(&mut self, digest: &PluginDigest, at: DateTime<Utc>) -> StorageResult<bool> {
        let target = library_plugins::table
            .find(digest.as_str())
            .filter(library_plugins::retired_at.is_null());
        let set = library_plugins::retired_at.eq(Some(utc(&at)));
        Ok(diesel::update(target).set(set).execute(self.conn)? == 1)
    }
}

accessor! {
    /// The library, as one tenant sees it.
    TenantLibrary
}

impl TenantLibrary<'_> {
    /// Enables a plugin. True when it is enabled now, also when it was before; false when the library does not
    /// offer it (any more).
    pub fn enable(
        &mut self,
        digest: &PluginDigest,
        by: &str,
        at: DateTime<Utc>,
    ) -> StorageResult<bool> {
        let on_offer = library_plugins::table
            .find(digest.as_str())
            .filter(library_plugins::retired_at.is_null());
        if !diesel::select(exists(on_offer)).get_result::<bool>(self.conn)? {
            return Ok(false);
        }
        insert_or_ignore!(
            self.conn,
            tenant_library,
            (
                tenant_library::tenant_id.eq(self.tenant),
                tenant_library::digest.eq(digest.as_str()),
                tenant_library::enabled_at.eq(utc(&at)),
                tenant_library::enabled_by.eq(by),
            )
        )?;
        Ok(true)
    }

    /// False when it was not enabled.
    pub fn disable(&mut self, digest: &PluginDigest) -> StorageResult<bool> {
        let target = tenant_library::table.find((self.tenant, digest.as_str()));
        Ok(diesel::delete(target).execute(self.conn)? == 1)
    }

    /// What the library offers to every tenant, the newest first.
    pub fn offered(&mut self) -> StorageResult<Vec<LibraryPlugin>> {
        let query = library_plugins::table
            .filter(library_plugins::retired_at.is_null())
            .order((library_plugins::created_at.desc(), library_plugins::digest));
        LibraryPlugin::read_all(query.select(LibraryPlugin::COLUMNS).load(self.conn)?)
    }

    /// What the tenant has enabled, the last enabled first, retired ones included.
    pub fn list(&mut self) -> StorageResult<Vec<EnabledPlugin>> {
        let query = tenant_library::table
            .inner_join(library_plugins::table)
            .filter(tenant_library::tenant_id.eq(self.tenant))
            .order((tenant_library::enabled_at.desc(), tenant_library::digest))
            .select((
                LibraryPlugin::COLUMNS,
                tenant_library::enabled_at,
                tenant_library::enabled_by,
            ));
        let raws: Vec<(_, NaiveDateTime, String)> = query.load(self.conn)?;
        raws.into_iter()
            .map(|(plugin, enabled_at, enabled_by)| {
                let (plugin, enabled_at) = (LibraryPlugin::read(plugin)?, enabled_at.and_utc());
                Ok(EnabledPlugin { plugin, enabled_at, enabled_by })
            })
            .collect()
    }

    /// Whether the tenant can use it: enabled, and not retired.
    pub fn is_enabled(&mut self, digest: &PluginDigest) -> StorageResult<bool> {
        let usable = tenant_library::table
            .inner_join(library_plugins::table)
            .filter(tenant_library::tenant_id.eq(self.tenant))
            .filter(tenant_library::digest.eq(digest.as_str()))
            .filter(library_plugins::retired_at.is_null());
        Ok(diesel::select(exists(usable)).get_result(self.conn)?)
    }

    /// The class and the bytes of a plugin that the tenant can use: enabled, and not retired.
    pub fn find(&mut self, digest: &PluginDigest) -> StorageResult<Option<(PluginClass, Vec<u8>)>> {
        let found: Option<(String, Vec<u8>)> = tenant_library::table
            .inner_join(library_plugins::table)
            .filter(tenant_library::tenant_id.eq(self.tenant))
            .filter(tenant_library::digest.eq(digest.as_str()))
            .filter(library_plugins::retired_at.is_null())
            .select((library_plugins::class, library_plugins::component))
            .first(self.conn)
            .optional()?;
        let Some((class, component)) = found else { return Ok(None) };
        Ok(Some((column(LibraryPlugin::TABLE, "class", class)?, component)))
    }
}
