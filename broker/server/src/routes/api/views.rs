//! Bodies and answers that are the API's own. What the use cases answer is sent as they have it.

use chrono::{DateTime, NaiveDate, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use symbolon_contract::ConnectorId;
use symbolon_identity::Broker;
use symbolon_identity::admin::CredentialFacts;
use symbolon_identity::connectors::connector::callback_url;
use symbolon_identity::connectors::{ConnectorConfiguration, ConnectorRecord};
use symbolon_identity::policy::ConnectorMode;
use symbolon_identity::tenants::TenantRecord;
use symbolon_identity::test_sign_in::TestReport;

use super::body::SecretText;

/// How far a connector is rolled out.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum Mode {
    /// Nobody signs in.
    Off,
    /// Test sign-ins only.
    #[default]
    Test,
    /// Named people and domains.
    Pilot,
    /// Everybody.
    On,
    /// Everybody, and no password beside it.
    Enforced,
}

impl From<Mode> for ConnectorMode {
    fn from(mode: Mode) -> Self {
        match mode {
            Mode::Off => Self::Off,
            Mode::Test => Self::Test,
            Mode::Pilot => Self::Pilot,
            Mode::On => Self::On,
            Mode::Enforced => Self::Enforced,
        }
    }
}

impl From<ConnectorMode> for Mode {
    fn from(mode: ConnectorMode) -> Self {
        match mode {
            ConnectorMode::Off => Self::Off,
            ConnectorMode::Test => Self::Test,
            ConnectorMode::Pilot => Self::Pilot,
            ConnectorMode::On => Self::On,
            ConnectorMode::Enforced => Self::Enforced,
        }
    }
}

/// A connector.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct ConnectorSummary {
    /// Its id: its place in the callback URL.
    pub(super) id: ConnectorId,
    /// `oidc`, `entra` or `saml`.
    #[serde(rename = "type")]
    kind: &'static str,
    /// The name on its button.
    display_name: String,
    /// How far it is rolled out.
    mode: Mode,
    /// The version of its settings.
    settings_version: i32,
    /// The redirect URI to register at the upstream.
    callback_url: String,
}

impl ConnectorSummary {
    pub(super) fn of(broker: &Broker, tenant: &TenantRecord, connector: &ConnectorRecord) -> Self {
        Self {
            id: connector.id.clone(),
            kind: connector.configuration.upstream.kind(),
            display_name: connector.display_name.clone(),
            mode: connector.mode.into(),
            settings_version: connector.settings_version,
            callback_url: callback_url(broker, &tenant.slug, connector),
        }
    }
}

/// A connector with its settings. Of its secrets there are only hints.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct ConnectorDetails {
    #[serde(flatten)]
    pub(super) summary: ConnectorSummary,
    /// Its settings, as `PUT …/settings` takes them.
    pub(super) settings: ConnectorConfiguration,
    /// What it proves itself with: the last four characters, and when it ends.
    pub(super) credentials: Vec<CredentialFacts>,
}

/// A connector to make.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct CreateConnector {
    /// Its id: its place in the callback URL.
    pub(super) id: ConnectorId,
    /// The name on its button; the id, or `Microsoft`, when not given.
    #[serde(default)]
    pub(super) display_name: Option<String>,
    /// How far it is rolled out. Opened to people only after a test, or with `untested`.
    #[serde(default)]
    pub(super) mode: Mode,
    /// Open it at once, before any test; the audit trail keeps that.
    #[serde(default)]
    pub(super) untested: bool,
    /// Its settings. `upstream.tenant_id` of Entra may be a verified domain of the directory.
    #[schemars(with = "ConnectorConfiguration")]
    pub(super) settings: Value,
    /// Our secret at the upstream. Never shown again.
    #[serde(default)]
    pub(super) client_secret: Option<SecretText>,
    /// The day on which the secret ends, as Entra shows it beside the secret.
    #[serde(default)]
    pub(super) secret_ends_on: Option<NaiveDate>,
    /// Fields to take over, for the first rules of the mapping.
    #[serde(default = "email_and_name")]
    pub(super) sync_fields: Vec<String>,
    /// The role of people whom no rule gives one; `null` for no role.
    #[serde(default = "viewer")]
    pub(super) default_role: Option<String>,
    /// Yes, everybody whom no rule gives a role shall be admin.
    #[serde(default)]
    pub(super) confirm_admin_default: bool,
}

