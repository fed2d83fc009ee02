//! Who is at the other end, as far as trusted proxies can tell (S13).

use std::net::IpAddr;

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
        match hop.parse() {
            Ok(address) => nearest = address,
            Err(_) => break,
        }
    }
    Some(nearest)
}

/// What a request tells about the browser, without the cookies of a tenant.
pub(crate) fn visit(state: &AppState, request: &HttpRequest) -> Visit {
    let header = |name: &str| request.headers().get(name).and_then(|value| value.to_str().ok());
    let peer = request.peer_addr().map(|address| address.ip());
    let trusted = &state.settings.http.trusted_proxies;
    Visit {
        trace: trace_id(request).unwrap_or_else(|| state.broker.ids.new_trace_id()),
        address: peer_address(peer, header("x-forwarded-for"), trusted),
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
        assert_eq!(at("10.0.0.1", "a"), "10.0.0.1");
        assert_eq!(at("10.0.0.1", &"1.1.1.1,".repeat(100)), "10.0.0.1");
    }
}
