//! The audit trail: what happened, to whom, why, in one chain per tenant.
//!
//! Owns: the events ([`event`]), how one becomes a row of the chain ([`record`]) and how the chain is
//! checked ([`chain`]). Does not own: when something happens, or rows. An event is written in the
//! transaction of what it tells of; a refusal has a transaction of its own.

mod chain;
mod event;
mod record;
#[cfg(test)]
mod tests;

pub use chain::{ChainFault, verify_chain};
pub use event::{Actor, AuditEvent, Outcome, Target};
pub use record::{AuditContext, append, append_operator, to_json};
