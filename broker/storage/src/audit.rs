//! The audit chain of a tenant: numbered without gaps, each event with the hash of the one before.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use serde_json::Value;
use symbolon_contract::{ApplicationId, ConnectorId, SessionId, TraceId};

use crate::error::StorageResult;
use crate::schema::{audit_events, audit_heads};
use crate::tenant::accessor;
use crate::types::{Row as _, row, utc};
use crate::upsert::{insert_new, insert_or_ignore};

/// The hash before the first event: 64 zeros.
pub const GENESIS_HASH: &str = "0000000000000000000000000000000000000000000000000000000000000000";

/// The reserved tenant id of the operator's own chain. No tenant can have it.
pub const OPERATOR_CHAIN: &str = "operator";

row! {
    /// An audit event in its place.
    AuditEvent in audit_events [seq] {
        /// 1, 2, 3, ... for each tenant.
        seq: i64,
        /// Its id.
        id: String,
        /// When it happened.
        time: DateTime<Utc>,
        /// What happened, for example `user.sso_login`.
        event_type: String,
        /// `success` or `failure`.
        outcome: String,
        /// The reason code, where something was refused.
        reason: Option<String>,
        /// The connector.
        connector_id: Option<ConnectorId>,
        /// The application.
        application_id: Option<ApplicationId>,
        /// Who did it.
        actor: Value,
        /// To whom or what.
        target: Value,
        /// What else there is to know.
        details: Value,
        /// Ties it to the log and to the page that the person saw.
        trace_id: TraceId,
        /// The session.
        session_id: Option<SessionId>,
        /// The hash of the event before.
        prev_hash: String,
        /// The hash of this one.
        hash: String,
    }
}

/// An event that has no place yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewAuditEvent {
    /// Its id.
    pub id: String,
    /// When it happened.
    pub time: DateTime<Utc>,
    /// What happened, for example `user.sso_login`.
    pub event_type: String,
    /// `success` or `failure`.
    pub outcome: String,
    /// The reason code, where something was refused.
    pub reason: Option<String>,
    /// The connector.
    pub connector_id: Option<ConnectorId>,
    /// The application.
    pub application_id: Option<ApplicationId>,
    /// Who did it.
    pub actor: Value,
    /// To whom or what.
    pub target: Value,
    /// What else there is to know.
    pub details: Value,
    /// Ties it to the log and to the page that the person saw.
    pub trace_id: TraceId,
    /// The session.
    pub session_id: Option<SessionId>,
    /// The hash over the event, its number and the hash before.
    pub hash: String,
}

/// Which events.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditFilter {
    /// Only those with a greater number.
    pub after_seq: Option<i64>,
    /// Only those with a smaller number.
    pub before_seq: Option<i64>,
    /// Only those of this type.
    pub event_type: Option<String>,
    /// The newest first instead of the oldest.
    pub newest_first: bool,
    /// At most so many.
    pub limit: i64,
}

accessor! {
    /// The audit chain of one tenant.
    Audit
}

impl Audit<'_> {
    /// Appends an event: `make` gets its number and the hash before, and answers with the event and its hash.
    /// Only inside `Database::write`: the chain's head stays locked until the transaction ends.
    pub fn append(
        &mut self,
        make: impl FnOnce(i64, &str) -> NewAuditEvent,
    ) -> StorageResult<AuditEvent> {
        let (seq, prev_hash) = match self.next()? {
            Some(head) => head,
            None => {
                insert_or_ignore!(
                    self.conn,
                    audit_heads,
                    (
                        audit_heads::tenant_id.eq(self.tenant),
                        audit_heads::seq.eq(0_i64),
                        audit_heads::hash.eq(GENESIS_HASH),
                    )
                )?;
                self.next()?.ok_or(diesel::result::Error::NotFound)?
            }
        };
        let new = make(seq, &prev_hash);
        let event = AuditEvent {
            seq,
            id: new.id,
            time: new.time,
            event_type: new.event_type,
            outcome: new.outcome,
            reason: new.reason,
            connector_id: new.connector_id,
            application_id: new.application_id,
            actor: new.actor,
            target: new.target,
            details: new.details,
            trace_id: new.trace_id,
            session_id: new.session_id,
            prev_hash,
            hash: new.hash,
        };
        insert_new!(self.conn, audit_events, &event.raw(self.tenant))?;
        diesel::update(audit_heads::table.find(self.tenant))
            .set(audit_heads::hash.eq(&event.hash))
            .execute(self.conn)?;
        Ok(event)
    }

    /// Counts the head on. The update locks its row: a second writer on PostgreSQL waits here and then sees
    /// what the first one committed.
    fn next(&mut self) -> StorageResult<Option<(i64, String)>> {
        let head = diesel::update(audit_heads::table.find(self.tenant))
            .set(audit_heads::seq.eq(audit_heads::seq + 1))
            .returning((audit_heads::seq, audit_heads::hash))
            .get_result(self.conn)
            .optional()?;
        Ok(head)
    }

    /// Events, the oldest first unless the filter says otherwise.
    pub fn list(&mut self, filter: &AuditFilter) -> StorageResult<Vec<AuditEvent>> {
        let mut query = audit_events::table
            .filter(audit_events::tenant_id.eq(self.tenant))
            .limit(filter.limit)
            .select(AuditEvent::COLUMNS)
            .into_boxed();
        if let Some(seq) = filter.after_seq {
            query = query.filter(audit_events::seq.gt(seq));
        }
        if let Some(seq) = filter.before_seq {
            query = query.filter(audit_events::seq.lt(seq));
        }
        if let Some(event_type) = &filter.event_type {
            query = query.filter(audit_events::event_type.eq(event_type));
        }
        query = if filter.newest_first {
            query.order(audit_events::seq.desc())
        } else {
            query.order(audit_events::seq.asc())
        };
        AuditEvent::read_all(query.load(self.conn)?)
    }

    /// How many events of one type a connector has, at or after `since`.
    pub fn count_since(
        &mut self,
        event_type: &str,
        connector: &ConnectorId,
        since: DateTime<Utc>,
    ) -> StorageResult<i64> {
        let events = audit_events::table
            .filter(audit_events::tenant_id.eq(self.tenant))
            .filter(audit_events::connector_id.eq(connector.as_str()))
            .filter(audit_events::event_type.eq(event_type))
            .filter(audit_events::time.ge(utc(&since)));
        Ok(events.count().get_result(self.conn)?)
    }

    /// The newest event of one type that a connector has.
    pub fn last_of(
        &mut self,
        event_type: &str,
        connector: &ConnectorId,
    ) -> StorageResult<Option<AuditEvent>> {
        let query = audit_events::table
            .filter(audit_events::tenant_id.eq(self.tenant))
            .filter(audit_events::connector_id.eq(connector.as_str()))
            .filter(audit_events::event_type.eq(event_type))
            .order((audit_events::time.desc(), audit_events::seq.desc()));
        AuditEvent::read_option(query.select(AuditEvent::COLUMNS).first(self.conn).optional()?)
    }

    /// The newest event.
    pub fn last(&mut self) -> StorageResult<Option<AuditEvent>> {
        let query = audit_events::table
            .filter(audit_events::tenant_id.eq(self.tenant))
            .order(audit_events::seq.desc());
        AuditEvent::read_option(query.select(AuditEvent::COLUMNS).first(self.conn).optional()?)
    }
}
