//! The one place of the testkit that builds an HTTP sender: it follows no redirects and keeps no
//! cookies, so that callers see every step.

use std::time::Duration;

/// Why an HTTP exchange gave no answer.
#[derive(Debug, thiserror::Error)]
pub enum HttpError {
    /// The sender could not be built.
    #[error("cannot build the HTTP sender: {0}")]
    Build(#[source] reqwest::Error),
    /// The exchange itself failed.
    #[error("{url}: {source}")]
    Exchange {
        /// Where the request went.
        url: String,
        /// What went wrong.
        #[source]
        source: reqwest::Error,
    },
}

/// A sender for loopback servers: no redirects, no proxies, 30 seconds.
///
/// # Errors
/// When the TLS backend cannot be set up.
pub fn sender() -> Result<reqwest::Client, HttpError> {
    #[expect(
        clippy::disallowed_methods,
        reason = "the testkit plays the outside world: the broker's address guard is not its business"
    )]
    let builder = reqwest::Client::builder();
    builder
        .redirect(reqwest::redirect::Policy::none())
        .no_proxy()
        .timeout(Duration::from_secs(30))
        .build()
        .map_err(HttpError::Build)
}
