//! A person's browser without JavaScript: cookies, redirects, links, forms. It shows one page at a
//! time, and every step on the way there.
//!
//! Not honoured: cookie paths, SameSite, `Secure` on plain HTTP (all hosts are loopback). As in a
//! real browser, cookies do not tell ports apart.

mod jar;
mod page;

use std::collections::BTreeMap;

use reqwest::Method;
use reqwest::header::{CONTENT_TYPE, COOKIE, HeaderMap, LOCATION, ORIGIN, SET_COOKIE};
use url::Url;

use crate::http::{HttpError, sender};
use crate::values::form_body;
use jar::Jar;
use page::Submission;
pub use page::{Page, Step};

const MOST_REDIRECTS: usize = 20;

/// Why the browser could not do what it was told.
#[derive(Debug, thiserror::Error)]
pub enum BrowserError {
    /// The exchange failed.
    #[error(transparent)]
    Http(#[from] HttpError),
    /// An address is none.
    #[error("{address:?} is no URL: {source}")]
    Url {
        /// The text.
        address: String,
        /// What is wrong with it.
        #[source]
        source: url::ParseError,
    },
    /// More redirects than a browser follows.
    #[error("more than 20 redirects, the last one to {0}")]
    TooManyRedirects(Url),
    /// No page was opened yet.
    #[error("no page is open")]
    NoPage,
    /// The page lacks what should be used.
    #[error("{url} (status {status}) has no {wanted}")]
    Missing {
        /// The page.
        url: Url,
        /// Its status.
        status: u16,
        /// What was looked for.
        wanted: String,
    },
}

/// One browser with its own cookies.
#[derive(Debug)]
pub struct Browser {
    sender: reqwest::Client,
    jar: Jar,
    page: Option<Page>,
    filled: BTreeMap<String, String>,
    stop_before: Option<String>,
    headers: Vec<(String, String)>,
}

struct Request {
    method: Method,
    url: Url,
    body: Option<String>,
    origin: Option<String>,
}

impl Browser {
    /// A fresh browser without cookies.
    ///
    /// # Errors
    /// When the HTTP sender cannot be built.
    pub fn new() -> Result<Self, BrowserError> {
        Ok(Self {
            sender: sender()?,
            jar: Jar::default(),
            page: None,
            filled: BTreeMap::new(),
            stop_before: None,
            headers: Vec::new(),
        })
    }

    /// Opens an address and follows its redirects.
    ///
    /// # Errors
    /// See [`BrowserError`]; a status of 400 or more is no error.
    pub async fn get(&mut self, address: &str) -> Result<Page, BrowserError> {
        let url = self.absolute(address)?;
        self.open(Request { method: Method::GET, url, body: None, origin: None }).await
    }

    /// Posts a form to an address and follows the redirects.
    ///
    /// # Errors
    /// See [`BrowserError`].
    pub async fn post(
        &mut self,
        address: &str,
        fields: &[(&str, &str)],
    ) -> Result<Page, BrowserError> {
        let url = self.absolute(address)?;
        let body = Some(form_body(fields.iter().copied()));
        let origin = self.origin();
        self.open(Request { method: Method::POST, url, body, origin }).await
    }

    /// Types a value into the field with this element id (or name) of the open page.
    pub fn fill(&mut self, field: &str, value: &str) {
        let name = self
            .page
            .as_ref()
            .and_then(|page| page.attribute(field, "name"))
            .unwrap_or_else(|| field.to_owned());
        self.filled.insert(name, value.to_owned());
    }

    /// Uses the link, button or form with this element id.
    ///
    /// # Errors
    /// [`BrowserError::Missing`] when there is none; see [`BrowserError`].
    pub async fn click(&mut self, id: &str) -> Result<Page, BrowserError> {
        let page = self.page.as_ref().ok_or(BrowserError::NoPage)?;
        let submission =
            page.press(id, &self.filled).ok_or_else(|| page.missing(&format!("#{id} to click")))?;
        self.submit(submission).await
    }

    /// Submits the form with this element id, or the first one.
    ///
    /// # Errors
    /// [`BrowserError::Missing`] when there is none; see [`BrowserError`].
    pub async fn submit_form(&mut self, id: Option<&str>) -> Result<Page, BrowserError> {
        let page = self.page.as_ref().ok_or(BrowserError::NoPage)?;
        let submission =
            page.form(id, &self.filled).ok_or_else(|| page.missing("form to submit"))?;
        self.submit(submission).await
    }

    /// Goes where the page's `<meta http-equiv="refresh">` points.
    ///
    /// # Errors
    /// [`BrowserError::Missing`] when there is none; see [`BrowserError`].
    pub async fn follow_refresh(&mut self) -> Result<Page, BrowserError> {
        let page = self.page.as_ref().ok_or(BrowserError::NoPage)?;
        let target = page.refresh_target().ok_or_else(|| page.missing("meta refresh"))?;
        self.get(&target).await
    }

