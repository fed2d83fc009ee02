//! What the two documents promise beside single checks: the button, rules that customers change themselves,
//! https, secrets at rest.

use secrecy::SecretString;
use symbolon_contract::ConnectorId;
use symbolon_identity::admin::{self, AdminError, ModeChange};
use symbolon_identity::policy::ConnectorMode;
use symbolon_testkit::Browser;

use crate::world::{ADMINS, ENTRA, EntraWorld, SECRET, caller};

#[actix_web::test]
async fn feat_n1_b22_b40_one_connector_needs_no_page_and_several_get_a_button_each() {
    let entra = EntraWorld::start().await;
    let contoso = entra.tenant("contoso").await;
    let login = format!("{}/login", contoso.issuer());
    let mut browser = Browser::new().unwrap();
    let page = browser.get(&login).await.unwrap();
    assert!(page.url().as_str().starts_with(&entra.entra.authority_url()), "{}", page.url());
    contoso.connector("other", |_| ()).await;
    let page = Browser::new().unwrap().get(&login).await.unwrap();
    assert_eq!(page.text("connector-entra").as_deref(), Some("Sign in with Microsoft"));
    assert_eq!(page.text("connector-other").as_deref(), Some("Sign in with Directory other"));
}

#[actix_web::test]
async fn feat_n5_n47_customers_change_the_rules_and_the_next_sign_in_follows() {
    let entra = EntraWorld::start().await;
    let contoso = entra.tenant("contoso").await;
    let wiki = contoso.application("wiki").await;
    let before = entra.log_in(&wiki, "alice").await;
    assert_eq!(before.outcome(), "signed in as alice@contoso.com with roles [viewer]");
    let rules = serde_json::json!({
        "assign_role_by_group": true,
        "group_roles": [{ "group": ADMINS, "label": "Noxys Admins", "role": "admin" }],
    });
    let new = admin::NewMapping {
        configuration: rules.to_string(),
        plugin: admin::PluginChoice::Same,
        note: None,
        admin_default: false,
    };
    let id = ConnectorId::parse(ENTRA).unwrap();
    let broker = &entra.world.broker;
    admin::set_mapping(broker, &caller(), &contoso.record, (&id, new)).await.unwrap();
    let after = entra.log_in(&wiki, "alice").await;
    assert_eq!(after.outcome(), "signed in as alice@contoso.com with roles [admin]");
}

#[actix_web::test]
async fn feat_n12_b4_nothing_is_opened_that_browsers_cannot_be_sent_back_to() {
    let entra = EntraWorld::start().await;
    let contoso = entra.tenant("contoso").await;
    let mut broker = entra.world.broker.clone();
    let settings = broker.settings.as_ref().clone();
    broker.settings = std::sync::Arc::new(symbolon_identity::BrokerSettings {
        public_url: "http://id.contoso.example".into(),
        ..settings
    });
    let id = ConnectorId::parse(ENTRA).unwrap();
    let set = async |mode| {
        let change = ModeChange { mode, untested: true };
        admin::set_connector_mode(&broker, &caller(), &contoso.record, (&id, change)).await
    };
    let refused = set(ConnectorMode::On).await;
    assert!(matches!(refused, Err(AdminError::HttpsRequired(_))), "{refused:?}");
    set(ConnectorMode::Off).await.unwrap();
}

#[actix_web::test]
async fn feat_n19_b37_the_secret_is_sealed_and_only_its_end_is_shown() {
    let entra = EntraWorld::start().await;
    let contoso = entra.tenant("contoso").await;
    let id = contoso.record.id.clone();
    let row = entra
        .world
        .broker
        .database
        .read(move |conn| conn.tenant(&id).secrets().find("connector_client_secret", ENTRA));
    let row = row.await.unwrap().unwrap();
    assert_eq!(row.hint.as_deref(), Some("6789"));
    assert!(!row.sealed.contains(SECRET));
    let printed = format!("{:?} {:?}", SecretString::from(SECRET), entra.world.broker);
    assert!(!printed.contains(SECRET));
}

#[actix_web::test]
async fn feat_n17_b10_a_single_tenant_registration_is_asked_at_its_own_directory() {
    let entra = EntraWorld::start().await;
    let contoso = entra.tenant("contoso").await;
    let mut browser = Browser::new().unwrap();
    let page = browser.get(&format!("{}/login", contoso.issuer())).await.unwrap();
    let path = page.url().as_str().to_owned();
    assert!(path.contains(&format!("/{}/oauth2/v2.0/authorize", crate::world::CONTOSO)), "{path}");
    // Nobody of another directory is even offered there.
    assert!(page.has("user-alice") && !page.has("user-eve"));
}
