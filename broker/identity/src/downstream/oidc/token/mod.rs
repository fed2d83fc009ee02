//! The token endpoint (RFC 6749 3.2): who asks, what for, and the tokens.
//!
//! Owns: authentication of applications, the grants (a file each) and the tokens made of them ([`issue`]). Does not
//! own: codes ([`super::code`]), claims or keys.

pub(crate) mod access_token;
pub(crate) mod authenticate;
mod code_grant;
mod device_grant;
pub(crate) mod gate;
pub(crate) mod issue;
mod refresh_grant;
mod reuse;
mod service_grant;
mod target;

pub(crate) use gate::{GateError, pass as pass_gate};

use symbolon_contract::ReasonCode;

use super::{OauthError, Presented, nonce};
use crate::broker::Broker;
use crate::downstream::{Application, GrantType};
use crate::tenants::TenantRecord;

/// A successful answer (RFC 6749 5.1).
#[derive(Debug, serde::Serialize)]
pub struct TokenAnswer {
    /// Opaque, or signed (RFC 9068).
    pub access_token: String,
    /// `Bearer`, or `DPoP` when it is bound to a key (RFC 9449 5).
    pub token_type: &'static str,
    /// In seconds.
    pub expires_in: i64,
    /// Signed as the application asks; with the scope `openid`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id_token: Option<String>,
    /// For the next access token, where the application may have one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refresh_token: Option<String>,
    /// What the access token is good for; left away where that is nothing in particular.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub scope: String,
}

/// A refusal and whom it concerns, for the audit trail.
#[derive(Debug)]
pub struct TokenRefusal {
    /// What is wrong.
    pub error: OauthError,
    /// Who asked, once known.
    pub application: Option<symbolon_contract::ApplicationId>,
}

impl TokenRefusal {
    /// A refusal of an application that proved itself.
    pub(crate) fn of(error: OauthError, application: &Application) -> Self {
        Self { error, application: Some(application.id.clone()) }
    }

    /// Whether it only says to come again, because a person has not decided yet (RFC 8628 3.5) or with a nonce (RFC
    /// 9449 8): every few seconds or minutes, so nothing to keep.
    #[must_use]
    pub fn is_ordinary(&self) -> bool {
        let reason = self.error.reason;
        nonce::is_wanting(reason)
            || matches!(reason, ReasonCode::TokenDevicePending | ReasonCode::TokenDeviceSlowDown)
    }
}

/// Answers a token request.
///
/// # Errors
/// [`TokenRefusal`] with `token.*`.
pub async fn answer(
    broker: &Broker,
    tenant: &TenantRecord,
    presented: &Presented<'_>,
) -> Result<TokenAnswer, TokenRefusal> {
    let asking = authenticate::asking(broker, tenant, presented).await?;
    let outcome = by_grant(broker, tenant, &asking.application, presented).await;
    outcome.map_err(|error| TokenRefusal::of(error, &asking.application))
}

async fn by_grant(
    broker: &Broker,
    tenant: &TenantRecord,
    application: &Application,
    presented: &Presented<'_>,
) -> Result<TokenAnswer, OauthError> {
    let asked = presented.required("grant_type")?;
    let grant = GrantType::parse(asked).ok_or_else(|| {
        OauthError::new(
            ReasonCode::TokenUnsupportedGrantType,
            "grant_type is none of those that discovery lists",
        )
    })?;
    if !application.may(grant) {
        let detail = format!("{asked} is not among the application's grant types");
        return Err(OauthError::new(ReasonCode::TokenGrantNotAllowed, detail));
    }
    match grant {
        GrantType::AuthorizationCode => {
            code_grant::redeem(broker, tenant, application, presented).await
        }
        GrantType::RefreshToken => {
            refresh_grant::refresh(broker, tenant, application, presented).await
        }
        GrantType::ClientCredentials => {
            service_grant::grant(broker, tenant, application, presented).await
        }
        GrantType::DeviceCode => device_grant::redeem(broker, tenant, application, presented).await,
    }
}
