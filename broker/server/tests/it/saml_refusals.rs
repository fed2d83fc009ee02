//! A SAML identity provider, or somebody who plays one, sends what must not be believed (saml.md 10, security.md A):
//! each fault is refused with its own reason, told on the page, kept in one audit row, and nothing else is written.

use symbolon_contract::ConnectorId;
use symbolon_identity::admin::{self, ConnectorChange};
use symbolon_identity::policy::ConnectorMode;
use symbolon_storage::{Connection, TenantStatus};
use symbolon_testkit::Browser;
use symbolon_testkit::saml_idp::{Hash, Misbehaviour as Fault, Sign};

use crate::downstream::assert_page;
use crate::world::{Posted, SAML, SamlWorld, TestTenant, caller, http, post_form};

async fn refuse_each(cases: &[(Fault, &str)]) {
    let saml = SamlWorld::start().await;
    let contoso = saml.tenant("contoso").await;
    let wiki = contoso.application("wiki").await;
    // The person is known already: nothing of them may change.
    assert!(saml.log_in(&wiki, "alice").await.outcome().starts_with("signed in"));
    for (fault, expected) in cases {
        saml.refused_then_fine(&wiki, fault.clone(), expected).await;
    }
}

#[actix_web::test]
async fn saml_at01_at35_a_response_for_somebody_else_is_refused() {
    refuse_each(&[
        (Fault::WrongIssuer, "saml.issuer_mismatch"),
        (Fault::WrongResponseIssuer, "saml.issuer_mismatch"),
        (Fault::WrongAudience, "saml.audience_mismatch"),
        (Fault::SecondAudienceRestriction, "saml.audience_mismatch"),
        (Fault::NoAudience, "saml.audience_mismatch"),
        (Fault::WrongRecipient, "saml.recipient_mismatch"),
        (Fault::WrongDestination, "saml.destination_mismatch"),
        (Fault::WrongInResponseTo, "saml.in_response_to_mismatch"),
        (Fault::WrongInResponseToInside, "saml.in_response_to_mismatch"),
        (Fault::NoInResponseTo, "saml.unsolicited"),
        (Fault::NoRelayState, "saml.unsolicited"),
        (Fault::OtherRelayState, "saml.unsolicited"),
        (Fault::Replay, "saml.in_response_to_mismatch"),
    ])
    .await;
}

#[actix_web::test]
async fn saml_at36_a_statement_that_does_not_hold_is_refused() {
    refuse_each(&[
        (Fault::Expired, "saml.expired"),
        (Fault::ConfirmationExpired, "saml.expired"),
        (Fault::SessionEnded, "saml.expired"),
        (Fault::NotYetValid, "saml.not_yet_valid"),
        (Fault::IssuedInFuture, "saml.not_yet_valid"),
        (Fault::NoConditions, "saml.condition_refused"),
        (Fault::NoEnd, "saml.condition_refused"),
        (Fault::UnknownCondition, "saml.condition_refused"),
        (Fault::WrongVersion, "saml.structure_refused"),
        (Fault::NoSubject, "saml.subject_invalid"),
        (Fault::EmptyNameId, "saml.subject_invalid"),
        (Fault::SenderVouches, "saml.subject_invalid"),
        (Fault::ConfirmationNotBefore, "saml.subject_invalid"),
        (Fault::NoAuthnStatement, "saml.authn_statement_missing"),
        (Fault::ManyAttributes, "saml.too_many_attributes"),
    ])
    .await;
}

#[actix_web::test]
async fn saml_at10_at30_a_document_that_is_not_what_was_signed_is_refused() {
    refuse_each(&[
        (Fault::BadSignature, "saml.bad_signature"),
        (Fault::ForeignKey, "saml.bad_signature"),
        (Fault::TamperedNameId, "saml.bad_signature"),
        (Fault::TamperedId, "saml.signature_shape"),
        (Fault::SecondAssertionBefore, "saml.assertion_count"),
        (Fault::SecondAssertionAfter, "saml.assertion_count"),
        (Fault::DuplicateId, "saml.assertion_count"),
        (Fault::WrappedAssertion, "saml.assertion_count"),
        (Fault::AssertionInAdvice, "saml.advice_assertion"),
        (Fault::NoAssertion, "saml.assertion_count"),
        (Fault::InstructionInNameId, "saml.markup_refused"),
        (Fault::DocumentType, "saml.markup_refused"),
        (Fault::Entity, "saml.markup_refused"),
        (Fault::TrailingRoot, "saml.malformed"),
        (Fault::NotBase64, "saml.encoding_invalid"),
    ])
    .await;
}

#[actix_web::test]
async fn saml_at23_a_comment_in_a_name_never_makes_another_person() {
    let saml = SamlWorld::start().await;
    let contoso = saml.tenant("contoso").await;
    let wiki = contoso.application("wiki").await;
    assert!(saml.log_in(&wiki, "alice").await.outcome().starts_with("signed in"));
    saml.idp.misbehave(Fault::CommentInNameId);
    let login = saml.log_in(&wiki, "alice").await;
    assert!(login.outcome().starts_with("signed in as alice@"), "{}", login.outcome());
    assert_eq!(saml.users(&contoso).await.len(), 1, "A17: the whole name, so the same person");
}

