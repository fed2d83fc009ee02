//! Sessions, and which applications used them.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use serde_json::Value;
use symbolon_contract::{ApplicationId, ConnectorId, SessionId, UserId};

use crate::error::StorageResult;
use crate::schema::{session_applications, sessions};
use crate::tenant::accessor;
use crate::types::{Row as _, column, row, storable, utc};
use crate::upsert::{insert_new, insert_or_ignore};

row! {
    /// A broker session. Ended ones are kept for a while, so that one can tell what ended them.
    Session in sessions [id] {
        /// Its id; not what the cookie holds.
        id: SessionId,
        /// Hash of what the cookie holds.
        secret_hash: String,
        /// Whose it is.
        user_id: UserId,
        /// The way in.
        connector_id: ConnectorId,
        /// The application that asked for the sign-in.
        application_id: Option<ApplicationId>,
        /// The upstream's own session, for its logout messages.
        upstream_sid: Option<String>,
        /// What the upstream wants to be told at its logout (OpenID Connect RP-Initiated Logout, `logout_hint`).
        upstream_logout_hint: Option<String>,
        /// Digest of the subject as the upstream's own logout names it.
        upstream_subject: Option<String>,
        /// How the upstream says it authenticated the person.
        acr: Option<String>,
        /// By which methods: a list of texts.
        amr: Value,
        /// When the person was last asked to authenticate.
        authenticated_at: DateTime<Utc>,
        /// When the session began.
        created_at: DateTime<Utc>,
        /// When it was last used.
        last_seen_at: DateTime<Utc>,
        /// When it ends if it is not used.
        idle_expires_at: DateTime<Utc>,
        /// When it ends in any case.
        expires_at: DateTime<Utc>,
        /// When it was ended.
        ended_at: Option<DateTime<Utc>>,
        /// What ended it.
        end_reason: Option<String>,
    }
}

row! {
    /// An application that used a session, for logout.
    SessionApplication in session_applications [session_id, application_id] {
        /// The session.
        session_id: SessionId,
        /// The application.
        application_id: ApplicationId,
        /// When it first did.
        first_used_at: DateTime<Utc>,
        /// When it last did.
        last_used_at: DateTime<Utc>,
    }
}

accessor! {
    /// The sessions of one tenant.
    Sessions
}

