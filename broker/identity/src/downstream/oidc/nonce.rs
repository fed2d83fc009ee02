//! Nonces for proofs of possession (RFC 9449 8, 9): where an application asks for it, a proof must hold one of ours,
//! so that none that was made beforehand is of use.
//!
//! Owns: how a nonce is made, which ones count, and when one is told. Nothing is stored: a nonce is a keyed hash of
//! the minute, the same on every node. Does not own: the rest of a proof (`jose::dpop`).

use symbolon_contract::ReasonCode;

use super::jose::dpop;
use super::{OpenidProvider, Presented};
use crate::broker::Broker;
use crate::secrets::{Purpose, SecretsError, keyed_text};

/// The tenant's key for them.
const KEY: (Purpose, &str) = (Purpose::DpopNonceKey, "nonces");
/// For so many seconds the same one is told; it counts for as long again.
const SLOT: i64 = 60;

/// The nonces that count now, the newest first. Another node's clock may be a little ahead: its next one counts too.
///
/// # Errors
/// [`SecretsError`] when the tenant's key cannot be had.
pub(super) async fn counting(
    broker: &Broker,
    provider: &OpenidProvider,
) -> Result<Vec<String>, SecretsError> {
    let key = broker.tenant_keys.get(&provider.keys, KEY).await?;
    let slot = broker.clock.now().timestamp().div_euclid(SLOT);
    let of = |slot: i64| keyed_text(&key, format!("symbolon dpop nonce\n{slot}").as_bytes());
    Ok([slot, slot - 1, slot + 1].map(of).to_vec())
}

/// The newest one.
async fn newest(broker: &Broker, provider: &OpenidProvider) -> Option<String> {
    match counting(broker, provider).await {
        Ok(counting) => counting.into_iter().next(),
        Err(error) => {
            tracing::warn!(%error, "no nonce can be told");
            None
        }
    }
}

/// Whether a request was refused only for want of a nonce, which the answer tells: the ordinary way to learn one.
#[must_use]
pub fn is_wanting(reason: ReasonCode) -> bool {
    matches!(reason, ReasonCode::TokenDpopNonceNeeded | ReasonCode::UserinfoDpopNonceNeeded)
}

/// The nonce to tell with a refusal (RFC 9449 8, 9).
pub async fn with_refusal(
    broker: &Broker,
    provider: &OpenidProvider,
    reason: ReasonCode,
) -> Option<String> {
    if is_wanting(reason) { newest(broker, provider).await } else { None }
}

/// The nonce to tell with an answer: when the proof's own will soon be over (RFC 9449 8.2).
pub async fn with_answer(broker: &Broker, presented: &Presented<'_>) -> Option<String> {
    let [proof] = presented.proofs else { return None };
    let used = dpop::nonce_of(proof)?;
    newest(broker, presented.provider).await.filter(|newest| *newest != used)
}
