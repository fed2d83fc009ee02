//! Recorded sign-ins, for replay: what came in and what was made of it, sealed and for a while only.

use chrono::{DateTime, NaiveDateTime, Utc};
use diesel::prelude::*;
use symbolon_contract::{ConnectorId, TraceId, UserId};

use crate::error::StorageResult;
use crate::operator::Operator;
use crate::schema::recorded_sign_ins;
use crate::tenant::accessor;
use crate::types::{Row as _, row, text_enum, utc};
use crate::upsert::insert_new;

text_enum! {
    /// How a recorded sign-in ended.
    RecordedOutcome {
        /// With a session.
        SignedIn = "signed_in",
        /// With a refusal.
        Refused = "refused",
    }
}

row! {
    /// A recorded sign-in.
    RecordedSignIn in recorded_sign_ins [id] {
        /// Its id.
        id: String,
        /// By which connector.
        connector_id: ConnectorId,
        /// When.
        at: DateTime<Utc>,
        /// Ties it to the log and to the audit trail.
        trace_id: TraceId,
        /// Who it was, where it came that far.
        user_id: Option<UserId>,
        /// How it ended.
        outcome: RecordedOutcome,
        /// The reason code of a refusal.
        reason: Option<String>,
        /// The version of the mapping that decided.
        mapping_version: Option<i32>,
        /// The claims before and after every step, sealed.
        sealed: String,
        /// When it is forgotten.
        expires_at: DateTime<Utc>,
    }
}

row! {
    /// A recorded sign-in without what is sealed, for lists.
    RecordedSummary in recorded_sign_ins [id] {
        /// Its id.
        id: String,
        /// By which connector.
        connector_id: ConnectorId,
        /// When.
        at: DateTime<Utc>,
        /// Ties it to the log and to the audit trail.
        trace_id: TraceId,
        /// Who it was, where it came that far.
        user_id: Option<UserId>,
        /// How it ended.
        outcome: RecordedOutcome,
        /// The reason code of a refusal.
        reason: Option<String>,
        /// The version of the mapping that decided.
        mapping_version: Option<i32>,
        /// When it is forgotten.
        expires_at: DateTime<Utc>,
    }
}

/// Which recorded sign-ins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordedFilter {
    /// Only those before this moment.
    pub before: Option<DateTime<Utc>>,
    /// Only those after this moment.
    pub after: Option<DateTime<Utc>>,
    /// Only those of this user.
    pub user: Option<UserId>,
    /// Only those that ended so.
    pub outcome: Option<RecordedOutcome>,
    /// At most so many.
    pub limit: i64,
}

accessor! {
    /// The recorded sign-ins of one tenant.
    RecordedSignIns
}

