//! Old callback paths (B8): a registration that was made for another program keeps its redirect URI, byte for
//! byte (B7).

use serde_json::json;
use symbolon_contract::ConnectorId;
use symbolon_identity::admin::{self, AdminCaller, AdminError};
use symbolon_identity::connectors::oidc::ResponseMode;
use symbolon_storage::Connection;
use symbolon_testkit::provider::AutomaticSignIn;
use symbolon_testkit::{Browser, RegisteredClient};

use crate::world::{
    APP, CONNECTOR, ENTRA, EntraWorld, TestBroker, TestTenant, UPSTREAM_SECRET, caller, http,
    oidc_settings, post_form,
};

const OLD: &str = "/oauth/complete/azuread-oauth2/";

async fn alias(tenant: &TestTenant<'_>, connector: &str, path: &str) -> Result<i32, AdminError> {
    let (broker, id) = (&tenant.world.broker, ConnectorId::parse(connector).unwrap());
    admin::set_callback_alias(broker, &caller(), &tenant.record, (&id, path)).await
}

#[actix_web::test]
async fn feat_b8_people_sign_in_through_the_old_path() {
    let entra = EntraWorld::start().await;
    let contoso = entra.tenant("contoso").await;
    let old = format!("{}{OLD}", entra.world.url);
    // The registration knows the old address only.
    let only = |app: symbolon_testkit::entra::AppRegistration| app.without_redirect_uris();
    entra.entra.change_application(APP, |app| only(app).redirect_uri(&old));
    assert_eq!(alias(&contoso, ENTRA, OLD).await.unwrap(), 2, "a new version of the settings");
    let wiki = contoso.application("wiki").await;
    let login = entra.log_in(&wiki, "alice").await;
    assert_eq!(login.outcome(), "signed in as alice@contoso.com with roles [viewer]");
    assert_eq!(entra.entra.last_authorize()["redirect_uri"], old, "B7: the trailing slash");
    assert_eq!(entra.entra.last_token_request()["redirect_uri"], old);
    let rows = contoso.audit_rows().await;
    let row = rows.iter().find(|row| row["type"] == "connector.updated").unwrap();
    let change = json!([{ "field": "callback_path", "from": null, "to": OLD }]);
    assert_eq!(row["details"]["changes"], change);
}

#[actix_web::test]
async fn feat_b8_a_posted_answer_finds_its_way_too() {
    let world = TestBroker::start().await;
    let contoso = world
        .tenant_with("contoso", |new| {
            oidc_settings(new).response_mode = ResponseMode::FormPost;
        })
        .await;
    alias(&contoso, CONNECTOR, OLD).await.unwrap();
    let client = RegisteredClient::new(&format!("contoso-{CONNECTOR}"), UPSTREAM_SECRET);
    let old = format!("{}{OLD}", world.url);
    world.provider.set_client(client.redirect_uri(&old));
    world.provider.sign_in_automatically(AutomaticSignIn::As("alice".into()));
    let mut alice = Browser::new().unwrap();
    let page = alice.get(&format!("{}/login", contoso.issuer())).await.unwrap();
    let value = |name: &str| page.attribute_of(&format!("input[name={name}]"), "value").unwrap();
    let fields = ["code", "state", "iss"].map(|name| (name, value(name)));
    let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (*name, &**value)).collect();
    let posted = post_form(&old, &fields).send().await.unwrap();
    assert_eq!(posted.status(), 303);
    let location = posted.headers()["location"].to_str().unwrap().to_owned();
    assert!(location.starts_with("/t/contoso/callback/upstream?held="), "{location}");
    let page = alice.get(&format!("{}{location}", world.url)).await.unwrap();
    assert!(page.has("signed-in"), "{}", page.body());
    // A state that is none of ours is not kept.
    let posted = post_form(&old, &[("state", "x"), ("code", "y")]).send().await.unwrap();
    assert_eq!(posted.status(), 400);
    let deleted = http().delete(&old).send().await.unwrap();
    assert_eq!(deleted.status(), 405);
}

#[actix_web::test]
async fn feat_b7_a_near_miss_is_not_found_and_the_log_names_the_difference() {
    let world = TestBroker::start().await;
    let contoso = world.tenant("contoso").await;
    alias(&contoso, CONNECTOR, OLD).await.unwrap();
    for (path, difference) in [
        ("/oauth/complete/azuread-oauth2", "the trailing slash"),
        ("/OAuth/complete/azuread-oauth2/", "upper and lower case"),
        ("/oauth/complete/other/", "no route has this path"),
    ] {
        let answer = http().get(format!("{}{path}?code=x", world.url)).send().await.unwrap();
        assert_eq!(answer.status(), 404, "{path}");
        let details = last_operator_detail(&world).await;
        assert!(details.contains(difference), "{path}: {details}");
    }
}

async fn last_operator_detail(world: &TestBroker) -> String {
    let filter = symbolon_identity::storage::AuditFilter {
        after_seq: None,
        before_seq: None,
        event_type: None,
        newest_first: true,
        limit: 1,
    };
    let list = move |conn: &mut Connection| conn.operator().audit().list(&filter);
    world.broker.database.read(list).await.unwrap()[0].details.to_string()
}

#[actix_web::test]
async fn feat_b8_a_path_belongs_to_one_connector_until_it_is_cleared() {
    let world = TestBroker::start().await;
    let contoso = world.tenant("contoso").await;
    let fabrikam = world.tenant("fabrikam").await;
    alias(&contoso, CONNECTOR, OLD).await.unwrap();
    let taken = alias(&fabrikam, CONNECTOR, OLD).await;
    assert!(matches!(taken, Err(AdminError::Exists { .. })), "{taken:?}");
    let (broker, id) = (&world.broker, ConnectorId::parse(CONNECTOR).unwrap());
    let kept = admin::read_connector(broker, &fabrikam.record.id, &id).await.unwrap();
    assert_eq!((kept.settings_version, kept.configuration.callback_path), (1, None));
    for wrong in ["/t/contoso/x", "/livez", "relative", "/a//b", "/a?b"] {
        let refused = alias(&contoso, CONNECTOR, wrong).await;
        assert!(matches!(refused, Err(AdminError::Invalid(_))), "{wrong}");
    }
    let tenant_admin = AdminCaller { kind: "admin", name: "ada".into(), visit: None };
    let place = (&id, "/theirs");
    let refused = admin::set_callback_alias(broker, &tenant_admin, &contoso.record, place).await;
    assert!(matches!(refused, Err(AdminError::Invalid(_))), "the operator alone");
    // Another path replaces the first; cleared, neither leads anywhere.
    alias(&contoso, CONNECTOR, "/other").await.unwrap();
    alias(&fabrikam, CONNECTOR, OLD).await.unwrap();
    let clear = admin::clear_callback_alias(broker, &caller(), &contoso.record, &id).await;
    assert_eq!(clear.unwrap(), 4);
    let gone = http().get(format!("{}/other", world.url)).send().await.unwrap();
    assert_eq!(gone.status(), 404);
    let again = admin::clear_callback_alias(broker, &caller(), &contoso.record, &id).await;
    assert!(matches!(again, Err(AdminError::NotFound { .. })));
}
