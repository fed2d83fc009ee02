//! How each connector is: what the last probe found, when its credential ends. One row a connector.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use serde_json::Value;
use symbolon_contract::ConnectorId;

use crate::error::StorageResult;
use crate::schema::connector_health;
use crate::tenant::accessor;
use crate::types::{Row as _, row, text_enum};
use crate::upsert::upsert;

text_enum! {
    /// Whether the upstream can be used, as far as we know.
    HealthState {
        /// The last probe succeeded.
        Connected = "connected",
        /// The last probe failed.
        Disconnected = "disconnected",
        /// There was no probe yet.
        Unknown = "unknown",
    }
}

row! {
    /// How a connector is.
    ConnectorHealth in connector_health [connector_id] {
        /// The connector.
        connector_id: ConnectorId,
        /// Whether it can be used.
        state: HealthState,
        /// When it was last probed.
        checked_at: Option<DateTime<Utc>>,
        /// What the probe found. Typed by the domain.
        report: Option<Value>,
        /// When the credential was last tried.
        credential_checked_at: Option<DateTime<Utc>>,
        /// When the credential ends, as the upstream says.
        credential_expires_at: Option<DateTime<Utc>>,
        /// The warning that was last given: so many days before the end.
        warned_days: Option<i32>,
        /// What last went wrong. Typed by the domain.
        last_error: Option<Value>,
        /// When it last worked.
        last_success_at: Option<DateTime<Utc>>,
    }
}

accessor! {
    /// The health of the connectors of one tenant.
    ConnectorHealths
}

impl ConnectorHealths<'_> {
    /// How one connector is; `None` before its first probe.
    pub fn find(&mut self, connector: &ConnectorId) -> StorageResult<Option<ConnectorHealth>> {
        let query = connector_health::table.find((self.tenant, connector.as_str()));
        let raw = query.select(ConnectorHealth::COLUMNS).first(self.conn).optional()?;
        ConnectorHealth::read_option(raw)
    }

    /// How all connectors are, in the order of their ids.
    pub fn list(&mut self) -> StorageResult<Vec<ConnectorHealth>> {
        let query = connector_health::table
            .filter(connector_health::tenant_id.eq(self.tenant))
            .order(connector_health::connector_id);
        ConnectorHealth::read_all(query.select(ConnectorHealth::COLUMNS).load(self.conn)?)
    }

    /// Keeps how a connector is, in place of what was kept before.
    pub fn put(&mut self, health: &ConnectorHealth) -> StorageResult<()> {
        upsert!(self.conn, connector_health(tenant_id, connector_id), &health.raw(self.tenant))
    }
}
