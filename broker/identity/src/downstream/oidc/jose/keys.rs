//! Where the keys of an application come from: its registration, or an address that it registered
//! (RFC 7591 2; R-08, DY-09, DY-12).
//!
//! Owns: the cache of fetched key sets, by address. Does not own: which keys count ([`super::jwk`]), the
//! pace of fetching ([`crate::fetched`]), or the way out (the guarded client).

use std::sync::Arc;
use std::time::Duration;

use chrono::TimeDelta;
use moka::future::Cache;
use serde_json::Value;
use symbolon_contract::ReasonCode;
use thiserror::Error;
use url::Url;

use super::jwk::{ApplicationKeySet, JwkProblem, PublicJwk};
use crate::broker::Broker;
use crate::clock::Clock;
use crate::downstream::OpenidSettings;
use crate::fetched::{Fetched, Pace, SharedFailure};
use crate::outgoing::{OutgoingError, OutgoingHttp, OutgoingRequest};

#[cfg(test)]
mod tests;

const PACE: Pace = Pace {
    lifetime: TimeDelta::minutes(5),
    // The suite rotates keys and waits a minute (DY-12).
    forced: TimeDelta::minutes(1),
    retry: TimeDelta::minutes(1),
    // Anybody can send a token: a broken address must not be asked each time.
    failure: TimeDelta::seconds(10),
    oldest: TimeDelta::hours(1),
};

/// Longer key sets are refused.
const MAX_BYTES: usize = 64 * 1024;
/// How many addresses are remembered, and for how long nobody may ask for one.
const CAPACITY: u64 = 10_000;
const FORGOTTEN_AFTER: Duration = Duration::from_secs(24 * 60 * 60);

/// Why an application's keys cannot be had.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub(crate) enum KeysProblem {
    /// It registered neither keys nor an address of keys.
    #[error("the application has registered no keys")]
    NoneRegistered,
    /// The registered keys are of no use.
    #[error("the application's registered keys: {0}")]
    Registered(JwkProblem),
    /// The address cannot be read.
    #[error("the application's jwks_uri: {0}")]
    Fetch(#[from] OutgoingError),
    /// The address answers something else.
    #[error("the application's jwks_uri answers with status {0}, expected 200")]
    Status(u16),
    /// The answer is too long.
    #[error("the application's jwks_uri answers more than {MAX_BYTES} bytes")]
    TooLong,
    /// The answer is no JSON.
    #[error("the application's jwks_uri does not answer with JSON")]
    NoJson,
    /// The answer is of no use.
    #[error("the application's jwks_uri: {0}")]
    Published(JwkProblem),
}

impl KeysProblem {
    /// The catalogue's code.
    pub(crate) fn reason(&self) -> ReasonCode {
        ReasonCode::TokenApplicationKeysUnavailable
    }
}

impl SharedFailure for KeysProblem {
    fn again(&self) -> Self {
        self.clone()
    }
}

/// The outcome of a check of something that an application signed.
pub(crate) trait SignedByApplication: From<KeysProblem> {
    /// Whether newer keys could change it.
    fn may_be_a_new_key(&self) -> bool;
}

/// Fetched key sets of all applications, by address.
#[derive(Debug, Clone)]
pub(crate) struct ApplicationKeys(Cache<Url, Arc<Fetched<ApplicationKeySet, KeysProblem>>>);

impl Default for ApplicationKeys {
    fn default() -> Self {
        Self(Cache::builder().max_capacity(CAPACITY).time_to_idle(FORGOTTEN_AFTER).build())
    }
}

/// Runs a check with the keys of an application and, when they may have changed since they were read,
/// once more with new ones.
///
/// # Errors
/// That of the check, or a [`KeysProblem`] inside it.
pub(crate) async fn with_keys<T, P: SignedByApplication>(
    broker: &Broker,
    settings: &OpenidSettings,
    check: impl Fn(&[PublicJwk]) -> Result<T, P>,
) -> Result<T, P> {
    match (&settings.jwks_uri, &settings.jwks) {
        (Some(address), _) => {
            let source = (&broker.upstreams.http, broker.clock.as_ref());
            broker.application_keys.check(address, source, check).await
        }
        (None, Some(set)) => {
            check(ApplicationKeySet::read(set).map_err(KeysProblem::Registered)?.keys())
        }
        (None, None) => Err(KeysProblem::NoneRegistered.into()),
    }
}

impl ApplicationKeys {
    async fn check<T, P: SignedByApplication>(
        &self,
        address: &Url,
        (http, clock): (&OutgoingHttp, &dyn Clock),
        check: impl Fn(&[PublicJwk]) -> Result<T, P>,
    ) -> Result<T, P> {
        let fetched = self.0.get_with_by_ref(address, async { Arc::default() }).await;
        let known = fetched.current((&PACE, clock), fetch(http, address)).await?;
        match check(known.keys()) {
            Err(refused) if refused.may_be_a_new_key() => {
                match fetched.newer_than(&known, (&PACE, clock), fetch(http, address)).await? {
                    Some(newer) => check(newer.keys()),
                    None => Err(refused),
                }
            }
            outcome => outcome,
        }
    }
}

async fn fetch(http: &OutgoingHttp, address: &Url) -> Result<ApplicationKeySet, KeysProblem> {
    let answer = http.send(OutgoingRequest::get_json(address.clone())).await?;
    if answer.status != 200 {
        return Err(KeysProblem::Status(answer.status.as_u16()));
    }
    if answer.body.len() > MAX_BYTES {
        return Err(KeysProblem::TooLong);
    }
    let set: Value = answer.json().map_err(|_| KeysProblem::NoJson)?;
    ApplicationKeySet::read(&set).map_err(KeysProblem::Published)
}
