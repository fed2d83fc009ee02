//! The request as the domain sees it. Each extractor refuses with a page or a JSON error of ours.
//!
//! Owns: which tenant, what the browser brought, the fields of forms and URLs, the peer's address. Does
//! not own: what follows from them.

mod at_tenant;
mod fields;
mod peer;

pub use at_tenant::AtTenant;
pub use fields::{FormFields, QueryFields};
pub(crate) use peer::visit;
