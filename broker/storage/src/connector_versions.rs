//! Every version of the settings of a connector, with its author and the outcome of its test.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use serde_json::Value;
use symbolon_contract::ConnectorId;

use crate::error::StorageResult;
use crate::schema::connector_versions;
use crate::tenant::accessor;
use crate::types::{Row as _, row, utc};
use crate::upsert::insert_new;

row! {
    /// One version of the settings of a connector.
    ConnectorVersion in connector_versions [connector_id, version] {
        /// The connector.
        connector_id: ConnectorId,
        /// 1, 2, 3, ... for each connector.
        version: i32,
        /// Typed by the domain.
        settings: Value,
        /// Who saved it; `migration` for what was there before versions were kept.
        author: String,
        /// Why.
        note: Option<String>,
        /// When it was saved.
        created_at: DateTime<Utc>,
        /// When it was last tested.
        tested_at: Option<DateTime<Utc>>,
        /// `passed` or `failed`.
        test_outcome: Option<String>,
    }
}

accessor! {
    /// The versions of the connectors of one tenant.
    ConnectorVersions
}

impl ConnectorVersions<'_> {
    /// Keeps a new version; `Conflict` when the number is taken.
    pub fn insert(&mut self, version: &ConnectorVersion) -> StorageResult<()> {
        insert_new!(self.conn, connector_versions, &version.raw(self.tenant))
    }

    /// One version.
    pub fn find(
        &mut self,
        connector: &ConnectorId,
        version: i32,
    ) -> StorageResult<Option<ConnectorVersion>> {
        let query = connector_versions::table.find((self.tenant, connector.as_str(), version));
        let raw = query.select(ConnectorVersion::COLUMNS).first(self.conn).optional()?;
        ConnectorVersion::read_option(raw)
    }

    /// All versions of a connector, the newest first.
    pub fn list(&mut self, connector: &ConnectorId) -> StorageResult<Vec<ConnectorVersion>> {
        let query = connector_versions::table
            .filter(connector_versions::tenant_id.eq(self.tenant))
            .filter(connector_versions::connector_id.eq(connector.as_str()))
            .order(connector_versions::version.desc());
        ConnectorVersion::read_all(query.select(ConnectorVersion::COLUMNS).load(self.conn)?)
    }

    /// Notes the outcome of a test, `passed` or `failed`. False when there is no such version.
    pub fn set_tested(
        &mut self,
        connector: &ConnectorId,
        version: i32,
        at: DateTime<Utc>,
        outcome: &str,
    ) -> StorageResult<bool> {
        let target = connector_versions::table.find((self.tenant, connector.as_str(), version));
        let rows = diesel::update(target)
            .set((
                connector_versions::tested_at.eq(Some(utc(&at))),
                connector_versions::test_outcome.eq(Some(outcome)),
            ))
            .execute(self.conn)?;
        Ok(rows == 1)
    }
}
