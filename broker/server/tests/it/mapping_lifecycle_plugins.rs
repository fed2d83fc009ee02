//! Which plugins a tenant may use: its own, signed where the operator demands it, of the class that it may have,
//! or of the operator's library; never another tenant's (WP-16, WP-85, WP-101).

use std::io::Read as _;
use std::sync::Arc;

use serde_json::{Value, json};
use symbolon_contract::{PluginDigest, ReasonCode};
use symbolon_identity::admin::{self, AdminError, NewPlugin, PluginChoice, UploadedPlugin};
use symbolon_identity::broker::PluginRules;
use symbolon_identity::clock::ManualClock;
use symbolon_identity::plugins::{PluginHost, TrustedKey};
use symbolon_identity::{Broker, BrokerSettings};
use symbolon_storage::testing::TestDatabase;

use crate::world::{TestBroker, TestTenant, caller, component, target, unsigned, version};

async fn upload(tenant: &TestTenant<'_>, new: NewPlugin) -> Result<UploadedPlugin, AdminError> {
    admin::upload_plugin(&tenant.world.broker, &caller(), &tenant.record, new).await
}

fn not_found<T: std::fmt::Debug>(outcome: Result<T, AdminError>) {
    assert_eq!(outcome.unwrap_err().reason(), ReasonCode::SettingNotFound);
}

#[actix_web::test]
async fn wp101_plugins_and_versions_of_another_tenant_do_not_exist() {
    let world = TestBroker::start().await;
    let (contoso, fabrikam) = (world.tenant("contoso").await, world.tenant("fabrikam").await);
    let own = upload(&contoso, unsigned(component("misbehaving"))).await.unwrap();
    let second = contoso.save(&json!({})).await;
    let (broker, record, target) = (&world.broker, &fabrikam.record, target());
    let stored = |digest: &PluginDigest| PluginChoice::Stored(digest.clone());
    not_found(fabrikam.save_as(&target, version(stored(&own.digest), &json!({}))).await);
    not_found(admin::delete_plugin(broker, &caller(), record, &own.digest).await);
    not_found(admin::read_mapping_version(broker, record, (&target, second)).await);
    not_found(fabrikam.activate(second).await);
    let listed = admin::list_plugins(broker, record).await.unwrap();
    assert_eq!(listed.len(), 1, "the bundled one alone");

    // The same bytes are the same module, whoever brings them.
    let loaded = world.broker.plugins.loaded_modules();
    let again = upload(&fabrikam, unsigned(component("misbehaving"))).await.unwrap();
    assert!(!again.known, "for this tenant it is new");
    assert!(upload(&fabrikam, unsigned(component("misbehaving"))).await.unwrap().known);
    assert_eq!(world.broker.plugins.loaded_modules(), loaded);
    assert_eq!(fabrikam.events("plugin.uploaded").await.len(), 1);
    let theirs = fabrikam.save_as(&target, version(stored(&again.digest), &json!({}))).await;
    // What one of them deletes, the other one keeps.
    admin::delete_plugin(broker, &caller(), &contoso.record, &own.digest).await.unwrap();
    fabrikam.activate(theirs.unwrap()).await.unwrap();
    let used = admin::delete_plugin(broker, &caller(), record, &again.digest).await;
    assert_eq!(used.unwrap_err().reason(), ReasonCode::SettingInvalid);
}

/// Of the released component of contract 1.0.0, which never changes.
const KEY: &str = "RWQBAgMEBQYHCOpKbGPinFIKvvVQexMuxfmVR3auvr57kkIe6mkURtIs";
const SIGNATURE: &str = "untrusted comment: signature
RUQBAgMEBQYHCK0YjDMvTtCfQI3B/9h7miPMSPkcIX2lGBLGB0KMB0THoQPold8VUsYv7C1EtaW9n0xRQW/IQnAVsWQOM+23YwM=
trusted comment: timestamp:1750000000\tfile:rust.wasm
V6R808lubqWlmBb272mkIUYZM8sB5WJAs5wKhYOzxdPPoDN3GUgFVW90+PYvwxZcsERvNtjnJKs22O6hxIUPBA==
";
/// The same by a key that nobody here trusts.
const FOREIGN: &str = "untrusted comment: signature
RUQREhMUFRYXGNk9mdIwcd5T0+eq8CPXjj4DyBBNw+jUgm8SboZmS1rfQFw0l68o08Q1MDHMVnuopRxRBOGMRn/E06XqRu658Ao=
trusted comment: timestamp:1750000000\tfile:rust.wasm
sWnQ/OQl2sNMRdan4+ZUqVlClB4MiD6ws+E5otihuYykFnU4qXpAgK9cT0uYfYnjj/0h/OcRQAc7JwJ4j7qNDQ==
";

