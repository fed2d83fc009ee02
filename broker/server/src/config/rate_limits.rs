//! `[rate_limits]`: how often one caller may ask, by kind of request.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::problems::Problems;

/// More would be no limit: 10,000 a second.
const MOST: u32 = 600_000;

/// How often one caller may ask. An address is one IPv4 address or one /64 network of IPv6, as
/// `http.trusted_proxies` report it. Each process counts for itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct RateLimitSettings {
    /// `false` switches all of them off.
    pub enabled: bool,
    /// Everything that one address asks for, except health and static files: a guard against floods.
    pub address: Rate,
    /// Authorization requests, login pages and sign-outs from one address. A sign-in takes two to four.
    pub sign_in: Rate,
    /// What comes back from upstreams (callbacks, SAML messages) from one address. A sign-in takes one
    /// or two.
    pub callback: Rate,
    /// Token, introspection, revocation and pushed authorization requests of one application from one
    /// address.
    pub token: Rate,
    /// Calls of the admin API with one key.
    pub api: Rate,
    /// Device authorization requests (RFC 8628) from one address.
    pub device: Rate,
    /// Pages where a device's user code (RFC 8628) is entered and confirmed, from one address. One device
    /// takes about four.
    pub user_code: Rate,
    /// Requests to register an application (RFC 7591) from one address.
    pub registration: Rate,
}

/// A rate: so many a minute, with bursts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Rate {
    /// So many a minute in the long run; 0 switches this limit off.
    pub per_minute: u32,
    /// So many at once, after a pause; as many as `per_minute` when not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "u32")]
    pub burst: Option<u32>,
}

impl Rate {
    const fn of(per_minute: u32, burst: u32) -> Self {
        Self { per_minute, burst: Some(burst) }
    }
}

impl Default for RateLimitSettings {
    fn default() -> Self {
        Self {
            enabled: true,
            address: Rate::of(30_000, 30_000),
            sign_in: Rate::of(600, 3_000),
            callback: Rate::of(600, 3_000),
            token: Rate::of(6_000, 6_000),
            api: Rate::of(600, 600),
            device: Rate::of(20, 20),
            user_code: Rate::of(60, 60),
            registration: Rate::of(20, 20),
        }
    }
}

impl RateLimitSettings {
    pub(super) fn validate(&self, problems: &mut Problems) {
        let rates = [
            ("address", self.address),
            ("sign_in", self.sign_in),
            ("callback", self.callback),
            ("token", self.token),
            ("api", self.api),
            ("device", self.device),
            ("user_code", self.user_code),
            ("registration", self.registration),
        ];
        for (name, rate) in rates {
            let per_minute = format!("rate_limits.{name}.per_minute");
            problems.require(rate.per_minute <= MOST, &per_minute, "must be at most 600000");
            let burst = format!("rate_limits.{name}.burst");
            problems.require(
                rate.burst.is_none_or(|burst| (1..=MOST).contains(&burst)),
                &burst,
                "must be between 1 and 600000; `per_minute = 0` switches the limit off",
            );
        }
    }
}
