//! Under which host a person came, and whether sign-in can go on there (N16): cookies stay at their
//! host, and the callback comes to the public one.

use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};

use actix_web::HttpRequest;
use actix_web::http::header::HOST;
use url::Url;

use super::peer::is_trusted_proxy;
use crate::app::AppState;

/// A caller can invent as many hosts as it likes; the log takes so many.
const MOST: usize = 32;

/// The hosts that were complained about, each once.
#[derive(Debug, Default)]
pub(crate) struct ReportedHosts(Mutex<BTreeSet<String>>);

impl ReportedHosts {
    /// Whether this host is new and there is room for it.
    fn is_news(&self, host: &str) -> bool {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.len() < MOST && known.insert(host.to_owned())
    }
}

/// The host of the request, when it is another than the public URL's. Ports do not count: cookies do
/// not tell them apart.
pub(super) fn other_host(state: &AppState, request: &HttpRequest) -> Option<String> {
    let header = |name: &str| request.headers().get(name).and_then(|value| value.to_str().ok());
    let peer = request.peer_addr().map(|address| address.ip());
    let proxied = is_trusted_proxy(peer, &state.settings.http.trusted_proxies);
    let asked = proxied
        .then(|| forwarded(header("x-forwarded-host"), header("forwarded")))
        .flatten()
        .or_else(|| header(HOST.as_str()))?;
    let asked = Url::parse(&format!("http://{asked}/")).ok()?;
    let host = asked.host_str()?;
    (state.settings.http.public_url.as_url().host_str() != Some(host)).then(|| host.to_owned())
}

/// The host that the outermost proxy was asked for (RFC 7239, section 5.3).
fn forwarded<'a>(host: Option<&'a str>, forwarded: Option<&'a str>) -> Option<&'a str> {
    let first = |list: &'a str| list.split(',').next().unwrap_or_default().trim();
    let of_pair = |pair: &'a str| {
        let (name, value) = pair.split_once('=')?;
        name.trim().eq_ignore_ascii_case("host").then(|| value.trim().trim_matches('"'))
    };
    let host = host.map(first).filter(|host| !host.is_empty());
    host.or_else(|| first(forwarded?).split(';').find_map(of_pair))
}

/// Logs once a host that sign-ins begin at the wrong address.
pub(super) fn report(state: &AppState, host: &str) {
    if state.reported_hosts.is_news(host) {
        tracing::warn!(
            host,
            public_url = %state.settings.http.public_url,
            "a sign-in began at another host than that of http.public_url and will fail at the \
             callback: give people the public URL, or let the proxy pass on the Host header"
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn feat_n16_each_host_is_reported_once_and_not_without_end() {
        let hosts = ReportedHosts::default();
        assert!(hosts.is_news("a.example"));
        assert!(!hosts.is_news("a.example"));
        let news = (0..1000).filter(|number| hosts.is_news(&format!("{number}.example"))).count();
        assert_eq!(news, MOST - 1);
    }

    #[test]
    fn feat_n16_the_outermost_proxy_says_what_was_asked() {
        let cases = [
            (Some("a.example"), Some("host=b.example"), Some("a.example")),
            (Some("a.example, b.example"), None, Some("a.example")),
            (
                None,
                Some("for=10.0.0.1;Host=\"a.example:8443\";proto=https"),
                Some("a.example:8443"),
            ),
            (None, Some("for=10.0.0.1, host=b.example"), None),
            (Some(""), None, None),
            (None, None, None),
        ];
        for (host, header, expected) in cases {
            assert_eq!(forwarded(host, header), expected, "{host:?} {header:?}");
        }
    }
}