async fn trusting(require_signature: bool) -> TestBroker {
    let trusted_keys = vec![TrustedKey::parse(KEY).unwrap()];
    let plugins = PluginRules { require_signature, trusted_keys };
    let set = |settings: BrokerSettings| BrokerSettings { plugins, ..settings };
    TestBroker::start_as(TestDatabase::chosen().await, &[], (ManualClock::default(), set)).await
}

#[actix_web::test]
async fn wp85_where_signatures_are_demanded_only_a_trusted_one_of_these_bytes_counts() {
    let world = trusting(true).await;
    let contoso = world.tenant("contoso").await;
    let (signed, other) = (component("contract/1.0.0/rust"), component("misbehaving"));
    for (what, bytes, signature, said) in [
        ("none", &signed, None, "has no signature"),
        ("of other bytes", &other, Some(SIGNATURE), "does not fit"),
        ("by another key", &signed, Some(FOREIGN), "not made by a trusted key"),
        ("no signature", &signed, Some("hello"), "not a minisign signature"),
    ] {
        let signature = signature.map(str::to_owned);
        let refused = upload(&contoso, NewPlugin { component: bytes.clone(), signature }).await;
        let refused = refused.unwrap_err();
        assert_eq!(refused.reason(), ReasonCode::PluginSignatureRefused, "{what}");
        assert!(refused.to_string().contains(said), "{what}: {refused}");
    }
    let new = NewPlugin { component: signed.clone(), signature: Some(SIGNATURE.to_owned()) };
    let stored = upload(&contoso, new).await.unwrap();
    assert_eq!(stored.signed_by.as_deref(), Some("0807060504030201"));
    let event = contoso.events("plugin.uploaded").await.remove(0);
    assert_eq!(event["details"]["changes"][2]["to"], "0807060504030201");
    // The bundled plugin came with the broker.
    contoso.rules(json!({})).await;
}

#[actix_web::test]
async fn wp85_where_they_are_not_demanded_one_that_is_given_must_fit() {
    let world = trusting(false).await;
    let contoso = world.tenant("contoso").await;
    let bytes = component("contract/1.0.0/rust");
    let foreign = NewPlugin { component: bytes.clone(), signature: Some(FOREIGN.to_owned()) };
    let refused = upload(&contoso, foreign).await.unwrap_err();
    assert_eq!(refused.reason(), ReasonCode::PluginSignatureRefused);
    assert_eq!(upload(&contoso, unsigned(bytes)).await.unwrap().signed_by, None);
}

fn python() -> Vec<u8> {
    let path = "/../../plugins/dist/examples/python.wasm.gz";
    let packed = std::fs::File::open(format!("{}{path}", env!("CARGO_MANIFEST_DIR"))).unwrap();
    let mut bytes = Vec::new();
    flate2::read::GzDecoder::new(packed).read_to_end(&mut bytes).unwrap();
    bytes
}

/// What the operator allows a tenant, straight in the database.
async fn allow_large(tenant: &mut TestTenant<'_>, count: u32) {
    let (id, broker) = (tenant.record.id.clone(), &tenant.world.broker);
    let change = move |conn: &mut symbolon_storage::Connection| {
        let mut row = conn.operator().tenant_by_id(&id)?.unwrap();
        row.settings["large_plugins"] = json!(count);
        let expected = row.version;
        row.version += 1;
        conn.operator().update_tenant(&row, expected)
    };
    broker.database.write(change).await.unwrap();
    tenant.record = admin::read_tenant(broker, &tenant.record.slug).await.unwrap();
}

