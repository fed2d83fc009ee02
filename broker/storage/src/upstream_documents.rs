//! What upstreams publish, kept: the last good copy of a connector's metadata, for every node.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use serde_json::Value;
use symbolon_contract::ConnectorId;

use crate::error::StorageResult;
use crate::schema::upstream_documents;
use crate::tenant::accessor;
use crate::types::{Row as _, row};
use crate::upsert::upsert;

row! {
    /// What an upstream published last.
    UpstreamDocument in upstream_documents [connector_id] {
        /// The connector.
        connector_id: ConnectorId,
        /// The version of the settings that it was fetched for; a copy for other settings is of no use.
        settings_version: i32,
        /// The last good copy. Typed by the domain.
        content: Option<Value>,
        /// When that copy was fetched.
        fetched_at: Option<DateTime<Utc>>,
        /// Until when the upstream vouches for it.
        valid_until: Option<DateTime<Utc>>,
        /// When it was last asked for.
        checked_at: DateTime<Utc>,
        /// Why the last attempt gave nothing better. Typed by the domain.
        failure: Option<Value>,
    }
}

accessor! {
    /// The documents of the upstreams of one tenant.
    UpstreamDocuments
}

impl UpstreamDocuments<'_> {
    /// The document of one connector.
    pub fn find(&mut self, connector: &ConnectorId) -> StorageResult<Option<UpstreamDocument>> {
        let query = upstream_documents::table.find((self.tenant, connector.as_str()));
        let raw = query.select(UpstreamDocument::COLUMNS).first(self.conn).optional()?;
        UpstreamDocument::read_option(raw)
    }

    /// Keeps a document in place of the one before.
    pub fn put(&mut self, document: &UpstreamDocument) -> StorageResult<()> {
        upsert!(self.conn, upstream_documents(tenant_id, connector_id), &document.raw(self.tenant))
    }
}
