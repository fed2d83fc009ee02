//! The page for the identity provider's admin (N12), and the files that it links to.

use scraper::{Html, Selector};
use symbolon_contract::ConnectorId;
use symbolon_identity::admin::{self, NewConnector};
use symbolon_identity::connectors::saml::{MetadataInput, SamlSettings};
use symbolon_identity::connectors::{ConnectorConfiguration, ConnectorSettings};
use symbolon_identity::mapping::default_rules;
use symbolon_identity::policy::ConnectorMode;
use symbolon_testkit::saml_idp::FakeSamlIdp;

use crate::world::{TestBroker, TestTenant, caller, http};

async fn connect(tenant: &TestTenant<'_>, idp: &FakeSamlIdp) {
    let broker = &tenant.world.broker;
    let input = MetadataInput::Document(idp.metadata_xml().unwrap().into_bytes());
    let provider = admin::read_saml_metadata(broker, &input, None).await.unwrap();
    let upstream = ConnectorSettings::Saml(Box::new(SamlSettings::new(provider)));
    let new = NewConnector {
        id: ConnectorId::parse("saml").unwrap(),
        display_name: "Directory".into(),
        mode: ConnectorMode::Test,
        untested: false,
        rules: default_rules(&upstream, &[], None).to_string(),
        configuration: ConnectorConfiguration::new(upstream),
        client_secret: None,
        secret_ends_at: None,
    };
    admin::create_connector(broker, &caller(), &tenant.record, new).await.unwrap();
}

async fn get(url: &str) -> (u16, String, String) {
    let response = http().get(url).send().await.unwrap();
    let header = |name: &str| {
        response.headers().get(name).map_or("", |value| value.to_str().unwrap()).to_owned()
    };
    let (status, disposition) = (response.status().as_u16(), header("content-disposition"));
    (status, disposition, response.text().await.unwrap())
}

#[actix_web::test]
async fn feat_n12_the_page_shows_every_value_to_copy_and_nothing_else_of_the_connector() {
    let world = TestBroker::start().await;
    let idp = FakeSamlIdp::builder().start().unwrap();
    let contoso = world.tenant("contoso").await;
    connect(&contoso, &idp).await;
    let base = format!("{}/saml/saml", contoso.issuer());
    let (status, _, body) = get(&base).await;
    assert_eq!(status, 200, "{body}");
    let page = Html::parse_document(&body);
    let value = |id: &str| {
        let found = page.select(&Selector::parse(&format!("#{id}")).unwrap()).next().unwrap();
        assert!(found.attr("readonly").is_some(), "{id}");
        found.attr("value").map_or_else(|| found.text().collect(), str::to_owned)
    };
    assert_eq!(value("entity-id"), format!("{base}/metadata"));
    assert_eq!(value("acs-url"), format!("{base}/acs"));
    assert_eq!(value("logout-url"), format!("{base}/slo"));
    assert_eq!(value("metadata-url"), format!("{base}/metadata"));
    assert!(body.contains("noindex"), "{body}");
    assert!(!body.contains(&idp.entity_id()) && !body.contains("Directory"), "{body}");
    let open = Selector::parse(".symbolon-product[open]").unwrap();
    let shown = page.select(&open);
    assert_eq!(shown.filter_map(|one| one.attr("id")).collect::<Vec<_>>(), ["product-keycloak"]);
    for which in ["signing", "encryption"] {
        let (status, disposition, pem) = get(&format!("{base}/{which}-certificate.cer")).await;
        assert_eq!(status, 200);
        assert_eq!(disposition, format!("attachment; filename=\"contoso-saml-{which}.cer\""));
        assert_eq!(pem, value(&format!("{which}-certificate")));
    }
}

#[actix_web::test]
async fn feat_n12_a_connector_of_another_kind_has_no_such_page() {
    let world = TestBroker::start().await;
    let contoso = world.tenant("contoso").await;
    for id in ["work", "nobody", "..%2f", "NOT%20AN%20ID"] {
        for end in ["", "/signing-certificate.cer", "/encryption-certificate.cer", "/metadata"] {
            let (status, _, body) = get(&format!("{}/saml/{id}{end}", contoso.issuer())).await;
            assert_eq!(status, 404, "{id}{end}: {body}");
        }
    }
}
