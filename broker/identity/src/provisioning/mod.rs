//! What happens to the user when somebody comes back from an upstream.
//!
//! Owns: [`decide`] (pure: facts and policy in, a decision out) and `apply`, its short executor inside
//! the sign-in's transaction. Does not own: whether the person may enter (`policy`) or what the mapping
//! plugin said (`mapping`). Rules L-1 to L-15 of entra.md 9.2 are its source.

pub mod apply;
pub mod decide;
pub mod facts;

pub use decide::{ProvisioningDecision, Refusal, decide};
pub use facts::{
    DomainTrust, EmailMatch, IdentityKey, LinkedUser, MappedUser, ProvisioningFacts,
    ProvisioningPolicy, SameEmail,
};
