//! Authorization codes: 256 random bits, stored as a hash, good once and for a minute (RFC 6749 4.1.2).

use chrono::{DateTime, TimeDelta, Utc};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use serde_json::json;
use symbolon_contract::{ApplicationId, SessionId, UserId};
use symbolon_storage::{NewSingleUse, SingleUseKind, StorageError, StorageResult, TenantRows};

use super::authorize::AuthorizationRequest;
use super::claims_request::ClaimsRequest;
use crate::policy::Admission;
use crate::secrets::sha256_hex;
use crate::sessions::LiveSession;

/// Codes of applications with the profile `fapi2` live no longer (FAPI 2.0 Security Profile 5.3.2.1, FA-08).
pub const LONGEST_OF_FAPI2: TimeDelta = TimeDelta::seconds(60);

/// What a code stands for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CodeGrant {
    /// Who may redeem it.
    pub application: ApplicationId,
    /// Whom it speaks of.
    pub user: UserId,
    /// The session behind it.
    pub session: SessionId,
    /// Where it was sent.
    pub redirect_uri: String,
    /// PKCE challenge (S256).
    pub code_challenge: Option<String>,
    /// Granted scopes.
    pub scopes: Vec<String>,
    /// For the ID token.
    pub nonce: Option<String>,
    /// When the person proved themselves, in seconds.
    pub auth_time: i64,
    /// The context that the upstream stated.
    pub acr: Option<String>,
    /// The methods that the upstream stated.
    pub amr: Vec<String>,
    /// Where access tokens shall be good (RFC 8707 2).
    #[serde(default)]
    pub resources: Vec<String>,
    /// Single claims that were asked for (OpenID Core 5.5).
    #[serde(default)]
    pub claims: Option<ClaimsRequest>,
    /// The key that the code is bound to (RFC 9449 10).
    #[serde(default)]
    pub dpop_jkt: Option<String>,
    /// When the person was let in for it; long ago where that was not kept.
    #[serde(default)]
    pub made_at: DateTime<Utc>,
}

impl CodeGrant {
    /// What a code for this request and session stands for.
    #[must_use]
    pub fn new(request: &AuthorizationRequest, session: &LiveSession, now: DateTime<Utc>) -> Self {
        Self {
            application: request.application.clone(),
            user: session.user.clone(),
            session: session.id.clone(),
            redirect_uri: request.redirect_uri.to_string(),
            code_challenge: request.code_challenge.clone(),
            scopes: request.scopes.clone(),
            nonce: request.nonce.clone(),
            auth_time: session.authenticated_at.timestamp(),
            acr: session.acr.clone(),
            amr: session.amr.clone(),
            resources: request.resources.clone(),
            claims: request.claims.clone(),
            dpop_jkt: request.dpop_jkt.clone(),
            made_at: now,
        }
    }
}

/// Writes a code for an admitted person.
///
/// # Errors
/// Those of the database.
pub fn issue(
    rows: &mut TenantRows<'_>,
    _admission: &Admission,
    grant: &CodeGrant,
    code: &SecretString,
    (now, expires_at): (DateTime<Utc>, DateTime<Utc>),
) -> StorageResult<()> {
    rows.sessions().note(&grant.session, &grant.application, now)?;
    rows.single_use(SingleUseKind::AuthorizationCode).put(&NewSingleUse {
        value_hash: sha256_hex(code.expose_secret().as_bytes()),
        payload: json!(grant),
        created_at: now,
        expires_at,
    })
}

/// Reads what a stored code stands for.
///
/// # Errors
/// [`StorageError::Corrupt`] for a payload that we did not write.
pub fn read(payload: serde_json::Value) -> StorageResult<CodeGrant> {
    serde_json::from_value(payload).map_err(|error| StorageError::Corrupt {
        table: "single_use",
        why: format!("authorization code: {error}"),
    })
}