fn email_and_name() -> Vec<String> {
    ["email", "name"].map(str::to_owned).into()
}

#[expect(clippy::unnecessary_wraps, reason = "serde wants the field's own type")]
fn viewer() -> Option<String> {
    Some("viewer".to_owned())
}

/// New settings of a connector.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ReplaceSettings {
    /// All of them. `upstream.tenant_id` of Entra may be a verified domain of the directory.
    #[schemars(with = "ConnectorConfiguration")]
    pub(super) settings: Value,
    /// Why.
    #[serde(default)]
    pub(super) note: Option<String>,
}

/// The version of the settings that was made.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct SettingsSaved {
    /// Its number.
    pub(super) settings_version: i32,
}

/// A switch of the mode.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct SwitchMode {
    /// To which.
    pub(super) mode: Mode,
    /// Open it although its settings have no green test; the audit trail keeps that.
    #[serde(default)]
    pub(super) untested: bool,
}

/// The link of a test sign-in.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct TestLink {
    /// The test: asks for its report.
    pub(super) id: String,
    /// To be opened once, in a browser.
    pub(super) url: String,
    /// Until when.
    pub(super) expires_at: DateTime<Utc>,
}

/// What came of a test sign-in.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct TestState {
    /// Whether somebody came back from it.
    pub(super) finished: bool,
    /// The report, once somebody did.
    pub(super) report: Option<Box<TestReport>>,
}

/// A link to Microsoft's page of admin consent.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct Consent {
    /// To be opened by an administrator of the directory.
    pub(super) url: String,
    /// Where they come back: must be among the redirect URIs of the registration.
    pub(super) redirect_uri: String,
    /// Until when.
    pub(super) expires_at: DateTime<Utc>,
}

/// A client secret to store.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ReplaceSecret {
    /// The secret. Never shown again.
    pub(super) client_secret: SecretText,
    /// The day on which it ends, as Entra shows it beside the secret.
    #[serde(default)]
    pub(super) ends_on: Option<NaiveDate>,
}

/// When the present secret ends.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct SecretEnd {
    /// The day; `null` when it is not known.
    pub(super) ends_on: Option<NaiveDate>,
}

/// What "revoke now" did.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct SecretsRevoked {
    /// How many credentials were forgotten. They are still valid at the upstream: delete them there too.
    pub(super) forgotten: usize,
    /// The connector is switched off.
    pub(super) mode: Mode,
}

/// A certificate to make.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct CreateCertificate {
    /// How many days it is valid.
    #[serde(default = "a_year")]
    pub(super) days: u32,
}

fn a_year() -> u32 {
    365
}

/// A certificate that waits to be uploaded and activated.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct CertificateMade {
    /// To be uploaded at Microsoft, as PEM.
    pub(super) certificate: String,
    /// How Microsoft names it.
    pub(super) thumbprint: String,
    /// When it ends.
    pub(super) ends_at: DateTime<Utc>,
}

/// The certificate that is in use now.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct CertificateActive {
    /// How Microsoft names it.
    pub(super) thumbprint: String,
}

/// Why an earlier version comes back.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Restore {
    /// Why.
    #[serde(default)]
    pub(super) note: Option<String>,
}

/// Rows of the audit trail.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct AuditPage {
    /// The events.
    pub(super) items: Vec<Value>,
    /// Give this as `after` to read on; `null` when there is no more.
    pub(super) next_after: Option<i64>,
}
