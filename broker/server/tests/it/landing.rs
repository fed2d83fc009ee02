//! Where people go after a sign-in that no application asked for (N41).

use symbolon_contract::ConnectorId;
use symbolon_identity::admin::{self, AdminError, ConnectorChange};
use symbolon_testkit::Browser;
use symbolon_testkit::browser::Page;
use symbolon_testkit::provider::AutomaticSignIn;

use crate::downstream::disable;
use crate::world::{CONNECTOR, TestBroker, TestTenant, caller};

async fn save(tenant: &TestTenant<'_>, landing: &str) -> Result<i32, AdminError> {
    let (broker, id) = (&tenant.world.broker, ConnectorId::parse(CONNECTOR).unwrap());
    let record = admin::read_connector(broker, &tenant.record.id, &id).await.unwrap();
    let mut configuration = record.configuration;
    configuration.landing_url = Some(landing.parse().unwrap());
    let change = ConnectorChange { configuration, note: None };
    admin::update_connector(broker, &caller(), &tenant.record, (&id, change)).await
}

async fn portal(tenant: &TestTenant<'_>, stop: &str) -> Page {
    tenant.world.provider.sign_in_automatically(AutomaticSignIn::As("alice".into()));
    let mut browser = Browser::new().unwrap();
    browser.stop_before(stop);
    browser.get(&format!("{}/login", tenant.issuer())).await.unwrap()
}

#[actix_web::test]
async fn feat_n41_people_land_on_a_page_of_an_application() {
    let world = TestBroker::start().await;
    let contoso = world.tenant("contoso").await;
    let wiki = contoso.application("wiki").await;
    let start = format!("{}/start?from=portal", wiki.running.url());
    save(&contoso, &start).await.unwrap();
    let page = portal(&contoso, &wiki.running.url()).await;
    assert_eq!(page.location().map(String::from), Some(start));
    // An application that asks is answered, landing page or not.
    let login = wiki.log_in("alice").await;
    assert!(login.outcome().starts_with("signed in as alice@contoso.com"), "{}", login.outcome());
    // The application is gone: so is its page.
    disable(&contoso, "wiki").await;
    assert!(portal(&contoso, &wiki.running.url()).await.has("signed-in"));
}

#[actix_web::test]
async fn feat_n41_no_setting_makes_an_open_redirect() {
    let world = TestBroker::start().await;
    let contoso = world.tenant("contoso").await;
    let fabrikam = world.tenant("fabrikam").await;
    let foreign = fabrikam.application("crm").await;
    for wrong in ["https://evil.example/", &foreign.running.url(), "javascript:alert(1)"] {
        let refused = save(&contoso, wrong).await.unwrap_err();
        assert!(refused.to_string().contains("landing_url"), "{wrong}: {refused}");
    }
    save(&contoso, &format!("{}/t/contoso/?welcome", world.url)).await.unwrap();
    assert!(portal(&contoso, "https://nowhere.example").await.has("signed-in"));
}
