//! Bodies and answers of the endpoints of applications.

use schemars::JsonSchema;
use secrecy::ExposeSecret;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use symbolon_contract::{ApplicationId, ConnectorId, TenantSlug};
use symbolon_identity::Broker;
use symbolon_identity::admin::{CreatedApplication, PlatformApplication};
use symbolon_identity::downstream::oidc::OpenidProvider;
use symbolon_identity::downstream::{Application, OpenidSettings};
use symbolon_identity::tenants::TenantRecord;

/// An application.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct ApplicationSummary {
    /// Its id, which is its `client_id`.
    id: ApplicationId,
    /// The name that people see.
    display_name: String,
    /// Whether it may be used.
    active: bool,
    /// Whether it can keep no secret.
    public: bool,
    /// The issuer to tell it.
    issuer: String,
    /// Counts the changes; a change says which version it is based on.
    version: i32,
}

impl ApplicationSummary {
    pub(super) fn of(broker: &Broker, tenant: &TenantRecord, application: &Application) -> Self {
        Self {
            id: application.id.clone(),
            display_name: application.display_name.clone(),
            active: application.active,
            public: application.is_public(),
            issuer: OpenidProvider::of(broker, tenant, application).issuer,
            version: application.version,
        }
    }
}

/// An application with all that it registered.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct ApplicationDetails {
    #[serde(flatten)]
    summary: ApplicationSummary,
    /// What it registered, as `PUT` takes it.
    settings: OpenidSettings,
}

impl ApplicationDetails {
    pub(super) fn of(broker: &Broker, tenant: &TenantRecord, application: Application) -> Self {
        let summary = ApplicationSummary::of(broker, tenant, &application);
        Self { summary, settings: application.settings }
    }
}

/// An application of the operator's.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct PlatformApplicationSummary {
    #[serde(flatten)]
    summary: ApplicationSummary,
    /// The tenants to which it is offered.
    offered_to: Vec<TenantSlug>,
}

impl PlatformApplicationSummary {
    pub(super) fn of(broker: &Broker, platform: &TenantRecord, one: &PlatformApplication) -> Self {
        let summary = ApplicationSummary::of(broker, platform, &one.application);
        Self { summary, offered_to: one.offered_to.clone() }
    }
}

/// An application of the operator's with all that it registered.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct PlatformApplicationDetails {
    #[serde(flatten)]
    details: ApplicationDetails,
    /// The tenants to which it is offered.
    offered_to: Vec<TenantSlug>,
}

impl PlatformApplicationDetails {
    pub(super) fn of(broker: &Broker, platform: &TenantRecord, one: PlatformApplication) -> Self {
        let details = ApplicationDetails::of(broker, platform, one.application);
        Self { details, offered_to: one.offered_to }
    }
}

/// An application, with its secret where it got a new one.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct RegisteredApplication {
    #[serde(flatten)]
    details: ApplicationDetails,
    /// Told here and never again.
    #[serde(skip_serializing_if = "Option::is_none")]
    client_secret: Option<String>,
}

impl RegisteredApplication {
    pub(super) fn of(broker: &Broker, tenant: &TenantRecord, made: CreatedApplication) -> Self {
        let client_secret = made.secret.map(|secret| secret.expose_secret().to_owned());
        Self { details: ApplicationDetails::of(broker, tenant, made.application), client_secret }
    }
}

/// An application to register.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct CreateApplication {
    /// Its id, which is its `client_id`.
    pub(super) id: ApplicationId,
    /// The name that people see; the id when not given.
    #[serde(default)]
    pub(super) display_name: Option<String>,
    /// It can keep no secret.
    #[serde(default)]
    pub(super) public: bool,
    /// What it registers.
    #[schemars(with = "OpenidSettings")]
    pub(super) settings: Value,
}

/// What an application is from now on.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ReplaceApplication {
    /// The name that people see; as before when not given.
    #[serde(default)]
    pub(super) display_name: Option<String>,
    /// It can keep no secret; as before when not given.
    #[serde(default)]
    pub(super) public: Option<bool>,
    /// The version that this is based on; a newer one is not overwritten.
    pub(super) version: i32,
    /// All that it registers.
    #[schemars(with = "OpenidSettings")]
    pub(super) settings: Value,
}

/// Whether an application may be used.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct SwitchApplication {
    /// Off refuses what it holds.
    pub(super) active: bool,
}

/// A tenant to which an application is offered.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct OfferApplication {
    /// The tenant.
    pub(super) tenant: TenantSlug,
    /// Connectors of the tenant whose people it accepts; none means all.
    #[serde(default)]
    pub(super) connectors: Vec<ConnectorId>,
}
