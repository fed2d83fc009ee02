//! The keys that sign for the tenant.

use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use symbolon_identity::admin::{self, AdminError};
use symbolon_identity::keys::{KeyFacts, SigningAlgorithm};

use super::answer::{Found, List};
use super::body::{Json, NoBody};
use super::call::Call;

/// A signing key; never its private half.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct SigningKey {
    /// Its RFC 7638 thumbprint, as the JWKS has it.
    kid: String,
    /// What it signs with.
    algorithm: SigningAlgorithm,
    /// `next`: published, does not sign yet; `active`: signs; `retired`: published, signs no more.
    state: &'static str,
    /// Since when it is published.
    created_at: DateTime<Utc>,
    /// When it began to sign.
    activated_at: Option<DateTime<Utc>>,
    /// When it ceased to sign.
    retired_at: Option<DateTime<Utc>>,
}

impl From<KeyFacts> for SigningKey {
    fn from(facts: KeyFacts) -> Self {
        Self {
            kid: facts.kid,
            algorithm: facts.algorithm,
            state: facts.state.as_str(),
            created_at: facts.created_at,
            activated_at: facts.activated_at,
            retired_at: facts.retired_at,
        }
    }
}

/// Which key is changed.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct RotateKeys {
    /// The algorithm whose key is changed; ES256 when not given.
    #[serde(default)]
    algorithm: SigningAlgorithm,
}

/// What became of the retired keys.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct KeysForgotten {
    /// How many there were.
    forgotten: usize,
}

pub(super) async fn list(call: Call, _: NoBody) -> Result<Found<List<SigningKey>>, AdminError> {
    let keys = admin::list_keys(call.broker(), &call.tenant).await?;
    Ok(Found(keys.into_iter().map(SigningKey::from).collect()))
}

pub(super) async fn rotate(
    call: Call,
    Json(body): Json<RotateKeys>,
) -> Result<Found<SigningKey>, AdminError> {
    let (broker, caller, tenant) = (call.broker(), &call.caller, &call.tenant);
    Ok(Found(admin::rotate_keys(broker, caller, tenant, body.algorithm).await?.into()))
}

pub(super) async fn forget_retired(
    call: Call,
    _: NoBody,
) -> Result<Found<KeysForgotten>, AdminError> {
    let (broker, caller) = (call.broker(), &call.caller);
    let forgotten = admin::forget_retired_keys(broker, caller, &call.tenant).await?;
    Ok(Found(KeysForgotten { forgotten }))
}
