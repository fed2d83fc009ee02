//! Families of tokens: all that comes of one authorization, refreshed again and again (RFC 9700 4.14).

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use serde_json::Value;
use symbolon_contract::{ApplicationId, ConnectorId, SessionId, UserId};

use crate::error::StorageResult;
use crate::schema::token_families;
use crate::tenant::accessor;
use crate::types::{Row as _, column, row, utc};
use crate::upsert::insert_new;

row! {
    /// A family of tokens. What it may never change stands here; its refresh tokens only name it.
    TokenFamily in token_families [id] {
        /// Its id.
        id: String,
        /// Whom it was issued to.
        application_id: ApplicationId,
        /// Whom it is about.
        user_id: UserId,
        /// The way in of the person.
        connector_id: ConnectorId,
        /// The session that it stems from; the `sid` of its ID tokens.
        session_id: SessionId,
        /// Whether it outlives that session (`offline_access`, OpenID Core 11).
        offline: bool,
        /// What was granted, as in RFC 6749, 3.3.
        scope: String,
        /// What its access tokens may be asked for (RFC 8707); empty means our own endpoints.
        resources: Vec<String>,
        /// What the `claims` parameter asked for (OpenID Core 5.5). Typed by the domain.
        claims: Option<Value>,
        /// When the person was last asked to authenticate.
        authenticated_at: DateTime<Utc>,
        /// How the upstream says it authenticated the person.
        acr: Option<String>,
        /// By which methods.
        amr: Vec<String>,
        /// The key that its tokens are bound to (RFC 9449, 6.1).
        dpop_jkt: Option<String>,
        /// Hash of the code that it was issued for.
        code_hash: Option<String>,
        /// When it began.
        created_at: DateTime<Utc>,
        /// When it was last refreshed.
        last_used_at: DateTime<Utc>,
        /// When it ends if it is not refreshed.
        idle_expires_at: DateTime<Utc>,
        /// When it ends in any case.
        expires_at: DateTime<Utc>,
        /// When it was taken back.
        revoked_at: Option<DateTime<Utc>>,
        /// What took it back.
        revoked_because: Option<String>,
    }
}

accessor! {
    /// The token families of one tenant.
    TokenFamilies
}

/// Takes back the families that a condition names, and says which.
macro_rules! revoke_where {
    ($self:ident, $condition:expr, $at:expr, $because:expr) => {{
        let target = token_families::table
            .filter(token_families::tenant_id.eq($self.tenant))
            .filter($condition)
            .filter(token_families::revoked_at.is_null());
        let mut revoked: Vec<String> = diesel::update(target)
            .set((
                token_families::revoked_at.eq(Some(utc(&$at))),
                token_families::revoked_because.eq(Some($because)),
            ))
            .returning(token_families::id)
            .get_results($self.conn)?;
        revoked.sort();
        Ok(revoked)
    }};
}

impl TokenFamilies<'_> {
    /// Keeps a new family.
    pub fn insert(&mut self, family: &TokenFamily) -> StorageResult<()> {
        insert_new!(self.conn, token_families, &family.raw(self.tenant))
    }

    /// One family, also when it is over.
    pub fn find(&mut self, id: &str) -> StorageResult<Option<TokenFamily>> {
        let query = token_families::table.find((self.tenant, id));
        TokenFamily::read_option(query.select(TokenFamily::COLUMNS).first(self.conn).optional()?)
    }

    /// Notes that it was refreshed. False when it was taken back.
    pub fn touch(
        &mut self,
        id: &str,
        at: DateTime<Utc>,
        idle_expires_at: DateTime<Utc>,
    ) -> StorageResult<bool> {
        let target = token_families::table
            .find((self.tenant, id))
            .filter(token_families::revoked_at.is_null());
        let rows = diesel::update(target)
            .set((
                token_families::last_used_at.eq(utc(&at)),
                token_families::idle_expires_at.eq(utc(&idle_expires_at)),
            ))
            .execute(self.conn)?;
        Ok(rows == 1)
    }

    /// Takes one back. False when it was taken back before, or is unknown.
    pub fn revoke(&mut self, id: &str, at: DateTime<Utc>, because: &str) -> StorageResult<bool> {
        let revoked: StorageResult<Vec<String>> =
            revoke_where!(self, token_families::id.eq(id), at, because);
        Ok(!revoked?.is_empty())
    }

    /// Takes back what was issued for a code (RFC 6749, 4.1.2), and says which.
    pub fn revoke_by_code(
        &mut self,
        code_hash: &str,
        at: DateTime<Utc>,
        because: &str,
    ) -> StorageResult<Vec<String>> {
        revoke_where!(self, token_families::code_hash.eq(code_hash), at, because)
    }

    /// Takes back what ends with a session: all that is not offline. Says which.
    pub fn revoke_by_session(
        &mut self,
        session: &SessionId,
        at: DateTime<Utc>,
        because: &str,
    ) -> StorageResult<Vec<String>> {
        let of_it =
            token_families::session_id.eq(session.as_str()).and(token_families::offline.eq(false));
        revoke_where!(self, of_it, at, because)
    }

    /// Takes back everything of a user, offline or not; of one application where one is named. Says which.
    pub fn revoke_by_user(
        &mut self,
        user: &UserId,
        application: Option<&ApplicationId>,
        at: DateTime<Utc>,
        because: &str,
    ) -> StorageResult<Vec<String>> {
        let of_user = token_families::user_id.eq(user.as_str());
        match application {
            None => revoke_where!(self, of_user, at, because),
            Some(application) => {
                let of_both = of_user.and(token_families::application_id.eq(application.as_str()));
                revoke_where!(self, of_both, at, because)
            }
        }
    }

    /// Takes back everything of an application, whoever's it is. Says which.
    pub fn revoke_by_application(
        &mut self,
        application: &ApplicationId,
        at: DateTime<Utc>,
        because: &str,
    ) -> StorageResult<Vec<String>> {
        revoke_where!(self, token_families::application_id.eq(application.as_str()), at, because)
    }

    /// The families of a user that were not taken back, the newest first.
    pub fn of_user(&mut self, user: &UserId) -> StorageResult<Vec<TokenFamily>> {
        let query = token_families::table
            .filter(token_families::tenant_id.eq(self.tenant))
            .filter(token_families::user_id.eq(user.as_str()))
            .filter(token_families::revoked_at.is_null())
            .order((token_families::created_at.desc(), token_families::id));
        TokenFamily::read_all(query.select(TokenFamily::COLUMNS).load(self.conn)?)
    }

    /// The applications that hold a living family of a session, offline or not, sorted.
    pub fn applications_of_session(
        &mut self,
        session: &SessionId,
    ) -> StorageResult<Vec<ApplicationId>> {
        let mut found: Vec<String> = token_families::table
            .filter(token_families::tenant_id.eq(self.tenant))
            .filter(token_families::session_id.eq(session.as_str()))
            .filter(token_families::revoked_at.is_null())
            .select(token_families::application_id)
            .load(self.conn)?;
        found.sort();
        found.dedup();
        found.into_iter().map(|id| column(TokenFamily::TABLE, "application_id", id)).collect()
    }
}
