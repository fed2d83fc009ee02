//! What an identity provider publishes of itself: read when a connector is made, refreshed on a schedule, kept in one
//! row for all nodes. The last good copy stays when a newer one is refused (ME-8).

use chrono::{DateTime, TimeDelta, Utc};
use http::header::HeaderMap;
use http::{Method, StatusCode};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use symbolon_contract::ReasonCode;
use symbolon_saml::certificate::Certificate;
use symbolon_saml::engine::Trust;
use symbolon_saml::metadata::{self, EntitySummary, IdentityProviderMetadata};
use symbolon_saml::names;
use symbolon_saml::policy::AlgorithmPolicy;
use symbolon_storage::UpstreamDocument;
use url::Url;

use super::identity_provider::{Binding, Endpoint, IdentityProvider};
use super::settings::{MetadataChanges, MetadataSource, SamlSettings};
use crate::broker::Broker;
use crate::connectors::{ConnectorError, ConnectorRecord};
use crate::outgoing::OutgoingRequest;
use crate::tenants::TenantRecord;

/// Metadata is read again after this long, unless it asks for less.
const REFRESH_EVERY: TimeDelta = TimeDelta::hours(24);
/// Never more often than this, whatever it asks for.
const REFRESH_AT_MOST: TimeDelta = TimeDelta::hours(1);
/// A failed attempt is repeated after this long.
const RETRY_AFTER: TimeDelta = TimeDelta::minutes(10);

/// Metadata to read: what an admin uploaded, or where it is.
#[derive(Debug, Clone)]
pub enum MetadataInput {
    /// A document.
    Document(Vec<u8>),
    /// An address.
    Source(MetadataSource),
}

/// What metadata holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ReadMetadata {
    /// One identity provider, or the one that was asked for.
    One(IdentityProvider),
    /// Several, one of which must be picked.
    Several(Vec<EntityChoice>),
}

/// An entity of a document that holds several.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct EntityChoice {
    /// Its entity id.
    pub entity_id: String,
    /// The name that it shows.
    pub display_name: Option<String>,
}

/// Reads metadata for the settings of a connector.
///
/// # Errors
/// [`ConnectorError`]: not fetched, refused, or of no use. With several identity providers and no entity id, the
/// error names them (ME-3).
pub async fn read_metadata(
    broker: &Broker,
    input: &MetadataInput,
    entity_id: Option<&str>,
) -> Result<IdentityProvider, ConnectorError> {
    match input {
        MetadataInput::Document(bytes) => {
            let read = parse(broker, bytes.clone(), (entity_id, &[])).await?;
            Ok(IdentityProvider::from(read))
        }
        MetadataInput::Source(source) => {
            let wanted = entity_id.or(source.entity_id.as_deref());
            Ok(IdentityProvider::from(fetch(broker, source, wanted).await?))
        }
    }
}

/// Reads metadata, or says whom to pick from when it holds several identity providers (ME-3).
///
/// # Errors
/// [`ConnectorError`]: not fetched, refused, or of no use.
pub async fn read_or_choose(
    broker: &Broker,
    input: MetadataInput,
    entity_id: Option<&str>,
) -> Result<ReadMetadata, ConnectorError> {
    let (body, entity_id, signers) = match input {
        MetadataInput::Document(bytes) => (bytes, entity_id.map(str::to_owned), Vec::new()),
        MetadataInput::Source(source) => {
            let wanted = entity_id.map(str::to_owned).or_else(|| source.entity_id.clone());
            (download(broker, &source.url).await?, wanted, signers(&source)?)
        }
    };
    if entity_id.is_none() {
        let found = entities(broker, body.clone()).await?;
        if found.len() > 1 {
            return Ok(ReadMetadata::Several(found));
        }
    }
    let read = parse(broker, body, (entity_id.as_deref(), &signers)).await?;
    Ok(ReadMetadata::One(IdentityProvider::from(read)))
}

async fn fetch(
    broker: &Broker,
    source: &MetadataSource,
    entity_id: Option<&str>,
) -> Result<IdentityProviderMetadata, ConnectorError> {
    let body = download(broker, &source.url).await?;
    parse(broker, body, (entity_id, &signers(source)?)).await
}

