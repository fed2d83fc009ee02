//! Applications: what they registered, parsed once at the edge.
//!
//! Owns: the parsed [`Application`], its [`OpenidSettings`], [`RedirectUri`]s and the hash of its secret. Does not
//! own: who may register one (`admin`, [`super::oidc`]) or what it may do (the rules of each endpoint).

mod redirect_uri;
mod rules;
mod secret;
pub mod sector;
mod settings;

pub use redirect_uri::{InvalidRedirectUri, RedirectUri};
pub use rules::problems;
pub use secret::ApplicationSecretHash;
pub use settings::{
    AccessTokenFormat, ApplicationAuthentication, ApplicationKind, ClaimPlace, GrantType,
    OpenidSettings, ReleasedClaim, ResourceServer, SecurityProfile, SubjectType,
};

use symbolon_contract::{ApplicationId, ConnectorId, TenantId};
use symbolon_storage::{
    Application as Row, ApplicationStatus, Database, StorageError, StorageResult,
};

use crate::policy::ApplicationFacts;
use crate::tenants::TenantRecord;

/// A stored application, parsed.
#[derive(Debug, Clone)]
pub struct Application {
    /// Its id, which is its `client_id`.
    pub id: ApplicationId,
    /// The name that people see.
    pub display_name: String,
    /// Whether it may be used.
    pub active: bool,
    /// What it registered.
    pub settings: OpenidSettings,
    /// The hash of its secret; `None` makes it public (RFC 6749 2.1).
    pub secret: Option<ApplicationSecretHash>,
    /// The hash of its registration access token (RFC 7592 3), where it registered itself.
    pub registration: Option<ApplicationSecretHash>,
    /// Whether it is the operator's, and speaks to the platform issuer.
    pub platform: bool,
    /// Version of the row.
    pub version: i32,
}

impl TryFrom<Row> for Application {
    type Error = StorageError;

    fn try_from(row: Row) -> Result<Self, StorageError> {
        let settings = serde_json::from_value(row.settings).map_err(|error| {
            StorageError::Corrupt { table: "applications", why: format!("settings: {error}") }
        })?;
        Ok(Self {
            id: row.id,
            display_name: row.display_name,
            active: row.status == ApplicationStatus::Active,
            settings,
            secret: row.secret_hash.map(ApplicationSecretHash::from_hex),
            registration: row.registration_hash.map(ApplicationSecretHash::from_hex),
            platform: row.platform,
            version: row.version,
        })
    }
}

impl Application {
    /// An active application of its own tenant that has no secret: the least there can be.
    #[must_use]
    pub fn new(id: ApplicationId, settings: OpenidSettings) -> Self {
        Self {
            display_name: id.to_string(),
            id,
            active: true,
            settings,
            secret: None,
            registration: None,
            platform: false,
            version: 1,
        }
    }

    /// Reads an application of a tenant, if there is one.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn find(
        database: &Database,
        tenant: &TenantId,
        id: &ApplicationId,
    ) -> StorageResult<Option<Self>> {
        let (tenant, id) = (tenant.clone(), id.clone());
        let row = database.read(move |conn| conn.tenant(&tenant).applications().find(&id)).await?;
        row.map(Self::try_from).transpose()
    }

    /// Whether it exists where a request came in: the operator's applications speak to the platform's issuer, a
    /// tenant's own to the tenant's.
    #[must_use]
    pub fn speaks_to(&self, tenant: &TenantRecord) -> bool {
        self.platform == tenant.at_platform
    }

    /// What the gate asks about it.
    #[must_use]
    pub fn facts(&self, connector: &ConnectorId) -> ApplicationFacts {
        ApplicationFacts {
            id: self.id.clone(),
            active: self.active,
            accepts_connector: self.settings.accepts(connector),
        }
    }

    /// Whether it may use a grant type.
    #[must_use]
    pub fn may(&self, grant: GrantType) -> bool {
        self.settings.grant_types.contains(&grant)
    }

    /// Public applications hold no secret and need PKCE always.
    #[must_use]
    pub fn is_public(&self) -> bool {
        self.secret.is_none()
            && self.settings.authentication != ApplicationAuthentication::PrivateKeyJwt
    }
}
