//! Lists of networks, each in CIDR form; a bare address is the network of that one host.

use std::net::IpAddr;

use ipnet::IpNet;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer};

/// For `#[serde(deserialize_with)]`.
pub(super) fn deserialize<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Vec<IpNet>, D::Error> {
    let parse = |text: String| -> Option<IpNet> {
        text.parse().ok().or_else(|| text.parse::<IpAddr>().ok().map(IpNet::from))
    };
    let texts = Vec::<String>::deserialize(deserializer)?;
    texts.into_iter().map(parse).collect::<Option<_>>().ok_or_else(|| {
        D::Error::custom("expected networks such as \"10.0.0.0/8\", \"fd00::/8\" or \"192.0.2.7\"")
    })
}
