//! Proofs that an application holds its key (RFC 9449), at our endpoints: checked, and taken once.
//!
//! Owns: what is expected of a proof here, and that none is taken twice. Does not own: how one is read
//! (`jose::dpop`) or what a token is bound to (`token`).

use serde_json::json;
use symbolon_contract::ReasonCode;
use symbolon_storage::{NewSingleUse, SingleUseKind, StorageError};
use thiserror::Error;

use super::jose::dpop::{self, DpopProblem, DpopProof, Expected};
use super::{OauthError, Presented, nonce};
use crate::broker::Broker;
use crate::downstream::Application;
use crate::tenants::TenantRecord;

/// The thumbprint of the key that a request to an endpoint of ours proves to hold; nothing when it carries no
/// proof and need not.
///
/// # Errors
/// [`OauthError`] with `token.dpop_proof_…` when the proof does not hold, came before, or is missing though the
/// application's tokens must be bound (RFC 9449 5.2).
pub(crate) async fn shown(
    broker: &Broker,
    tenant: &TenantRecord,
    application: &Application,
    presented: &Presented<'_>,
) -> Result<Option<String>, OauthError> {
    if presented.proofs.is_empty() && !application.settings.must_bind_tokens() {
        return Ok(None);
    }
    let asked = Asked { presented, method: "POST", access_token: None, bound_to: None };
    match proved(broker, tenant, application, asked).await {
        Ok(proof) => Ok(Some(proof.thumbprint)),
        Err(Unproved::Failed(error)) => Err(error),
        Err(unproved) => {
            let reason = match unproved {
                Unproved::Problem(DpopProblem::Nonce) => ReasonCode::TokenDpopNonceNeeded,
                Unproved::Replayed => ReasonCode::TokenDpopProofReplayed,
                _ => ReasonCode::TokenDpopProofInvalid,
            };
            Err(OauthError::new(reason, unproved.to_string()))
        }
    }
}

/// A request that must prove to hold a key.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Asked<'r> {
    /// The request.
    pub(crate) presented: &'r Presented<'r>,
    /// Its HTTP method.
    pub(crate) method: &'r str,
    /// The access token that came with it, if one did.
    pub(crate) access_token: Option<&'r str>,
    /// The thumbprint of the key that it must be.
    pub(crate) bound_to: Option<&'r str>,
}

/// Why a request proves nothing.
#[derive(Debug, Error)]
pub(crate) enum Unproved {
    /// The proof does not hold.
    #[error(transparent)]
    Problem(#[from] DpopProblem),
    /// It came before.
    #[error("a DPoP proof with this jti was used before")]
    Replayed,
    /// It cannot be judged now.
    #[error("{}", .0.detail)]
    Failed(OauthError),
}

/// The proof of a request: it holds, has a nonce of ours where the application wants that, and came for the first
/// time.
///
/// # Errors
/// [`Unproved`].
pub(crate) async fn proved(
    broker: &Broker,
    tenant: &TenantRecord,
    application: &Application,
    asked: Asked<'_>,
) -> Result<DpopProof, Unproved> {
    let Asked { presented, method, access_token, bound_to } = asked;
    let nonces = match application.settings.require_dpop_nonce {
        true => Some(nonce::counting(broker, presented.provider).await),
        false => None,
    };
    let nonces = nonces.transpose().map_err(|error| Unproved::Failed(error.into()))?;
    let urls = [presented.url()];
    let nonces = nonces.as_deref();
    let expected = Expected { method, urls: &urls, access_token, bound_to, nonces };
    let proofs: Vec<&str> = presented.proofs.iter().map(String::as_str).collect();
    let proof = dpop::check(&proofs, &expected, broker.clock.now())?;
    match taken(broker, tenant, &proof).await {
        Ok(true) => Ok(proof),
        Ok(false) => Err(Unproved::Replayed),
        Err(error) => Err(Unproved::Failed(error)),
    }
}

/// Takes a proof; false when it was taken before (RFC 9449 11.1).
async fn taken(
    broker: &Broker,
    tenant: &TenantRecord,
    proof: &DpopProof,
) -> Result<bool, OauthError> {
    let value = NewSingleUse {
        value_hash: proof.jti_hash.clone(),
        payload: json!({}),
        created_at: broker.clock.now(),
        expires_at: proof.until,
    };
    once(broker, tenant, SingleUseKind::DpopProof, value).await
}

/// Keeps a value that must not come twice; false when it did.
pub(crate) async fn once(
    broker: &Broker,
    tenant: &TenantRecord,
    kind: SingleUseKind,
    value: NewSingleUse,
) -> Result<bool, OauthError> {
    let tenant = tenant.id.clone();
    let put = broker.database.write(move |conn| conn.tenant(&tenant).single_use(kind).put(&value));
    match put.await {
        Ok(()) => Ok(true),
        Err(StorageError::Conflict { .. }) => Ok(false),
        Err(error) => Err(error.into()),
    }
}
