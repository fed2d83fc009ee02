//! Single logout (SP9, SAML Profiles 4.4): either side begins, every message is signed, and only what is named ends.

use std::io::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono::TimeDelta;
use flate2::Compression;
use flate2::write::DeflateEncoder;
use symbolon_testkit::Browser;
use symbolon_testkit::browser::Page;
use symbolon_testkit::saml_idp::{
    self, AutomaticSignIn, Binding, Misbehaviour as Fault, NameId, SessionIndex,
};

use crate::downstream::{assert_page, userinfo};
use crate::world::{SAML, SamlWorld, TestApplication, TestTenant, parameter};

async fn signed_in(saml: &SamlWorld, tenant: &TestTenant<'_>, person: &str) -> Browser {
    saml.idp.sign_in_automatically(AutomaticSignIn::As(person.to_owned()));
    let mut browser = Browser::new().unwrap();
    let page = browser.get(&format!("{}/login", tenant.issuer())).await.unwrap();
    let page = saml.follow(&mut browser, page).await;
    assert!(page.has("signed-in"), "{}", page.body());
    browser
}

async fn is_in(saml: &SamlWorld, tenant: &TestTenant<'_>, browser: &mut Browser) -> bool {
    saml.idp.sign_in_automatically(AutomaticSignIn::Off);
    let page = browser.get(&format!("{}/", tenant.issuer())).await.unwrap();
    assert!(page.has("signed-in") || page.has("demo-provider-title"), "{}", page.body());
    page.has("signed-in")
}

/// The person signs out at the identity provider; the page that the browser ends on.
async fn out_there(saml: &SamlWorld, browser: &mut Browser, person: &str) -> Page {
    let page = browser.get(&saml.idp.logout_url(person)).await.unwrap();
    saml.follow(browser, page).await
}

async fn out_here(tenant: &TestTenant<'_>, browser: &mut Browser) -> Page {
    browser.get(&format!("{}/logout", tenant.issuer())).await.unwrap();
    browser.click("sign-out").await.unwrap()
}

/// An access token by the browser's session.
async fn access_token(wiki: &TestApplication<'_>, browser: &mut Browser) -> String {
    browser.stop_before(&wiki.running.url());
    let page = browser.get(&wiki.authorize_url(&[])).await.unwrap();
    browser.stop_nowhere();
    let code = parameter(&page.location().unwrap(), "code").unwrap();
    let (status, tokens) = wiki.redeem(&code, &[]).await;
    assert_eq!(status, 200, "{tokens}");
    tokens["access_token"].as_str().unwrap().to_owned()
}

#[actix_web::test]
async fn saml_sp9_the_identity_provider_ends_the_sessions_of_its_person_and_their_tokens() {
    let saml = SamlWorld::start().await;
    let contoso = saml.tenant("contoso").await;
    let wiki = contoso.application("wiki").await;
    for binding in [Binding::Redirect, Binding::Post] {
        saml.idp.world(|world| world.logout_binding = binding);
        let (mut alice, mut bob) =
            (signed_in(&saml, &contoso, "alice").await, signed_in(&saml, &contoso, "bob").await);
        let token = access_token(&wiki, &mut alice).await;
        assert_eq!(userinfo(&contoso, &token).await.status, 200);
        let page = out_there(&saml, &mut alice, "alice").await;
        let status = page.text("logout-status").unwrap_or_else(|| page.body().to_owned());
        assert_eq!(status, "urn:oasis:names:tc:SAML:2.0:status:Success", "{binding:?}");
        let answer = saml.idp.logout_answers().pop().unwrap();
        assert_eq!(answer.signature_verifies, Some(true), "{binding:?}: signed by us");
        assert!(answer.in_response_to.is_some());
        assert!(!is_in(&saml, &contoso, &mut alice).await, "{binding:?}");
        assert!(is_in(&saml, &contoso, &mut bob).await, "{binding:?}: only that person");
        assert_eq!(userinfo(&contoso, &token).await.status, 401, "{binding:?}: a dead token");
        let ended = |row: &serde_json::Value| row["type"] == "session.ended";
        assert!(contoso.audit_rows().await.iter().any(ended));
    }
}

