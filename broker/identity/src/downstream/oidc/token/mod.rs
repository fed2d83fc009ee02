//! The token endpoint (RFC 6749 3.2): who asks, what for, and the tokens.
//!
//! Owns: authentication of applications, the redemption of codes and the tokens made of them. Does not
//! own: codes ([`super::code`]), claims or keys. Each grant type gets a file here.

mod authenticate;
mod code_grant;
pub(super) mod gate;

pub use authenticate::ApplicationProof;
pub(crate) use gate::pass as pass_gate;

use symbolon_contract::{ReasonCode, TraceId};

use super::OauthError;
use super::authorize::Parameters;
use crate::broker::Broker;
use crate::downstream::Application;
use crate::tenants::TenantRecord;

/// A successful answer (RFC 6749 5.1).
#[derive(Debug, serde::Serialize)]
pub struct TokenAnswer {
    /// Opaque.
    pub access_token: String,
    /// Always `Bearer`.
    pub token_type: &'static str,
    /// In seconds.
    pub expires_in: i64,
    /// Signed as the application asks.
    pub id_token: String,
    /// Granted scopes.
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

/// Answers a token request.
///
/// # Errors
/// [`TokenRefusal`] with `token.*`.
pub async fn answer(
    broker: &Broker,
    tenant: &TenantRecord,
    (parameters, trace): (&Parameters, &TraceId),
    authorization: Option<&str>,
) -> Result<TokenAnswer, TokenRefusal> {
    let nobody = |error| TokenRefusal { error, application: None };
    no_duplicates(parameters).map_err(nobody)?;
    let proof = ApplicationProof::read(parameters, authorization).map_err(nobody)?;
    let application = authenticate::application(broker, tenant, &proof).await.map_err(nobody)?;
    let outcome = by_grant(broker, tenant, &application, (parameters, trace)).await;
    outcome.map_err(|error| TokenRefusal { error, application: Some(application.id.clone()) })
}

async fn by_grant(
    broker: &Broker,
    tenant: &TenantRecord,
    application: &Application,
    (parameters, trace): (&Parameters, &TraceId),
) -> Result<TokenAnswer, OauthError> {
    match parameters.get("grant_type") {
        Some("authorization_code") => {
            code_grant::redeem(broker, tenant, application, (parameters, trace)).await
        }
        None => Err(OauthError::new(ReasonCode::TokenInvalidRequest, "grant_type is missing")),
        Some(_) => Err(OauthError::new(
            ReasonCode::TokenUnsupportedGrantType,
            "only grant_type=authorization_code is supported",
        )),
    }
}

/// No parameter stands twice (RFC 6749 3.2, D13).
fn no_duplicates(parameters: &Parameters) -> Result<(), OauthError> {
    match parameters.iter().find(|(name, _)| parameters.count(name) > 1) {
        None => Ok(()),
        Some((name, _)) => {
            let name: String = name.chars().filter(|c| !c.is_control()).take(40).collect();
            Err(OauthError::new(
                ReasonCode::TokenDuplicateParameter,
                format!("{name} stands more than once"),
            ))
        }
    }
}
