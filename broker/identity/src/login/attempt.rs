//! A sign-in under way: one row, bound to one browser (H-08).
//!
//! The row holds no secret. The browser keeps one in its login cookie; `nonce` and PKCE verifier are
//! derived from it and the `state`, so neither a copy of the database nor another browser can finish
//! somebody's trip.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::{DateTime, Utc};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use serde_json::json;
use symbolon_contract::{ConnectorId, ReasonCode};
use symbolon_storage::{LoginAttemptRow, StorageError, StorageResult, TenantRows};

use crate::connectors::UpstreamLeg;
use crate::connectors::assertion::UpstreamWishes;
use crate::downstream::oidc::authorize::AuthorizationRequest;
use crate::secrets::{equal_in_constant_time, keyed_text, sha256_hex};

/// What the sign-in is for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LoginRequest {
    /// An application asks (OpenID).
    Openid(Box<AuthorizationRequest>),
    /// The person came to the tenant's own page.
    Portal,
    /// The person wants to let a device in (RFC 8628 3.3).
    Device {
        /// The code that they brought, sealed: codes are nowhere kept in the clear.
        user_code: Option<String>,
        /// Whether the device waits at the platform's issuer.
        #[serde(default)]
        at_platform: bool,
    },
    /// An admin wants to see what would happen. It never leads to a session (N34).
    Test {
        /// The test sign-in.
        test: String,
    },
}

/// Where the person is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LoginStage {
    /// Choosing a connector.
    Choosing,
    /// At the upstream.
    AtUpstream(Leg),
    /// Back, successfully.
    Done,
}

/// A trip to an upstream, as far as it is no secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Leg {
    /// Through which connector.
    pub connector: ConnectorId,
    /// Since when.
    pub started_at: DateTime<Utc>,
    /// What was asked.
    pub wishes: UpstreamWishes,
}

/// A sign-in under way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LoginAttempt {
    /// The row's id, visible in URLs and worth nothing without the cookie.
    pub id: String,
    /// Hash of the browser's secret.
    pub browser_hash: String,
    /// What for.
    pub request: LoginRequest,
    /// Where the person is.
    pub stage: LoginStage,
    /// Why its last round trip failed (E-80).
    pub last_failure: Option<ReasonCode>,
    /// Since when.
    pub created_at: DateTime<Utc>,
    /// Until when.
    pub expires_at: DateTime<Utc>,
    /// Version of the row.
    pub version: i32,
}

#[derive(Serialize, Deserialize)]
struct Data {
    request: LoginRequest,
    stage: LoginStage,
    #[serde(default)]
    last_failure: Option<ReasonCode>,
}

impl LoginAttempt {
    /// Whether this browser began it.
    #[must_use]
    pub fn belongs_to(&self, browser: Option<&SecretString>) -> bool {
        browser.is_some_and(|secret| {
            equal_in_constant_time(self.browser_hash.as_bytes(), browser_hash(secret).as_bytes())
        })
    }

    /// The application's request, if one asks.
    #[must_use]
    pub fn openid(&self) -> Option<&AuthorizationRequest> {
        match &self.request {
            LoginRequest::Openid(request) => Some(request),
            LoginRequest::Portal | LoginRequest::Device { .. } | LoginRequest::Test { .. } => None,
        }
    }

    /// The test sign-in that this is, if it is one.
    #[must_use]
    pub fn test(&self) -> Option<&str> {
        match &self.request {
            LoginRequest::Test { test } => Some(test),
            LoginRequest::Openid(_) | LoginRequest::Portal | LoginRequest::Device { .. } => None,
        }
    }

    /// Writes a new attempt.
    ///
    /// # Errors
    /// Those of the database.
    pub fn insert(&self, rows: &mut TenantRows<'_>) -> StorageResult<()> {
        rows.login_attempts().insert(&self.row())
    }

    /// Moves it on; fails with [`StorageError::StaleVersion`] when it moved meanwhile.
    ///
    /// # Errors
    /// Those of the database.
    pub fn advance(&mut self, rows: &mut TenantRows<'_>, stage: LoginStage) -> StorageResult<()> {
        let expected = self.version;
        self.stage = stage;
        self.version = expected + 1;
        rows.login_attempts().update(&self.row(), expected)
    }

    /// Finds one.
    ///
    /// # Errors
    /// Those of the database.
    pub fn find(rows: &mut TenantRows<'_>, id: &str) -> StorageResult<Option<Self>> {
        rows.login_attempts().find(id)?.map(Self::parse).transpose()
    }

    fn row(&self) -> LoginAttemptRow {
        LoginAttemptRow {
            id: self.id.clone(),
            browser_hash: self.browser_hash.clone(),
            stage: match self.stage {
                LoginStage::Choosing => "choosing",
                LoginStage::AtUpstream(_) => "at_upstream",
                LoginStage::Done => "done",
            }
            .to_owned(),
            data: json!(Data {
                request: self.request.clone(),
                stage: self.stage.clone(),
                last_failure: self.last_failure,
            }),
            created_at: self.created_at,
            expires_at: self.expires_at,
            version: self.version,
        }
    }

    pub(super) fn parse(row: LoginAttemptRow) -> StorageResult<Self> {
        let data: Data = serde_json::from_value(row.data).map_err(|error| {
            StorageError::Corrupt { table: "login_attempts", why: error.to_string() }
        })?;
        Ok(Self {
            id: row.id,
            browser_hash: row.browser_hash,
            request: data.request,
            stage: data.stage,
            last_failure: data.last_failure,
            created_at: row.created_at,
            expires_at: row.expires_at,
            version: row.version,
        })
    }
}

/// What the row keeps of the login cookie.
#[must_use]
pub fn browser_hash(secret: &SecretString) -> String {
    sha256_hex(secret.expose_secret().as_bytes())
}

/// A login cookie's value that we could have made: 256 bits in base64url.
#[must_use]
pub fn is_browser_secret(secret: &SecretString) -> bool {
    let text = secret.expose_secret();
    text.len() == 43 && URL_SAFE_NO_PAD.decode(text).is_ok()
}

/// The trip of an attempt, with what only the browser and we can know.
#[must_use]
pub fn leg(browser: &SecretString, state: &str, redirect_uri: String, leg: &Leg) -> UpstreamLeg {
    UpstreamLeg {
        state: state.to_owned(),
        nonce: derive(browser, "nonce", state),
        code_verifier: derive(browser, "pkce", state),
        redirect_uri,
        started_at: leg.started_at,
        wishes: leg.wishes.clone(),
    }
}

fn derive(browser: &SecretString, purpose: &str, state: &str) -> String {
    keyed_text(browser, format!("symbolon login {purpose}\n{state}").as_bytes())
}

#[cfg(test)]
mod tests;
