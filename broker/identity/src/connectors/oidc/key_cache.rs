//! The keys of one upstream, fetched at their own pace (E-70, C22).

use std::collections::HashMap;
use std::sync::Arc;

use chrono::TimeDelta;
use openidconnect::core::CoreJsonWebKeySet;
use serde_json::Value;
use symbolon_contract::ReasonCode;
use url::Url;

use crate::clock::Clock;
use crate::connectors::ConnectorError;
use crate::fetched::{Fetched, Pace, SharedFailure};
use crate::outgoing::{OutgoingHttp, OutgoingRequest};

#[cfg(test)]
mod tests;

/// Keys are read anew after this long, so that a withdrawn key stops working.
const LIFETIME: TimeDelta = TimeDelta::hours(1);
/// An unknown `kid` asks for new keys at most this often.
const FORCED_REFRESH_INTERVAL: TimeDelta = TimeDelta::minutes(5);
/// While the upstream cannot be reached, old keys are refreshed at most this often.
const RETRY_INTERVAL: TimeDelta = TimeDelta::minutes(1);

const PACE: Pace = Pace {
    lifetime: LIFETIME,
    forced: FORCED_REFRESH_INTERVAL,
    retry: RETRY_INTERVAL,
    // The next person tries again.
    failure: TimeDelta::zero(),
    oldest: TimeDelta::MAX,
};

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
pub(super) struct UpstreamKeys(Fetched<KeySet, ConnectorError>);

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
        self.0.current((&PACE, source.clock), fetch(source)).await
    }

    /// Keys newer than `seen`, for a token whose `kid` nobody knows; `None` while it is too early to ask.
    pub(super) async fn newer_than(
        &self,
        seen: &Arc<KeySet>,
        source: &KeySource<'_>,
    ) -> Result<Option<Arc<KeySet>>, ConnectorError> {
        self.0.newer_than(seen, (&PACE, source.clock), fetch(source)).await
    }
}

impl SharedFailure for ConnectorError {
    fn again(&self) -> Self {
        Self::Document { what: "key set", reason: self.reason(), problem: self.to_string() }
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
