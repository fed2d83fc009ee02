//! The mapping of one target, a connector or an application: versions that never change. Which of them is in
//! use is `mapping_state`.

use chrono::{DateTime, Utc};
use diesel::dsl::{exists, max};
use diesel::prelude::*;
use serde_json::Value;
use symbolon_contract::{ApplicationId, ConnectorId, PluginDigest};

use crate::any_connection::AnyConnection;
use crate::error::StorageResult;
use crate::mapping_state::MappingState;
use crate::schema::{mapping_history, mapping_states, plugins};
use crate::tenant::TenantRows;
use crate::types::{Row as _, row, text_enum};
use crate::upsert::insert_new;

text_enum! {
    /// What is mapped.
    MappingTargetKind {
        /// A connector: what comes in, into the user.
        Connector = "connector",
        /// An application: what goes out, into its token or assertion.
        Application = "application",
    }
}

/// Whose mapping: a connector's or an application's.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct MappingTarget {
    /// Which of the two.
    pub kind: MappingTargetKind,
    /// Its id.
    pub id: String,
}

impl MappingTarget {
    /// The mapping of a connector.
    #[must_use]
    pub fn connector(id: &ConnectorId) -> Self {
        Self { kind: MappingTargetKind::Connector, id: id.as_str().to_owned() }
    }

    /// The mapping of an application.
    #[must_use]
    pub fn application(id: &ApplicationId) -> Self {
        Self { kind: MappingTargetKind::Application, id: id.as_str().to_owned() }
    }

    /// Whether it is what goes out.
    #[must_use]
    pub fn is_application(&self) -> bool {
        self.kind == MappingTargetKind::Application
    }
}

row! {
    /// One kept version of a mapping: which plugin, with which configuration.
    MappingVersion in mapping_history [target_kind, target_id, version] {
        /// What is mapped.
        target_kind: MappingTargetKind,
        /// The connector or the application.
        target_id: String,
        /// 1, 2, 3, ... for each target.
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
        /// What came of its last trial. Typed by the domain.
        trial: Option<Value>,
    }
}

impl MappingVersion {
    /// Whose mapping it is a version of.
    #[must_use]
    pub fn target(&self) -> MappingTarget {
        MappingTarget { kind: self.target_kind, id: self.target_id.clone() }
    }
}

/// A version that has no number yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewMappingVersion {
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

/// What a sign-in needs to know, by one query.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ActiveVersion {
    /// The version that sign-ins use.
    pub version: MappingVersion,
    /// How the target's mapping is.
    pub state: MappingState,
}

/// The mapping of one target of one tenant.
pub struct MappingRows<'a> {
    pub(crate) conn: &'a mut AnyConnection,
    pub(crate) tenant: &'a str,
    pub(crate) target: &'a MappingTarget,
}

impl TenantRows<'_> {
    /// The mapping of one target.
    pub fn mapping<'b>(&'b mut self, target: &'b MappingTarget) -> MappingRows<'b> {
        MappingRows { conn: self.conn, tenant: self.tenant, target }
    }
}

