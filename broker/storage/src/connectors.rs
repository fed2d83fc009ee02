//! Configured upstreams: one typed JSON column for what differs between kinds.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use serde_json::Value;
use symbolon_contract::ConnectorId;

use crate::error::StorageResult;
use crate::schema::connectors;
use crate::tenant::{accessor, exactly_one};
use crate::types::{Row as _, row, text_enum};
use crate::upsert::insert_new;

text_enum! {
    /// For whom a connector is open.
    ConnectorMode {
        /// For nobody.
        Off = "off",
        /// For test sign-ins of admins.
        Test = "test",
        /// For named people.
        Pilot = "pilot",
        /// For everybody, beside other ways in.
        On = "on",
        /// For everybody, and no password beside it.
        Enforced = "enforced",
    }
}

row! {
    /// A configured upstream.
    Connector in connectors [id] {
        /// Its readable id, also its place in the callback URL.
        id: ConnectorId,
        /// `oidc`, `entra` or `saml`.
        kind: String,
        /// The name on the button.
        display_name: String,
        /// For whom it is open.
        mode: ConnectorMode,
        /// Typed by the domain.
        settings: Value,
        /// The version of the settings: moves only when they change, see [`crate::ConnectorVersion`].
        settings_version: i32,
        /// Counts the changes of the row.
        version: i32,
        /// When it was made.
        created_at: DateTime<Utc>,
        /// When it was last changed.
        updated_at: DateTime<Utc>,
    }
}

accessor! {
    /// The connectors of one tenant.
    Connectors
}

impl Connectors<'_> {
    /// Keeps a new connector.
    pub fn insert(&mut self, connector: &Connector) -> StorageResult<()> {
        insert_new!(self.conn, connectors, &connector.raw(self.tenant))
    }

    /// One connector.
    pub fn find(&mut self, id: &ConnectorId) -> StorageResult<Option<Connector>> {
        let query = connectors::table.find((self.tenant, id.as_str()));
        let raw = query.select(Connector::COLUMNS).first(self.conn).optional()?;
        Connector::read_option(raw)
    }

    /// All connectors, in the order of their ids.
    pub fn list(&mut self) -> StorageResult<Vec<Connector>> {
        let query =
            connectors::table.filter(connectors::tenant_id.eq(self.tenant)).order(connectors::id);
        Connector::read_all(query.select(Connector::COLUMNS).load(self.conn)?)
    }

    /// Overwrites a connector that still has the expected version, and counts the version on.
    pub fn update(&mut self, connector: &Connector, expected_version: i32) -> StorageResult<()> {
        let mut raw = connector.raw(self.tenant);
        raw.version = expected_version.saturating_add(1);
        let target = connectors::table
            .find((self.tenant, connector.id.as_str()))
            .filter(connectors::version.eq(expected_version));
        exactly_one(diesel::update(target).set(&raw).execute(self.conn)?)
    }
}
