//! What every handler may reach, registered once (code-style AX-2). Handlers take extractors instead.

use std::sync::Arc;

use actix_web::HttpRequest;
use actix_web::web::Data;
use symbolon_contract::TenantSlug;
use symbolon_identity::Broker;

use crate::config::Settings;
use crate::extract::ReportedHosts;
use crate::http::cors::BrowserOrigins;
use crate::http::rate_limit::RateLimits;
use crate::http::session_cookie::{BrowserCookie, CookiePurpose};
use crate::pages::{Pages, PagesError};

/// The running application.
#[derive(Debug)]
pub struct AppState {
    /// The product.
    pub broker: Broker,
    /// Its pages.
    pub pages: Pages,
    /// The operator's settings.
    pub settings: Settings,
    /// How often callers may ask.
    pub rate_limits: RateLimits,
    /// Whose pages may read answers in a browser.
    pub(crate) browser_origins: BrowserOrigins,
    /// The hosts that the operator was told about.
    pub(crate) reported_hosts: ReportedHosts,
}

impl AppState {
    /// Parses the templates and keeps the rest.
    ///
    /// # Errors
    /// A template that does not parse.
    pub fn new(broker: Broker, settings: Settings) -> Result<Self, PagesError> {
        let rate_limits = RateLimits::new(&settings.rate_limits, Arc::clone(&broker.clock));
        Ok(Self {
            broker,
            pages: Pages::new()?,
            settings,
            rate_limits,
            browser_origins: BrowserOrigins::default(),
            reported_hosts: ReportedHosts::default(),
        })
    }

    /// Whether browsers reach us by https.
    #[must_use]
    pub fn https(&self) -> bool {
        self.settings.http.public_url.is_https()
    }

    /// A tenant's cookie.
    #[must_use]
    pub fn cookie<'a>(&self, purpose: CookiePurpose, tenant: &'a TenantSlug) -> BrowserCookie<'a> {
        BrowserCookie { purpose, tenant, https: self.https() }
    }
}

/// The state of a request.
///
/// # Panics
/// Never in a running server: [`crate::startup`] registers the state for every worker.
#[expect(clippy::expect_used, reason = "registered once for every worker in startup")]
pub(crate) fn state(request: &HttpRequest) -> Data<AppState> {
    request.app_data::<Data<AppState>>().cloned().expect("startup registers the state")
}
