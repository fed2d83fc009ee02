//! Sign-ins at a SAML identity provider, as people and both parties see them.

use insta::assert_snapshot;
use serde_json::json;
use symbolon_identity::connectors::saml::{Binding, EmailTrust, SignedDemand, SubjectSource};
use symbolon_storage::testing::TestDatabase;
use symbolon_testkit::saml_idp::{
    self, Attribute, Cipher, Encryption, KeyTransport, Misbehaviour, NameId, Sign, Vendor,
};
use symbolon_testkit::{Browser, ProviderUser};

use crate::world::{Posted, SAML, SamlWorld};

fn by_group() -> serde_json::Value {
    json!({
        "assign_role_by_group": true,
        "group_roles": [{ "group": "wiki-admins", "label": "Wiki Admins", "role": "admin" }],
        "default_role": "viewer",
    })
}

#[actix_web::test]
async fn saml_sp1_a_person_signs_in_by_redirect_and_a_group_gives_the_role() {
    let saml = SamlWorld::start().await;
    let contoso = saml.tenant_with("contoso", |new, _| new.rules = by_group().to_string()).await;
    let wiki = contoso.application("wiki").await;
    let login = saml.log_in(&wiki, "alice").await;
    assert_snapshot!(login.outcome(), @"signed in as alice@contoso.com with roles [admin]");
    let bob = saml.log_in(&wiki, "bob").await;
    assert_snapshot!(bob.outcome(), @"signed in as bob@contoso.com with roles [viewer]");
    let again = saml.log_in(&wiki, "alice").await;
    assert_snapshot!(again.outcome(), @"signed in as alice@contoso.com with roles [admin]");
    assert_eq!(saml.users(&contoso).await.len(), 2, "the second sign-in is the same user");
    assert_snapshot!(contoso.audit_trail().await.join("\n"), @r"
    user.sso_provisioned
    user.sso_login
    user.sso_provisioned
    user.sso_login
    user.sso_login
    ");
    let request = saml.idp.requests().pop().unwrap();
    assert_eq!(request.binding, saml_idp::Binding::Redirect);
    assert_eq!(request.signature_verifies, Some(true), "SP5: signed, and verified there");
    assert_eq!(request.issuer, format!("{}/saml/{SAML}/metadata", contoso.issuer()));
    assert_eq!(request.acs_url, Some(format!("{}/saml/{SAML}/acs", contoso.issuer())));
    assert_eq!(request.destination.as_deref(), Some(saml.idp.sso_url().as_str()));
    assert!(request.id.starts_with("id"), "SW-8, EI-01: never begins with a digit");
    assert!(request.relay_state.unwrap().len() <= 80, "RB-5");
}

#[actix_web::test]
async fn saml_va14_the_same_sign_in_on_postgresql() {
    let Some(database) = TestDatabase::postgres().await else {
        return;
    };
    let saml = SamlWorld::start_on(database, Vendor::Generic).await;
    let contoso = saml.tenant_with("contoso", |new, _| new.rules = by_group().to_string()).await;
    let wiki = contoso.application("wiki").await;
    let login = saml.log_in(&wiki, "alice").await;
    assert_snapshot!(login.outcome(), @"signed in as alice@contoso.com with roles [admin]");
    saml.idp.misbehave(Misbehaviour::FixedAssertionId);
    let first = saml.log_in(&wiki, "alice").await;
    assert_snapshot!(first.outcome(), @"signed in as alice@contoso.com with roles [admin]");
    assert_eq!(saml.log_in(&wiki, "alice").await.outcome(), "400 saml.replayed");
}

#[actix_web::test]
async fn saml_sp1_requests_travel_by_posted_form_too_signed_inside() {
    let saml = SamlWorld::start().await;
    let change = |settings: &mut symbolon_identity::connectors::saml::SamlSettings| {
        settings.request.binding = Some(Binding::Post);
    };
    let contoso = saml.tenant_with("contoso", |_, settings| change(settings)).await;
    let wiki = contoso.application("wiki").await;
    let login = saml.log_in(&wiki, "alice").await;
    assert_snapshot!(login.outcome(), @"signed in as alice@contoso.com with roles [viewer]");
    let request = saml.idp.requests().pop().unwrap();
    assert_eq!(request.binding, saml_idp::Binding::Post);
    assert_eq!(request.signature_verifies, Some(true));
}

#[actix_web::test]
async fn saml_sp5_an_identity_provider_that_demands_signed_requests_gets_them() {
    let saml = SamlWorld::start().await;
    saml.idp.world(|world| world.wants_signed_requests = true);
    let contoso = saml.tenant_with("contoso", |_, settings| settings.request.sign = false).await;
    let wiki = contoso.application("wiki").await;
    assert!(saml.log_in(&wiki, "alice").await.outcome().starts_with("signed in"));
    assert!(saml.idp.requests().pop().unwrap().is_signed, "its metadata says so");
    let fabrikam = SamlWorld::start().await;
    let plain = fabrikam.tenant_with("fabrikam", |_, settings| settings.request.sign = false).await;
    let wiki = plain.application("wiki").await;
    assert!(fabrikam.log_in(&wiki, "alice").await.outcome().starts_with("signed in"));
    assert!(!fabrikam.idp.requests().pop().unwrap().is_signed);
}

#[actix_web::test]
async fn saml_si05_response_assertion_or_both_are_signed_and_a_demand_is_kept() {
    let saml = SamlWorld::start().await;
    let contoso = saml.tenant("contoso").await;
    let wiki = contoso.application("wiki").await;
    for sign in [Sign::Response, Sign::Assertion, Sign::Both] {
        saml.idp.world(|world| world.sign = sign);
        let outcome = saml.log_in(&wiki, "alice").await.outcome();
        assert!(outcome.starts_with("signed in as alice@"), "{sign:?}: {outcome}");
    }
    for (demand, sign, expected) in [
        (SignedDemand::Assertion, Sign::Response, "400 saml.unsigned"),
        (SignedDemand::Response, Sign::Assertion, "400 saml.unsigned"),
        (SignedDemand::Both, Sign::Assertion, "400 saml.unsigned"),
        (SignedDemand::Either, Sign::Nothing, "400 saml.unsigned"),
    ] {
        saml.change(&contoso, |settings| settings.signed = demand).await.unwrap();
        saml.idp.world(|world| world.sign = sign);
        assert_eq!(saml.log_in(&wiki, "alice").await.outcome(), expected, "{demand:?} {sign:?}");
        saml.idp.world(|world| world.sign = Sign::Both);
        let fine = saml.log_in(&wiki, "alice").await.outcome();
        assert!(fine.starts_with("signed in"), "{demand:?}: {fine}");
    }
}

#[actix_web::test]
async fn saml_dc02_encrypted_assertions_are_read_in_every_form_that_is_safe_and_no_other() {
    let saml = SamlWorld::start().await;
    let contoso = saml.tenant("contoso").await;
    let wiki = contoso.application("wiki").await;
    let plain = Encryption::default();
    let ciphers = [Cipher::Aes128Cbc, Cipher::Aes256Cbc, Cipher::Aes128Gcm, Cipher::Aes256Gcm];
    let mut all: Vec<Encryption> =
        ciphers.into_iter().map(|cipher| Encryption { cipher, ..plain }).collect();
    all.push(Encryption { transport: KeyTransport::OaepSha256, ..plain });
    all.push(Encryption { key_beside: true, ..plain });
    all.push(Encryption { no_digest_method: true, ..plain });
    for how in all {
        for sign in [Sign::Assertion, Sign::Response, Sign::Both] {
            saml.idp.world(|world| (world.encrypt, world.sign) = (Some(how), sign));
            let outcome = saml.log_in(&wiki, "alice").await.outcome();
            assert!(outcome.starts_with("signed in as alice@"), "{how:?} {sign:?}: {outcome}");
        }
    }
    for (how, sign, expected) in [
        (
            Encryption { transport: KeyTransport::Rsa15, ..plain },
            Sign::Assertion,
            "400 saml.encryption_algorithm",
        ),
        (Encryption { cut_to: Some(7), ..plain }, Sign::Both, "400 saml.decryption_failed"),
        // One answer for everything that is found after decrypting (DC-9).
        (plain, Sign::Nothing, "400 saml.decryption_failed"),
    ] {
        saml.idp.world(|world| (world.encrypt, world.sign) = (Some(how), sign));
        assert_eq!(saml.log_in(&wiki, "alice").await.outcome(), expected, "A35, A36: {how:?}");
    }
}

#[actix_web::test]
async fn saml_h03_a_response_that_is_posted_across_sites_is_finished_with_the_cookies() {
    let saml = SamlWorld::start().await;
    let contoso = saml.tenant("contoso").await;
    let wiki = contoso.application("wiki").await;
    let mut browser = Browser::new().unwrap();
    let posted = saml.answer_for(&wiki, (&mut browser, "alice")).await;
    let bare = posted.send_without_cookies().await;
    assert_eq!(bare.status(), 303, "{}", bare.body());
    assert!(bare.header("set-cookie").is_none(), "nobody is signed in by a bare post");
    let back = bare.location().unwrap();
    assert!(back.path().ends_with(&format!("/callback/{SAML}")), "{back}");
    assert_eq!(contoso.sessions().await, 0);
    let page = browser.get(back.as_str()).await.unwrap();
    assert!(page.has("signed-in-email"), "{}", page.body());
    // A browser that sends its cookies along, because both are one site, comes in at once.
    let mut near = Browser::new().unwrap();
    let posted = saml.answer_for(&wiki, (&mut near, "alice")).await;
    let fields = posted.fields.iter().map(|(name, value)| (name.as_str(), value.as_str()));
    let page = near.post(&posted.action, &fields.collect::<Vec<_>>()).await.unwrap();
    assert!(page.has("signed-in-email"), "{}", page.body());
}

#[actix_web::test]
async fn saml_va12_prompt_login_asks_for_a_fresh_proof_and_takes_no_old_one() {
    let saml = SamlWorld::start().await;
    let contoso = saml.tenant("contoso").await;
    let wiki = contoso.application("wiki").await;
    let fresh = || Browser::new().unwrap();
    let login = saml.log_in_with(&wiki, (fresh(), "alice"), "prompt=login").await;
    assert!(login.outcome().starts_with("signed in"), "{}", login.outcome());
    assert!(saml.idp.requests().pop().unwrap().force_authn, "R-11");
    saml.idp.misbehave(Misbehaviour::StaleAuthnInstant);
    let stale = saml.log_in_with(&wiki, (fresh(), "alice"), "prompt=login").await;
    assert_eq!(stale.told().as_deref(), Some("login_required saml.authentication_too_old"));
    let old = saml.log_in(&wiki, "alice").await;
    assert!(old.outcome().starts_with("signed in"), "nobody asked for a fresh one");
    assert!(!saml.idp.requests().pop().unwrap().force_authn);
    saml.change(&contoso, |settings| settings.request.force_authn = true).await.unwrap();
    let always = saml.log_in(&wiki, "alice").await;
    assert_eq!(always.outcome(), "400 saml.authentication_too_old");
    saml.idp.behave();
    assert!(saml.log_in(&wiki, "alice").await.outcome().starts_with("signed in"));
    assert!(saml.idp.requests().pop().unwrap().force_authn, "by the settings");
}

#[actix_web::test]
async fn saml_r11_max_age_sends_the_person_once_more_with_an_old_proof() {
    let saml = SamlWorld::start().await;
    let contoso = saml.tenant("contoso").await;
    let wiki = contoso.application("wiki").await;
    let browser = Browser::new().unwrap();
    saml.idp.world(|world| world.authn_instant_offset = -600);
    let refused = saml.log_in_with(&wiki, (browser, "alice"), "max_age=60").await;
    assert_eq!(refused.told().as_deref(), Some("login_required saml.authentication_too_old"));
    let forced: Vec<bool> = saml.idp.requests().iter().map(|one| one.force_authn).collect();
    assert_eq!(forced, [false, true], "once more, to prove themselves anew, and no third time");
    saml.idp.world(|world| world.authn_instant_offset = 0);
    let browser = Browser::new().unwrap();
    let fine = saml.log_in_with(&wiki, (browser, "alice"), "max_age=60").await;
    assert!(fine.outcome().starts_with("signed in"), "{}", fine.outcome());
    assert_eq!(saml.idp.requests().len(), 3);
}

#[actix_web::test]
async fn saml_ei01_a_login_hint_is_passed_on_beside_the_request_unless_switched_off() {
    let saml = SamlWorld::start().await;
    let contoso = saml.tenant("contoso").await;
    let wiki = contoso.application("wiki").await;
    let hint = "login_hint=bob%40contoso.com";
    let bob = saml.log_in_with(&wiki, (Browser::new().unwrap(), "alice"), hint).await;
    assert!(bob.outcome().starts_with("signed in as bob@"), "{}", bob.outcome());
    let request = saml.idp.requests().pop().unwrap();
    assert_eq!(request.login_hint.as_deref(), Some("bob@contoso.com"));
    assert_eq!(request.signature_verifies, Some(true));
    saml.change(&contoso, |settings| settings.request.forward_hints = false).await.unwrap();
    let alice = saml.log_in_with(&wiki, (Browser::new().unwrap(), "alice"), hint).await;
    assert!(alice.outcome().starts_with("signed in as alice@"), "{}", alice.outcome());
    assert_eq!(saml.idp.requests().pop().unwrap().login_hint, None);
}

#[actix_web::test]
async fn saml_va11_session_not_on_or_after_caps_our_session() {
    let saml = SamlWorld::start().await;
    let contoso = saml.tenant("contoso").await;
    let wiki = contoso.application("wiki").await;
    saml.idp.world(|world| world.session_ends_in = Some(900));
    let login = saml.log_in(&wiki, "alice").await;
    assert!(login.outcome().starts_with("signed in"), "{}", login.outcome());
    let mut browser = login.browser;
    let home = format!("{}/", contoso.issuer());
    let signed_in = |page: symbolon_testkit::browser::Page| page.has("sign-out");
    assert!(signed_in(browser.get(&home).await.unwrap()), "before the end");
    saml.world.clock.advance(chrono::TimeDelta::seconds(901));
    assert!(!signed_in(browser.get(&home).await.unwrap()), "after the end");
}

#[actix_web::test]
async fn saml_va10_a_requested_context_must_come_back() {
    let saml = SamlWorld::start().await;
    let refeds = "https://refeds.org/profile/mfa";
    let change = |context: &str| vec![context.to_owned()];
    let contoso =
        saml.tenant_with("contoso", |_, settings| settings.request.contexts = change(refeds)).await;
    let wiki = contoso.application("wiki").await;
    let fine = saml.log_in(&wiki, "alice").await;
    assert!(fine.outcome().starts_with("signed in"), "{}", fine.outcome());
    let request = saml.idp.requests().pop().unwrap();
    assert_eq!((request.contexts, request.comparison.as_deref()), (change(refeds), Some("exact")));
    let other = Misbehaviour::OtherAuthnContext;
    saml.refused_then_fine(&wiki, other, "saml.authn_context_mismatch").await;
    let extra = "acr_values=urn%3Aexample%3Agold";
    let wished = saml.log_in_with(&wiki, (Browser::new().unwrap(), "alice"), extra).await;
    assert!(wished.outcome().starts_with("signed in"), "{}", wished.outcome());
    assert_eq!(saml.idp.requests().pop().unwrap().contexts, ["urn:example:gold"]);
}

#[actix_web::test]
async fn saml_sp6_a_transient_name_is_nobody_but_an_attribute_may_say_who_it_is() {
    let saml = SamlWorld::start().await;
    let contoso = saml.tenant("contoso").await;
    let wiki = contoso.application("wiki").await;
    saml.idp.world(|world| world.name_id_format = Some(saml_idp::TRANSIENT.to_owned()));
    assert_eq!(saml.log_in(&wiki, "alice").await.outcome(), "400 saml.subject_invalid");
    let uid = "urn:oid:0.9.2342.19200300.100.1.1".to_owned();
    let by = SubjectSource::Attribute { name: uid };
    saml.change(&contoso, |settings| settings.subject = by.clone()).await.unwrap();
    for _ in 0..2 {
        let outcome = saml.log_in(&wiki, "alice").await.outcome();
        assert!(outcome.starts_with("signed in as alice@"), "{outcome}");
    }
    assert_eq!(saml.users(&contoso).await.len(), 1, "the same person twice");
    let two = Attribute::new("urn:oid:0.9.2342.19200300.100.1.1", ["alice", "root"]);
    saml.idp.world(|world| world.attributes.insert("alice".into(), vec![two]));
    assert_eq!(saml.log_in(&wiki, "alice").await.outcome(), "400 saml.subject_invalid");
}

#[actix_web::test]
async fn saml_a38_names_that_look_alike_are_different_people_and_bad_ones_are_nobody() {
    let saml = SamlWorld::start().await;
    let contoso = saml.tenant("contoso").await;
    let wiki = contoso.application("wiki").await;
    let name = |value: &str| NameId::new(saml_idp::PERSISTENT, value);
    let mut people = 0;
    let alike = ["alice", "Alice", "ALICE", "alic\u{435}", "al ice", "a@b@c", "\u{202e}alice"];
    for (at, value) in alike.into_iter().enumerate() {
        saml.idp.set_user(ProviderUser::new("alice").email(&format!("alice{at}@contoso.com")));
        saml.idp.world(|world| world.name_ids.insert("alice".into(), name(value)));
        let outcome = saml.log_in(&wiki, "alice").await.outcome();
        people += usize::from(outcome.starts_with("signed in"));
        assert!(outcome.starts_with("signed in") || outcome.starts_with("400 "), "{outcome}");
        assert_eq!(saml.users(&contoso).await.len(), people, "{value:?}: one user each");
    }
    assert!(people >= 5, "{people}");
    for value in ["", "a\tb", &"x".repeat(10_000)] {
        saml.idp.world(|world| world.name_ids.insert("alice".into(), name(value)));
        let outcome = saml.log_in(&wiki, "alice").await.outcome();
        assert_eq!(outcome, "400 saml.subject_invalid", "{:?}", value.get(..4));
    }
    assert_eq!(saml.users(&contoso).await.len(), people);
}

#[actix_web::test]
async fn saml_sp12_required_attributes_must_be_there_and_e_mails_count_as_the_settings_say() {
    let saml = SamlWorld::start().await;
    let contoso = saml.tenant("contoso").await;
    let wiki = contoso.application("wiki").await;
    let require = |value: &str| [("department".to_owned(), value.to_owned())].into();
    saml.change(&contoso, |one| one.required_attributes = require("Sales")).await.unwrap();
    let refused = saml.log_in(&wiki, "alice").await;
    assert_eq!(refused.outcome(), "403 saml.attribute_mismatch");
    contoso.assert_told_and_kept(&refused.page, Some(SAML)).await;
    saml.change(&contoso, |one| one.required_attributes = require("Engineering")).await.unwrap();
    let verified = |login: &crate::world::Login| {
        let raw = login.page.text("raw-claims").unwrap_or_else(|| login.outcome());
        raw.contains("\"email_verified\": true")
    };
    assert!(!verified(&saml.log_in(&wiki, "alice").await), "stated, not proved");
    saml.change(&contoso, |one| one.trust_email = EmailTrust::Asserted).await.unwrap();
    assert!(verified(&saml.log_in(&wiki, "alice").await), "its admin owns these addresses");
}

#[actix_web::test]
async fn saml_at70_what_honest_identity_providers_do_is_accepted() {
    let saml = SamlWorld::start().await;
    let contoso = saml.tenant("contoso").await;
    let wiki = contoso.application("wiki").await;
    saml.idp.world(|world| world.base64_lines = true);
    let lines = saml.log_in(&wiki, "alice").await.outcome();
    assert!(lines.starts_with("signed in"), "AT-71: {lines}");
    for fault in [Misbehaviour::ElementInAttributeValue, Misbehaviour::NoDestination] {
        saml.idp.misbehave(fault.clone());
        let outcome = saml.log_in(&wiki, "alice").await.outcome();
        assert!(outcome.starts_with("signed in"), "AT-72, VA-03: {fault:?}: {outcome}");
        saml.idp.behave();
    }
    for seconds in [-170, 170] {
        saml.idp.world(|world| world.clock_offset = seconds);
        let outcome = saml.log_in(&wiki, "alice").await.outcome();
        assert!(outcome.starts_with("signed in"), "VA-13: {seconds}: {outcome}");
    }
    saml.idp.world(|world| world.clock_offset = 200);
    assert_eq!(saml.log_in(&wiki, "alice").await.outcome(), "400 saml.not_yet_valid");
}

#[actix_web::test]
async fn saml_sp8_two_tabs_of_one_browser_both_come_in() {
    let saml = SamlWorld::start().await;
    let contoso = saml.tenant("contoso").await;
    let wiki = contoso.application("wiki").await;
    let mut browser = Browser::new().unwrap();
    let first = saml.answer_for(&wiki, (&mut browser, "alice")).await;
    // The demo application remembers one attempt a browser, so the second tab is another application's.
    let shop = contoso.application("shop").await;
    let second: Posted = saml.answer_for(&shop, (&mut browser, "alice")).await;
    browser.stop_before(&wiki.running.url());
    let page = first.send(&mut browser).await;
    assert!(page.location().is_some(), "F13: {}", page.body());
    browser.stop_before(&shop.running.url());
    let page = second.send(&mut browser).await;
    assert!(page.location().is_some(), "F13: {}", page.body());
}
