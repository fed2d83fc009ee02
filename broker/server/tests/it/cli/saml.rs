//! `symbolon connector` for SAML: made from a file, told to the other side, keys changed (N12, ME-10).

use serde_json::{Value, json};
use symbolon_testkit::saml_idp::FakeSamlIdp;

use super::Installation;

fn connected() -> Installation {
    let idp = FakeSamlIdp::builder().start().unwrap();
    let here = Installation::complete();
    here.write("idp.xml", &idp.metadata_xml().unwrap());
    here.ok("connector create contoso saml --kind saml --metadata-file idp.xml");
    here
}

fn which(keys: &Value) -> Vec<&str> {
    keys.as_array().unwrap().iter().map(|one| one["which"].as_str().unwrap()).collect()
}

#[test]
fn feat_n12_both_admins_get_their_values_at_the_command_line() {
    let here = connected();
    let base = "https://login.example.com/t/contoso/saml/saml";
    let setup = here.json("connector saml contoso saml");
    assert_eq!(setup["acs_url"], format!("{base}/acs"));
    assert_eq!(setup["page_url"], base);
    let shown = here.ok("connector saml contoso saml");
    assert_eq!(shown.matches("-----BEGIN CERTIFICATE-----").count(), 2, "{shown}");
    assert!(here.ok("connector guide contoso saml").contains(&format!("{base}/acs")));
    let products = here.json("connector guide contoso saml");
    assert_eq!(products.as_array().unwrap().len(), 6);
    let printed = here.ok("connector saml-metadata contoso saml");
    assert!(printed.contains("EntityDescriptor") && printed.contains("SignatureValue"));
    here.ok("connector saml-metadata contoso saml --out sp.xml");
    assert!(here.read("sp.xml").contains(&format!("{base}/metadata")));
    assert!(here.refused(1, "connector saml contoso work").contains("SAML connector"));
}

#[test]
fn saml_me10_keys_change_at_the_command_line() {
    let here = connected();
    assert_eq!(which(&here.json("connector keys list contoso saml")), ["present"]);
    assert_eq!(which(&here.json("connector keys new contoso saml")), ["present", "next"]);
    let now = here.json("connector keys activate contoso saml");
    assert_eq!(which(&now), ["present", "previous"]);
    assert_eq!(which(&here.json("connector keys drop-previous contoso saml")), ["present"]);
    here.refused(1, "connector keys drop-previous contoso saml");
    here.refused(1, "connector keys new contoso work");
}

#[test]
fn saml_sp3_an_application_says_where_it_starts_a_sign_in() {
    let here = connected();
    let made = here.json(
        "application create contoso portal --redirect-uri https://wiki.example.com/callback \
         --initiate-login-uri https://wiki.example.com/login",
    );
    assert_eq!(made["initiate_login_uri"], json!("https://wiki.example.com/login"));
    let elsewhere = here.refused(
        1,
        "application create contoso other --redirect-uri https://wiki.example.com/callback \
         --initiate-login-uri https://other.example/login",
    );
    assert!(elsewhere.contains("initiate_login_uri"), "{elsewhere}");
}
