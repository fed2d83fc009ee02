//! Which IP addresses may be reached: the public internet, plus what the operator listed.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ipnet::IpNet;

/// What the rules say about one address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    /// The operator named it: allowed, also over plain `http`.
    Listed,
    /// An address of the public internet: allowed over `https`.
    Public,
    /// Loopback, private, link-local, reserved or no unicast address at all.
    Refused,
}

/// The allow-list of the operator over the fixed table of special addresses (IANA registries, RFC 6890).
#[derive(Debug, Clone, Default)]
pub(super) struct AddressRules {
    allow_private: Vec<IpNet>,
}

impl AddressRules {
    pub(super) fn new(allow_private: Vec<IpNet>) -> Self {
        Self { allow_private }
    }

    pub(super) fn lists_nothing(&self) -> bool {
        self.allow_private.is_empty()
    }

    /// Judges an address in the form the socket would use and in the IPv4 form hidden in it.
    pub(super) fn judge(&self, address: IpAddr) -> Verdict {
        let inner = hidden_ipv4(address);
        let listed = |ip: IpAddr| self.allow_private.iter().any(|net| net.contains(&ip));
        if listed(address) || inner.is_some_and(|ip| listed(ip.into())) {
            return Verdict::Listed;
        }
        let special = match (address, inner) {
            (IpAddr::V4(ip), _) | (IpAddr::V6(_), Some(ip)) => is_special_v4(ip),
            (IpAddr::V6(ip), None) => is_special_v6(ip),
        };
        if special { Verdict::Refused } else { Verdict::Public }
    }
}

/// IPv4 inside IPv6: mapped (`::ffff:0:0/96`), NAT64 (`64:ff9b::/96`) and 6to4 (`2002::/16`).
fn hidden_ipv4(address: IpAddr) -> Option<Ipv4Addr> {
    let IpAddr::V6(ip) = address else { return None };
    let ([0, 0, 0, 0, 0, 0xffff, high, low]
    | [0x64, 0xff9b, 0, 0, 0, 0, high, low]
    | [0x2002, high, low, ..]) = ip.segments()
    else {
        return None;
    };
    Some(Ipv4Addr::from(u32::from(high) << 16 | u32::from(low)))
}

const SPECIAL_V4: [([u8; 4], u32); 15] = [
    ([0, 0, 0, 0], 8),       // "this network"
    ([10, 0, 0, 0], 8),      // private
    ([100, 64, 0, 0], 10),   // carrier-grade NAT
    ([127, 0, 0, 0], 8),     // loopback
    ([169, 254, 0, 0], 16),  // link-local, cloud metadata
    ([172, 16, 0, 0], 12),   // private
    ([192, 0, 0, 0], 24),    // protocol assignments
    ([192, 0, 2, 0], 24),    // documentation
    ([192, 88, 99, 0], 24),  // 6to4 relays
    ([192, 168, 0, 0], 16),  // private
    ([198, 18, 0, 0], 15),   // benchmarks
    ([198, 51, 100, 0], 24), // documentation
    ([203, 0, 113, 0], 24),  // documentation
    ([224, 0, 0, 0], 4),     // multicast
    ([240, 0, 0, 0], 4),     // reserved, broadcast
];

fn is_special_v4(address: Ipv4Addr) -> bool {
    SPECIAL_V4.iter().any(|(net, prefix)| {
        let shift = 32 - prefix;
        address.to_bits() >> shift == u32::from_be_bytes(*net) >> shift
    })
}

/// Only global unicast `2000::/3` is public, and of it not what is kept for protocols and documents.
fn is_special_v6(address: Ipv6Addr) -> bool {
    match address.segments() {
        [0x2001, second, ..] => second < 0x200 || second == 0xdb8,
        [0x3fff, second, ..] => second < 0x1000,
        [first, ..] => !(0x2000..0x4000).contains(&first),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judge(allow: &[&str], address: &str) -> Verdict {
        let allow = allow.iter().map(|net| net.parse().unwrap()).collect();
        AddressRules::new(allow).judge(address.parse().unwrap())
    }

    #[test]
    fn c11_special_addresses_are_refused_in_every_form() {
        let refused = [
            "0.0.0.0",
            "0.1.2.3",
            "10.0.0.1",
            "100.64.0.1",
            "100.127.255.255",
            "127.0.0.1",
            "127.255.0.1",
            "169.254.169.254",
            "172.16.0.1",
            "172.31.255.255",
            "192.0.0.8",
            "192.0.2.1",
            "192.88.99.1",
            "192.168.1.1",
            "198.18.0.1",
            "198.19.255.255",
            "198.51.100.1",
            "203.0.113.9",
            "224.0.0.1",
            "239.1.1.1",
            "240.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::127.0.0.1",
            "::ffff:127.0.0.1",
            "::ffff:169.254.169.254",
            "64:ff9b::10.0.0.1",
            "64:ff9b:1::1",
            "100::1",
            "2001::1",
            "2001:2::1",
            "2001:db8::1",
            "2002:7f00:1::",
            "2002:a00:1::1",
            "3fff::1",
            "4000::1",
            "5f00::1",
            "fc00::1",
            "fd12::1",
            "fe80::1",
            "fec0::1",
            "ff02::1",
        ];
        for address in refused {
            assert_eq!(judge(&[], address), Verdict::Refused, "{address}");
        }
    }

    #[test]
    fn neighbours_of_special_ranges_are_public() {
        let public = [
            "1.1.1.1",
            "9.255.255.255",
            "11.0.0.0",
            "100.63.255.255",
            "100.128.0.0",
            "126.255.255.255",
            "128.0.0.1",
            "169.253.255.255",
            "172.15.255.255",
            "172.32.0.0",
            "192.0.1.1",
            "192.167.255.255",
            "192.169.0.0",
            "198.17.255.255",
            "198.20.0.0",
            "223.255.255.255",
            "::ffff:1.1.1.1",
            "64:ff9b::1.1.1.1",
            "2001:200::1",
            "2001:4860:4860::8888",
            "2002:101:101::1",
            "2606:4700::1111",
            "3fff:1000::1",
        ];
        for address in public {
            assert_eq!(judge(&[], address), Verdict::Public, "{address}");
        }
    }

    #[test]
    fn the_operator_can_list_networks_and_lists_nothing_more() {
        let allow = ["10.1.0.0/16", "fd00::/8"];
        for listed in ["10.1.2.3", "::ffff:10.1.2.3", "fd12::1"] {
            assert_eq!(judge(&allow, listed), Verdict::Listed, "{listed}");
        }
        for refused in ["10.2.0.1", "127.0.0.1", "::1", "169.254.169.254", "fe80::1"] {
            assert_eq!(judge(&allow, refused), Verdict::Refused, "{refused}");
        }
    }
}
