//! Fetched documents and keys of all upstreams, read through: what is missing is fetched, failures are not kept.

use std::sync::Arc;
use std::time::Duration;

use moka::future::Cache;
use symbolon_contract::{ConnectorId, TenantId};

use super::Provider;
use super::discovery::{ProviderDocument, discover};
use super::key_cache::UpstreamKeys;
use crate::connectors::ConnectorError;
use crate::connectors::entra::GraphTokens;
use crate::outgoing::{OutgoingError, OutgoingHttp};

/// Discovery documents live half a day (E-70).
const DOCUMENT_LIFETIME: Duration = Duration::from_secs(12 * 60 * 60);
/// How many connectors' documents and keys are held at once.
const CAPACITY: u64 = 10_000;

/// One issuer in one version of one connector's configuration: a new version starts with an empty cache.
pub(super) type UpstreamKey = (TenantId, ConnectorId, i32, String);

/// What was fetched from upstreams. Any node can build it anew; nothing here is state.
#[derive(Debug, Clone)]
pub struct Upstreams {
    pub(crate) http: OutgoingHttp,
    documents: Cache<UpstreamKey, Arc<ProviderDocument>>,
    keys: Cache<UpstreamKey, Arc<UpstreamKeys>>,
    pub(crate) graph_tokens: GraphTokens,
}

impl Upstreams {
    /// Empty caches over the guarded way out.
    #[must_use]
    pub fn new(http: OutgoingHttp) -> Self {
        Self {
            http,
            documents: Cache::builder()
                .max_capacity(CAPACITY)
                .time_to_live(DOCUMENT_LIFETIME)
                .build(),
            keys: Cache::builder().max_capacity(CAPACITY).build(),
            graph_tokens: GraphTokens::default(),
        }
    }
}

impl Upstreams {
    /// Whether an address could ever be fetched; for the moment when settings are saved.
    ///
    /// # Errors
    /// What the guard says.
    pub fn check_url(&self, url: &url::Url) -> Result<(), OutgoingError> {
        self.http.check_url(url)
    }
}

impl Provider<'_> {
    pub(super) fn cache_key(&self) -> UpstreamKey {
        let issuer = self.settings.issuer.clone();
        (self.tenant.clone(), self.id.clone(), self.version, issuer)
    }

    /// The provider's document. Failures are not remembered: the next person tries again.
    pub(crate) async fn document(&self) -> Result<Arc<ProviderDocument>, ConnectorError> {
        let fetch = async { discover(&self.upstreams.http, self.settings).await.map(Arc::new) };
        match self.upstreams.documents.get(&self.cache_key()).await {
            Some(document) => Ok(document),
            None => {
                let document = fetch.await?;
                self.upstreams.documents.insert(self.cache_key(), Arc::clone(&document)).await;
                Ok(document)
            }
        }
    }

    /// An address of the document did not work: it may have moved, so the next person reads the document anew.
    pub(crate) async fn forget_document(&self) {
        self.upstreams.documents.invalidate(&self.cache_key()).await;
    }

    /// The keys of this upstream, fetched or not yet.
    pub(super) async fn keys(&self) -> Arc<UpstreamKeys> {
        self.upstreams
            .keys
            .get_with(self.cache_key(), async { Arc::new(UpstreamKeys::default()) })
            .await
    }
}
