//! The outbox of back-channel logout: written with the end of a session, delivered by a job.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use symbolon_contract::{ApplicationId, SessionId, TenantId, UserId};

use crate::error::StorageResult;
use crate::operator::Operator;
use crate::schema::logout_deliveries;
use crate::tenant::accessor;
use crate::types::{Row, column, row, utc};
use crate::upsert::insert_new;

row! {
    /// A logout message on its way to an application.
    LogoutDelivery in logout_deliveries [id] {
        /// Its id.
        id: String,
        /// To whom.
        application_id: ApplicationId,
        /// The session that ended.
        session_id: SessionId,
        /// Whose it was.
        user_id: UserId,
        /// Where to: the application's `backchannel_logout_uri` of that time.
        uri: String,
        /// Since when.
        created_at: DateTime<Utc>,
        /// How often it was tried.
        attempts: i32,
        /// When it is tried next.
        next_attempt_at: DateTime<Utc>,
        /// When we give up.
        expires_at: DateTime<Utc>,
        /// When the application took it.
        delivered_at: Option<DateTime<Utc>>,
        /// When we gave up.
        failed_at: Option<DateTime<Utc>>,
        /// Why it was not taken the last time.
        last_error: Option<String>,
    }
}

accessor! {
    /// The logout messages of one tenant.
    LogoutDeliveries
}

impl LogoutDeliveries<'_> {
    /// Keeps a new message.
    pub fn insert(&mut self, delivery: &LogoutDelivery) -> StorageResult<()> {
        insert_new!(self.conn, logout_deliveries, &delivery.raw(self.tenant))
    }

    /// Overwrites a message on its way that was tried as often as the caller saw. False when another node was faster.
    pub fn update(&mut self, delivery: &LogoutDelivery, seen_attempts: i32) -> StorageResult<bool> {
        let target = logout_deliveries::table
            .find((self.tenant, delivery.id.as_str()))
            .filter(logout_deliveries::attempts.eq(seen_attempts))
            .filter(logout_deliveries::delivered_at.is_null())
            .filter(logout_deliveries::failed_at.is_null());
        Ok(diesel::update(target).set(&delivery.raw(self.tenant)).execute(self.conn)? == 1)
    }

    /// The messages of a session, by application.
    pub fn of_session(&mut self, session: &SessionId) -> StorageResult<Vec<LogoutDelivery>> {
        let query = logout_deliveries::table
            .filter(logout_deliveries::tenant_id.eq(self.tenant))
            .filter(logout_deliveries::session_id.eq(session.as_str()))
            .order((logout_deliveries::application_id, logout_deliveries::id));
        LogoutDelivery::read_all(query.select(LogoutDelivery::COLUMNS).load(self.conn)?)
    }

    /// Those that no application has taken yet, or ever will, the newest first.
    pub fn undelivered(&mut self, limit: i64) -> StorageResult<Vec<LogoutDelivery>> {
        let query = logout_deliveries::table
            .filter(logout_deliveries::tenant_id.eq(self.tenant))
            .filter(logout_deliveries::delivered_at.is_null())
            .order((logout_deliveries::created_at.desc(), logout_deliveries::id))
            .limit(limit);
        LogoutDelivery::read_all(query.select(LogoutDelivery::COLUMNS).load(self.conn)?)
    }
}

impl Operator<'_> {
    /// Logout messages of all tenants that are due, the longest waiting first.
    pub fn due_logout_deliveries(
        &mut self,
        now: DateTime<Utc>,
        limit: i64,
    ) -> StorageResult<Vec<(TenantId, LogoutDelivery)>> {
        // One statement: between two, another node could take a message that the first one found due.
        let due: Vec<(String, <LogoutDelivery as Row>::Raw)> = logout_deliveries::table
            .filter(logout_deliveries::next_attempt_at.le(utc(&now)))
            .filter(logout_deliveries::delivered_at.is_null())
            .filter(logout_deliveries::failed_at.is_null())
            .order((logout_deliveries::next_attempt_at, logout_deliveries::id))
            .limit(limit)
            .select((logout_deliveries::tenant_id, LogoutDelivery::COLUMNS))
            .load(self.conn)?;
        let read = |(tenant, raw)| {
            Ok((column(LogoutDelivery::TABLE, "tenant_id", tenant)?, LogoutDelivery::read(raw)?))
        };
        due.into_iter().map(read).collect()
    }
}
