//! Is there a session, and does it satisfy what is asked?

use chrono::{DateTime, TimeDelta, Utc};
use secrecy::{ExposeSecret, SecretString};
use symbolon_contract::{ConnectorId, SessionId, UserId};
use symbolon_storage::{Session, StorageResult, TenantRows};

use crate::broker::BrokerSettings;
use crate::secrets::sha256_hex;

/// A session that is neither ended nor expired.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LiveSession {
    /// The session.
    pub id: SessionId,
    /// Whose.
    pub user: UserId,
    /// Who vouched.
    pub connector: ConnectorId,
    /// When the person proved themselves.
    pub authenticated_at: DateTime<Utc>,
    /// The context that the upstream stated.
    pub acr: Option<String>,
    /// The methods that the upstream stated.
    pub amr: Vec<String>,
}

impl LiveSession {
    /// The session of a row, if it lives at `now`.
    #[must_use]
    pub fn of(row: Session, now: DateTime<Utc>) -> Option<Self> {
        let lives = row.ended_at.is_none() && now < row.idle_expires_at && now < row.expires_at;
        lives.then(|| Self {
            id: row.id,
            user: row.user_id,
            connector: row.connector_id,
            authenticated_at: row.authenticated_at,
            acr: row.acr,
            amr: serde_json::from_value(row.amr).unwrap_or_default(),
        })
    }
}

/// What is asked of a session.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SessionWish {
    /// The person must prove themselves anew, or choose.
    pub interaction: bool,
    /// The oldest acceptable proof, in seconds.
    pub max_age: Option<u32>,
    /// The contexts one of which must be proved; none means any.
    pub contexts: Vec<String>,
}

/// Whether a session serves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reuse {
    /// Yes.
    Satisfies,
    /// The application wants the person to act.
    InteractionAsked,
    /// The proof is too old.
    TooOld,
    /// The proof is of another context: a new sign-in may bring a stronger one (SE4).
    OtherContext,
}

/// Decides whether a session satisfies a wish.
#[must_use]
pub fn satisfies(session: &LiveSession, wish: &SessionWish, now: DateTime<Utc>) -> Reuse {
    if wish.interaction {
        return Reuse::InteractionAsked;
    }
    match wish.max_age {
        // OpenID Core 3.1.2.1: 0 is `prompt=login`, also within the second of the last proof.
        Some(0) => Reuse::TooOld,
        Some(age) if now - session.authenticated_at > TimeDelta::seconds(i64::from(age)) => {
            Reuse::TooOld
        }
        _ if !wish.contexts.is_empty() => {
            let proved = session.acr.as_ref().is_some_and(|acr| wish.contexts.contains(acr));
            if proved { Reuse::Satisfies } else { Reuse::OtherContext }
        }
        _ => Reuse::Satisfies,
    }
}

/// How stale `last_seen_at` may get before it costs a write.
const TOUCH_INTERVAL: TimeDelta = TimeDelta::minutes(1);

/// Finds the live session of a cookie's value. A cookie of another tenant finds nothing (F2).
///
/// # Errors
/// Those of the database.
pub fn find_live(
    rows: &mut TenantRows<'_>,
    secret: &SecretString,
    now: DateTime<Utc>,
    settings: &BrokerSettings,
) -> StorageResult<Option<LiveSession>> {
    let hash = sha256_hex(secret.expose_secret().as_bytes());
    match rows.sessions().by_secret_hash(&hash)? {
        Some(row) => touch(rows, row, (now, settings.session_idle)),
        None => Ok(None),
    }
}

/// Notes that a session was used by way of an application, which renewed its tokens.
///
/// # Errors
/// Those of the database.
pub fn note_use(
    rows: &mut TenantRows<'_>,
    session: &SessionId,
    used: (DateTime<Utc>, TimeDelta),
) -> StorageResult<()> {
    if let Some(row) = rows.sessions().find(session)? {
        touch(rows, row, used)?;
    }
    Ok(())
}

/// The session of a row that was read before, noted as used; none when it has been ended in the meantime.
pub(super) fn touch(
    rows: &mut TenantRows<'_>,
    row: Session,
    (now, idle): (DateTime<Utc>, TimeDelta),
) -> StorageResult<Option<LiveSession>> {
    let (id, seen, end) = (row.id.clone(), row.last_seen_at, row.expires_at);
    let live = LiveSession::of(row, now);
    let due = live.is_some() && now - seen > TOUCH_INTERVAL;
    if due && !rows.sessions().touch(&id, now, end.min(now + idle))? {
        return Ok(None);
    }
    Ok(live)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn session(at: DateTime<Utc>) -> LiveSession {
        LiveSession {
            id: SessionId::parse("s").unwrap(),
            user: UserId::parse("u").unwrap(),
            connector: ConnectorId::parse("c").unwrap(),
            authenticated_at: at,
            acr: None,
            amr: Vec::new(),
        }
    }

    #[test]
    fn r10_prompt_and_max_age_decide_whether_a_session_serves() {
        let now = DateTime::from_timestamp(1_800_000_000, 0).unwrap();
        let old = session(now - TimeDelta::seconds(100));
        let wish =
            |interaction, max_age| SessionWish { interaction, max_age, contexts: Vec::new() };
        assert_eq!(satisfies(&old, &wish(false, None), now), Reuse::Satisfies);
        assert_eq!(satisfies(&old, &wish(false, Some(100)), now), Reuse::Satisfies);
        assert_eq!(satisfies(&old, &wish(false, Some(99)), now), Reuse::TooOld);
        assert_eq!(satisfies(&old, &wish(false, Some(0)), now), Reuse::TooOld);
        assert_eq!(satisfies(&session(now), &wish(false, Some(0)), now), Reuse::TooOld);
        assert_eq!(satisfies(&old, &wish(true, None), now), Reuse::InteractionAsked);
        let gold = SessionWish { contexts: vec!["gold".into()], ..SessionWish::default() };
        assert_eq!(satisfies(&old, &gold, now), Reuse::OtherContext);
        let proved = LiveSession { acr: Some("gold".into()), ..old };
        assert_eq!(satisfies(&proved, &gold, now), Reuse::Satisfies);
    }
}
