//! Tenants: the hard wall. A leaf: knows rows and nothing else of this crate.
//!
//! Owns: what a tenant is and how its name in a URL becomes one. Does not own: anything inside the wall.

mod record;
mod recording;
mod resolve;

pub use record::{TenantRecord, TenantSettings, issuer};
pub use recording::{RecordingKeep, RecordingSettings};
pub use resolve::{UnknownTenant, resolve, resolve_platform};
