//! Proofs that an application holds its key (RFC 9449), at our endpoints: checked, and taken once.
//!
//! Owns: what is expected of a proof here, and that none is taken twice. Does not own: how one is read
//! (`jose::dpop`) or what a token is bound to (`token`).

use serde_json::json;
use symbolon_contract::ReasonCode;
use symbolon_storage::{NewSingleUse, SingleUseKind, StorageError};

use super::jose::dpop::{self, DpopProof, Expected};
use super::{OauthError, Presented};
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
    let urls = [presented.url()];
    let expected = Expected { method: "POST", urls: &urls, access_token: None, bound_to: None };
    let proofs: Vec<&str> = presented.proofs.iter().map(String::as_str).collect();
    let proof = dpop::check(&proofs, &expected, broker.clock.now()).map_err(|problem| {
        OauthError::new(ReasonCode::TokenDpopProofInvalid, problem.to_string())
    })?;
    if taken(broker, tenant, &proof).await? {
        return Ok(Some(proof.thumbprint));
    }
    let detail = "a DPoP proof with this jti was used before";
    Err(OauthError::new(ReasonCode::TokenDpopProofReplayed, detail))
}

/// Takes a proof; false when it was taken before (RFC 9449 11.1).
///
/// # Errors
/// Those of the database.
pub(crate) async fn taken(
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