#[actix_web::test]
async fn saml_api03_sha1_is_taken_only_until_its_day() {
    let saml = SamlWorld::start().await;
    let contoso = saml.tenant("contoso").await;
    let wiki = contoso.application("wiki").await;
    saml.idp.world(|world| world.hash = Hash::Sha1);
    let refused = saml.log_in(&wiki, "alice").await;
    assert_eq!(refused.outcome(), "400 saml.weak_algorithm");
    contoso.assert_told_and_kept(&refused.page, Some(SAML)).await;
    let until =
        symbolon_identity::clock::Clock::now(&saml.world.clock) + chrono::TimeDelta::days(30);
    saml.change(&contoso, |settings| settings.sha1_until = Some(until)).await.unwrap();
    let login = saml.log_in(&wiki, "alice").await;
    assert!(login.outcome().starts_with("signed in"), "{}", login.outcome());
    let rows = contoso.audit_rows().await;
    let row = rows.iter().rfind(|row| row["type"] == "user.sso_login").unwrap();
    assert!(row.to_string().contains("saml.weak_algorithm"), "a warning is kept: {row}");
    saml.world.clock.advance(chrono::TimeDelta::days(31));
    assert_eq!(saml.log_in(&wiki, "alice").await.outcome(), "400 saml.weak_algorithm");
}

#[actix_web::test]
async fn saml_a21_too_long_is_refused_before_anything_is_read() {
    let saml = SamlWorld::start().await;
    let contoso = saml.tenant("contoso").await;
    let wiki = contoso.application("wiki").await;
    saml.idp.misbehave(Fault::HugeResponse);
    let refused = saml.log_in(&wiki, "alice").await;
    assert_page(&contoso, &refused.page, "413 request.too_large").await;
    saml.idp.behave();
    let mut browser = Browser::new().unwrap();
    let posted = saml.answer_for(&wiki, (&mut browser, "alice")).await;
    let long = "A".repeat(450 * 1024);
    for posted in [
        posted.clone().with("SAMLResponse", Some(&long)),
        posted.clone().with("RelayState", Some(&long)),
    ] {
        let refused = posted.send(&mut browser).await;
        assert_page(&contoso, &refused, "413 saml.document_too_large").await;
    }
    let many = "A".repeat(100 << 20);
    let sent = post_form(&posted.action, &[("SAMLResponse", &many)]).send().await;
    assert!(sent.is_err() || sent.is_ok_and(|answer| answer.status() == 413));
    let page = posted.send(&mut browser).await;
    assert!(page.has("signed-in-email"), "the good one still works: {}", page.body());
}

#[actix_web::test]
async fn saml_h10_a_response_in_the_url_is_none() {
    let saml = SamlWorld::start().await;
    let contoso = saml.tenant("contoso").await;
    let wiki = contoso.application("wiki").await;
    let mut browser = Browser::new().unwrap();
    let posted = saml.answer_for(&wiki, (&mut browser, "alice")).await;
    let query = |posted: &Posted| {
        url::form_urlencoded::Serializer::new(String::new()).extend_pairs(&posted.fields).finish()
    };
    let acs = format!("{}?{}", posted.action, query(&posted));
    assert_eq!(http().get(&acs).send().await.unwrap().status(), 405);
    let other = format!("{}?{}", contoso.callback(SAML), query(&posted));
    let page = browser.get(&other).await.unwrap();
    assert_page(&contoso, &page, "400 saml.encoding_invalid").await;
    assert_eq!(contoso.sessions().await, 0);
}

#[actix_web::test]
async fn saml_a29_an_answer_fits_one_tenant_and_one_connector_only() {
    let saml = SamlWorld::start().await;
    let contoso = saml.tenant("contoso").await;
    saml.connector(&contoso, "second", |_, _| ()).await.unwrap();
    saml.tenant("fabrikam").await;
    let wiki = contoso.application_with("wiki", |new| {
        new.settings.connectors = vec![ConnectorId::parse(SAML).unwrap()];
    });
    let wiki = wiki.await;
    let acs = |tenant: &str, connector: &str| {
        format!("{}/t/{tenant}/saml/{connector}/acs", saml.world.url)
    };
    for (address, expected) in [
        (acs("contoso", "second"), "400 oidc.mixup"),
        (acs("contoso", "third"), "400 oidc.mixup"),
        (acs("fabrikam", SAML), "400 saml.unsolicited"),
        (acs("nobody", SAML), "404 tenant.unknown"),
    ] {
        let mut browser = Browser::new().unwrap();
        let posted = saml.answer_for(&wiki, (&mut browser, "alice")).await.to(&address);
        let page = posted.send(&mut browser).await;
        let reason = page.text("reason-code").unwrap_or_else(|| page.body().to_owned());
        let seen = format!("{} {reason}", page.status());
        let unknown = address.contains("third") && seen == "404 connector.unknown";
        assert!(seen == expected || unknown, "{address}: {seen}");
    }
    assert_eq!(contoso.sessions().await, 0);
}

