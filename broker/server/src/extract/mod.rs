//! The request as the domain sees it. Each extractor refuses with a page or a JSON error of ours.
//!
//! Owns: which tenant, what the browser brought, the fields of forms and URLs, the peer's address and the
//! host it asked for. Does not own: what follows from them.

mod at_tenant;
mod fields;
mod host;
mod peer;

pub use at_tenant::AtTenant;
pub(crate) use at_tenant::{at_platform, at_platform_for};
pub(crate) use fields::parse as fields;
pub use fields::{FormFields, QueryFields};
pub(crate) use host::ReportedHosts;
pub(crate) use peer::visit;
