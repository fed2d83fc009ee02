//! Who is at the other end, as far as trusted proxies can tell (S13).

use std::net::{IpAddr, SocketAddr};

use actix_web::HttpRequest;
use actix_web::http::header::USER_AGENT;
use ipnet::IpNet;
use symbolon_identity::Visit;

use crate::app::AppState;
use crate::telemetry::trace_id;

/// Whether the headers of a peer count.
pub(super) fn is_trusted_proxy(peer: Option<IpAddr>, trusted: &[IpNet]) -> bool {
    peer.is_some_and(|peer| trusted.iter().any(|net| net.contains(&peer)))
}

/// The nearest address that is no trusted proxy. Whatever stands before it in the header is hearsay.
pub(crate) fn peer_address(
    peer: Option<IpAddr>,
    forwarded_for: Option<&str>,
    trusted: &[IpNet],
) -> Option<IpAddr> {
    let mut nearest = peer?;
    let hops = forwarded_for.unwrap_or_default().rsplit(',');
    for hop in hops.map(str::trim) {
        if !is_trusted_proxy(Some(nearest), trusted) {
            break;
        }
        match address(hop) {
            Some(address) => nearest = address,
            None => break,
        }
    }
    Some(nearest)
}

/// Some proxies write the port, too.
fn address(hop: &str) -> Option<IpAddr> {
    let with_port = || hop.parse::<SocketAddr>().ok().map(|address| address.ip());
    hop.parse().ok().or_else(with_port)
}

/// The lines of a header as one: a proxy may add its own below what the caller sent.
fn joined(request: &HttpRequest, name: &str) -> String {
    let lines = request.headers().get_all(name).filter_map(|value| value.to_str().ok());
    lines.collect::<Vec<_>>().join(",")
}

/// What a request tells about the browser, without the cookies of a tenant.
pub(crate) fn visit(state: &AppState, request: &HttpRequest) -> Visit {
    let header = |name: &str| request.headers().get(name).and_then(|value| value.to_str().ok());
    let peer = request.peer_addr().map(|address| address.ip());
    let trusted = &state.settings.http.trusted_proxies;
    Visit {
        trace: trace_id(request).unwrap_or_else(|| state.broker.ids.new_trace_id()),
        address: peer_address(peer, Some(&joined(request, "x-forwarded-for")), trusted),
        user_agent: header(USER_AGENT.as_str()).map(|agent| agent.chars().take(200).collect()),
        login_cookie: None,
        session_cookie: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neg_s13_only_trusted_proxies_are_believed() {
        let proxies: Vec<IpNet> = vec!["10.0.0.0/8".parse().unwrap()];
        let at = |peer: &str, header: &str| {
            peer_address(Some(peer.parse().unwrap()), Some(header), &proxies).unwrap().to_string()
        };
        assert_eq!(at("198.51.100.7", "203.0.113.9"), "198.51.100.7", "no proxy, no belief");
        assert_eq!(at("10.0.0.1", "203.0.113.9"), "203.0.113.9");
        assert_eq!(at("10.0.0.1", "1.2.3.4, 203.0.113.9, 10.0.0.2"), "203.0.113.9");
        assert_eq!(at("10.0.0.1", "203.0.113.9:4711"), "203.0.113.9");
        assert_eq!(at("10.0.0.1", "[2001:db8::9]:4711"), "2001:db8::9");
        assert_eq!(at("10.0.0.1", "a"), "10.0.0.1");
        assert_eq!(at("10.0.0.1", &"1.1.1.1,".repeat(100)), "10.0.0.1");
    }
}
