//! The status of a connector (N71 to N76), why its button is hidden (N57), who can sign in how (N58, N59), and
//! groups by name (N48).

use serde_json::{Value, json};
use symbolon_contract::{ConnectorId, ReasonCode};
use symbolon_identity::admin::{self, GroupQuery};
use symbolon_identity::policy::ConnectorMode;
use symbolon_testkit::entra::EntraFault;

use crate::world::{ADMINS, APP, CONTOSO, ENTRA, EntraWorld, TestTenant, caller};

fn id() -> ConnectorId {
    ConnectorId::parse(ENTRA).unwrap()
}

async fn status(tenant: &TestTenant<'_>) -> Value {
    let broker = &tenant.world.broker;
    json!(admin::connector_status(broker, &tenant.record, &id()).await.unwrap())
}

async fn preview(tenant: &TestTenant<'_>, mode: ConnectorMode) -> Value {
    let broker = &tenant.world.broker;
    json!(admin::preview_mode(broker, &tenant.record, (&id(), mode)).await.unwrap())
}

async fn test(tenant: &TestTenant<'_>) {
    admin::test_connection(&tenant.world.broker, &tenant.record, &id()).await.unwrap();
}

fn words<'a>(rows: &'a Value, name: &str) -> Vec<&'a str> {
    rows.as_array().unwrap().iter().map(|row| row[name].as_str().unwrap()).collect()
}

fn line<'a>(who: &'a Value, people: &str) -> &'a Value {
    let rows = who.as_array().unwrap();
    rows.iter().find(|row| row["people"].as_str().unwrap().contains(people)).unwrap()
}

#[actix_web::test]
async fn feat_n71_n72_n73_n74_n75_the_status_has_the_fields_of_the_document() {
    let entra = EntraWorld::start().await;
    let contoso = entra.tenant("contoso").await;
    let wiki = contoso.application("wiki").await;
    let new = status(&contoso).await;
    assert_eq!((&new["status"], &new["last_sync"]), (&json!("Unknown"), &json!(null)));
    test(&contoso).await;
    for person in ["alice", "bob", "alice"] {
        entra.log_in(&wiki, person).await;
    }
    entra.entra.misbehave(EntraFault::TokenBadSignature);
    let refused = entra.log_in(&wiki, "alice").await;
    entra.entra.behave();
    let shown = status(&contoso).await;
    assert_eq!(shown["provider"], "Microsoft Entra ID");
    assert_eq!(
        (&shown["status"], &shown["status_line"]),
        (&json!("Connected"), &json!("Connected ✓"))
    );
    let last_sync = shown["last_sync"].as_str().unwrap();
    assert!(chrono::DateTime::parse_from_rfc3339(last_sync).is_ok(), "{last_sync}");
    assert_eq!(shown["sync"], "at sign-in");
    assert_eq!((&shown["users_synced"], &shown["failed_logins_24h"]), (&json!(2), &json!(1)));
    assert_eq!((&shown["type"], &shown["connector"]), (&json!("entra"), &json!(ENTRA)));
    assert_eq!((&shown["mode"], &shown["tested"]), (&json!("on"), &json!(true)));
    assert_eq!((&shown["settings_version"], &shown["mapping_version"]), (&json!(1), &json!(1)));
    let error = &shown["last_error"];
    assert_eq!(error["trace_id"].as_str(), refused.page.text("trace-id").as_deref());
    assert_eq!(error["reason"].as_str(), refused.page.text("reason-code").as_deref());
    assert!(
        !error["cause"].as_str().unwrap().is_empty() && !error["fix"].as_str().unwrap().is_empty()
    );
    assert_eq!(shown["help"], json!([]), "connected: no help is needed");
    entra.world.clock.advance(chrono::TimeDelta::hours(25));
    assert_eq!(status(&contoso).await["failed_logins_24h"], 0);
}

#[actix_web::test]
async fn feat_n76_the_help_is_that_of_what_is_wrong() {
    let entra = EntraWorld::start().await;
    let contoso = entra.tenant("contoso").await;
    entra.entra.fail_token(7_000_222, symbolon_testkit::entra::Times::Next(1));
    test(&contoso).await;
    let shown = status(&contoso).await;
    assert_eq!(
        (&shown["status"], &shown["status_line"]),
        (&json!("Disconnected"), &json!("Disconnected"))
    );
    assert_eq!(words(&shown["help"], "about"), ["credential", "error_log", "support"]);
    assert_eq!(shown["last_error"]["reason"], "entra.secret_expired");
    assert!(words(&shown["help"], "text")[2].contains("help@contoso.example"));

    entra.entra.misbehave(EntraFault::DiscoveryDown);
    entra.world.clock.advance(chrono::TimeDelta::minutes(1));
    test(&contoso).await;
    let shown = status(&contoso).await;
    assert_eq!(words(&shown["help"], "about"), ["network", "error_log", "support"]);
    assert_eq!(shown["last_error"]["reason"], "oidc.discovery_failed");
    entra.entra.behave();
    test(&contoso).await;
    let shown = status(&contoso).await;
    assert_eq!((&shown["status"], &shown["help"]), (&json!("Connected"), &json!([])));
}

