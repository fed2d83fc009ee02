//! Metadata and keys, theirs and ours (SP4, SP8, ME-2 to ME-10): what they publish is followed on a schedule and
//! believed only as far as the settings say; what we publish lets nobody stand outside while keys change.

use chrono::TimeDelta;
use serde_json::Value;
use symbolon_contract::ConnectorId;
use symbolon_identity::admin::{self, AdminError, SamlKeyFacts};
use symbolon_identity::connectors::ConnectionCheck;
use symbolon_identity::connectors::saml::{
    IdentityProvider, MetadataChanges, MetadataInput, MetadataSource, SamlSettings,
};
use symbolon_identity::jobs;
use symbolon_testkit::ForbiddenListener;
use symbolon_testkit::saml_idp::{Cipher, Encryption, FakeSamlIdp, KeyKind, Misbehaviour as Fault};

use crate::world::{SAML, SamlWorld, TestApplication, TestTenant, caller, http};

fn id() -> ConnectorId {
    ConnectorId::parse(SAML).unwrap()
}

fn source(saml: &SamlWorld) -> MetadataSource {
    MetadataSource {
        url: saml.idp.metadata_url().parse().unwrap(),
        entity_id: None,
        signed_by: Vec::new(),
        changes: MetadataChanges::Follow,
    }
}

/// A connector that knows the address of the metadata and nothing else.
async fn by_address<'a>(
    saml: &'a SamlWorld,
    change: impl FnOnce(&mut MetadataSource),
) -> Result<TestTenant<'a>, AdminError> {
    let tenant = saml.empty_tenant("contoso").await;
    let mut source = source(saml);
    change(&mut source);
    let set = move |settings: &mut SamlSettings| {
        settings.identity_provider = IdentityProvider::default();
        settings.metadata = Some(source);
    };
    saml.connector(&tenant, SAML, |_, settings| set(settings)).await?;
    Ok(tenant)
}

async fn later(saml: &SamlWorld, by: TimeDelta) {
    saml.world.clock.advance(by);
    jobs::run_due(&saml.world.broker, "node").await;
}

/// One check of a test of the connection: its outcome and reason.
async fn check(tenant: &TestTenant<'_>, name: &str) -> (ConnectionCheck, String) {
    let report = admin::test_connection(&tenant.world.broker, &tenant.record, &id()).await.unwrap();
    let check = report.checks.into_iter().find(|check| check.name == name).unwrap();
    let told = serde_json::json!(check);
    let text = |member: &str| told[member].as_str().unwrap_or_default().to_owned();
    let line = format!("{} {}", text("outcome"), text("reason"));
    (check, line.trim().to_owned())
}

async fn signs_in(saml: &SamlWorld, application: &TestApplication<'_>, when: &str) {
    let outcome = saml.log_in(application, "alice").await.outcome();
    assert!(outcome.starts_with("signed in as alice@"), "{when}: {outcome}");
}

#[actix_web::test]
async fn saml_me07_sign_ins_go_on_while_the_identity_provider_changes_its_key() {
    let saml = SamlWorld::start().await;
    let contoso = by_address(&saml, |_| ()).await.unwrap();
    let wiki = contoso.application("wiki").await;
    signs_in(&saml, &wiki, "by the address alone").await;
    later(&saml, TimeDelta::zero()).await;
    // RSA, then an elliptic curve, then RSA again.
    for kind in [KeyKind::Es256, KeyKind::Rs256] {
        saml.idp.add_key(kind).unwrap();
        later(&saml, TimeDelta::hours(25)).await;
        signs_in(&saml, &wiki, "both are published, the old one signs").await;
        saml.idp.switch_key();
        signs_in(&saml, &wiki, "both are published, the new one signs").await;
        saml.idp.remove_old_keys();
        later(&saml, TimeDelta::hours(25)).await;
        signs_in(&saml, &wiki, "the old one is gone").await;
        let (certificates, _) = check(&contoso, "certificates").await;
        assert!(!certificates.detail.contains(';'), "one is left: {}", certificates.detail);
    }
}