impl Sessions<'_> {
    /// Keeps a new session.
    pub fn insert(&mut self, session: &Session) -> StorageResult<()> {
        insert_new!(self.conn, sessions, &session.raw(self.tenant))
    }

    /// The session of a cookie, be it ended, expired or alive.
    pub fn by_secret_hash(&mut self, hash: &str) -> StorageResult<Option<Session>> {
        let query = sessions::table
            .filter(sessions::tenant_id.eq(self.tenant))
            .filter(sessions::secret_hash.eq(hash));
        Session::read_option(query.select(Session::COLUMNS).first(self.conn).optional()?)
    }

    /// One session, be it ended, expired or alive.
    pub fn find(&mut self, id: &SessionId) -> StorageResult<Option<Session>> {
        let query = sessions::table.find((self.tenant, id.as_str()));
        Session::read_option(query.select(Session::COLUMNS).first(self.conn).optional()?)
    }

    /// Notes that a session was used. False when it has been ended.
    pub fn touch(
        &mut self,
        id: &SessionId,
        last_seen_at: DateTime<Utc>,
        idle_expires_at: DateTime<Utc>,
    ) -> StorageResult<bool> {
        let target =
            sessions::table.find((self.tenant, id.as_str())).filter(sessions::ended_at.is_null());
        let rows = diesel::update(target)
            .set((
                sessions::last_seen_at.eq(utc(&last_seen_at)),
                sessions::idle_expires_at.eq(utc(&idle_expires_at)),
            ))
            .execute(self.conn)?;
        Ok(rows == 1)
    }

    /// Overwrites a session whose person signed in anew. False when it has been ended.
    pub fn renew(&mut self, session: &Session) -> StorageResult<bool> {
        let target = sessions::table
            .find((self.tenant, session.id.as_str()))
            .filter(sessions::ended_at.is_null());
        Ok(diesel::update(target).set(&session.raw(self.tenant)).execute(self.conn)? == 1)
    }

    /// Ends a session. False when it had been ended before; what ended it first stays.
    pub fn end(&mut self, id: &SessionId, at: DateTime<Utc>, reason: &str) -> StorageResult<bool> {
        let target =
            sessions::table.find((self.tenant, id.as_str())).filter(sessions::ended_at.is_null());
        let rows = diesel::update(target)
            .set((sessions::ended_at.eq(Some(utc(&at))), sessions::end_reason.eq(Some(reason))))
            .execute(self.conn)?;
        Ok(rows == 1)
    }

    /// Ends the live sessions that stem from one session of an upstream, and says which.
    pub fn end_by_upstream_sid(
        &mut self,
        connector: &ConnectorId,
        sid: &str,
        now: DateTime<Utc>,
        reason: &str,
    ) -> StorageResult<Vec<SessionId>> {
        let now = utc(&now);
        let live = sessions::table
            .filter(sessions::tenant_id.eq(self.tenant))
            .filter(sessions::connector_id.eq(connector.as_str()))
            .filter(sessions::upstream_sid.eq(storable(sid)))
            .filter(sessions::ended_at.is_null())
            .filter(sessions::idle_expires_at.gt(now))
            .filter(sessions::expires_at.gt(now));
        let mut ended: Vec<String> = diesel::update(live)
            .set((sessions::ended_at.eq(Some(now)), sessions::end_reason.eq(Some(reason))))
            .returning(sessions::id)
            .get_results(self.conn)?;
        ended.sort();
        ended.into_iter().map(|id| column(Session::TABLE, "id", id)).collect()
    }

    /// Ends the live sessions of a subject of an upstream: those that stem from the named sessions of the upstream,
    /// or all when none is named (SAML Core 3.7.1). Says which.
    pub fn end_by_upstream_subject(
        &mut self,
        (connector, subject): (&ConnectorId, &str),
        sids: &[String],
        at: DateTime<Utc>,
        reason: &str,
    ) -> StorageResult<Vec<SessionId>> {
        let now = utc(&at);
        let live = sessions::table
            .filter(sessions::tenant_id.eq(self.tenant))
            .filter(sessions::connector_id.eq(connector.as_str()))
            .filter(sessions::upstream_subject.eq(subject))
            .filter(sessions::ended_at.is_null())
            .filter(sessions::idle_expires_at.gt(now))
            .filter(sessions::expires_at.gt(now));
        let found: Vec<(String, Option<String>)> = live
            .select((sessions::id, sessions::upstream_sid))
            .order(sessions::id)
            .load(self.conn)?;
        let named = |sid: &Option<String>| sid.as_ref().is_some_and(|sid| sids.contains(sid));
        let mut ended = Vec::new();
        for (id, _) in found.into_iter().filter(|(_, sid)| sids.is_empty() || named(sid)) {
            let id = column(Session::TABLE, "id", id)?;
            if self.end(&id, at, reason)? {
                ended.push(id);
            }
        }
        Ok(ended)
    }

    /// All sessions of a user, the newest first.
    pub fn of_user(&mut self, user: &UserId) -> StorageResult<Vec<Session>> {
        let query = sessions::table
            .filter(sessions::tenant_id.eq(self.tenant))
            .filter(sessions::user_id.eq(user.as_str()))
            .order((sessions::created_at.desc(), sessions::id));
        Session::read_all(query.select(Session::COLUMNS).load(self.conn)?)
    }

    /// Notes that an application used a session.
    pub fn note(
        &mut self,
        session: &SessionId,
        application: &ApplicationId,
        at: DateTime<Utc>,
    ) -> StorageResult<()> {
        let row = SessionApplication {
            session_id: session.clone(),
            application_id: application.clone(),
            first_used_at: at,
            last_used_at: at,
        };
        if !insert_or_ignore!(self.conn, session_applications, &row.raw(self.tenant))? {
            let key = (self.tenant, session.as_str(), application.as_str());
            diesel::update(session_applications::table.find(key))
                .set(session_applications::last_used_at.eq(utc(&at)))
                .execute(self.conn)?;
        }
        Ok(())
    }

    /// The applications that used a session, in the order of first use.
    pub fn of_session(&mut self, session: &SessionId) -> StorageResult<Vec<SessionApplication>> {
        let query = session_applications::table
            .filter(session_applications::tenant_id.eq(self.tenant))
            .filter(session_applications::session_id.eq(session.as_str()))
            .order((session_applications::first_used_at, session_applications::application_id));
        SessionApplication::read_all(query.select(SessionApplication::COLUMNS).load(self.conn)?)
    }
}