impl RecordedSignIns<'_> {
    /// Keeps a recorded sign-in; `Conflict` when the id is taken.
    pub fn insert(&mut self, recorded: &RecordedSignIn) -> StorageResult<()> {
        insert_new!(self.conn, recorded_sign_ins, &recorded.raw(self.tenant))
    }

    /// One recorded sign-in, also when it is expired.
    pub fn find(&mut self, id: &str) -> StorageResult<Option<RecordedSignIn>> {
        let query = recorded_sign_ins::table.find((self.tenant, id));
        let raw = query.select(RecordedSignIn::COLUMNS).first(self.conn).optional()?;
        RecordedSignIn::read_option(raw)
    }

    /// Those of a connector without what is sealed, the newest first.
    pub fn list(
        &mut self,
        connector: &ConnectorId,
        filter: &RecordedFilter,
    ) -> StorageResult<Vec<RecordedSummary>> {
        let mut query = recorded_sign_ins::table
            .filter(recorded_sign_ins::tenant_id.eq(self.tenant))
            .filter(recorded_sign_ins::connector_id.eq(connector.as_str()))
            .order((recorded_sign_ins::at.desc(), recorded_sign_ins::id.desc()))
            .limit(filter.limit)
            .select(RecordedSummary::COLUMNS)
            .into_boxed();
        if let Some(before) = &filter.before {
            query = query.filter(recorded_sign_ins::at.lt(utc(before)));
        }
        if let Some(after) = &filter.after {
            query = query.filter(recorded_sign_ins::at.gt(utc(after)));
        }
        if let Some(user) = &filter.user {
            query = query.filter(recorded_sign_ins::user_id.eq(Some(user.as_str())));
        }
        if let Some(outcome) = filter.outcome {
            query = query.filter(recorded_sign_ins::outcome.eq(outcome.as_str()));
        }
        RecordedSummary::read_all(query.load(self.conn)?)
    }

    /// The newest of a connector, whole, the newest first.
    pub fn load(
        &mut self,
        connector: &ConnectorId,
        limit: i64,
    ) -> StorageResult<Vec<RecordedSignIn>> {
        let query = recorded_sign_ins::table
            .filter(recorded_sign_ins::tenant_id.eq(self.tenant))
            .filter(recorded_sign_ins::connector_id.eq(connector.as_str()))
            .order((recorded_sign_ins::at.desc(), recorded_sign_ins::id.desc()))
            .limit(limit);
        RecordedSignIn::read_all(query.select(RecordedSignIn::COLUMNS).load(self.conn)?)
    }

    /// How many a connector has.
    pub fn count(&mut self, connector: &ConnectorId) -> StorageResult<i64> {
        let recorded = recorded_sign_ins::table
            .filter(recorded_sign_ins::tenant_id.eq(self.tenant))
            .filter(recorded_sign_ins::connector_id.eq(connector.as_str()));
        Ok(recorded.count().get_result(self.conn)?)
    }

    /// Forgets all but the newest `keep` of a connector. Says how many went.
    pub fn trim(&mut self, connector: &ConnectorId, keep: i64) -> StorageResult<usize> {
        let of_connector = recorded_sign_ins::tenant_id
            .eq(self.tenant)
            .and(recorded_sign_ins::connector_id.eq(connector.as_str()));
        let newest_too_many: Option<(NaiveDateTime, String)> = recorded_sign_ins::table
            .filter(of_connector)
            .order((recorded_sign_ins::at.desc(), recorded_sign_ins::id.desc()))
            .select((recorded_sign_ins::at, recorded_sign_ins::id))
            .offset(keep)
            .limit(1)
            .first(self.conn)
            .optional()?;
        let Some((at, id)) = newest_too_many else { return Ok(0) };
        let older = recorded_sign_ins::at
            .lt(at)
            .or(recorded_sign_ins::at.eq(at).and(recorded_sign_ins::id.le(id)));
        let target = recorded_sign_ins::table.filter(of_connector).filter(older);
        Ok(diesel::delete(target).execute(self.conn)?)
    }

    /// Forgets all of the tenant: recording is switched off. Says how many went.
    pub fn delete_all(&mut self) -> StorageResult<usize> {
        let target = recorded_sign_ins::table.filter(recorded_sign_ins::tenant_id.eq(self.tenant));
        Ok(diesel::delete(target).execute(self.conn)?)
    }
}

impl Operator<'_> {
    /// Forgets recorded sign-ins that are expired, at most about `limit`, so that no transaction is long. Says
    /// how many went.
    pub fn delete_expired_recordings(
        &mut self,
        now: DateTime<Utc>,
        limit: i64,
    ) -> StorageResult<usize> {
        // Ids are unique within a tenant only: the condition stands in the delete as well.
        let over = recorded_sign_ins::expires_at.le(utc(&now));
        let ids: Vec<String> = recorded_sign_ins::table
            .filter(over)
            .select(recorded_sign_ins::id)
            .limit(limit)
            .load(self.conn)?;
        let target =
            recorded_sign_ins::table.filter(over).filter(recorded_sign_ins::id.eq_any(ids));
        Ok(diesel::delete(target).execute(self.conn)?)
    }
}