#[actix_web::test]
async fn saml_me08_a_key_that_was_not_published_in_time_counts_after_the_next_look() {
    let saml = SamlWorld::start().await;
    saml.idp.world(|world| world.metadata_cache_duration = Some("PT2H".into()));
    let contoso = by_address(&saml, |_| ()).await.unwrap();
    let wiki = contoso.application("wiki").await;
    later(&saml, TimeDelta::zero()).await;
    let asked = saml.idp.hits("metadata");
    saml.idp.add_key(KeyKind::Rs256).unwrap();
    saml.idp.switch_key();
    saml.idp.remove_old_keys();
    assert_eq!(saml.log_in(&wiki, "alice").await.outcome(), "400 saml.bad_signature");
    later(&saml, TimeDelta::minutes(70)).await;
    assert_eq!(saml.idp.hits("metadata"), asked, "not before its time");
    later(&saml, TimeDelta::minutes(60)).await;
    assert_eq!(saml.idp.hits("metadata"), asked + 1, "cacheDuration");
    signs_in(&saml, &wiki, "after the look").await;
}

#[actix_web::test]
async fn saml_me08_bad_metadata_is_a_warning_and_the_last_good_copy_counts() {
    let forbidden = ForbiddenListener::start().unwrap();
    let saml = SamlWorld::start().await;
    let contoso = by_address(&saml, |_| ()).await.unwrap();
    let wiki = contoso.application("wiki").await;
    assert_eq!(check(&contoso, "metadata").await.1, "passed");
    for (fault, reason) in [
        (Fault::MetadataDown, "saml.metadata_unreachable"),
        (Fault::MetadataRedirect(forbidden.url()), "net.redirect_refused"),
        (Fault::MetadataHuge, "net.response_too_large"),
        (Fault::MetadataNotXml, "saml.markup_refused"),
        (Fault::MetadataOtherEntity, "saml.metadata_invalid"),
        (Fault::MetadataWithoutCertificate, "saml.metadata_invalid"),
    ] {
        saml.idp.misbehave(fault.clone());
        let (seen, line) = check(&contoso, "metadata").await;
        assert!(line.starts_with("warning "), "{fault:?}: {line}");
        assert!(line.ends_with(reason), "{fault:?}: {line}, expected {reason}");
        assert!(seen.detail.contains("last good copy: read "), "its age: {}", seen.detail);
        saml.idp.behave();
        signs_in(&saml, &wiki, reason).await;
    }
    assert_eq!(forbidden.first_lines(), [""; 0], "no redirect is followed");
    saml.idp.misbehave(Fault::MetadataDown);
    for _ in 0..3 {
        later(&saml, TimeDelta::hours(25)).await;
    }
    signs_in(&saml, &wiki, "three days later").await;
    saml.idp.behave();
    later(&saml, TimeDelta::minutes(15)).await;
    assert_eq!(check(&contoso, "metadata").await.1, "passed", "it came back");
}

#[actix_web::test]
async fn saml_me02_a_connector_is_not_made_of_bad_metadata() {
    let saml = SamlWorld::start().await;
    let forbidden = ForbiddenListener::start().unwrap();
    for fault in [
        Fault::MetadataDown,
        Fault::MetadataRedirect(forbidden.url()),
        Fault::MetadataHuge,
        Fault::MetadataNotXml,
        Fault::MetadataWithoutCertificate,
    ] {
        let saml = SamlWorld::start().await;
        saml.idp.misbehave(fault.clone());
        let tenant = saml.empty_tenant("contoso").await;
        let input = MetadataInput::Source(source(&saml));
        let read = admin::read_saml_metadata(&saml.world.broker, &input, None).await;
        let refused = read.unwrap_err();
        let reason = refused.reason();
        let known = ["saml.", "net."].iter().any(|area| reason.as_str().starts_with(area));
        assert!(known, "{fault:?}: {refused}");
        assert!(
            admin::list_connectors(&saml.world.broker, &tenant.record).await.unwrap().is_empty()
        );
    }
    assert_eq!(forbidden.first_lines(), [""; 0]);
    for text in [
        "<!DOCTYPE x><x/>",
        "<EntityDescriptor xmlns=\"urn:oasis:names:tc:SAML:2.0:metadata\" entityID=\"x\"/>",
        "",
    ] {
        let input = MetadataInput::Document(text.as_bytes().to_vec());
        assert!(
            admin::read_saml_metadata(&saml.world.broker, &input, None).await.is_err(),
            "{text}"
        );
    }
}