/// Slow: Python's component is compiled, which takes some twenty seconds.
#[actix_web::test]
async fn wp16_python_needs_the_large_class_which_the_operator_allows() {
    let world = TestBroker::start().await;
    let mut contoso = world.tenant("contoso").await;
    let refused = upload(&contoso, unsigned(python())).await.unwrap_err();
    assert_eq!(refused.reason(), ReasonCode::PluginClassNotAllowed);
    assert_eq!(world.broker.plugins.loaded_modules(), 1, "it was not even compiled");
    allow_large(&mut contoso, 1).await;
    contoso.role("builder").await;
    let rules = json!({ "departments": { "Engineering": "builder" } });
    let plugin = PluginChoice::Upload(unsigned(python()));
    let saved = contoso.save_as(&target(), version(plugin, &rules)).await.unwrap();
    contoso.activate(saved).await.unwrap();
    let wiki = contoso.application("wiki").await;
    let alice = wiki.log_in("alice").await.outcome();
    assert_eq!(alice, "signed in as alice@contoso.com with roles [builder]");
    let listed = admin::list_plugins(&world.broker, &contoso.record).await.unwrap();
    assert_eq!(listed[1].class, "large");
    // One is one: another large component would be one too many.
    allow_large(&mut contoso, 0).await;
    let known = upload(&contoso, unsigned(python())).await.unwrap();
    assert!(known.known, "what is there stays");
}

async fn library_of(broker: &Broker, tenant: &TestTenant<'_>) -> Value {
    json!(admin::list_offered(broker, &tenant.record).await.unwrap())
}

#[actix_web::test]
async fn library_a_plugin_is_enabled_used_and_retired() {
    let world = TestBroker::start().await;
    let (contoso, fabrikam) = (world.tenant("contoso").await, world.tenant("fabrikam").await);
    contoso.role("builder").await;
    let (broker, record) = (&world.broker, &contoso.record);
    let new = unsigned(component("examples/rust"));
    let entry = admin::add_to_library(broker, &caller(), new.clone()).await.unwrap();
    let twice = admin::add_to_library(broker, &caller(), new).await.unwrap_err();
    assert_eq!(twice.reason(), ReasonCode::SettingConflict);
    let digest = entry.digest;
    assert_eq!(library_of(broker, &contoso).await[0]["enabled"], false);
    let rules = json!({ "departments": { "Engineering": "builder" } });
    let choice = || version(PluginChoice::Stored(digest.clone()), &rules);
    not_found(contoso.save_as(&target(), choice()).await);
    admin::enable_plugin(broker, &caller(), record, &digest).await.unwrap();
    let saved = contoso.save_as(&target(), choice()).await.unwrap();
    contoso.activate(saved).await.unwrap();
    let wiki = contoso.application("wiki").await;
    let builder = "signed in as alice@contoso.com with roles [builder]";
    assert_eq!(wiki.log_in("alice").await.outcome(), builder);
    assert_eq!(library_of(broker, &contoso).await[0]["enabled"], true);
    assert_eq!(library_of(broker, &fabrikam).await[0]["enabled"], false);
    not_found(fabrikam.save_as(&target(), choice()).await);

    // From the next sign-in on, also where it is loaded.
    admin::retire_from_library(broker, &caller(), &digest).await.unwrap();
    assert_eq!(wiki.log_in("alice").await.outcome(), "403 plugin.not_loadable");
    assert_eq!(library_of(broker, &contoso).await, json!([]));
    not_found(contoso.save_as(&target(), choice()).await);
    assert_eq!(contoso.roll_back().await, 1);
    assert!(wiki.log_in("alice").await.outcome().ends_with("[viewer]"));
    assert!(admin::list_library(broker).await.unwrap()[0].retired_at.is_some());
    not_found(admin::enable_plugin(broker, &caller(), &fabrikam.record, &digest).await);
}

#[actix_web::test]
async fn library_a_plugin_that_a_tenant_disables_is_no_longer_called_for_it() {
    let world = TestBroker::start().await;
    let contoso = world.tenant("contoso").await;
    contoso.role("builder").await;
    let (broker, record) = (&world.broker, &contoso.record);
    let new = unsigned(component("examples/rust"));
    let digest = admin::add_to_library(broker, &caller(), new).await.unwrap().digest;
    admin::enable_plugin(broker, &caller(), record, &digest).await.unwrap();
    let rules = json!({ "departments": { "Engineering": "builder" } });
    let new = version(PluginChoice::Stored(digest.clone()), &rules);
    let saved = contoso.save_as(&target(), new).await.unwrap();
    contoso.activate(saved).await.unwrap();
    let wiki = contoso.application("wiki").await;
    assert!(wiki.log_in("alice").await.outcome().ends_with("[builder]"));
    admin::disable_plugin(broker, &caller(), record, &digest).await.unwrap();
    assert_eq!(wiki.log_in("alice").await.outcome(), "403 plugin.not_loadable");
    assert_eq!(contoso.events("library.plugin_disabled").await.len(), 1);
    let bytes: Arc<[u8]> = Arc::from(component("examples/rust"));
    assert_eq!(PluginHost::digest_of(&bytes), digest);
}
