//! Use cases of admins, one a file: the CLI, the admin API and the console are thin skins over them.
//!
//! Owns: what an admin may change, the checks before it is stored, and the audit event of each change.
//! Does not own: who may call them (each skin proves that) or sign-ins.

mod api_key;
mod application;
mod callback_alias;
mod connector;
mod consent;
mod error;
mod housekeeping;
mod landing;
mod mapping;
mod platform;
mod plugin;
mod read;
mod recorded;
mod role;
mod tenant;
mod test_sign_in;
mod user;

pub use api_key::{
    ApiAccess, ApiKeyFacts, ApiKeyProblem, ApiRefusal, ApiScope, CreatedApiKey, NewApiKey,
    authenticate_api_key, authenticate_operator_key, create_api_key, list_api_keys, revoke_api_key,
};
pub use application::{
    ApplicationChange, CreatedApplication, NewApplication, RegistrationRefusal, create_application,
    delete_application, delete_registration, list_applications, read_registration,
    register_application, replace_application, replace_registration, rotate_application_secret,
    set_application_active,
};
pub use callback_alias::{clear_callback_alias, set_callback_alias};
pub use connector::{
    Button, ConnectorChange, ConnectorStatus, CredentialFacts, FederatedTrust, FieldChange,
    GroupQuery, HelpLine, LastError, ModeChange, ModePreview, NewConnector, NewSecret, NextExpiry,
    ProductGuide, ProductLine, ProductStep, ReplacedSecret, SamlKeyFacts, SamlSetup, VersionState,
    VersionSummary, WhoCanSignIn, WhyHidden, activate_certificate, activate_saml_keys,
    connector_status, create_certificate, create_connector, create_saml_keys, credential_calendar,
    diff_versions, drop_previous_saml_keys, drop_previous_secret, federated_trust, find_groups,
    list_connectors, list_saml_keys, list_versions, preview_mode, read_or_choose_saml_metadata,
    read_saml_metadata, replace_client_secret, resolve_entra_directory, restore_version,
    revoke_secrets, saml_entities, saml_guide, saml_metadata, saml_setup, set_connector_mode,
    set_secret_expiry, test_connection, update_connector, watch_connector,
};
pub use consent::{ConsentLink, consent_link};
pub use error::AdminError;
pub use housekeeping::{forget_retired_keys, list_keys, rotate_keys, rotate_secrets, verify_audit};
pub use mapping::{
    ActiveRules, CaseSummary, MOST_REPLAYED, MappingDiff, MappingStatus, MappingSummary,
    NewMapping, PluginChoice, SavedCase, SavedMapping, activate_mapping, application_mapping,
    connector_mapping, delete_case, diff_mappings, end_shadow, list_cases, list_mappings,
    mapping_status, put_case, read_case, read_mapping, read_mapping_version, replay_mapping,
    retry_mapping, roll_back_mapping, save_mapping, set_mapping, set_mapping_policy, start_shadow,
    try_mapping,
};
pub use platform::{
    PlatformApplication, create_platform_application, list_platform_applications,
    offer_application, read_platform, read_platform_application, withdraw_application,
};
pub use plugin::{
    LibraryEntry, NewPlugin, PluginOrigin, PluginSummary, UploadedPlugin, add_to_library,
    delete_plugin, disable_plugin, enable_plugin, list_library, list_offered, list_plugins,
    retire_from_library, upload_plugin,
};
pub use read::{audit_events, read_application, read_connector, read_tenant};
pub use recorded::{
    OpenedRecord, RecordedQuery, failing_input, list_recorded, read_recorded, recorded_inputs,
    set_recording,
};
pub use role::{list_roles, put_role};
pub use tenant::{
    NewTenant, create_tenant, list_tenants, put_domain, set_dynamic_registration,
    set_large_plugins, set_tenant_contact,
};
pub use test_sign_in::{TestSignInLink, begin_test_sign_in, read_test_sign_in};
pub use user::{
    NewUser, create_user, list_access_requests, list_users, set_user_status, sign_out_user,
};

use serde_json::Value;
use symbolon_contract::{TenantId, TraceId};
use symbolon_storage::{Connection, StorageResult};

use crate::audit::{self, Actor, AuditContext, AuditEvent, Target};
use crate::broker::{Broker, Visit};
use crate::tenants::TenantRecord;

/// Who changes something.
#[derive(Debug, Clone)]
pub struct AdminCaller {
    /// `operator` or `admin`.
    pub kind: &'static str,
    /// A name for the audit trail.
    pub name: String,
    /// The request that asks for it, where there is one: its trace, address and program.
    pub visit: Option<Visit>,
}

impl AdminCaller {
    /// The operator at the command line.
    #[must_use]
    pub fn command_line() -> Self {
        Self { kind: "operator", name: "command line".into(), visit: None }
    }

    /// The server itself.
    fn system(name: &str) -> Self {
        Self { kind: "system", name: name.to_owned(), visit: None }
    }
}

/// What every change is audited with.
struct Change {
    context: AuditContext,
}

impl Change {
    fn by(broker: &Broker, caller: &AdminCaller) -> Self {
        let visit = caller.visit.as_ref();
        let trace: TraceId = match visit {
            Some(visit) => visit.trace.clone(),
            None => broker.ids.new_trace_id(),
        };
        let actor = Actor {
            kind: caller.kind,
            id: Some(caller.name.clone()),
            ip: visit.and_then(|visit| visit.address).map(|address| address.to_string()),
            user_agent: visit.and_then(|visit| visit.user_agent.clone()),
        };
        let now = broker.clock.now();
        Self { context: AuditContext { ids: broker.ids.clone(), now, trace, actor } }
    }

    fn record(
        &self,
        conn: &mut Connection,
        tenant: &TenantId,
        (name, kind, id): (&'static str, &'static str, &str),
        changes: Value,
    ) -> StorageResult<()> {
        let target = Target { kind, id: id.to_owned() };
        let event = AuditEvent::AdminChange { name, target, changes };
        audit::append(conn, tenant, &self.context, &event)
    }

    /// A change that concerns no tenant.
    fn record_operator(
        &self,
        conn: &mut Connection,
        (name, kind, id): (&'static str, &'static str, &str),
        changes: Value,
    ) -> StorageResult<()> {
        let target = Target { kind, id: id.to_owned() };
        let event = AuditEvent::AdminChange { name, target, changes };
        audit::append_operator(conn, &self.context, &event)
    }
}

/// Keeps a change that was refused, with its reason; without a tenant in the operator's trail. The skin tells the
/// caller.
pub async fn note_refused_change(
    broker: &Broker,
    caller: &AdminCaller,
    tenant: Option<&TenantRecord>,
    refused: &AdminError,
) {
    let context = Change::by(broker, caller).context;
    let (trace, tenant) = (context.trace.clone(), tenant.map(|tenant| tenant.id.clone()));
    let event = AuditEvent::Refused {
        reason: refused.reason(),
        detail: refused.to_string(),
        application: None,
    };
    let kept = broker.database.write(move |conn| match &tenant {
        Some(tenant) => audit::append(conn, tenant, &context, &event),
        None => audit::append_operator(conn, &context, &event),
    });
    if let Err(error) = kept.await {
        // The refusal stands even when it cannot be kept; the operator must know.
        tracing::error!(%trace, %error, "a refused change could not be kept");
    }
}