fn signers(source: &MetadataSource) -> Result<Vec<Certificate>, ConnectorError> {
    let signers = source.signed_by.iter().map(|text| Certificate::from_base64(text));
    signers.collect::<Result<_, _>>().map_err(ConnectorError::from)
}

async fn download(broker: &Broker, url: &Url) -> Result<Vec<u8>, ConnectorError> {
    let (what, reason) = ("metadata", ReasonCode::SamlMetadataUnreachable);
    let request = OutgoingRequest {
        method: Method::GET,
        url: url.clone(),
        headers: HeaderMap::new(),
        secret_headers: Vec::new(),
        body: None,
        accept: "application/samlmetadata+xml, application/xml, text/xml, */*",
    };
    let answer = broker.upstreams.http.send(request).await;
    let answer = answer.map_err(|source| ConnectorError::Fetch { what, reason, source })?;
    if answer.status != StatusCode::OK {
        let problem = format!("the address answers {}", answer.status);
        return Err(ConnectorError::Document { what, reason, problem });
    }
    Ok(answer.body)
}

async fn parse(
    broker: &Broker,
    xml: Vec<u8>,
    (entity_id, signers): (Option<&str>, &[Certificate]),
) -> Result<IdentityProviderMetadata, ConnectorError> {
    let (now, wanted) = (broker.clock.now(), entity_id.map(str::to_owned));
    let signers = signers.to_vec();
    let read = broker.saml.run(move || {
        let trust = Trust { certificates: &signers, algorithms: AlgorithmPolicy::default(), now };
        let trust = (!signers.is_empty()).then_some(&trust);
        metadata::read_identity_provider(&xml, wanted.as_deref(), now, trust)
    });
    read.await.and_then(|read| read).map_err(ConnectorError::from)
}

/// The identity providers of a document, for an admin to pick from.
///
/// # Errors
/// When the document is refused.
pub async fn entities(broker: &Broker, xml: Vec<u8>) -> Result<Vec<EntityChoice>, ConnectorError> {
    let now = broker.clock.now();
    let found = broker.saml.run(move || metadata::entities(&xml, now)).await;
    let found = found.and_then(|found| found)?;
    let providers = found.into_iter().filter(|one| one.is_identity_provider);
    Ok(providers
        .map(|EntitySummary { entity_id, display_name, .. }| EntityChoice {
            entity_id,
            display_name,
        })
        .collect())
}

/// The identity provider as it counts now: what it published for these settings, where they follow it; else the
/// settings' own word. A copy whose time is over counts no more (ME-8).
pub(crate) fn effective(
    settings: &SamlSettings,
    settings_version: i32,
    document: Option<&UpstreamDocument>,
    now: DateTime<Utc>,
) -> IdentityProvider {
    let own = || settings.identity_provider.clone();
    let follows =
        settings.metadata.as_ref().is_some_and(|one| one.changes == MetadataChanges::Follow);
    let Some(document) = document.filter(|_| follows) else {
        return own();
    };
    let current = document.settings_version == settings_version
        && document.valid_until.is_none_or(|until| now < until);
    let read = document.content.as_ref().filter(|_| current).and_then(kept_provider);
    // Another entity is another identity provider, whoever published it.
    read.filter(|read| read.entity_id == settings.identity_provider.entity_id).unwrap_or_else(own)
}

