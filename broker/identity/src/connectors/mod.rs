//! Connectors: configured upstreams and how each kind speaks.
//!
//! Owns: the settings of every kind, the redirect to an upstream, the check of what comes back, and
//! the [`Assertion`] that leaves. Does not own: who the user is (`provisioning`), attempts (`login`) or
//! HTTP routes (`server`). [`connector`] is the one registry: a new kind adds its folder and two lines there.

pub mod assertion;
pub mod configuration;
pub mod connector;
mod credentials;
pub mod entra;
pub mod error;
pub mod oidc;
pub mod report;
pub mod saml;

pub use assertion::{Assertion, UpstreamCallback, UpstreamLeg, UpstreamRedirect};
pub use configuration::{ConnectorConfiguration, ConnectorRecord, ConnectorSettings, Pilot};
pub use credentials::{next_slot, previous_slot};
pub use error::ConnectorError;
pub use report::{CheckOutcome, ConnectionCheck, ConnectionReport};
