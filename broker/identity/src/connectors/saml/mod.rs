//! SAML 2.0: any identity provider, as a service provider of our own for each connector.
//!
//! | file | holds |
//! |---|---|
//! | `settings`, `identity_provider` | what an admin configures; what is known of the other side |
//! | `addresses`, `own_keys` | where we are; what we sign and decrypt with |
//! | `machinery` | everything that one trip needs, opened |
//! | `begin`, `complete` | the request that we send; the response that comes |
//! | `identity`, `groups` | who the person is; groups that did not fit into a response of Entra's |
//! | `own_metadata` | what we publish of ourselves |
//! | `published` | the identity provider's metadata: read, refreshed, kept for all nodes |
//! | `test_connection` | what can be proved without a person |
//! | `logout` | messages about the end of a session, in both directions |
//! | `problem`, `workers` | refusals and their codes; where native work is done |
//!
//! Owns: the protocol as a connector sees it. Does not own: documents, signatures and their rules
//! (`symbolon_saml`), sessions, or the row that remembers an assertion (`login`).

mod addresses;
mod begin;
mod complete;
mod groups;
mod identity;
mod identity_provider;
mod logout;
mod machinery;
pub(crate) mod own_keys;
mod own_metadata;
mod problem;
mod published;
mod send;
mod settings;
mod test_connection;
mod workers;

pub use addresses::SamlAddresses;
pub(crate) use identity::logout_subject;
pub use identity_provider::{Binding, Endpoint, IdentityProvider};
pub use logout::LogoutMessage;
pub(crate) use logout::ReceivedLogout;
pub(crate) use machinery::SamlConnector;
pub use problem::{SamlProblem, reason_of};
pub use published::{
    EntityChoice, MetadataInput, ReadMetadata, entities, read_metadata, read_or_choose,
};
pub(crate) use published::{effective, refresh};
pub use settings::{
    AttributeNames, EmailTrust, GraphAccess, IdpInitiated, MetadataChanges, MetadataSource,
    RequestSettings, SamlSettings, SignedDemand, SubjectSource, Vendor,
};
pub use workers::SamlWorkers;