async fn suspend(tenant: &TestTenant<'_>, status: TenantStatus) {
    let slug = tenant.record.slug.clone();
    let change = move |conn: &mut Connection| {
        let mut row = conn.operator().tenant_by_slug(&slug)?.unwrap();
        (row.status, row.version) = (status, row.version + 1);
        let before = row.version - 1;
        conn.operator().update_tenant(&row, before)
    };
    tenant.world.broker.database.write(change).await.unwrap();
}

#[actix_web::test]
async fn saml_b11_a_switched_off_connector_or_tenant_lets_nobody_in() {
    let saml = SamlWorld::start().await;
    let contoso = saml.tenant("contoso").await;
    let wiki = contoso.application("wiki").await;
    for (mode, expected) in [
        (ConnectorMode::Off, "403 connector.off"),
        (ConnectorMode::Test, "403 connector.test_only"),
        (ConnectorMode::Pilot, "403 connector.not_pilot"),
    ] {
        let mut browser = Browser::new().unwrap();
        let posted = saml.answer_for(&wiki, (&mut browser, "alice")).await;
        contoso.mode(SAML, mode).await;
        let page = posted.send(&mut browser).await;
        assert_page(&contoso, &page, expected).await;
        contoso.mode(SAML, ConnectorMode::On).await;
    }
    let mut browser = Browser::new().unwrap();
    let posted = saml.answer_for(&wiki, (&mut browser, "alice")).await;
    suspend(&contoso, TenantStatus::Suspended).await;
    let page = posted.send(&mut browser).await;
    assert!((400..500).contains(&page.status()), "{}", page.body());
    suspend(&contoso, TenantStatus::Active).await;
    assert_eq!(contoso.sessions().await, 0);
    assert_eq!(saml.users(&contoso).await.len(), 0);
}

#[actix_web::test]
async fn saml_a33_the_pilot_is_asked_for_its_members() {
    let saml = SamlWorld::start().await;
    let contoso = saml.tenant("contoso").await;
    let wiki = contoso.application("wiki").await;
    let (broker, id) = (&saml.world.broker, ConnectorId::parse(SAML).unwrap());
    let record = admin::read_connector(broker, &contoso.record.id, &id).await.unwrap();
    let mut configuration = record.configuration;
    configuration.pilot.users = vec!["bob@contoso.com".into()];
    let change = ConnectorChange { configuration, note: None };
    admin::update_connector(broker, &caller(), &contoso.record, (&id, change)).await.unwrap();
    contoso.mode(SAML, ConnectorMode::Pilot).await;
    assert_eq!(saml.log_in(&wiki, "alice").await.outcome(), "403 connector.not_pilot");
    assert!(saml.log_in(&wiki, "bob").await.outcome().starts_with("signed in as bob@"));
}

#[actix_web::test]
async fn saml_a39_no_relay_state_leads_anywhere() {
    let saml = SamlWorld::start().await;
    let contoso = saml.tenant("contoso").await;
    let wiki = contoso.application("wiki").await;
    let mut browser = Browser::new().unwrap();
    let posted = saml.answer_for(&wiki, (&mut browser, "alice")).await;
    let long = "r".repeat(10_000);
    for state in [
        "https://evil.example/",
        "//evil.example",
        "/\\evil.example",
        "javascript:alert(1)",
        "x\r\nSet-Cookie: a=b",
        "",
        &long,
    ] {
        let page = posted.clone().with("RelayState", Some(state)).send(&mut browser).await;
        assert_page(&contoso, &page, "400 saml.unsolicited").await;
        assert!(!page.body().contains("evil.example"), "{state}");
    }
    let twice = posted.fields.iter().chain(&posted.fields);
    let twice: Vec<(&str, &str)> = twice.map(|(name, value)| (&**name, &**value)).collect();
    let page = browser.post(&posted.action, &twice).await.unwrap();
    assert!((400..500).contains(&page.status()), "duplicate fields: {}", page.body());
    let page = posted.send(&mut browser).await;
    assert!(page.has("signed-in-email"), "nothing was spent: {}", page.body());
}

#[actix_web::test]
async fn saml_at01_an_unsigned_response_is_refused_whoever_sends_it() {
    let saml = SamlWorld::start().await;
    let contoso = saml.tenant("contoso").await;
    let wiki = contoso.application("wiki").await;
    saml.idp.world(|world| world.sign = Sign::Nothing);
    let refused = saml.log_in(&wiki, "alice").await;
    assert_eq!(refused.outcome(), "400 saml.unsigned");
    contoso.assert_told_and_kept(&refused.page, Some(SAML)).await;
    assert_eq!((contoso.sessions().await, saml.users(&contoso).await.len()), (0, 0));
}
