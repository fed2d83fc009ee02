//! Microsoft Graph, as far as sign-ins and connection tests need it.
//!
//! Owns: the bearer token, retries (G-11), paging inside one host (G-04), the groups of a person (E-28),
//! their profile (DEC-5) and what an admin looks up. Does not own: what follows from an answer.
//! No address ever comes from a token: `_claim_sources` is not read at all (E-27).

mod error;
mod groups;
mod lookup;
mod profile;
mod token;

pub(crate) use error::GraphError;
pub(crate) use groups::Whose;
pub use lookup::{FoundGroup, RegisteredCredential};
pub(crate) use token::GraphTokens;

use std::time::Duration;

use http::header::{CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue, RETRY_AFTER};
use http::{Method, StatusCode};
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Map, Value};
use url::Url;

use super::clouds::Cloud;
use crate::outgoing::{OutgoingHttp, OutgoingRequest, OutgoingResponse};

/// How often a request is sent at most.
const TRIES: u32 = 3;
/// A sign-in waits for a throttled Graph no longer than this at once.
const LONGEST_WAIT: Duration = Duration::from_secs(4);
/// Pages of one list; with 999 rows each far more than a person has groups.
const MAX_PAGES: usize = 50;

/// One caller's view of Graph.
pub(crate) struct Graph<'a> {
    pub(crate) cloud: &'a Cloud,
    pub(crate) http: &'a OutgoingHttp,
    pub(crate) bearer: &'a SecretString,
}

impl Graph<'_> {
    fn url(&self, path: &str, query: &[(&str, &str)]) -> Result<Url, GraphError> {
        let mut url = self.cloud.graph_url(path).ok_or(GraphError::NoAddress)?;
        if !query.is_empty() {
            url.query_pairs_mut().extend_pairs(query);
        }
        Ok(url)
    }

    async fn get(&self, url: Url) -> Result<Map<String, Value>, GraphError> {
        self.ask(|| OutgoingRequest::get_json(url.clone())).await
    }

    async fn post(&self, url: Url, body: &Value) -> Result<Map<String, Value>, GraphError> {
        self.ask(|| OutgoingRequest {
            method: Method::POST,
            headers: HeaderMap::from_iter([(
                CONTENT_TYPE,
                HeaderValue::from_static("application/json"),
            )]),
            body: Some(body.to_string().into_bytes()),
            ..OutgoingRequest::get_json(url.clone())
        })
        .await
    }

    /// All rows of a list, page by page.
    async fn list(&self, first: Url) -> Result<Vec<Value>, GraphError> {
        let mut rows = Vec::new();
        let mut next = Some(first);
        for _ in 0..MAX_PAGES {
            let Some(url) = next else {
                return Ok(rows);
            };
            let mut page = self.get(url).await?;
            match page.remove("value") {
                Some(Value::Array(more)) => rows.extend(more),
                _ => return Err(GraphError::Malformed("a list without values".into())),
            }
            next = match page.get("@odata.nextLink").and_then(Value::as_str) {
                Some(link) => Some(self.own_link(link)?),
                None => None,
            };
        }
        Err(GraphError::Malformed(format!("a list of more than {MAX_PAGES} pages")))
    }

    /// A link that Graph gave, if it leads to Graph: the bearer token goes nowhere else (G-04).
    fn own_link(&self, link: &str) -> Result<Url, GraphError> {
        let own = self.cloud.graph.as_ref().ok_or(GraphError::NoAddress)?;
        let url = Url::parse(link).ok().filter(|url| url.origin() == own.origin());
        url.ok_or_else(|| GraphError::Malformed("a paging link that leads elsewhere".into()))
    }

    /// Sends, and again after the time that Graph asks for, a few times.
    async fn ask(
        &self,
        request: impl Fn() -> OutgoingRequest,
    ) -> Result<Map<String, Value>, GraphError> {
        let mut tried = 0;
        loop {
            tried += 1;
            let bearer = format!("Bearer {}", self.bearer.expose_secret());
            let mut request = request().with_secret_header("authorization", bearer.into());
            // Lists of what a directory holds are eventually consistent; saying so permits counting (G-12).
            request.headers.insert(
                HeaderName::from_static("consistencylevel"),
                HeaderValue::from_static("eventual"),
            );
            let response = self.http.send(request).await?;
            match wait_for(&response) {
                Some(wait) if tried < TRIES && wait <= LONGEST_WAIT => {
                    tracing::info!(status = %response.status, ?wait, "Graph asks to wait");
                    tokio::time::sleep(wait).await;
                }
                _ => return read(&response),
            }
        }
    }
}

/// How long to wait before the next try; nothing for an answer that stands.
fn wait_for(response: &OutgoingResponse) -> Option<Duration> {
    let again = [
        StatusCode::TOO_MANY_REQUESTS,
        StatusCode::BAD_GATEWAY,
        StatusCode::SERVICE_UNAVAILABLE,
        StatusCode::GATEWAY_TIMEOUT,
    ];
    if !again.contains(&response.status) {
        return None;
    }
    let stated = response.headers.get(RETRY_AFTER).and_then(|value| value.to_str().ok());
    let seconds = stated.and_then(|text| text.trim().parse().ok());
    Some(seconds.map_or(Duration::from_millis(200), Duration::from_secs))
}

fn read(response: &OutgoingResponse) -> Result<Map<String, Value>, GraphError> {
    let body: Option<Map<String, Value>> = response.json().ok();
    if response.status.is_success() {
        return body.ok_or_else(|| GraphError::Malformed("no JSON object".into()));
    }
    let code = body.as_ref().and_then(|body| body.get("error")?.get("code")?.as_str());
    Err(GraphError::refused(response.status, code.unwrap_or("no error code")))
}