#[actix_web::test]
async fn saml_sp9_only_the_named_session_ends_or_all_when_none_is_named() {
    let saml = SamlWorld::start().await;
    let contoso = saml.tenant("contoso").await;
    let mut first = signed_in(&saml, &contoso, "alice").await;
    let mut second = signed_in(&saml, &contoso, "alice").await;
    out_there(&saml, &mut Browser::new().unwrap(), "alice").await;
    assert!(is_in(&saml, &contoso, &mut first).await, "its index was not named");
    assert!(!is_in(&saml, &contoso, &mut second).await, "no cookie is needed for it");
    saml.idp.world(|world| world.session_index = SessionIndex::Missing);
    let mut third = signed_in(&saml, &contoso, "alice").await;
    out_there(&saml, &mut Browser::new().unwrap(), "alice").await;
    assert!(!is_in(&saml, &contoso, &mut first).await, "SAML Core 3.7.1: none named, all meant");
    assert!(!is_in(&saml, &contoso, &mut third).await);
}

#[actix_web::test]
async fn saml_sp9_a_logout_that_is_not_the_identity_providers_ends_nothing() {
    let saml = SamlWorld::start().await;
    let contoso = saml.tenant("contoso").await;
    let mut alice = signed_in(&saml, &contoso, "alice").await;
    for binding in [Binding::Redirect, Binding::Post] {
        for (fault, expected) in [
            (Fault::LogoutUnsigned, "400 saml.unsigned"),
            (Fault::LogoutForeignKey, "400 saml.bad_signature"),
            (Fault::LogoutExpired, "400 saml.expired"),
        ] {
            saml.idp.world(|world| world.logout_binding = binding);
            saml.idp.misbehave(fault.clone());
            let page = out_there(&saml, &mut Browser::new().unwrap(), "alice").await;
            assert_page(&contoso, &page, expected).await;
            saml.idp.behave();
            assert!(is_in(&saml, &contoso, &mut alice).await, "{binding:?} {fault:?}");
        }
    }
    saml.idp.world(|world| world.entity_id = Some("https://elsewhere.example/".into()));
    let page = out_there(&saml, &mut Browser::new().unwrap(), "alice").await;
    assert_page(&contoso, &page, "400 saml.issuer_mismatch").await;
    assert!(is_in(&saml, &contoso, &mut alice).await);
}

#[actix_web::test]
async fn saml_sp9_a_logout_counts_once_and_at_its_own_address() {
    let saml = SamlWorld::start().await;
    let contoso = saml.tenant("contoso").await;
    let fabrikam = saml.tenant("fabrikam").await;
    saml.idp.world(|world| world.session_index = SessionIndex::Missing);
    signed_in(&saml, &contoso, "alice").await;
    let mut there = signed_in(&saml, &fabrikam, "alice").await;
    let sp = format!("{}/saml/{SAML}/metadata", contoso.issuer());
    let mut browser = Browser::new().unwrap();
    browser.stop_before(&contoso.issuer());
    let page = browser.get(&format!("{}/logout?sp={sp}", saml.idp.url())).await.unwrap();
    let sent = page.location().unwrap().to_string();
    browser.stop_nowhere();
    let foreign = browser.get(&sent.replace("/t/contoso/", "/t/fabrikam/")).await.unwrap();
    assert_page(&fabrikam, &foreign, "400 saml.destination_mismatch").await;
    assert!(is_in(&saml, &fabrikam, &mut there).await);
    assert!(browser.get(&sent).await.unwrap().has("logout-status"));
    let mut again = signed_in(&saml, &contoso, "alice").await;
    let replayed = browser.get(&sent).await.unwrap();
    assert_page(&contoso, &replayed, "400 saml.replayed").await;
    assert!(is_in(&saml, &contoso, &mut again).await, "a kept message ends no later session");
    saml.world.clock.advance(TimeDelta::minutes(20));
    let late = browser.get(&sent).await.unwrap();
    assert_page(&contoso, &late, "400 saml.expired").await;
}

