//! What crosses the plugin boundary, and the names that every other crate shares.
//!
//! Owns: identifiers, claims as they leave a connector, the mapping request and decision, and the
//! generated reason codes. Does not own: rows, protocols, wasm or HTTP. It depends on serde and
//! schemars only and builds for `wasm32`, so that plugin authors need nothing else of the broker.

mod claims;
mod ids;
mod mapping;
mod reason_code;
mod seen_at;

pub use claims::Claims;
pub use ids::{
    ApplicationId, ConnectorId, InvalidId, PluginDigest, RoleName, SessionId, TenantId, TenantSlug,
    TraceId, UserId,
};
pub use mapping::{
    Attribute, Denial, Description, Diagnostic, Failure, Field, Grant, Mapping, MappingDecision,
    MappingRequest, Severity,
};
pub use reason_code::{ReasonCode, ReasonEntry};
pub use seen_at::SeenAt;
