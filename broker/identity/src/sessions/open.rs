//! A session begins. Only with an [`Admission`], always with a new secret (F1).

use chrono::{DateTime, Utc};
use secrecy::{ExposeSecret, SecretString};
use serde_json::json;
use symbolon_contract::SessionId;
use symbolon_storage::{Session, StorageResult, TenantRows};

use crate::broker::BrokerSettings;
use crate::policy::Admission;
use crate::secrets::sha256_hex;

/// What a new session remembers of the sign-in.
#[derive(Debug, Clone)]
pub struct NewSession {
    /// Its id.
    pub id: SessionId,
    /// When the person proved themselves: the upstream's word, else the moment of return.
    pub authenticated_at: DateTime<Utc>,
    /// The upstream's session.
    pub upstream_sid: Option<String>,
    /// What the upstream wants to hear when the person signs out there.
    pub upstream_logout_hint: Option<String>,
    /// Digest of the subject as the upstream's own logout names it.
    pub upstream_subject: Option<String>,
    /// When the upstream wants it to end at the latest (SAML `SessionNotOnOrAfter`).
    pub ends_at_latest: Option<DateTime<Utc>>,
    /// The context that the upstream stated.
    pub acr: Option<String>,
    /// The methods that the upstream stated.
    pub amr: Vec<String>,
}

/// A session and the secret that the browser shall keep.
#[derive(Debug, Clone)]
pub struct OpenedSession {
    /// The session.
    pub id: SessionId,
    /// The cookie's value.
    pub secret: SecretString,
    /// When it ends at the latest.
    pub expires_at: DateTime<Utc>,
}

/// Writes the session of an admitted person.
///
/// # Errors
/// Those of the database.
pub fn open(
    rows: &mut TenantRows<'_>,
    admission: &Admission,
    new: NewSession,
    secret: SecretString,
    at: (DateTime<Utc>, &BrokerSettings),
) -> StorageResult<OpenedSession> {
    let session = row(admission, new, &secret, at);
    rows.sessions().insert(&session)?;
    Ok(OpenedSession { id: session.id, secret, expires_at: session.expires_at })
}

/// Lets the session `new.id` of a person who signed in anew go on, with a new secret: the old one opens nothing any
/// more (F1), but applications know the session by its `sid`, and nobody signed out. `None` when it has ended.
///
/// # Errors
/// Those of the database.
pub fn renew(
    rows: &mut TenantRows<'_>,
    admission: &Admission,
    new: NewSession,
    secret: SecretString,
    at: (DateTime<Utc>, &BrokerSettings),
) -> StorageResult<Option<OpenedSession>> {
    let Some(old) = rows.sessions().find(&new.id)?.filter(|old| old.user_id == *admission.user())
    else {
        return Ok(None);
    };
    let session = Session { created_at: old.created_at, ..row(admission, new, &secret, at) };
    let renewed = rows.sessions().renew(&session)?;
    let opened = OpenedSession { id: session.id, secret, expires_at: session.expires_at };
    Ok(renewed.then_some(opened))
}

fn row(
    admission: &Admission,
    new: NewSession,
    secret: &SecretString,
    (now, settings): (DateTime<Utc>, &BrokerSettings),
) -> Session {
    let ours = now + settings.session_absolute;
    let expires_at = new.ends_at_latest.map_or(ours, |end| ours.min(end));
    Session {
        id: new.id,
        secret_hash: sha256_hex(secret.expose_secret().as_bytes()),
        user_id: admission.user().clone(),
        connector_id: admission.connector().clone(),
        application_id: admission.application().cloned(),
        upstream_sid: new.upstream_sid,
        upstream_logout_hint: new.upstream_logout_hint,
        upstream_subject: new.upstream_subject,
        acr: new.acr,
        amr: json!(new.amr),
        authenticated_at: new.authenticated_at,
        created_at: now,
        last_seen_at: now,
        idle_expires_at: expires_at.min(now + settings.session_idle),
        expires_at,
        ended_at: None,
        end_reason: None,
    }
}
