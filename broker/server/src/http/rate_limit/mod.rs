//! Rate limits (openid-provider.md OD-4 and H-07): who asks too often waits.
//!
//! | file | holds |
//! |---|---|
//! | `table` | which limit counts for which path |
//! | `limiter`, `store`, `clock` | one limit, on `governor`, in bounded memory |
//! | `guard` | the middleware, and what is said to those who have to wait |
//!
//! Handlers call nothing of this: a new path gets a line in `table`.
//!
//! Owns: counting, in this process alone, and the answer 429. Does not own: the rates (`config`), who
//! is at the other end (`extract`), or places for work (workers, database connections, plugin calls).

mod clock;
mod guard;
mod limiter;
mod store;
mod table;

use std::fmt;
use std::hash::{BuildHasher as _, Hash, RandomState};
use std::net::{IpAddr, Ipv6Addr};
use std::sync::Arc;

use symbolon_identity::clock::Clock;

pub(crate) use self::guard::{guard, limit_application};
pub use self::limiter::RetryAfter;

use self::clock::ForwardClock;
use self::limiter::Limiter;
use crate::config::{Rate, RateLimitSettings};

/// What is counted together; `[rate_limits]` has a rate for each.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum LimitKind {
    /// Everything that an address asks for.
    Address,
    /// What browsers ask for in a sign-in, by address.
    SignIn,
    /// What comes back from upstreams, by address.
    Callback,
    /// Token and similar requests, by application and address.
    Token,
    /// Calls of the admin API, by key.
    Api,
    /// Device authorization requests (RFC 8628 3.1), by address.
    Device,
    /// The pages where user codes are entered (RFC 8628 5.1), by address.
    UserCode,
    /// Registrations (RFC 7591), by address.
    Registration,
}

impl LimitKind {
    /// The key of `[rate_limits]`.
    #[must_use]
    pub fn key(self) -> &'static str {
        match self {
            Self::Address => "address",
            Self::SignIn => "sign_in",
            Self::Callback => "callback",
            Self::Token => "token",
            Self::Api => "api",
            Self::Device => "device",
            Self::UserCode => "user_code",
            Self::Registration => "registration",
        }
    }
}

/// All limits of this process. A limit that is switched off is absent.
pub struct RateLimits {
    address: Option<Limiter>,
    sign_in: Option<Limiter>,
    callback: Option<Limiter>,
    token: Option<Limiter>,
    api: Option<Limiter>,
    device: Option<Limiter>,
    user_code: Option<Limiter>,
    registration: Option<Limiter>,
    /// Whom the audit trail names: each caller once a minute.
    news: Option<Limiter>,
    /// Keyed by a secret of this process, so that nobody can choose a place in the stores.
    hasher: RandomState,
}

impl fmt::Debug for RateLimits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RateLimits").finish_non_exhaustive()
    }
}

impl RateLimits {
    /// Limits with these rates.
    #[must_use]
    pub fn new(settings: &RateLimitSettings, clock: Arc<dyn Clock>) -> Self {
        let clock = ForwardClock::new(clock);
        let limiter =
            |rate: Rate| settings.enabled.then(|| Limiter::new(rate, clock.clone())).flatten();
        Self {
            address: limiter(settings.address),
            sign_in: limiter(settings.sign_in),
            callback: limiter(settings.callback),
            token: limiter(settings.token),
            api: limiter(settings.api),
            device: limiter(settings.device),
            user_code: limiter(settings.user_code),
            registration: limiter(settings.registration),
            news: limiter(Rate { per_minute: 1, burst: None }),
            hasher: RandomState::new(),
        }
    }

    /// Counts a request of a caller, whom `key` tells apart: for an address, [`caller_address`].
    ///
    /// # Errors
    /// [`RetryAfter`] for one too many; it is not counted.
    pub fn check(&self, kind: LimitKind, key: impl Hash) -> Result<(), RetryAfter> {
        match self.limiter(kind) {
            Some(limiter) => limiter.check(self.hasher.hash_one((kind, key))),
            None => Ok(()),
        }
    }

    /// Whether the audit trail should hear of a caller that was refused.
    fn is_news(&self, kind: LimitKind, key: impl Hash) -> bool {
        let caller = self.hasher.hash_one((kind, key));
        self.news.as_ref().is_none_or(|news| news.check(caller).is_ok())
    }

    fn limiter(&self, kind: LimitKind) -> Option<&Limiter> {
        match kind {
            LimitKind::Address => self.address.as_ref(),
            LimitKind::SignIn => self.sign_in.as_ref(),
            LimitKind::Callback => self.callback.as_ref(),
            LimitKind::Token => self.token.as_ref(),
            LimitKind::Api => self.api.as_ref(),
            LimitKind::Device => self.device.as_ref(),
            LimitKind::UserCode => self.user_code.as_ref(),
            LimitKind::Registration => self.registration.as_ref(),
        }
    }
}

/// An address as callers are told apart by it: of IPv6 the /64 network, which one subscriber has at
/// least (RFC 6177).
#[must_use]
pub fn caller_address(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => {
            IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() & (u128::MAX << 64)))
        }
        address @ IpAddr::V4(_) => address,
    }
}

#[cfg(test)]
mod tests {
    use symbolon_identity::clock::ManualClock;

    use super::*;

    #[test]
    fn h07_of_ipv6_a_network_is_one_caller() {
        let same = |one: &str, other: &str| {
            caller_address(one.parse().unwrap()) == caller_address(other.parse().unwrap())
        };
        assert!(same("2001:db8:1:2::1", "2001:db8:1:2:ffff::9"));
        assert!(!same("2001:db8:1:2::1", "2001:db8:1:3::1"));
        assert!(same("::ffff:192.0.2.1", "192.0.2.1"));
        assert!(!same("192.0.2.1", "192.0.2.2"));
    }

    #[test]
    fn h07_kinds_are_counted_apart_and_can_be_switched_off() {
        let one = Rate { per_minute: 1, burst: None };
        let none = Rate { per_minute: 0, burst: None };
        let settings = RateLimitSettings {
            sign_in: one,
            callback: one,
            token: none,
            ..RateLimitSettings::default()
        };
        let limits = RateLimits::new(&settings, Arc::new(ManualClock::default()));
        let at = "192.0.2.1";
        assert!(limits.check(LimitKind::SignIn, at).is_ok());
        assert_eq!(limits.check(LimitKind::SignIn, at).unwrap_err().seconds(), 60);
        assert!(limits.check(LimitKind::Callback, at).is_ok());
        assert!(limits.is_news(LimitKind::SignIn, at) && !limits.is_news(LimitKind::SignIn, at));
        for _ in 0..10 {
            assert!(limits.check(LimitKind::Token, at).is_ok());
        }
        let off = RateLimitSettings { enabled: false, ..settings };
        let limits = RateLimits::new(&off, Arc::new(ManualClock::default()));
        assert!((0..10).all(|_| limits.check(LimitKind::SignIn, at).is_ok()));
    }
}
