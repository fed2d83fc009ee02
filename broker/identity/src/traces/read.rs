//! Records are read back: one, or thousands a page at a time.

use std::collections::VecDeque;

use chrono::{DateTime, Utc};
use secrecy::ExposeSecret;
use symbolon_contract::{ConnectorId, ReasonCode, TenantId};
use symbolon_storage::{
    RecordedFilter, RecordedSignIn as Row, RecordedSummary, StorageError, StorageResult,
};
use thiserror::Error;

use super::content::{FORMAT, RecordedFacts, RecordedSignIn};
use crate::broker::Broker;
use crate::mapping::MappingInput;
use crate::secrets::{Purpose, SecretsError};

/// Records that are in memory at once while many are read.
const PAGE: usize = 500;

/// Why a record cannot be read.
#[derive(Debug, Error)]
pub enum TracesError {
    /// Written by a later version of the broker.
    #[error("record {id} has format {format}; this version reads up to {FORMAT}")]
    Newer {
        /// The record.
        id: String,
        /// Its format.
        format: u64,
    },
    /// Not what was sealed.
    #[error("record {id} cannot be read: {why}")]
    Unreadable {
        /// The record.
        id: String,
        /// Why.
        why: String,
    },
    /// It does not open.
    #[error(transparent)]
    Secrets(#[from] SecretsError),
    /// The database failed.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

impl TracesError {
    /// The catalogue's code.
    #[must_use]
    pub fn reason(&self) -> ReasonCode {
        match self {
            Self::Newer { .. } | Self::Unreadable { .. } => ReasonCode::ServerInternal,
            Self::Secrets(error) => error.reason(),
            Self::Storage(error) => crate::storage_reason(error),
        }
    }
}

/// Opens a record.
pub(crate) async fn open(
    broker: &Broker,
    tenant: &TenantId,
    row: &Row,
) -> Result<RecordedSignIn, TracesError> {
    let (id, purpose) = (row.id.clone(), Purpose::RecordedSignIn);
    let opened = broker.secrets.open_text(tenant, purpose, &id, &row.sealed).await?;
    let unreadable = |error: serde_json::Error| TracesError::Unreadable {
        id: id.clone(),
        why: error.to_string(),
    };
    let value: serde_json::Value =
        serde_json::from_str(opened.expose_secret()).map_err(unreadable)?;
    match value.get("format").and_then(serde_json::Value::as_u64) {
        Some(format) if format > u64::from(FORMAT) => Err(TracesError::Newer { id, format }),
        _ => serde_json::from_value(value).map_err(unreadable),
    }
}

/// What a row tells without being opened.
pub(crate) fn facts(row: RecordedSummary) -> RecordedFacts {
    RecordedFacts {
        id: row.id,
        connector: row.connector_id,
        at: row.at,
        trace: row.trace_id,
        user: row.user_id,
        outcome: row.outcome,
        reason: row.reason,
        mapping_version: row.mapping_version,
        expires_at: row.expires_at,
    }
}

/// A recorded sign-in, to be asked about again.
#[derive(Debug, Clone, PartialEq)]
pub struct RecordedInput {
    /// What is known of it.
    pub facts: RecordedFacts,
    /// What the mapping was asked about, as far as it was kept.
    pub input: MappingInput,
}

/// The newest records of a connector, read a page at a time, so that 10,000 of them need little memory.
#[derive(Debug)]
pub struct RecordedInputs {
    tenant: TenantId,
    left: VecDeque<RecordedFacts>,
}

impl RecordedInputs {
    /// The newest `limit` records that are not expired.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn newest(
        broker: &Broker,
        tenant: &TenantId,
        connector: &ConnectorId,
        limit: usize,
    ) -> StorageResult<Self> {
        let filter = RecordedFilter {
            before: None,
            after: None,
            user: None,
            outcome: None,
            limit: i64::try_from(limit).unwrap_or(i64::MAX),
        };
        let (of, connector, now) = (tenant.clone(), connector.clone(), broker.clock.now());
        let rows = broker
            .database
            .read(move |conn| conn.tenant(&of).recorded_sign_ins().list(&connector, &filter))
            .await?;
        let alive = rows.into_iter().filter(|row| is_alive(row.expires_at, now));
        Ok(Self { tenant: tenant.clone(), left: alive.map(facts).collect() })
    }

    /// How many are still to come, at most.
    #[must_use]
    pub fn left(&self) -> usize {
        self.left.len()
    }

    /// The next page, the newest first; empty at the end. Records that were deleted meanwhile are left out, and
    /// so are, with a word in the log, those that cannot be read.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn next_page(&mut self, broker: &Broker) -> Result<Vec<RecordedInput>, TracesError> {
        let mut inputs = Vec::new();
        while inputs.is_empty() && !self.left.is_empty() {
            let page: Vec<_> = self.left.drain(..PAGE.min(self.left.len())).collect();
            inputs = self.read(broker, page).await?;
        }
        Ok(inputs)
    }

    async fn read(
        &self,
        broker: &Broker,
        page: Vec<RecordedFacts>,
    ) -> Result<Vec<RecordedInput>, TracesError> {
        let tenant = self.tenant.clone();
        let rows = broker
            .database
            .read(move |conn| {
                let mut rows = conn.tenant(&tenant);
                let mut recorded = rows.recorded_sign_ins();
                page.into_iter()
                    .map(|facts| Ok((recorded.find(&facts.id)?, facts)))
                    .collect::<StorageResult<Vec<_>>>()
            })
            .await?;
        let mut inputs = Vec::with_capacity(rows.len());
        for (row, facts) in rows {
            let Some(row) = row else { continue };
            match open(broker, &self.tenant, &row).await {
                Ok(recorded) => inputs.push(RecordedInput { facts, input: recorded.input }),
                Err(TracesError::Storage(error)) => return Err(error.into()),
                Err(error) => tracing::warn!(record = %row.id, %error, "left out of a replay"),
            }
        }
        Ok(inputs)
    }
}

/// Whether a record that the sweep has not reached yet still counts.
pub(crate) fn is_alive(expires_at: DateTime<Utc>, now: DateTime<Utc>) -> bool {
    now < expires_at
}
