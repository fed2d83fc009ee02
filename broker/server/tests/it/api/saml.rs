//! SAML connectors over the API: metadata is read, both admins get what they need, keys change (ME-3, ME-10, N12).

use serde_json::{Value, json};
use symbolon_testkit::saml_idp::FakeSamlIdp;

use super::Caller;
use crate::world::{TestBroker, TestTenant};

async fn made(caller: &Caller<'_>, idp: &FakeSamlIdp) -> Value {
    let upstream = json!({ "kind": "saml", "metadata": { "url": idp.metadata_url() } });
    let body = json!({ "id": "saml", "settings": { "upstream": upstream } });
    caller.send(("POST", "/connectors"), body, 201).await
}

fn which(keys: &Value) -> Vec<&str> {
    keys["items"].as_array().unwrap().iter().map(|one| one["which"].as_str().unwrap()).collect()
}

fn aggregate(idp: &FakeSamlIdp) -> String {
    let one = idp.metadata_xml().unwrap();
    let one = one.split_once("?>").map_or(one.as_str(), |(_, rest)| rest).to_owned();
    let other =
        one.replace(&idp.entity_id(), "https://other.example/idp").replace(" ID=\"", " ID=\"o");
    format!(
        "<md:EntitiesDescriptor xmlns:md=\"urn:oasis:names:tc:SAML:2.0:metadata\">{one}{other}\
         </md:EntitiesDescriptor>"
    )
}

#[actix_web::test]
async fn feat_n12_what_the_identity_providers_admin_needs_is_one_call() {
    let world = TestBroker::start().await;
    let idp = FakeSamlIdp::builder().start().unwrap();
    let contoso: TestTenant<'_> = world.tenant("contoso").await;
    let caller = Caller::manager(&contoso).await;
    assert_eq!(made(&caller, &idp).await["type"], "saml");
    let setup = caller.get("/connectors/saml/saml").await;
    let base = format!("{}/saml/saml", contoso.issuer());
    assert_eq!(setup["entity_id"], format!("{base}/metadata"));
    assert_eq!(setup["acs_url"], format!("{base}/acs"));
    assert_eq!(setup["page_url"], base);
    assert_eq!(setup["identity_provider"], idp.entity_id());
    assert!(setup["encryption_certificate"].as_str().unwrap().starts_with("-----BEGIN CERT"));
    assert_eq!(caller.refused(("GET", "/connectors/work/saml"), json!({})).await["status"], 404);
}

#[actix_web::test]
async fn saml_me10_keys_are_made_used_and_dropped() {
    let world = TestBroker::start().await;
    let idp = FakeSamlIdp::builder().start().unwrap();
    let contoso = world.tenant("contoso").await;
    let caller = Caller::manager(&contoso).await;
    made(&caller, &idp).await;
    let keys = "/connectors/saml/saml/keys";
    assert_eq!(which(&caller.get(keys).await), ["present"]);
    assert_eq!(which(&caller.send(("POST", keys), json!({}), 201).await), ["present", "next"]);
    let activate = format!("{keys}/activate");
    let now = caller.send(("POST", &activate), json!({}), 200).await;
    assert_eq!(which(&now), ["present", "previous"]);
    assert_eq!(caller.refused(("POST", &activate), json!({})).await["status"], 404);
    let previous = format!("{keys}/previous");
    assert_eq!(which(&caller.send(("DELETE", &previous), json!({}), 200).await), ["present"]);
    assert_eq!(caller.refused(("DELETE", &previous), json!({})).await["status"], 404);
    let other = caller.refused(("POST", "/connectors/work/saml/keys"), json!({})).await;
    assert!((400..500).contains(&other["status"].as_u64().unwrap()), "{other}");
}

#[actix_web::test]
async fn saml_me3_metadata_is_read_or_says_whom_to_pick() {
    let world = TestBroker::start().await;
    let idp = FakeSamlIdp::builder().start().unwrap();
    let contoso = world.tenant("contoso").await;
    let caller = Caller::manager(&contoso).await;
    let read = ("POST", "/saml/read-metadata");
    let one = caller.send(read, json!({ "url": idp.metadata_url() }), 200).await;
    assert_eq!(one["identity_provider"]["entity_id"], idp.entity_id());
    assert_eq!(one["certificates"].as_array().unwrap().len(), 1, "{one}");
    assert_eq!(one["entities"], json!([]));
    let xml = aggregate(&idp);
    let several = caller.send(read, json!({ "xml": xml }), 200).await;
    assert_eq!(several["identity_provider"], Value::Null);
    assert_eq!(several["entities"].as_array().unwrap().len(), 2, "{several}");
    let picked = json!({ "xml": xml, "entity_id": "https://other.example/idp" });
    let picked = caller.send(read, picked, 200).await;
    assert_eq!(picked["identity_provider"]["entity_id"], "https://other.example/idp");
    for body in [
        json!({}),
        json!({ "url": idp.metadata_url(), "xml": "<x/>" }),
        json!({ "xml": "<x/>", "signed_by": ["x"] }),
        json!({ "xml": "<x/>" }),
    ] {
        caller.refused(read, body).await;
    }
}