#[actix_web::test]
async fn saml_b4_rb_broken_logout_messages_are_refused_and_bounded() {
    let saml = SamlWorld::start().await;
    let contoso = saml.tenant("contoso").await;
    let slo = format!("{}/saml/{SAML}/slo", contoso.issuer());
    let packed = |text: &[u8]| {
        let mut encoder = DeflateEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(text).unwrap();
        let body = STANDARD.encode(encoder.finish().unwrap());
        url::form_urlencoded::byte_serialize(body.as_bytes()).collect::<String>()
    };
    let bomb = packed(&vec![b' '; 32 << 20]);
    let plain = packed(b"<x/>");
    let mut browser = Browser::new().unwrap();
    for (query, expected) in [
        (format!("SAMLRequest={bomb}"), "saml.document_too_large"),
        (format!("SAMLRequest={plain}"), "saml.structure_refused"),
        (format!("SAMLRequest={plain}&SigAlg=x"), "saml.structure_refused"),
        (format!("SAMLRequest={plain}&SAMLRequest={plain}"), "saml.encoding_invalid"),
        (format!("SAMLRequest={plain}&SAMLResponse={plain}"), "saml.encoding_invalid"),
        ("SAMLRequest=%25%25".to_owned(), "saml.encoding_invalid"),
        (String::new(), "saml.encoding_invalid"),
    ] {
        let page = browser.get(&format!("{slo}?{query}")).await.unwrap();
        let reason = page.text("reason-code").unwrap_or_else(|| page.body().to_owned());
        assert!((400..500).contains(&page.status()), "{} {reason}", page.status());
        assert!(
            reason == expected || query.contains("&SAML") && reason.starts_with("saml."),
            "{query:.40}: {reason}, expected {expected}"
        );
    }
    let page = browser.post(&slo, &[("SAMLRequest", "x"), ("SAMLResponse", "y")]).await.unwrap();
    assert_page(&contoso, &page, "400 saml.encoding_invalid").await;
}

#[actix_web::test]
async fn saml_sp9_signing_out_here_signs_out_there_with_the_whole_name() {
    let saml = SamlWorld::start().await;
    let contoso = saml.tenant_with("contoso", |_, settings| settings.single_logout = true).await;
    let name = NameId {
        name_qualifier: Some("https://idp.example/".into()),
        sp_name_qualifier: Some("https://sp.example/".into()),
        ..NameId::new(saml_idp::PERSISTENT, "a&b <c>")
    };
    saml.idp.world(|world| {
        world.name_ids.insert("alice".into(), name.clone());
        world.session_index = SessionIndex::Fixed("index-1".into());
    });
    let mut alice = signed_in(&saml, &contoso, "alice").await;
    let page = out_here(&contoso, &mut alice).await;
    assert!(page.has("signed-out") && !page.has("still-signed-in"), "{}", page.body());
    let request = saml.idp.logout_requests().pop().unwrap();
    assert_eq!(request.signature_verifies, Some(true));
    assert_eq!(request.name_id, name, "SW-9: exactly as it came");
    assert_eq!(request.session_indexes, ["index-1"]);
    assert_eq!(request.destination.as_deref(), Some(saml.idp.slo_url().as_str()));
    assert!(!is_in(&saml, &contoso, &mut alice).await);
}

#[actix_web::test]
async fn saml_sp9_whoever_is_not_signed_out_there_is_told_so() {
    let saml = SamlWorld::start().await;
    let contoso = saml.tenant_with("contoso", |_, settings| settings.single_logout = true).await;
    for (fault, signed_out) in [
        (Fault::LogoutStatus("Responder".into()), true),
        (Fault::LogoutDown, false),
        (Fault::LogoutWrongInResponseTo, false),
        (Fault::LogoutUnsigned, false),
        (Fault::LogoutForeignKey, false),
    ] {
        let mut alice = signed_in(&saml, &contoso, "alice").await;
        saml.idp.misbehave(fault.clone());
        let page = out_here(&contoso, &mut alice).await;
        assert_eq!(page.has("still-signed-in"), signed_out, "{fault:?}: {}", page.body());
        assert!(signed_out || page.status() >= 400, "{fault:?}");
        saml.idp.behave();
        assert!(
            !is_in(&saml, &contoso, &mut alice).await,
            "{fault:?}: signed out here in any case"
        );
    }
}

#[actix_web::test]
async fn saml_sp9_without_single_logout_the_person_is_told_that_they_are_still_in_there() {
    let saml = SamlWorld::start().await;
    let contoso = saml.tenant("contoso").await;
    let mut alice = signed_in(&saml, &contoso, "alice").await;
    let page = out_here(&contoso, &mut alice).await;
    assert!(page.has("signed-out") && page.has("still-signed-in"), "{}", page.body());
    assert_eq!(saml.idp.logout_requests().len(), 0);
    let change = |settings: &mut symbolon_identity::connectors::saml::SamlSettings| {
        settings.single_logout = true;
        settings.identity_provider.logout.clear();
    };
    saml.change(&contoso, change).await.unwrap();
    let mut alice = signed_in(&saml, &contoso, "alice").await;
    let page = out_here(&contoso, &mut alice).await;
    assert!(
        page.has("signed-out") && page.has("still-signed-in"),
        "it offers none: {}",
        page.body()
    );
}