    /// The page that is open.
    #[must_use]
    pub fn page(&self) -> Option<&Page> {
        self.page.as_ref()
    }

    /// Stops before the first request to an address that starts like this: the open page is then
    /// the redirect itself.
    pub fn stop_before(&mut self, prefix: &str) {
        self.stop_before = Some(prefix.to_owned());
    }

    /// Follows all redirects again.
    pub fn stop_nowhere(&mut self) {
        self.stop_before = None;
    }

    /// Sends this header with every request from now on.
    pub fn always_send(&mut self, name: &str, value: &str) {
        self.headers.push((name.to_owned(), value.to_owned()));
    }

    /// The value of a cookie.
    #[must_use]
    pub fn cookie(&self, host: &str, name: &str) -> Option<&str> {
        self.jar.get(host, name)
    }

    /// Plants a cookie, for example a stolen one.
    pub fn set_cookie(&mut self, host: &str, name: &str, value: &str) {
        self.jar.set(host, name, value);
    }

    /// Forgets all cookies.
    pub fn forget_cookies(&mut self) {
        self.jar = Jar::default();
    }

    fn absolute(&self, address: &str) -> Result<Url, BrowserError> {
        let parsed = match &self.page {
            Some(page) => page.url().join(address),
            None => Url::parse(address),
        };
        parsed.map_err(|source| BrowserError::Url { address: address.to_owned(), source })
    }

    fn origin(&self) -> Option<String> {
        self.page.as_ref().map(|page| page.url().origin().ascii_serialization())
    }

    async fn submit(&mut self, submission: Submission) -> Result<Page, BrowserError> {
        let mut url = self.absolute(&submission.target)?;
        let body = form_body(
            submission.fields.iter().map(|(name, value)| (name.as_str(), value.as_str())),
        );
        let origin = self.origin();
        let request = if submission.is_post {
            Request { method: Method::POST, url, body: Some(body), origin }
        } else {
            if submission.is_form {
                url.set_query(Some(&body));
            }
            Request { method: Method::GET, url, body: None, origin: None }
        };
        self.open(request).await
    }

    async fn open(&mut self, mut request: Request) -> Result<Page, BrowserError> {
        let mut steps = Vec::new();
        loop {
            let (status, headers, body) = self.exchange(&request).await?;
            let next = redirect_of(&request.url, status, &headers);
            let step = Step { url: request.url.clone(), status, headers };
            steps.push(step.clone());
            let stops = next.as_ref().is_none_or(|next| {
                self.stop_before.as_ref().is_some_and(|prefix| next.as_str().starts_with(prefix))
            });
            let Some(next) = next.filter(|_| !stops) else {
                let page = Page::new(body, step, steps);
                self.page = Some(page.clone());
                self.filled.clear();
                return Ok(page);
            };
            if steps.len() > MOST_REDIRECTS {
                return Err(BrowserError::TooManyRedirects(next));
            }
            if !matches!(status, 307 | 308) {
                request.method = Method::GET;
                request.body = None;
                request.origin = None;
            }
            request.url = next;
        }
    }

    async fn exchange(
        &mut self,
        request: &Request,
    ) -> Result<(u16, HeaderMap, String), BrowserError> {
        let failed = |source| HttpError::Exchange { url: request.url.to_string(), source };
        let host = request.url.host_str().unwrap_or_default().to_owned();
        let mut sending = self.sender.request(request.method.clone(), request.url.clone());
        sending = sending.header("Accept", "text/html,application/xhtml+xml,*/*;q=0.8");
        for (name, value) in &self.headers {
            sending = sending.header(name, value);
        }
        if let Some(cookies) = self.jar.header(&host) {
            sending = sending.header(COOKIE, cookies);
        }
        if let Some(origin) = &request.origin {
            sending = sending.header(ORIGIN, origin);
        }
        if let Some(body) = &request.body {
            sending = sending
                .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
                .body(body.clone());
        }
        let answer = sending.send().await.map_err(failed)?;
        let status = answer.status().as_u16();
        let headers = answer.headers().clone();
        let body = answer.text().await.map_err(failed)?;
        for cookie in headers.get_all(SET_COOKIE).iter().filter_map(|value| value.to_str().ok()) {
            self.jar.take(&host, cookie);
        }
        Ok((status, headers, body))
    }
}

fn redirect_of(from: &Url, status: u16, headers: &HeaderMap) -> Option<Url> {
    if !matches!(status, 301 | 302 | 303 | 307 | 308) {
        return None;
    }
    from.join(headers.get(LOCATION)?.to_str().ok()?).ok()
}
