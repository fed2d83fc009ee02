//! SAML 2.0 for both roles: documents in, verified statements out; and everything that we send.
//!
//! Owns: the [`gate`] that every document passes before any other parser sees it, signatures ([`engine`]), decryption,
//! the reader and judge of responses ([`response`]), bindings, metadata and our own writers. The only owner of samael,
//! libxml and xmlsec. Does not own: connectors, pending requests, the replay store, reason codes' texts or HTTP
//! (`identity`, `server`). Knows no clock: the time is an argument.

pub mod authn_request;
pub mod bindings;
pub mod certificate;
pub mod decrypt;
pub mod encrypt;
pub mod engine;
pub mod fault;
mod fragment;
pub mod gate;
pub mod logout;
pub mod metadata;
pub mod names;
pub mod policy;
pub mod response;
pub mod write;
mod xml;

pub use fault::{Fault, Refusal, shorten};