#[actix_web::test]
async fn saml_me03_of_several_entities_the_admin_picks_one() {
    let saml = SamlWorld::start().await;
    saml.idp.misbehave(Fault::MetadataAggregate);
    let xml = saml.idp.metadata_xml().unwrap().into_bytes();
    let broker = &saml.world.broker;
    let entities = admin::saml_entities(broker, xml.clone()).await.unwrap();
    let names: Vec<&str> = entities.iter().map(|one| one.entity_id.as_str()).collect();
    assert_eq!(names, ["https://other.example/entity", &saml.idp.entity_id()]);
    let input = MetadataInput::Document(xml);
    let refused = admin::read_saml_metadata(broker, &input, None).await.unwrap_err().to_string();
    assert!(names.iter().all(|name| refused.contains(name)), "the error names them: {refused}");
    let picked = admin::read_saml_metadata(broker, &input, Some(names[1])).await.unwrap();
    assert_eq!(picked.entity_id, names[1]);
    assert!(admin::read_saml_metadata(broker, &input, Some("https://nobody")).await.is_err());
    let entity = saml.idp.entity_id();
    let contoso = by_address(&saml, |source| source.entity_id = Some(entity)).await.unwrap();
    signs_in(&saml, &contoso.application("wiki").await, "picked by the settings").await;
}

#[actix_web::test]
async fn saml_me08_pinned_settings_stay_and_an_admin_is_told() {
    let saml = SamlWorld::start().await;
    let pinned = MetadataChanges::Pinned;
    let contoso = by_address(&saml, |source| source.changes = pinned).await.unwrap();
    let wiki = contoso.application("wiki").await;
    assert_eq!(check(&contoso, "metadata").await.1, "passed");
    saml.idp.add_key(KeyKind::Rs256).unwrap();
    assert_eq!(check(&contoso, "metadata").await.1, "warning saml.metadata_changed");
    signs_in(&saml, &wiki, "with the pinned key").await;
    saml.idp.switch_key();
    assert_eq!(saml.log_in(&wiki, "alice").await.outcome(), "400 saml.bad_signature");
}

#[actix_web::test]
async fn saml_me08_signed_metadata_is_believed_by_its_signature() {
    let saml = SamlWorld::start().await;
    saml.idp.world(|world| world.sign_metadata = true);
    let signer = saml.idp.certificate_pem();
    let contoso = by_address(&saml, |source| source.signed_by = vec![signer]).await.unwrap();
    let wiki = contoso.application("wiki").await;
    assert_eq!(check(&contoso, "metadata").await.1, "passed");
    saml.idp.world(|world| world.sign_metadata = false);
    assert_eq!(check(&contoso, "metadata").await.1, "warning saml.unsigned");
    saml.idp.world(|world| world.sign_metadata = true);
    saml.idp.add_key(KeyKind::Rs256).unwrap();
    saml.idp.switch_key();
    assert_eq!(check(&contoso, "metadata").await.1, "warning saml.bad_signature");
    assert_eq!(saml.log_in(&wiki, "alice").await.outcome(), "400 saml.bad_signature");
    let stranger = FakeSamlIdp::builder().start().unwrap();
    stranger.add_key(KeyKind::Es256).unwrap();
    stranger.switch_key();
    let other = MetadataSource { signed_by: vec![stranger.certificate_pem()], ..source(&saml) };
    let input = MetadataInput::Source(other);
    let refused = admin::read_saml_metadata(&saml.world.broker, &input, None).await.unwrap_err();
    assert_eq!(refused.reason().as_str(), "saml.bad_signature");
}

#[actix_web::test]
async fn saml_me08_metadata_whose_time_is_over_counts_no_more() {
    let saml = SamlWorld::start().await;
    saml.idp.world(|world| world.metadata_valid_for = Some(10 * 24 * 3600));
    let contoso = by_address(&saml, |_| ()).await.unwrap();
    let wiki = contoso.application("wiki").await;
    saml.idp.add_key(KeyKind::Rs256).unwrap();
    assert_eq!(check(&contoso, "metadata").await.1, "passed");
    saml.idp.switch_key();
    signs_in(&saml, &wiki, "followed").await;
    saml.idp.misbehave(Fault::MetadataDown);
    later(&saml, TimeDelta::days(11)).await;
    let outcome = saml.log_in(&wiki, "alice").await.outcome();
    assert_eq!(outcome, "400 saml.bad_signature", "the settings' own word counts again");
    saml.idp.behave();
    saml.idp.world(|world| world.metadata_valid_for = Some(-60));
    let (_, line) = check(&contoso, "metadata").await;
    assert!(line.starts_with("warning saml."), "{line}");
}

