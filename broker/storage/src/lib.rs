//! Rows, and the only two ways to them: [`Database::read`] and [`Database::write`].
//!
//! Owns: diesel, the schema, the migrations, one file per aggregate, on SQLite and PostgreSQL alike.
//! Does not own: rules. It keeps, finds and changes rows; whether somebody may is decided in `identity`.
//! Rows of a tenant are reached through [`Connection::tenant`] only, which fixes the tenant of every
//! statement; what spans tenants hangs off [`Connection::operator`].
//! A failed insert never poisons the transaction: a duplicate is [`StorageError::Conflict`] and one may go on.

mod access_requests;
mod access_tokens;
mod any_connection;
mod api_keys;
mod applications;
mod audit;
mod callback_aliases;
mod connector_health;
mod connector_versions;
mod connectors;
mod consents;
mod data_keys;
mod database;
mod device_authorizations;
mod domains;
mod error;
mod grants;
mod identity_links;
mod library;
mod login_attempts;
mod logout_deliveries;
mod manager;
mod mapping;
mod mapping_cases;
mod mapping_schema;
mod mapping_state;
mod migrate;
mod openid_schema;
mod operator;
mod plugins;
mod recorded_sign_ins;
mod refresh_tokens;
mod roles;
mod schema;
mod secrets;
mod service_tokens;
mod sessions;
mod signing_keys;
mod single_use;
mod tenant;
mod tenants;
mod test_sign_ins;
#[cfg(feature = "testing")]
pub mod testing;
mod token_families;
mod types;
mod upsert;
mod upstream_documents;
mod url;
mod users;

pub use access_requests::{AccessRequest, AccessRequests, SeenStranger};
pub use access_tokens::{AccessToken, AccessTokens};
pub use api_keys::{ApiKey, ApiKeys};
pub use applications::{Application, ApplicationProtocol, ApplicationStatus, Applications};
pub use audit::{Audit, AuditEvent, AuditFilter, GENESIS_HASH, NewAuditEvent, OPERATOR_CHAIN};
pub use callback_aliases::{CallbackAlias, CallbackAliases};
pub use connector_health::{ConnectorHealth, ConnectorHealths, HealthState};
pub use connector_versions::{ConnectorVersion, ConnectorVersions};
pub use connectors::{Connector, ConnectorMode, Connectors};
pub use consents::{Consent, Consents};
pub use data_keys::{DataKey, DataKeys};
pub use database::{Connection, Database, PoolOptions};
pub use device_authorizations::{DeviceAuthorization, DeviceAuthorizations, DeviceState};
pub use domains::{Domains, TenantDomain};
pub use error::{StorageError, StorageResult};
pub use grants::{GrantChanges, Grants, NewGrant, RoleGrant, RoleSource};
pub use identity_links::{IdentityLink, IdentityLinks, SeenUpstream};
pub use library::{EnabledPlugin, Library, LibraryPlugin, TenantLibrary};
pub use login_attempts::{LoginAttemptRow, LoginAttempts};
pub use logout_deliveries::{LogoutDeliveries, LogoutDelivery};
pub use mapping::{
    ActiveVersion, MappingRows, MappingTarget, MappingTargetKind, MappingVersion, NewMappingVersion,
};
pub use mapping_cases::{MappingCase, MappingCases};
pub use mapping_state::MappingState;
pub use operator::{Operator, Swept};
pub use plugins::{PluginClass, PluginSummary, Plugins};
pub use recorded_sign_ins::{
    RecordedFilter, RecordedOutcome, RecordedSignIn, RecordedSignIns, RecordedSummary,
};
pub use refresh_tokens::{RefreshToken, RefreshTokens};
pub use roles::{Role, Roles};
pub use secrets::{SealedSecret, SecretSummary, Secrets};
pub use service_tokens::{ServiceToken, ServiceTokens};
pub use sessions::{Session, SessionApplication, Sessions};
pub use signing_keys::{SigningKey, SigningKeyState, SigningKeys};
pub use single_use::{ConsumeOutcome, NewSingleUse, SingleUse, SingleUseKind, SingleUseValue};
pub use tenant::TenantRows;
pub use tenants::{PLATFORM_TENANT, Tenant, TenantStatus};
pub use test_sign_ins::{TestSignIn, TestSignIns};
pub use token_families::{TokenFamilies, TokenFamily};
pub use upstream_documents::{UpstreamDocument, UpstreamDocuments};
pub use url::{Backend, DatabaseUrl, InvalidDatabaseUrl};
pub use users::{User, UserStatus, Users};
