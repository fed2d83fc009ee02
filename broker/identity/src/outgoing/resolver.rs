//! Name resolution with the address rules built in: what is checked is what is connected to.

use std::fmt;
use std::future::Future;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::pin::Pin;
use std::sync::Arc;

use reqwest::dns::{Addrs, Name, Resolve, Resolving};

use super::address::{AddressRules, Verdict};

/// The pending answer of a [`Lookup`].
pub type LookupFuture = Pin<Box<dyn Future<Output = io::Result<Vec<IpAddr>>> + Send>>;

/// Turns a host name into addresses. Its answers are judged like any other: it grants nothing.
pub trait Lookup: Send + Sync + fmt::Debug {
    /// All addresses of `host`.
    fn lookup(&self, host: &str) -> LookupFuture;
}

/// The resolver of the operating system.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemLookup;

impl Lookup for SystemLookup {
    fn lookup(&self, host: &str) -> LookupFuture {
        let host = host.to_owned();
        Box::pin(async move {
            let found = tokio::net::lookup_host((host.as_str(), 0)).await?;
            Ok(found.map(|socket| socket.ip()).collect())
        })
    }
}

/// Which verdicts let a connection through.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Demand {
    /// `https`: public or listed.
    PublicOrListed,
    /// `http`: listed by the operator.
    Listed,
}

/// Why a name was not resolved; travels through reqwest's error chain.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(super) enum Refusal {
    #[error("the name resolves to a private or reserved address")]
    Blocked,
    #[error("plain http to a public address")]
    PlainHttp,
    #[error("the name has no address")]
    NoAddress,
}

#[derive(Debug, Clone)]
pub(super) struct GuardedResolver {
    pub(super) lookup: Arc<dyn Lookup>,
    pub(super) rules: Arc<AddressRules>,
    pub(super) demand: Demand,
}

impl GuardedResolver {
    /// One refused address refuses the name: a name that points inwards sometimes is hostile always.
    fn judge(&self, found: &[IpAddr]) -> Result<(), Refusal> {
        let mut verdicts = found.iter().map(|ip| self.rules.judge(*ip)).peekable();
        if verdicts.peek().is_none() {
            return Err(Refusal::NoAddress);
        }
        verdicts.try_for_each(|verdict| match (verdict, self.demand) {
            (Verdict::Refused, _) => Err(Refusal::Blocked),
            (Verdict::Public, Demand::Listed) => Err(Refusal::PlainHttp),
            (Verdict::Public, Demand::PublicOrListed) | (Verdict::Listed, _) => Ok(()),
        })
    }
}

impl Resolve for GuardedResolver {
    fn resolve(&self, name: Name) -> Resolving {
        let guard = self.clone();
        Box::pin(async move {
            let found = guard.lookup.lookup(name.as_str()).await?;
            guard.judge(&found)?;
            // Port 0 means: take the port of the URL.
            let sockets = found.into_iter().map(|ip| SocketAddr::new(ip, 0));
            Ok(Box::new(sockets) as Addrs)
        })
    }
}
