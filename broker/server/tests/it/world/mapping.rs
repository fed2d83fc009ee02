//! The mapping of a tenant step by step: versions, policy, recorded sign-ins, a second node.

use std::sync::Arc;
use std::time::Duration;

use chrono::TimeDelta;
use serde_json::Value;
use symbolon_contract::{ApplicationId, ConnectorId, UserId};
use symbolon_identity::Broker;
use symbolon_identity::admin::{
    self, AdminError, MappingStatus, NewMapping, NewPlugin, PluginChoice,
};
use symbolon_identity::audit::to_json;
use symbolon_identity::mapping::TrialReport;
use symbolon_identity::plugins::Compile;
use symbolon_identity::storage::AuditFilter;
use symbolon_server::startup::build_broker_at;
use symbolon_storage::{Connection, MappingTarget, RoleGrant};

use super::{CONNECTOR, TestApplication, TestBroker, TestTenant, caller, settings};

/// A committed component: `misbehaving` or `examples/rust`.
pub(crate) fn component(name: &str) -> Vec<u8> {
    let dist = concat!(env!("CARGO_MANIFEST_DIR"), "/../../plugins/dist");
    std::fs::read(format!("{dist}/{name}.wasm")).unwrap()
}

/// A component to upload, unsigned.
pub(crate) fn unsigned(component: Vec<u8>) -> NewPlugin {
    NewPlugin { component, signature: None }
}

/// A version to save.
pub(crate) fn version(plugin: PluginChoice, rules: &Value) -> NewMapping {
    NewMapping { configuration: rules.to_string(), plugin, note: None, admin_default: true }
}

/// The mapping of the tenants' connector.
pub(crate) fn target() -> MappingTarget {
    MappingTarget::connector(&ConnectorId::parse(CONNECTOR).unwrap())
}

impl TestApplication<'_> {
    /// The mapping of what goes out to it.
    pub(crate) fn target(&self) -> MappingTarget {
        MappingTarget::application(&ApplicationId::parse(self.id.clone()).unwrap())
    }
}

impl TestTenant<'_> {
    /// Saves a version of the bundled plugin.
    pub(crate) async fn save(&self, rules: &Value) -> i32 {
        self.save_as(&target(), version(PluginChoice::Bundled, rules)).await.unwrap()
    }

    pub(crate) async fn save_as(
        &self,
        target: &MappingTarget,
        new: NewMapping,
    ) -> Result<i32, AdminError> {
        let broker = &self.world.broker;
        let saved = admin::save_mapping(broker, &caller(), &self.record, (target, new)).await;
        saved.map(|saved| saved.version)
    }

    pub(crate) async fn activate(&self, version: i32) -> Result<TrialReport, AdminError> {
        let broker = &self.world.broker;
        admin::activate_mapping(broker, &caller(), &self.record, (&target(), version)).await
    }

    pub(crate) async fn roll_back(&self) -> i32 {
        let broker = &self.world.broker;
        admin::roll_back_mapping(broker, &caller(), &self.record, &target()).await.unwrap()
    }

    pub(crate) async fn mapping_status(&self) -> MappingStatus {
        admin::mapping_status(&self.world.broker, &self.record, &target()).await.unwrap()
    }

    pub(crate) async fn mapping_policy(&self, policy: Value) {
        let (broker, policy) = (&self.world.broker, serde_json::from_value(policy).unwrap());
        let target = target();
        admin::set_mapping_policy(broker, &caller(), &self.record, (&target, policy))
            .await
            .unwrap();
    }

    /// Lets a version run beside the active one.
    pub(crate) async fn shadow(&self, version: i32, period: TimeDelta) {
        let broker = &self.world.broker;
        let asked = (&target(), version, period);
        admin::start_shadow(broker, &caller(), &self.record, asked).await.unwrap();
    }

    /// Waits for runs that nobody waits for.
    pub(crate) async fn shadow_ran(&self, times: i32) -> MappingStatus {
        let ran = async {
            loop {
                let status = self.mapping_status().await;
                if status.shadow_runs >= times {
                    return status;
                }
                tokio::task::yield_now().await;
            }
        };
        actix_web::rt::time::timeout(Duration::from_secs(30), ran).await.unwrap()
    }

    /// How much is recorded of sign-ins.
    pub(crate) async fn record_sign_ins(&self, settings: Value) {
        let (broker, settings) = (&self.world.broker, serde_json::from_value(settings).unwrap());
        admin::set_recording(broker, &caller(), &self.record, settings).await.unwrap();
    }

    /// The audit rows of one event, oldest first.
    pub(crate) async fn events(&self, name: &str) -> Vec<Value> {
        let filter = AuditFilter {
            after_seq: None,
            before_seq: None,
            event_type: Some(name.to_owned()),
            newest_first: false,
            limit: 1000,
        };
        let (broker, id) = (&self.world.broker, &self.record.id);
        let rows = admin::audit_events(broker, id, filter).await.unwrap();
        rows.iter().map(|row| to_json(id.as_str(), row)).collect()
    }

    /// What somebody holds, with its provenance.
    pub(crate) async fn grants_of(&self, user: &UserId) -> Vec<RoleGrant> {
        let (id, user) = (self.record.id.clone(), user.clone());
        let grants = move |conn: &mut Connection| conn.tenant(&id).grants().of_user(&user);
        self.world.broker.database.read(grants).await.unwrap()
    }

    /// The user with this e-mail address.
    pub(crate) async fn user_of(&self, email: &str) -> UserId {
        let users = admin::list_users(&self.world.broker, &self.record, (None, 1000)).await;
        let user = users.unwrap().into_iter().find(|user| user.email.as_deref() == Some(email));
        user.unwrap().id
    }
}

impl TestBroker {
    /// Another node on the same database, with plugins of its own in memory.
    pub(crate) fn second_node(&self) -> Broker {
        let settings = settings(&self.url, &self.database, &[]);
        let clock = Arc::new(self.clock.clone());
        let database = self.database.database().clone();
        build_broker_at(&settings, database, clock, Compile::InProcess).unwrap()
    }
}