/// Reads the published metadata again when it is time, or `at_once`. Returns what is kept of it.
///
/// # Errors
/// Those of the database; what is wrong with the metadata is kept as its failure.
pub(crate) async fn refresh(
    broker: &Broker,
    tenant: &TenantRecord,
    (record, settings): (&ConnectorRecord, &SamlSettings),
    at_once: bool,
) -> Result<Option<UpstreamDocument>, ConnectorError> {
    let Some(source) = &settings.metadata else {
        return Ok(None);
    };
    let (id, connector) = (tenant.id.clone(), record.id.clone());
    let known = broker
        .database
        .read(move |conn| conn.tenant(&id).upstream_documents().find(&connector))
        .await
        .map_err(ConnectorError::Storage)?;
    let now = broker.clock.now();
    let known = known.filter(|known| known.settings_version == record.settings_version);
    if !at_once && known.as_ref().is_some_and(|known| now < due(known)) {
        return Ok(known);
    }
    let entity_id = settings.identity_provider.entity_id.as_str();
    let fetched = fetch(broker, source, Some(entity_id)).await;
    let document = merged(record, known, fetched, now);
    let (id, row) = (tenant.id.clone(), document.clone());
    broker
        .database
        .write(move |conn| conn.tenant(&id).upstream_documents().put(&row))
        .await
        .map_err(ConnectorError::Storage)?;
    Ok(Some(document))
}

/// What is kept of a good copy.
#[derive(Serialize, Deserialize)]
struct Kept {
    identity_provider: IdentityProvider,
    /// How long the copy may be used before it is asked for again, in seconds (`cacheDuration`).
    cache_seconds: Option<i64>,
}

/// The identity provider of a kept copy.
pub(super) fn kept_provider(content: &Value) -> Option<IdentityProvider> {
    kept(content).map(|kept| kept.identity_provider)
}

fn kept(content: &Value) -> Option<Kept> {
    serde_json::from_value(content.clone()).ok()
}

fn due(known: &UpstreamDocument) -> DateTime<Utc> {
    if known.failure.is_some() {
        return known.checked_at + RETRY_AFTER;
    }
    // Halfway to its end, so that there is time to mend what goes wrong.
    let half = known.valid_until.zip(known.fetched_at).map(|(until, at)| (until - at) / 2);
    let asked = known.content.as_ref().and_then(kept).and_then(|kept| kept.cache_seconds);
    let asked = asked.and_then(TimeDelta::try_seconds);
    let after = half.into_iter().chain(asked).fold(REFRESH_EVERY, TimeDelta::min);
    known.checked_at + after.max(REFRESH_AT_MOST)
}

fn merged(
    record: &ConnectorRecord,
    known: Option<UpstreamDocument>,
    fetched: Result<IdentityProviderMetadata, ConnectorError>,
    now: DateTime<Utc>,
) -> UpstreamDocument {
    let fresh = UpstreamDocument {
        connector_id: record.id.clone(),
        settings_version: record.settings_version,
        content: None,
        fetched_at: None,
        valid_until: None,
        checked_at: now,
        failure: None,
    };
    match fetched {
        Ok(read) => {
            let (valid_until, cache_for) = (read.valid_until, read.cache_for);
            let content = json!(Kept {
                cache_seconds: cache_for.map(|time| time.num_seconds()),
                identity_provider: IdentityProvider::from(read),
            });
            let content = Some(content);
            UpstreamDocument { content, fetched_at: Some(now), valid_until, ..fresh }
        }
        Err(error) => UpstreamDocument {
            checked_at: now,
            failure: Some(json!({ "reason": error.reason(), "detail": error.to_string() })),
            ..known.unwrap_or(fresh)
        },
    }
}

impl From<IdentityProviderMetadata> for IdentityProvider {
    fn from(read: IdentityProviderMetadata) -> Self {
        let certificates = read.certificates.iter().map(Certificate::to_base64).collect();
        Self {
            certificates,
            sign_on: endpoints(&read.sign_on),
            logout: endpoints(&read.logout),
            wants_signed_requests: read.want_signed_requests,
            entity_id: read.entity_id,
        }
    }
}

/// Endpoints of bindings that we speak.
fn endpoints(read: &[metadata::Endpoint]) -> Vec<Endpoint> {
    let known = read.iter().filter_map(|endpoint| {
        let binding = match endpoint.binding.as_str() {
            names::BINDING_REDIRECT => Binding::Redirect,
            names::BINDING_POST => Binding::Post,
            _ => return None,
        };
        Some(Endpoint {
            binding,
            location: endpoint.location.clone(),
            response_location: endpoint.response_location.clone(),
        })
    });
    known.collect()
}
