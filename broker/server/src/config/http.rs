//! `[http]`: where the broker listens and how the world calls it.

use std::net::{Ipv4Addr, SocketAddr};

use ipnet::IpNet;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::networks;
use super::problems::Problems;
use super::public_url::PublicUrl;
use super::tls::TlsSettings;

/// Where the broker listens and how the world calls it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct HttpSettings {
    /// Address and port of the main listener.
    #[schemars(with = "String")]
    pub listen: SocketAddr,
    /// What browsers and applications call the broker; every issuer begins with it. Without it:
    /// `http://localhost` (`https://` with `http.tls`) and the port of `listen`.
    pub public_url: PublicUrl,
    /// A second listener, with an address of its own, for what only operators need: health
    /// and the admin API. Plain http; off when absent.
    #[schemars(with = "Option<String>")]
    pub management_listen: Option<SocketAddr>,
    /// Networks of the reverse proxies whose `Forwarded` and `X-Forwarded-*` headers count.
    #[serde(deserialize_with = "networks::deserialize")]
    #[schemars(with = "Vec<String>")]
    pub trusted_proxies: Vec<IpNet>,
    /// The certificate of the main listener. Without it the listener speaks plain http, for a
    /// reverse proxy that speaks TLS.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "TlsSettings")]
    pub tls: Option<TlsSettings>,
}

impl Default for HttpSettings {
    fn default() -> Self {
        let listen = SocketAddr::from((Ipv4Addr::LOCALHOST, 8080));
        Self {
            listen,
            public_url: local_url("http", listen),
            management_listen: None,
            trusted_proxies: Vec::new(),
            tls: None,
        }
    }
}

impl HttpSettings {
    /// Derives the public URL from the listener when none was given.
    pub(super) fn complete(&mut self, public_url_given: bool) {
        if !public_url_given {
            let scheme = if self.tls.is_some() { "https" } else { "http" };
            self.public_url = local_url(scheme, self.listen);
        }
    }

    pub(super) fn validate(&self, problems: &mut Problems) {
        problems.require(
            self.public_url.is_https() || self.listen.ip().is_loopback(),
            "http.public_url",
            "plain http, but http.listen can be reached from other machines: \
             give an https public_url, or listen on 127.0.0.1",
        );
        problems.require(
            self.tls.is_none() || self.public_url.is_https(),
            "http.public_url",
            "must begin with https:// when http.tls is set: the listener speaks nothing else",
        );
        problems.require(
            self.listen.port() == 0 || self.management_listen != Some(self.listen),
            "http.management_listen",
            "is the same as http.listen: give it an address of its own",
        );
    }
}

fn local_url(scheme: &str, listen: SocketAddr) -> PublicUrl {
    let text = format!("{scheme}://localhost:{}", listen.port());
    match PublicUrl::parse(&text) {
        Ok(url) => url,
        Err(_) => unreachable!("localhost with a port is always a public URL"),
    }
}
