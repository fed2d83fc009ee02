//! The admin-consent link and its way back (E-14, N25).

use chrono::TimeDelta;
use symbolon_contract::ConnectorId;
use symbolon_identity::admin::{self, AdminError, ConsentLink};
use symbolon_identity::clock::Clock as _;
use symbolon_testkit::Browser;
use symbolon_testkit::entra::EntraFault;

use crate::world::{APP, CONNECTOR, CONTOSO, ENTRA, EntraWorld, TestTenant, parameter};

async fn link(entra: &EntraWorld, tenant: &TestTenant<'_>) -> ConsentLink {
    let (broker, id) = (&tenant.world.broker, ConnectorId::parse(ENTRA).unwrap());
    let link = admin::consent_link(broker, &tenant.record, &id).await.unwrap();
    assert_eq!(link.redirect_uri, format!("{}/consent/{ENTRA}", tenant.issuer()));
    entra.entra.change_application(APP, |app| app.redirect_uri(&link.redirect_uri));
    link
}

async fn reported(tenant: &TestTenant<'_>) -> Vec<String> {
    let rows = tenant.audit_rows().await.into_iter();
    rows.filter(|row| row["type"] == "connector.consent_reported")
        .map(|row| format!("{} {}", row["outcome"], row["reason"]).replace('"', ""))
        .collect()
}

#[actix_web::test]
async fn entra_e14_feat_n25_an_administrator_consents_and_it_is_reported_once() {
    let entra = EntraWorld::start().await;
    let contoso = entra.tenant("contoso").await;
    let link = link(&entra, &contoso).await;
    assert_eq!(parameter(&link.url, "client_id").as_deref(), Some(APP));
    assert_eq!(link.expires_at, contoso.world.clock.now() + TimeDelta::hours(1));
    let mut admin = Browser::new().unwrap();
    let page = admin.get(link.url.as_str()).await.unwrap();
    assert!(page.has("consent-granted"), "{}", page.body());
    let directory = page.text("consent-directory").unwrap();
    assert!(directory.starts_with(CONTOSO) && directory.contains("not proved"), "{directory}");
    let again = admin.get(page.url().as_str()).await.unwrap();
    assert_eq!(again.text("reason-code").as_deref(), Some("request.malformed"), "used twice");
    assert_eq!(reported(&contoso).await, ["success null"]);
    assert_eq!(contoso.audit_trail().await, [""; 0], "no sign-in failed");
}

#[actix_web::test]
async fn entra_e14_a_refused_consent_says_why() {
    let entra = EntraWorld::start().await;
    let contoso = entra.tenant("contoso").await;
    entra.entra.misbehave(EntraFault::AdminConsentDenied);
    let refused = link(&entra, &contoso).await;
    let page = Browser::new().unwrap().get(refused.url.as_str()).await.unwrap();
    assert!(page.has("consent-refused"), "{}", page.body());
    assert_eq!(page.text("reason-code").as_deref(), Some("entra.consent_refused"));
    assert!(page.text("refusal-fix").unwrap().contains("Administrator"));
    // Another number has its own code.
    let other = link(&entra, &contoso).await;
    let state = parameter(&other.url, "state").unwrap();
    let address = format!(
        "{}?error=invalid_client&error_description=AADSTS700016%3A+x&state={state}",
        other.redirect_uri
    );
    let page = Browser::new().unwrap().get(&address).await.unwrap();
    assert_eq!(page.text("reason-code").as_deref(), Some("entra.application_unknown"));
    assert_eq!(
        reported(&contoso).await,
        ["failure entra.consent_refused", "failure entra.application_unknown"]
    );
}

#[actix_web::test]
async fn entra_e14_what_comes_back_is_text_and_changes_nothing() {
    let entra = EntraWorld::start().await;
    let contoso = entra.tenant("contoso").await;
    let (broker, id) = (&contoso.world.broker, ConnectorId::parse(ENTRA).unwrap());
    let before = admin::read_connector(broker, &contoso.record.id, &id).await.unwrap();
    let made = link(&entra, &contoso).await;
    let state = parameter(&made.url, "state").unwrap();
    let hostile = "%3Cscript%3Ealert(1)%3C/script%3E";
    let address = format!("{}?admin_consent=True&tenant={hostile}", made.redirect_uri);
    let mut browser = Browser::new().unwrap();
    for state in ["", "&state=x"] {
        let page = browser.get(&format!("{address}{state}")).await.unwrap();
        assert_eq!(page.text("reason-code").as_deref(), Some("request.malformed"), "{state}");
    }
    let page = browser.get(&format!("{address}&state={state}")).await.unwrap();
    assert!(page.has("consent-granted") && !page.body().contains("<script>alert"));
    let after = admin::read_connector(broker, &contoso.record.id, &id).await.unwrap();
    assert_eq!(before, after);
}

#[actix_web::test]
async fn entra_e14_a_link_is_for_its_connector_and_for_an_hour() {
    let entra = EntraWorld::start().await;
    let contoso = entra.tenant("contoso").await;
    contoso.connector(CONNECTOR, |_| ()).await;
    let broker = &contoso.world.broker;
    let id = ConnectorId::parse(CONNECTOR).unwrap();
    let refused = admin::consent_link(broker, &contoso.record, &id).await;
    assert!(matches!(refused, Err(AdminError::Invalid(_))), "only kind entra");
    let made = link(&entra, &contoso).await;
    let state = parameter(&made.url, "state").unwrap();
    let answer = format!("?admin_consent=True&tenant={CONTOSO}&state={state}");
    let other = format!("{}/consent/{CONNECTOR}{answer}", contoso.issuer());
    let mut browser = Browser::new().unwrap();
    let page = browser.get(&other).await.unwrap();
    assert_eq!(page.text("reason-code").as_deref(), Some("request.malformed"));
    contoso.world.clock.advance(TimeDelta::hours(1));
    let page = browser.get(&format!("{}{answer}", made.redirect_uri)).await.unwrap();
    assert_eq!(page.text("reason-code").as_deref(), Some("request.malformed"));
    assert_eq!(reported(&contoso).await, [""; 0]);
}
