//! What a URL alone gives away, before any name is resolved: used when settings are saved and again on sending.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use url::{Host, Url};

use super::address::{AddressRules, Verdict};
use super::error::OutgoingError;

/// SSH and SMTP: protocols that can be fooled with the text of an HTTP request.
const REFUSED_PORTS: [u16; 2] = [22, 25];

/// Checks scheme, credentials, port and literal address. Names are judged when they are resolved.
pub(super) fn check(url: &Url, rules: &AddressRules) -> Result<(), OutgoingError> {
    let host = host_text(url);
    let scheme_refused =
        || OutgoingError::SchemeRefused { scheme: url.scheme().to_owned(), host: host.clone() };
    let plain = match url.scheme() {
        "https" => false,
        "http" => true,
        _ => return Err(scheme_refused()),
    };
    if !url.username().is_empty() || url.password().is_some() {
        return Err(OutgoingError::CredentialsInUrl { host });
    }
    if let Some(port) = url.port().filter(|port| REFUSED_PORTS.contains(port)) {
        return Err(OutgoingError::PortRefused { host, port });
    }
    match judge_host(url, rules) {
        Some(Verdict::Refused) => Err(OutgoingError::BlockedAddress { host }),
        Some(Verdict::Public) if plain => Err(scheme_refused()),
        None if plain && rules.lists_nothing() => Err(scheme_refused()),
        _ => Ok(()),
    }
}

/// The host of a URL as it stands there; empty when it has none.
pub(super) fn host_text(url: &Url) -> String {
    url.host_str().unwrap_or_default().to_owned()
}

fn judge_host(url: &Url, rules: &AddressRules) -> Option<Verdict> {
    match url.host() {
        Some(Host::Ipv4(ip)) => Some(rules.judge(ip.into())),
        Some(Host::Ipv6(ip)) => Some(rules.judge(ip.into())),
        // `localhost` is loopback by definition (RFC 6761 6.3), whatever the resolver says.
        Some(Host::Domain(name)) if is_localhost(name) => {
            let loopback: [IpAddr; 2] = [Ipv4Addr::LOCALHOST.into(), Ipv6Addr::LOCALHOST.into()];
            let listed = loopback.into_iter().any(|ip| rules.judge(ip) == Verdict::Listed);
            Some(if listed { Verdict::Listed } else { Verdict::Refused })
        }
        Some(Host::Domain(_)) => None,
        None => Some(Verdict::Refused),
    }
}

fn is_localhost(name: &str) -> bool {
    let name = name.strip_suffix('.').unwrap_or(name);
    name.eq_ignore_ascii_case("localhost") || name.to_ascii_lowercase().ends_with(".localhost")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn verdict(allow: &[&str], url: &str) -> &'static str {
        let allow = allow.iter().map(|net| net.parse().unwrap()).collect();
        match check(&url.parse().unwrap(), &AddressRules::new(allow)) {
            Ok(()) => "ok",
            Err(OutgoingError::BlockedAddress { .. }) => "blocked",
            Err(OutgoingError::SchemeRefused { .. }) => "scheme",
            Err(OutgoingError::CredentialsInUrl { .. }) => "credentials",
            Err(OutgoingError::PortRefused { .. }) => "port",
            Err(other) => panic!("{other}"),
        }
    }

    #[test]
    fn c11_inward_urls_are_refused_however_they_are_spelled() {
        for url in [
            "https://127.0.0.1/",
            "https://2130706433/",
            "https://0x7f000001/",
            "https://0177.0.0.1/",
            "https://127.1/",
            "https://127.0.0.1./",
            "https://[::1]/",
            "https://[::ffff:127.0.0.1]/",
            "https://[::ffff:7f00:1]/",
            "https://0.0.0.0/",
            "https://0/",
            "https://[::]/",
            "https://10.0.0.1/",
            "https://192.168.0.1/",
            "https://169.254.169.254/latest/meta-data",
            "https://[64:ff9b::a00:1]/",
            "https://localhost/",
            "https://LOCALHOST./",
            "https://idp.localhost:8443/",
            "http://127.0.0.1/",
            "http://localhost/",
        ] {
            assert_eq!(verdict(&[], url), "blocked", "{url}");
        }
    }

    #[test]
    fn c13_schemes_credentials_and_ports_are_refused_at_save() {
        for (url, expected) in [
            ("file:///etc/passwd", "scheme"),
            ("gopher://idp.example/", "scheme"),
            ("ftp://idp.example/", "scheme"),
            ("data:text/plain,x", "scheme"),
            ("http://idp.example/", "scheme"),
            ("http://1.1.1.1/", "scheme"),
            ("https://user@idp.example/", "credentials"),
            ("https://user:word@idp.example/", "credentials"),
            ("https://idp.example:22/", "port"),
            ("https://idp.example:25/", "port"),
            ("https://idp.example/", "ok"),
            ("https://idp.example:8443/x?y", "ok"),
            ("https://1.1.1.1/", "ok"),
        ] {
            assert_eq!(verdict(&[], url), expected, "{url}");
        }
    }

    #[test]
    fn listed_networks_open_plain_http_to_themselves_only() {
        for (url, expected) in [
            ("http://127.0.0.1:9000/", "ok"),
            ("https://localhost/", "ok"),
            ("http://localhost:9000/", "ok"),
            ("http://10.0.0.1/", "blocked"),
            ("http://1.1.1.1/", "scheme"),
            ("http://name.example/", "ok"),
        ] {
            assert_eq!(verdict(&["127.0.0.0/8"], url), expected, "{url}");
        }
    }
}
