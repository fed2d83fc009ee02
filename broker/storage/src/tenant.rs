//! The handle that fixes the tenant: every statement of every accessor carries its id (DB-4).

use crate::any_connection::AnyConnection;
use crate::single_use::{SingleUse, SingleUseKind};
use crate::{
    AccessRequests, AccessTokens, ApiKeys, Applications, Audit, CallbackAliases, ConnectorHealths,
    ConnectorVersions, Connectors, Consents, DataKeys, DeviceAuthorizations, Domains, Grants,
    IdentityLinks, LoginAttempts, LogoutDeliveries, Plugins, RecordedSignIns, RefreshTokens, Roles,
    Secrets, ServiceTokens, Sessions, SigningKeys, TenantLibrary, TestSignIns, TokenFamilies,
    UpstreamDocuments, Users,
};

/// The rows of one tenant: one accessor per aggregate.
pub struct TenantRows<'a> {
    pub(crate) conn: &'a mut AnyConnection,
    pub(crate) tenant: &'a str,
}

macro_rules! accessors {
    ($($(#[$doc:meta])* $method:ident: $ty:ident;)*) => {
        impl TenantRows<'_> {$(
            $(#[$doc])*
            pub fn $method(&mut self) -> $ty<'_> {
                $ty { conn: self.conn, tenant: self.tenant }
            }
        )*}
    };
}

accessors! {
    /// E-mail domains.
    domains: Domains;
    /// Wrapped data keys.
    data_keys: DataKeys;
    /// Sealed secrets.
    secrets: Secrets;
    /// Keys that sign tokens.
    signing_keys: SigningKeys;
    /// Configured upstreams.
    connectors: Connectors;
    /// Every version of the settings of a connector.
    connector_versions: ConnectorVersions;
    /// How connectors are.
    connector_health: ConnectorHealths;
    /// What upstreams publish.
    upstream_documents: UpstreamDocuments;
    /// Old callback paths of connectors.
    callback_aliases: CallbackAliases;
    /// Test sign-ins of admins.
    test_sign_ins: TestSignIns;
    /// Mapping plugins.
    plugins: Plugins;
    /// What the tenant has enabled of the operator's library.
    library: TenantLibrary;
    /// Recorded sign-ins.
    recorded_sign_ins: RecordedSignIns;
    /// The catalogue of roles.
    roles: Roles;
    /// Users.
    users: Users;
    /// Which upstream subject is which user.
    identity_links: IdentityLinks;
    /// Who holds which role, and from whom.
    grants: Grants;
    /// Sessions and the applications that used them.
    sessions: Sessions;
    /// Applications.
    applications: Applications;
    /// Sign-ins under way.
    login_attempts: LoginAttempts;
    /// Access tokens.
    access_tokens: AccessTokens;
    /// Families of tokens.
    token_families: TokenFamilies;
    /// Refresh tokens.
    refresh_tokens: RefreshTokens;
    /// Access tokens of applications themselves.
    service_tokens: ServiceTokens;
    /// Consents.
    consents: Consents;
    /// Devices that wait for a person.
    device_authorizations: DeviceAuthorizations;
    /// Logout messages on their way.
    logout_deliveries: LogoutDeliveries;
    /// Keys to the admin API.
    api_keys: ApiKeys;
    /// People who were refused for want of a user.
    access_requests: AccessRequests;
    /// The audit chain.
    audit: Audit;
}

impl TenantRows<'_> {
    /// Values of one kind that may be used once. A value of one kind is never accepted as another.
    pub fn single_use(&mut self, kind: SingleUseKind) -> SingleUse<'_> {
        SingleUse { conn: self.conn, tenant: self.tenant, kind }
    }
}

/// Declares the accessor of one aggregate.
macro_rules! accessor {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        pub struct $name<'a> {
            pub(crate) conn: &'a mut crate::any_connection::AnyConnection,
            pub(crate) tenant: &'a str,
        }
    };
}
pub(crate) use accessor;

/// An update that must meet exactly one row: none means that the version has moved on.
pub(crate) fn exactly_one(rows: usize) -> crate::error::StorageResult<()> {
    if rows == 1 { Ok(()) } else { Err(crate::error::StorageError::StaleVersion) }
}
