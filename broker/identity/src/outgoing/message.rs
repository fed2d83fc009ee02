//! What is sent and what comes back. Neither prints its body or headers: both carry secrets.

use std::borrow::Borrow;
use std::fmt;

use http::header::{CONTENT_TYPE, HeaderMap, HeaderValue};
use http::{Method, StatusCode};
use secrecy::SecretString;
use url::Url;

/// One request to the outside.
#[derive(Clone)]
pub struct OutgoingRequest {
    /// The HTTP method.
    pub method: Method,
    /// Where to; checked before anything is sent.
    pub url: Url,
    /// Additional headers.
    pub headers: HeaderMap,
    /// Headers that carry a secret, by their names.
    pub secret_headers: Vec<(&'static str, SecretString)>,
    /// The body, if any; its `Content-Type` belongs into `headers`.
    pub body: Option<Vec<u8>>,
    /// The `Accept` header.
    pub accept: &'static str,
}

impl OutgoingRequest {
    /// A GET that asks for JSON.
    #[must_use]
    pub fn get_json(url: Url) -> Self {
        Self {
            method: Method::GET,
            url,
            headers: HeaderMap::new(),
            secret_headers: Vec::new(),
            body: None,
            accept: "application/json",
        }
    }

    /// A POST of form fields that asks for JSON, as token endpoints want it (RFC 6749 3.2).
    #[must_use]
    pub fn post_form<I, K, V>(url: Url, fields: I) -> Self
    where
        I: IntoIterator,
        I::Item: Borrow<(K, V)>,
        K: AsRef<str>,
        V: AsRef<str>,
    {
        let mut form = url::form_urlencoded::Serializer::new(String::new());
        form.extend_pairs(fields);
        let content_type = HeaderValue::from_static("application/x-www-form-urlencoded");
        Self {
            method: Method::POST,
            headers: HeaderMap::from_iter([(CONTENT_TYPE, content_type)]),
            body: Some(form.finish().into_bytes()),
            ..Self::get_json(url)
        }
    }

    /// Adds a header that carries a secret, for example `authorization`.
    #[must_use]
    pub fn with_secret_header(mut self, name: &'static str, value: SecretString) -> Self {
        self.secret_headers.push((name, value));
        self
    }
}

impl fmt::Debug for OutgoingRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OutgoingRequest")
            .field("method", &self.method)
            .field("host", &self.url.host_str())
            .field("path", &self.url.path())
            .finish_non_exhaustive()
    }
}

/// A complete answer from the outside, within the caps. Never a redirect.
#[derive(Clone)]
pub struct OutgoingResponse {
    /// The HTTP status.
    pub status: StatusCode,
    /// The media type without parameters, in lower case; empty when there is none.
    pub content_type: String,
    /// The whole body.
    pub body: Vec<u8>,
    /// All headers.
    pub headers: HeaderMap,
}

impl OutgoingResponse {
    /// Reads the body as JSON.
    ///
    /// # Errors
    /// When the body is no JSON of that shape. The error names a place, not the content's values.
    pub fn json<T: serde::de::DeserializeOwned>(&self) -> Result<T, serde_json::Error> {
        serde_json::from_slice(&self.body)
    }
}

impl fmt::Debug for OutgoingResponse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OutgoingResponse")
            .field("status", &self.status)
            .field("content_type", &self.content_type)
            .field("body_bytes", &self.body.len())
            .finish_non_exhaustive()
    }
}
