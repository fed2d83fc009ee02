//! Sign-ins under way: one column for the stage and typed JSON for the rest (SH-2).

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use serde_json::Value;

use crate::error::StorageResult;
use crate::schema::login_attempts;
use crate::tenant::{accessor, exactly_one};
use crate::types::{Row as _, row, utc};
use crate::upsert::insert_new;

row! {
    /// A sign-in under way, as it is kept. What it means is the domain's `LoginAttempt`.
    LoginAttemptRow in login_attempts [id] {
        /// Its id.
        id: String,
        /// Hash of the secret in the browser that began it.
        browser_hash: String,
        /// Where it stands.
        stage: String,
        /// Typed by the domain.
        data: Value,
        /// When it began.
        created_at: DateTime<Utc>,
        /// When it is too late.
        expires_at: DateTime<Utc>,
        /// Counts the changes.
        version: i32,
    }
}

accessor! {
    /// The sign-ins under way of one tenant.
    LoginAttempts
}

impl LoginAttempts<'_> {
    /// Keeps a new attempt.
    pub fn insert(&mut self, attempt: &LoginAttemptRow) -> StorageResult<()> {
        insert_new!(self.conn, login_attempts, &attempt.raw(self.tenant))
    }

    /// One attempt, also when it is expired.
    pub fn find(&mut self, id: &str) -> StorageResult<Option<LoginAttemptRow>> {
        let query = login_attempts::table.find((self.tenant, id));
        let raw = query.select(LoginAttemptRow::COLUMNS).first(self.conn).optional()?;
        LoginAttemptRow::read_option(raw)
    }

    /// Overwrites an attempt that still has the expected version, and counts the version on.
    pub fn update(
        &mut self,
        attempt: &LoginAttemptRow,
        expected_version: i32,
    ) -> StorageResult<()> {
        let mut raw = attempt.raw(self.tenant);
        raw.version = expected_version.saturating_add(1);
        let target = login_attempts::table
            .find((self.tenant, attempt.id.as_str()))
            .filter(login_attempts::version.eq(expected_version));
        exactly_one(diesel::update(target).set(&raw).execute(self.conn)?)
    }

    /// Counts a round trip that failed, apart from the version. False when there is no such attempt.
    pub fn note_failure(&mut self, id: &str) -> StorageResult<bool> {
        let rows = diesel::update(login_attempts::table.find((self.tenant, id)))
            .set(login_attempts::failures.eq(login_attempts::failures + 1))
            .execute(self.conn)?;
        Ok(rows == 1)
    }

    /// How many round trips failed for one browser, in its attempts that began at or after `since`.
    pub fn recent_failures(
        &mut self,
        browser_hash: &str,
        since: DateTime<Utc>,
    ) -> StorageResult<i64> {
        let sum: Option<i64> = login_attempts::table
            .filter(login_attempts::tenant_id.eq(self.tenant))
            .filter(login_attempts::browser_hash.eq(browser_hash))
            .filter(login_attempts::created_at.ge(utc(&since)))
            .select(diesel::dsl::sum(login_attempts::failures))
            .first(self.conn)?;
        Ok(sum.unwrap_or_default())
    }

    /// The newest attempt of one browser that began at or after `since` and has a failed round trip.
    pub fn last_failed(
        &mut self,
        browser_hash: &str,
        since: DateTime<Utc>,
    ) -> StorageResult<Option<LoginAttemptRow>> {
        let query = login_attempts::table
            .filter(login_attempts::tenant_id.eq(self.tenant))
            .filter(login_attempts::browser_hash.eq(browser_hash))
            .filter(login_attempts::created_at.ge(utc(&since)))
            .filter(login_attempts::failures.gt(0))
            .order((login_attempts::created_at.desc(), login_attempts::id.desc()));
        let raw = query.select(LoginAttemptRow::COLUMNS).first(self.conn).optional()?;
        LoginAttemptRow::read_option(raw)
    }

    /// Forgets the failed round trips of one browser: it came through.
    pub fn forget_failures(&mut self, browser_hash: &str) -> StorageResult<usize> {
        let target = login_attempts::table
            .filter(login_attempts::tenant_id.eq(self.tenant))
            .filter(login_attempts::browser_hash.eq(browser_hash))
            .filter(login_attempts::failures.gt(0));
        Ok(diesel::update(target).set(login_attempts::failures.eq(0)).execute(self.conn)?)
    }

    /// Forgets an attempt. False when there was none.
    pub fn delete(&mut self, id: &str) -> StorageResult<bool> {
        let target = login_attempts::table.find((self.tenant, id));
        Ok(diesel::delete(target).execute(self.conn)? == 1)
    }
}