type Outcome = Result<Vec<SamlKeyFacts>, AdminError>;

fn which(facts: Outcome) -> Vec<&'static str> {
    facts.unwrap().into_iter().map(|one| one.which).collect()
}

fn count(xml: &str, what: &str) -> usize {
    xml.matches(what).count()
}

#[actix_web::test]
async fn saml_me10_our_keys_change_and_sign_ins_work_before_during_and_after() {
    let saml = SamlWorld::start().await;
    let contoso = saml.tenant("contoso").await;
    let wiki = contoso.application("wiki").await;
    let (broker, tenant, by) = (&saml.world.broker, &contoso.record, caller());
    let encryption = Encryption { cipher: Cipher::Aes256Gcm, ..Encryption::default() };
    saml.idp.world(|world| (world.encrypt, world.wants_signed_requests) = (Some(encryption), true));
    signs_in(&saml, &wiki, "before").await;
    let first = saml.own_metadata(&contoso, SAML).await;
    assert_eq!(
        which(admin::create_saml_keys(broker, &by, tenant, &id()).await),
        ["present", "next"]
    );
    let both = saml.own_metadata(&contoso, SAML).await;
    for (xml, keys) in [(&first, 1), (&both, 2)] {
        assert_eq!(count(xml, "use=\"signing\""), keys);
        assert_eq!(count(xml, "use=\"encryption\""), keys, "SM-23, SW-10");
        assert!(xml.contains("SignatureValue"), "SP14: signed");
    }
    signs_in(&saml, &wiki, "the next one is published here only").await;
    saml.register(&contoso, SAML).await;
    signs_in(&saml, &wiki, "the identity provider knows both").await;
    let used = which(admin::activate_saml_keys(broker, &by, tenant, &id()).await);
    assert_eq!(used, ["present", "previous"]);
    signs_in(&saml, &wiki, "signed with the new one, encrypted for the old one").await;
    assert_eq!(saml.idp.requests().pop().unwrap().signature_verifies, Some(true));
    let dropped = which(admin::drop_previous_saml_keys(broker, &by, tenant, &id()).await);
    assert_eq!(dropped, ["present"]);
    let refused = saml.log_in(&wiki, "alice").await.outcome();
    assert_eq!(refused, "400 saml.decryption_failed", "still encrypted for the old one");
    saml.register(&contoso, SAML).await;
    signs_in(&saml, &wiki, "after").await;
    let again = admin::drop_previous_saml_keys(broker, &by, tenant, &id()).await;
    assert!(matches!(again, Err(AdminError::NotFound { .. })));
    let kept = contoso.audit_rows().await;
    let told = |name: &str| kept.iter().any(|row: &Value| row["type"] == name);
    for name in ["saml_keys_created", "saml_keys_activated", "saml_keys_dropped"] {
        assert!(told(&format!("connector.{name}")), "{name}");
    }
}

#[actix_web::test]
async fn saml_sp14_our_metadata_is_at_our_entity_id_and_says_what_we_take() {
    let saml = SamlWorld::start().await;
    let contoso = saml.tenant("contoso").await;
    let url = format!("{}/saml/{SAML}/metadata", contoso.issuer());
    let answer = http().get(&url).send().await.unwrap();
    assert_eq!(answer.status(), 200);
    let kind = answer.headers()["content-type"].to_str().unwrap().to_owned();
    assert!(kind.starts_with("application/samlmetadata+xml"), "{kind}");
    let xml = answer.text().await.unwrap();
    assert!(xml.contains(&format!("entityID=\"{url}\"")), "{xml}");
    assert!(xml.contains(&format!("Location=\"{}/saml/{SAML}/acs\"", contoso.issuer())));
    assert!(!xml.contains("PRIVATE"), "no secret");
    for weak in ["rsa-1_5", "tripledes", "sha1\"/><ds:SignatureMethod"] {
        assert!(!xml.contains(weak), "{weak}");
    }
    let unknown = http().get(url.replace("/saml/saml/", "/saml/nobody/")).send().await.unwrap();
    assert_eq!(unknown.status(), 404);
}
