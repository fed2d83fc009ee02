//! The one HTTP client: every request that the broker sends goes through [`OutgoingHttp`].
//!
//! Owns: which addresses, schemes and ports may be reached (checked after name resolution, so that a
//! name cannot point inwards), no redirects, no proxies, time and size caps, the extra CA file.
//! Does not own: what is asked or how an answer is read (connectors, directory, webhooks do).

mod address;
mod error;
mod message;
mod resolver;
mod send;
#[cfg(test)]
mod tests;
mod url_rules;

pub use error::OutgoingError;
pub use message::{OutgoingRequest, OutgoingResponse};
pub use resolver::{Lookup, LookupFuture, SystemLookup};
pub use send::{OutgoingHttp, OutgoingSettings};