impl MappingRows<'_> {
    /// Keeps a version under the next number of its target, and returns that number.
    pub fn add_version(&mut self, new: &NewMappingVersion) -> StorageResult<i32> {
        // Authors on PostgreSQL queue up here instead of taking one number, and so does who wants to delete
        // the plugin.
        self.held()?;
        let plugin = plugins::table.find((self.tenant, new.plugin_digest.as_str()));
        diesel::update(plugin).set(plugins::name.eq(plugins::name)).execute(self.conn)?;
        let last: Option<i32> = mapping_history::table
            .filter(mapping_history::tenant_id.eq(self.tenant))
            .filter(mapping_history::target_kind.eq(self.target.kind.as_str()))
            .filter(mapping_history::target_id.eq(&self.target.id))
            .select(max(mapping_history::version))
            .first(self.conn)?;
        let version = last.unwrap_or(0).saturating_add(1);
        let raw = MappingVersion {
            target_kind: self.target.kind,
            target_id: self.target.id.clone(),
            version,
            plugin_digest: new.plugin_digest.clone(),
            configuration: new.configuration.clone(),
            author: new.author.clone(),
            note: new.note.clone(),
            created_at: new.created_at,
            trial: None,
        }
        .raw(self.tenant);
        insert_new!(self.conn, mapping_history, &raw)?;
        Ok(version)
    }

    /// One version.
    pub fn find(&mut self, version: i32) -> StorageResult<Option<MappingVersion>> {
        let query = mapping_history::table.find(self.key(version)).select(MappingVersion::COLUMNS);
        MappingVersion::read_option(query.first(self.conn).optional()?)
    }

    /// All kept versions, the newest first.
    pub fn list(&mut self) -> StorageResult<Vec<MappingVersion>> {
        let query = mapping_history::table
            .filter(mapping_history::tenant_id.eq(self.tenant))
            .filter(mapping_history::target_kind.eq(self.target.kind.as_str()))
            .filter(mapping_history::target_id.eq(&self.target.id))
            .order(mapping_history::version.desc());
        MappingVersion::read_all(query.select(MappingVersion::COLUMNS).load(self.conn)?)
    }

    /// The version that sign-ins use, and how the mapping is.
    pub fn active(&mut self) -> StorageResult<Option<ActiveVersion>> {
        let same = mapping_states::tenant_id
            .eq(mapping_history::tenant_id)
            .and(mapping_states::target_kind.eq(mapping_history::target_kind))
            .and(mapping_states::target_id.eq(mapping_history::target_id))
            .and(mapping_states::active_version.eq(mapping_history::version.nullable()));
        let query = mapping_history::table
            .inner_join(mapping_states::table.on(same))
            .filter(mapping_states::tenant_id.eq(self.tenant))
            .filter(mapping_states::target_kind.eq(self.target.kind.as_str()))
            .filter(mapping_states::target_id.eq(&self.target.id))
            .select((MappingVersion::COLUMNS, MappingState::COLUMNS));
        let Some((version, state)) = query.first(self.conn).optional()? else { return Ok(None) };
        Ok(Some(ActiveVersion {
            version: MappingVersion::read(version)?,
            state: MappingState::read(state)?,
        }))
    }

    /// Keeps what came of the last trial of a version. False when there is no such version.
    pub fn set_trial(&mut self, version: i32, trial: &Value) -> StorageResult<bool> {
        let rows = diesel::update(mapping_history::table.find(self.key(version)))
            .set(mapping_history::trial.eq(Some(trial.to_string())))
            .execute(self.conn)?;
        Ok(rows == 1)
    }

    /// Deletes the oldest versions beyond `keep`. Those that are active, previous or shadow stay, whatever
    /// their age. Says how many went.
    pub fn prune(&mut self, keep: usize) -> StorageResult<usize> {
        let Some(state) = self.held_if_any()? else { return Ok(0) };
        let in_use = [state.active_version, state.previous_version, state.shadow_version];
        let versions: Vec<i32> = mapping_history::table
            .filter(mapping_history::tenant_id.eq(self.tenant))
            .filter(mapping_history::target_kind.eq(self.target.kind.as_str()))
            .filter(mapping_history::target_id.eq(&self.target.id))
            .order(mapping_history::version.desc())
            .select(mapping_history::version)
            .load(self.conn)?;
        let mut pruned = 0;
        for version in versions.into_iter().skip(keep).filter(|v| !in_use.contains(&Some(*v))) {
            let target = mapping_history::table.find(self.key(version));
            pruned += diesel::delete(target).execute(self.conn)?;
        }
        Ok(pruned)
    }

    /// Whether there is such a version.
    pub(crate) fn has(&mut self, version: i32) -> StorageResult<bool> {
        let row = mapping_history::table.find(self.key(version));
        Ok(diesel::select(exists(row)).get_result(self.conn)?)
    }
}

impl<'a> MappingRows<'a> {
    fn key(&self, version: i32) -> (&'a str, &'a str, &'a str, i32) {
        (self.tenant, self.target.kind.as_str(), &self.target.id, version)
    }
}
