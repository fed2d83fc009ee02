//! A session ends, and what hangs on it: access tokens, families that are not offline, and for each application
//! that used it a message on its way.

use chrono::TimeDelta;
use symbolon_contract::{ApplicationId, ConnectorId, SessionId, TenantId, UserId};
use symbolon_storage::{Connection, LogoutDelivery, StorageResult, TokenFamily};

use crate::audit::{self, AuditContext, AuditEvent};
use crate::downstream::Application;

/// For how long an application that does not answer is told again and again.
const GIVE_UP_AFTER: TimeDelta = TimeDelta::hours(24);

/// Which sessions end.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Which<'a> {
    /// This one.
    Session(&'a SessionId),
    /// Those that stem from one session of an upstream, in whichever browser (E-61).
    UpstreamSession(&'a ConnectorId, &'a str),
    /// Those of a subject of an upstream: of the named sessions there, or all (SAML Core 3.7.1).
    UpstreamSubject((&'a ConnectorId, &'a str), &'a [String]),
    /// All of a user, and their offline families too: the person may not be in at all any more (PAIN-15).
    User(&'a UserId),
}

/// A session that ended.
#[derive(Debug, Clone)]
pub(crate) struct Ended {
    /// Which.
    pub(crate) session: SessionId,
    /// Whose.
    pub(crate) user: UserId,
    /// The applications that used it.
    pub(crate) applications: Vec<Application>,
    /// The messages to them, to be sent once the transaction is through.
    pub(crate) queued: Vec<LogoutDelivery>,
}

/// Ends sessions inside the caller's transaction, and says which and whom to tell. What was over before stays as it
/// was.
///
/// # Errors
/// Those of the database.
pub(crate) fn end(
    conn: &mut Connection,
    tenant: &TenantId,
    which: Which<'_>,
    (context, why): (&AuditContext, &'static str),
) -> StorageResult<Vec<Ended>> {
    let families = match which {
        Which::User(user) => conn.tenant(tenant).token_families().of_user(user)?,
        _ => Vec::new(),
    };
    let mut ended = Vec::new();
    for whose in end_rows(conn, tenant, which, (context, why))? {
        ended.push(end_one(conn, tenant, whose, (context, why))?);
    }
    let rest = match which {
        Which::User(user) => {
            revoke_all(conn, tenant, user, (context, why))?;
            tell_the_rest(conn, tenant, context, (&families, &ended))?
        }
        _ => Vec::new(),
    };
    for one in &ended {
        let (user, session) = (one.user.clone(), one.session.clone());
        let event = AuditEvent::SessionEnded { user, session, why };
        audit::append(conn, tenant, context, &event)?;
    }
    ended.extend(rest);
    Ok(ended)
}

/// Ends the rows alone.
fn end_rows(
    conn: &mut Connection,
    tenant: &TenantId,
    which: Which<'_>,
    (context, why): (&AuditContext, &'static str),
) -> StorageResult<Vec<(SessionId, UserId)>> {
    let (mut rows, now) = (conn.tenant(tenant), context.now);
    let mut sessions = rows.sessions();
    let ids = match which {
        Which::Session(id) => sessions.end(id, now, why)?.then(|| id.clone()).into_iter().collect(),
        Which::UpstreamSession(connector, sid) => {
            sessions.end_by_upstream_sid(connector, sid, now, why)?
        }
        Which::UpstreamSubject(subject, sids) => {
            sessions.end_by_upstream_subject(subject, sids, now, why)?
        }
        Which::User(user) => {
            // Expired ones as well: applications may have kept their own sessions for longer.
            let mut ids: Vec<_> = sessions.of_user(user)?.into_iter().map(|one| one.id).collect();
            // In the order of the other ways, so that two of them never wait for each other.
            ids.sort();
            let mut ended = Vec::with_capacity(ids.len());
            for id in ids {
                if sessions.end(&id, now, why)? {
                    ended.push(id);
                }
            }
            ended
        }
    };
    let mut whose = Vec::with_capacity(ids.len());
    for id in ids {
        whose.extend(sessions.find(&id)?.map(|session| (session.id, session.user_id)));
    }
    Ok(whose)
}

fn end_one(
    conn: &mut Connection,
    tenant: &TenantId,
    (session, user): (SessionId, UserId),
    (context, why): (&AuditContext, &'static str),
) -> StorageResult<Ended> {
    let mut rows = conn.tenant(tenant);
    // Before they are taken back: afterwards nobody knows whose they were.
    let mut ids = rows.token_families().applications_of_session(&session)?;
    rows.access_tokens().revoke_by_session(&session, context.now)?;
    rows.token_families().revoke_by_session(&session, context.now, why)?;
    ids.extend(rows.sessions().of_session(&session)?.into_iter().map(|used| used.application_id));
    ids.sort();
    ids.dedup();
    let mut ended = Ended { session, user, applications: Vec::new(), queued: Vec::new() };
    for id in ids {
        if let Some(application) = application(conn, tenant, &id)? {
            queue(conn, tenant, &application, (context, &mut ended))?;
            ended.applications.push(application);
        }
    }
    Ok(ended)
}

/// What outlives sessions does not outlive the person.
fn revoke_all(
    conn: &mut Connection,
    tenant: &TenantId,
    user: &UserId,
    (context, why): (&AuditContext, &'static str),
) -> StorageResult<()> {
    let mut rows = conn.tenant(tenant);
    for family in rows.token_families().revoke_by_user(user, None, context.now, why)? {
        rows.access_tokens().revoke_by_family(&family, context.now)?;
    }
    Ok(())
}

/// Applications whose offline families outlived their session are told as well: of a session that had ended.
fn tell_the_rest(
    conn: &mut Connection,
    tenant: &TenantId,
    context: &AuditContext,
    (families, ended): (&[TokenFamily], &[Ended]),
) -> StorageResult<Vec<Ended>> {
    let mut rest: Vec<Ended> = Vec::new();
    for family in families {
        let told = |one: &Ended| {
            one.session == family.session_id
                && one.applications.iter().any(|known| known.id == family.application_id)
        };
        if ended.iter().any(told) || rest.iter().any(told) {
            continue;
        }
        if let Some(application) = application(conn, tenant, &family.application_id)? {
            let (session, user) = (family.session_id.clone(), family.user_id.clone());
            let mut one = Ended { session, user, applications: Vec::new(), queued: Vec::new() };
            queue(conn, tenant, &application, (context, &mut one))?;
            one.applications.push(application);
            rest.push(one);
        }
    }
    Ok(rest)
}

/// A message to an application that wants to be told, and its place in the outbox.
fn queue(
    conn: &mut Connection,
    tenant: &TenantId,
    application: &Application,
    (context, ended): (&AuditContext, &mut Ended),
) -> StorageResult<()> {
    let Some(uri) = &application.settings.backchannel_logout_uri else {
        return Ok(());
    };
    let delivery = LogoutDelivery {
        id: context.ids.new_row_id(),
        application_id: application.id.clone(),
        session_id: ended.session.clone(),
        user_id: ended.user.clone(),
        uri: uri.to_string(),
        created_at: context.now,
        attempts: 0,
        next_attempt_at: context.now,
        expires_at: context.now + GIVE_UP_AFTER,
        delivered_at: None,
        failed_at: None,
        last_error: None,
    };
    conn.tenant(tenant).logout_deliveries().insert(&delivery)?;
    ended.queued.push(delivery);
    Ok(())
}

/// An application of the tenant. One that cannot be read keeps nobody signed in.
pub(super) fn application(
    conn: &mut Connection,
    tenant: &TenantId,
    id: &ApplicationId,
) -> StorageResult<Option<Application>> {
    let row = conn.tenant(tenant).applications().find(id)?;
    Ok(row.and_then(|row| match Application::try_from(row) {
        Ok(application) => Some(application),
        Err(error) => {
            tracing::error!(application = %id, %error, "an application cannot be told of a sign-out");
            None
        }
    }))
}