#[actix_web::test]
async fn feat_n57_every_reason_for_a_hidden_button_is_listed() {
    let entra = EntraWorld::start().await;
    let contoso = entra.tenant("contoso").await;
    let shown = status(&contoso).await;
    assert_eq!(shown["button"], json!({ "shown": true, "why_hidden": [] }));
    for (mode, visible, why) in [
        (ConnectorMode::Off, false, vec!["off", "untested"]),
        (ConnectorMode::Test, false, vec!["test_only", "untested"]),
        (ConnectorMode::Pilot, true, vec!["pilot_only"]),
    ] {
        contoso.mode(ENTRA, mode).await;
        let button = &status(&contoso).await["button"];
        assert_eq!(button["shown"], visible, "{mode:?}");
        assert_eq!(words(&button["why_hidden"], "reason"), why, "{mode:?}");
    }
    contoso.mode(ENTRA, ConnectorMode::On).await;
    contoso.connector("second", |_| ()).await;
    let second = ConnectorId::parse("second").unwrap();
    let domain = ("fabrikam.com".to_owned(), Some(second.clone()));
    let broker = &entra.world.broker;
    admin::put_domain(broker, &caller(), &contoso.record, domain).await.unwrap();
    contoso.application_with("forum", |new| new.settings.connectors = vec![second]).await;
    let button = &status(&contoso).await["button"];
    assert_eq!(words(&button["why_hidden"], "reason"), ["other_domain", "application"]);
    let texts = words(&button["why_hidden"], "text").join(" ");
    assert!(texts.contains("fabrikam.com") && texts.contains("forum"), "{texts}");
}

#[actix_web::test]
async fn feat_n58_n59_who_can_sign_in_is_shown_before_the_switch_is_saved() {
    let entra = EntraWorld::start().await;
    let contoso = entra
        .tenant_with("contoso", |new, _| {
            new.configuration.provisioning.auto_provision = false;
            new.configuration.pilot.users = vec!["alice@contoso.com".into()];
        })
        .await;
    contoso.connector("second", |_| ()).await;
    let wiki = contoso.application("wiki").await;
    contoso.mode(ENTRA, ConnectorMode::Off).await;
    wiki.log_in("alice").await;
    let on = preview(&contoso, ConnectorMode::On).await;
    assert_eq!((&on["from"], &on["to"]), (&json!("off"), &json!("on")));
    assert_eq!(line(&on["who"], "with a link")["count"], 0);
    let unlinked = line(&on["who"], "without a link");
    assert_eq!((&unlinked["count"], &unlinked["may"]), (&json!(1), &json!(false)));
    assert_eq!(line(&on["who"], "without a user")["may"], false);
    assert!(line(&on["who"], CONTOSO)["may"].as_bool().unwrap());
    assert_eq!(line(&on["who"], "guests")["may"], false);

    let pilot = preview(&contoso, ConnectorMode::Pilot).await;
    assert_eq!(line(&pilot["who"], "alice@contoso.com")["may"], true);
    assert_eq!(line(&pilot["who"], "everybody else")["may"], false);
    let enforced = preview(&contoso, ConnectorMode::Enforced).await;
    assert_eq!(line(&enforced["who"], "password")["may"], false);
    assert_eq!(line(&enforced["who"], "sessions")["may"], true);
    let off = preview(&contoso, ConnectorMode::Off).await;
    assert_eq!((&off["button"]["shown"], off["who"].as_array().unwrap().len()), (&json!(false), 2));
    assert_eq!(status(&contoso).await["mode"], "off", "a preview changes nothing");
}

#[actix_web::test]
async fn feat_n48_n25_groups_are_found_by_name_and_named_by_id() {
    let entra = EntraWorld::start().await;
    let contoso = entra.tenant("contoso").await;
    let broker = &entra.world.broker;
    let find = async |query: GroupQuery| {
        admin::find_groups(broker, &contoso.record, (&id(), &query)).await
    };
    let named = find(GroupQuery::Named("Noxys A".into())).await.unwrap();
    assert_eq!(named.len(), 1);
    assert_eq!((named[0].id.as_str(), named[0].display_name.as_str()), (ADMINS, "Noxys Admins"));
    assert_eq!(find(GroupQuery::Ids(vec![ADMINS.into()])).await.unwrap(), named);
    assert_eq!(find(GroupQuery::Named("O'Neill".into())).await.unwrap(), []);

    entra.entra.revoke_permission(CONTOSO, APP, "Group.Read.All");
    entra.entra.forget_access_tokens();
    entra.world.clock.advance(chrono::TimeDelta::hours(2));
    let refused = find(GroupQuery::Named("Noxys".into())).await.unwrap_err();
    assert_eq!(refused.reason(), ReasonCode::EntraGraphForbidden);
}
