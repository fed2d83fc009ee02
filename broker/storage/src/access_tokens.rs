//! Access tokens that we issued, by their hash.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use serde_json::Value;
use symbolon_contract::{ApplicationId, SessionId, UserId};

use crate::error::StorageResult;
use crate::schema::access_tokens;
use crate::tenant::accessor;
use crate::types::{Row as _, row, utc};
use crate::upsert::insert_new;

row! {
    /// An access token (RFC 6749, 1.4).
    AccessToken in access_tokens [token_hash] {
        /// Hash of the token.
        token_hash: String,
        /// Whom it was issued to.
        application_id: ApplicationId,
        /// Whom it is about.
        user_id: UserId,
        /// The session that it stems from.
        session_id: Option<SessionId>,
        /// What it is good for, as in RFC 6749, 3.3.
        scope: String,
        /// Hash of the code that it was issued for, so that a replay takes it back (RFC 6749, 4.1.2).
        code_hash: Option<String>,
        /// When it was issued.
        created_at: DateTime<Utc>,
        /// When it ends.
        expires_at: DateTime<Utc>,
        /// When it was taken back.
        revoked_at: Option<DateTime<Utc>>,
        /// The family that it stems from, where it can be refreshed.
        family_id: Option<String>,
        /// Where it is good (RFC 8707); nothing or an empty list means our own endpoints.
        resources: Option<Vec<String>>,
        /// The key that it is bound to (RFC 9449, 6.1).
        dpop_jkt: Option<String>,
        /// What the `claims` parameter asked for at UserInfo (OpenID Core 5.5). Typed by the domain.
        claims: Option<Value>,
    }
}

accessor! {
    /// The access tokens of one tenant.
    AccessTokens
}

impl AccessTokens<'_> {
    /// Keeps a new access token.
    pub fn insert(&mut self, access_token: &AccessToken) -> StorageResult<()> {
        insert_new!(self.conn, access_tokens, &access_token.raw(self.tenant))
    }

    /// One access token, also when it is revoked or expired.
    pub fn find(&mut self, hash: &str) -> StorageResult<Option<AccessToken>> {
        let query = access_tokens::table.find((self.tenant, hash));
        let raw = query.select(AccessToken::COLUMNS).first(self.conn).optional()?;
        AccessToken::read_option(raw)
    }

    /// Takes one back. False when it was taken back before, or is unknown.
    pub fn revoke(&mut self, hash: &str, at: DateTime<Utc>) -> StorageResult<bool> {
        let target = access_tokens::table
            .find((self.tenant, hash))
            .filter(access_tokens::revoked_at.is_null());
        let update = diesel::update(target).set(access_tokens::revoked_at.eq(Some(utc(&at))));
        Ok(update.execute(self.conn)? == 1)
    }

    /// Takes back what was issued for a code, and says how many that were.
    pub fn revoke_by_code(&mut self, code_hash: &str, at: DateTime<Utc>) -> StorageResult<usize> {
        let target = access_tokens::table
            .filter(access_tokens::tenant_id.eq(self.tenant))
            .filter(access_tokens::code_hash.eq(code_hash))
            .filter(access_tokens::revoked_at.is_null());
        let update = diesel::update(target).set(access_tokens::revoked_at.eq(Some(utc(&at))));
        Ok(update.execute(self.conn)?)
    }

    /// Takes back what stems from a family, and says how many that were.
    pub fn revoke_by_family(&mut self, family: &str, at: DateTime<Utc>) -> StorageResult<usize> {
        let target = access_tokens::table
            .filter(access_tokens::tenant_id.eq(self.tenant))
            .filter(access_tokens::family_id.eq(family))
            .filter(access_tokens::revoked_at.is_null());
        let update = diesel::update(target).set(access_tokens::revoked_at.eq(Some(utc(&at))));
        Ok(update.execute(self.conn)?)
    }

    /// Takes back what one application holds for a user, and says how many that were.
    pub fn revoke_by_user(
        &mut self,
        user: &UserId,
        application: &ApplicationId,
        at: DateTime<Utc>,
    ) -> StorageResult<usize> {
        let target = access_tokens::table
            .filter(access_tokens::tenant_id.eq(self.tenant))
            .filter(access_tokens::user_id.eq(user.as_str()))
            .filter(access_tokens::application_id.eq(application.as_str()))
            .filter(access_tokens::revoked_at.is_null());
        let update = diesel::update(target).set(access_tokens::revoked_at.eq(Some(utc(&at))));
        Ok(update.execute(self.conn)?)
    }

    /// Takes back what stems from a session, and says how many that were.
    pub fn revoke_by_session(
        &mut self,
        session: &SessionId,
        at: DateTime<Utc>,
    ) -> StorageResult<usize> {
        let target = access_tokens::table
            .filter(access_tokens::tenant_id.eq(self.tenant))
            .filter(access_tokens::session_id.eq(session.as_str()))
            .filter(access_tokens::revoked_at.is_null());
        let update = diesel::update(target).set(access_tokens::revoked_at.eq(Some(utc(&at))));
        Ok(update.execute(self.conn)?)
    }

    /// Takes back what an application holds, and says how many that were.
    pub fn revoke_by_application(
        &mut self,
        application: &ApplicationId,
        at: DateTime<Utc>,
    ) -> StorageResult<usize> {
        let target = access_tokens::table
            .filter(access_tokens::tenant_id.eq(self.tenant))
            .filter(access_tokens::application_id.eq(application.as_str()))
            .filter(access_tokens::revoked_at.is_null());
        let update = diesel::update(target).set(access_tokens::revoked_at.eq(Some(utc(&at))));
        Ok(update.execute(self.conn)?)
    }
}
