//! Connectors are made, changed, switched and tested.
//!
//! | file | holds |
//! |---|---|
//! | `create`, `change` | a connector and each later version of its settings |
//! | `check` | everything that can be wrong with settings and secrets, all at once |
//! | `mode` | how far it is rolled out, and what must be true before |
//! | `test` | the test of the connection, kept beside the version that was tested |
//! | `secret`, `certificate` | what it proves itself with: replaced once the new one is proved, revoked at once |
//! | `credentials` | which credentials there are and when they end |
//! | `versions` | the versions of its settings: compared, brought back |
//! | `status`, `who`, `help` | how it is, who can sign in how, what to do when it is disconnected |
//! | `watch`, `health`, `calendar` | looking at it again and again; the ends of credentials as calendar entries |
//! | `groups` | groups of its directory |
//! | `saml`, `saml_keys` | metadata, theirs and ours; the keys of a SAML connector |

mod calendar;
mod certificate;
mod change;
mod check;
mod create;
mod credentials;
mod groups;
mod health;
mod help;
mod mode;
mod saml;
mod saml_guide;
mod saml_keys;
mod secret;
mod status;
mod test;
mod versions;
mod watch;
mod who;

pub use calendar::credential_calendar;
pub use certificate::{FederatedTrust, activate_certificate, create_certificate, federated_trust};
pub use change::{ConnectorChange, update_connector};
pub use create::{NewConnector, create_connector, resolve_entra_directory};
pub use credentials::{CredentialFacts, NextExpiry};
pub use groups::{GroupQuery, find_groups};
pub use help::HelpLine;
pub use mode::{ModeChange, set_connector_mode};
pub use saml::{
    SamlSetup, read_or_choose_saml_metadata, read_saml_metadata, saml_entities, saml_metadata,
    saml_setup,
};
pub use saml_guide::{ProductGuide, ProductLine, ProductStep, saml_guide};
pub use saml_keys::{
    SamlKeyFacts, activate_saml_keys, create_saml_keys, drop_previous_saml_keys, list_saml_keys,
};
pub use secret::{
    NewSecret, ReplacedSecret, drop_previous_secret, replace_client_secret, revoke_secrets,
    set_secret_expiry,
};
pub use status::{ConnectorStatus, LastError, ModePreview, connector_status, preview_mode};
pub use test::test_connection;
pub(super) use versions::compare;
pub use versions::{
    FieldChange, VersionState, VersionSummary, diff_versions, list_versions, restore_version,
};
pub use watch::watch_connector;
pub use who::{Button, WhoCanSignIn, WhyHidden};

use symbolon_contract::{ConnectorId, TenantId};
use symbolon_storage::{Connection, Connector as Row, ConnectorMode as RowMode};

use super::AdminError;
use crate::broker::Broker;
use crate::connectors::ConnectorRecord;
use crate::policy::ConnectorMode;
use crate::tenants::TenantRecord;

/// The connectors of a tenant.
///
/// # Errors
/// Those of the database.
pub async fn list_connectors(
    broker: &Broker,
    tenant: &TenantRecord,
) -> Result<Vec<ConnectorRecord>, AdminError> {
    let tenant = tenant.id.clone();
    let rows = broker.database.read(move |conn| conn.tenant(&tenant).connectors().list()).await?;
    Ok(rows.into_iter().map(ConnectorRecord::try_from).collect::<Result<_, _>>()?)
}

/// The row of a connector, inside a transaction.
fn find(conn: &mut Connection, tenant: &TenantId, id: &ConnectorId) -> Result<Row, AdminError> {
    let row = conn.tenant(tenant).connectors().find(id)?;
    row.ok_or_else(|| AdminError::NotFound { kind: "connector", id: id.to_string() })
}

fn row_mode(mode: ConnectorMode) -> RowMode {
    match mode {
        ConnectorMode::Off => RowMode::Off,
        ConnectorMode::Test => RowMode::Test,
        ConnectorMode::Pilot => RowMode::Pilot,
        ConnectorMode::On => RowMode::On,
        ConnectorMode::Enforced => RowMode::Enforced,
    }
}
