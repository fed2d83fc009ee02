//! The keys of one upstream: single-flight refresh, last known good, no fetch storm (E-70, C22).

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use chrono::{DateTime, TimeDelta, Utc};
use openidconnect::core::CoreJsonWebKeySet;
use serde_json::Value;
use symbolon_contract::ReasonCode;
use tokio::sync::Mutex;
use url::Url;

use crate::clock::Clock;
use crate::connectors::ConnectorError;
use crate::outgoing::{OutgoingHttp, OutgoingRequest};

#[cfg(test)]
mod tests;

/// Keys are read anew after this long, so that a withdrawn key stops working.
const LIFETIME: TimeDelta = TimeDelta::hours(1);
/// An unknown `kid` asks for new keys at most this often.
const FORCED_REFRESH_INTERVAL: TimeDelta = TimeDelta::minutes(5);
/// While the upstream cannot be reached, old keys are refreshed at most this often.
const RETRY_INTERVAL: TimeDelta = TimeDelta::minutes(1);

/// A fetched key set.
#[derive(Debug)]
pub(crate) struct KeySet {
    /// The keys, for the crate that verifies.
    pub(super) keys: CoreJsonWebKeySet,
    /// What the set says of each key's issuer: a member of Entra's that the crate drops (E-04).
    issuers: HashMap<String, String>,
}

impl KeySet {
    /// How many keys there are.
    pub(crate) fn count(&self) -> usize {
        self.keys.keys().len()
    }

    /// The issuers that the set states for its keys.
    pub(crate) fn issuers(&self) -> impl Iterator<Item = &str> {
        self.issuers.values().map(String::as_str)
    }

    fn parse(body: &[u8]) -> Result<Self, serde_json::Error> {
        let keys = serde_json::from_slice(body)?;
        let raw: Value = serde_json::from_slice(body)?;
        let listed = raw.get("keys").and_then(Value::as_array).into_iter().flatten();
        let issuers = listed.filter_map(|key| {
            let text = |name: &str| key.get(name)?.as_str().map(str::to_owned);
            Some((text("kid")?, text("issuer")?))
        });
        Ok(Self { keys, issuers: issuers.collect() })
    }

    /// The issuer that the set states for a key; of a token without `kid`, that of the only key.
    pub(super) fn issuer_of(&self, key_id: Option<&str>) -> Option<&str> {
        match key_id {
            Some(id) => self.issuers.get(id).map(String::as_str),
            None if self.keys.keys().len() == 1 => self.issuers.values().next().map(String::as_str),
            None => None,
        }
    }
}

/// The keys of one upstream and when they were asked for.
#[derive(Debug, Default)]
pub(super) struct UpstreamKeys {
    // One lock: whoever holds it fetches, everybody else waits and finds the result.
    state: Mutex<State>,
    /// How many first fetches have failed: who waited for one of them shares its failure.
    failures: AtomicU64,
}

#[derive(Debug, Default)]
struct State {
    current: Option<Fetched>,
    forced_at: Option<DateTime<Utc>>,
    /// When a refresh of old keys last failed: nobody waits for the next try before its time.
    failed_at: Option<DateTime<Utc>>,
    /// Why the last first fetch failed.
    failure: Option<(ReasonCode, String)>,
}

#[derive(Debug, Clone)]
struct Fetched {
    keys: Arc<KeySet>,
    at: DateTime<Utc>,
}

/// Where and when keys are asked for.
pub(super) struct KeySource<'a> {
    pub(super) http: &'a OutgoingHttp,
    pub(super) jwks_uri: &'a Url,
    pub(super) clock: &'a dyn Clock,
}

impl UpstreamKeys {
    /// The keys as known, fetched when there are none or they are old. Old keys serve on while the
    /// upstream cannot be reached.
    pub(super) async fn current(
        &self,
        source: &KeySource<'_>,
    ) -> Result<Arc<KeySet>, ConnectorError> {
        let before = self.failures.load(Ordering::Acquire);
        let mut state = self.state.lock().await;
        let now = source.clock.now();
        match &state.current {
            Some(known) if now - known.at < LIFETIME || state.waits_to_retry(now) => {
                Ok(Arc::clone(&known.keys))
            }
            Some(known) => match fetch(source).await {
                Ok(keys) => Ok(state.keep(keys, now)),
                Err(error) => {
                    tracing::warn!(%error, "keys not refreshed, the last known ones serve on");
                    let keys = Arc::clone(&known.keys);
                    state.failed_at = Some(now);
                    Ok(keys)
                }
            },
            None if self.failures.load(Ordering::Acquire) != before => Err(state.shared_failure()),
            None => match fetch(source).await {
                Ok(keys) => Ok(state.keep(keys, now)),
                Err(error) => {
                    state.failure = Some((error.reason(), error.to_string()));
                    self.failures.fetch_add(1, Ordering::Release);
                    Err(error)
                }
            },
        }
    }

    /// Keys newer than `seen`, for a token whose `kid` nobody knows; `None` while it is too early to ask.
    pub(super) async fn newer_than(
        &self,
        seen: &Arc<KeySet>,
        source: &KeySource<'_>,
    ) -> Result<Option<Arc<KeySet>>, ConnectorError> {
        let mut state = self.state.lock().await;
        if let Some(known) = &state.current
            && !Arc::ptr_eq(&known.keys, seen)
        {
            return Ok(Some(Arc::clone(&known.keys)));
        }
        let now = source.clock.now();
        if state.forced_at.is_some_and(|at| now - at < FORCED_REFRESH_INTERVAL) {
            return Ok(None);
        }
        state.forced_at = Some(now);
        let keys = fetch(source).await?;
        Ok(Some(state.keep(keys, now)))
    }
}

impl State {
    /// The failure of a fetch that somebody else made while the caller waited: trying again at once would
    /// only make a queue of everybody's time-outs.
    fn shared_failure(&self) -> ConnectorError {
        let unknown = || (ReasonCode::OidcJwksUnavailable, "it cannot be read".to_owned());
        let (reason, problem) = self.failure.clone().unwrap_or_else(unknown);
        ConnectorError::Document { what: "key set", reason, problem }
    }

    fn waits_to_retry(&self, now: DateTime<Utc>) -> bool {
        self.failed_at.is_some_and(|at| now - at < RETRY_INTERVAL)
    }

    fn keep(&mut self, keys: KeySet, at: DateTime<Utc>) -> Arc<KeySet> {
        let keys = Arc::new(keys);
        self.current = Some(Fetched { keys: Arc::clone(&keys), at });
        keys
    }
}

pub(super) async fn fetch(source: &KeySource<'_>) -> Result<KeySet, ConnectorError> {
    let request = OutgoingRequest::get_json(source.jwks_uri.clone());
    let response = source.http.send(request).await.map_err(|error| ConnectorError::Fetch {
        what: "key set",
        reason: ReasonCode::OidcJwksUnavailable,
        source: error,
    })?;
    let unusable = |problem: String| ConnectorError::Document {
        what: "key set",
        reason: ReasonCode::OidcJwksUnavailable,
        problem,
    };
    if response.status != 200 {
        return Err(unusable(format!("the answer has status {}, expected 200", response.status)));
    }
    let keys = KeySet::parse(&response.body)
        .map_err(|_| unusable("it is not a JSON Web Key Set".to_owned()))?;
    if keys.keys.keys().is_empty() {
        return Err(unusable("it holds no usable key".to_owned()));
    }
    Ok(keys)
}
