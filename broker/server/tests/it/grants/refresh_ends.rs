//! How refresh tokens end: with the session, the person, the connector, the application, their time (D8).

use chrono::TimeDelta;
use symbolon_contract::ApplicationId;
use symbolon_identity::policy::ConnectorMode;
use symbolon_storage::{Connection, UserStatus};

use super::{redeem, refresh, refreshing, text};
use crate::downstream::{disable, only_user, set_status, tokens, userinfo};
use crate::world::{CONNECTOR, TestApplication, TestBroker, TestTenant};

const OFFLINE: [(&str, Option<&str>); 1] = [("scope", Some("openid offline_access"))];
const GONE: &str = "400 invalid_grant token.grant_no_longer_valid";
const REVOKED: &str = "400 invalid_grant token.refresh_revoked";

/// Ends every session of the only user, as a sign-out does.
pub(crate) async fn end_sessions(tenant: &TestTenant<'_>) {
    let (id, user) = (tenant.record.id.clone(), only_user(tenant).await);
    let now = symbolon_identity::clock::Clock::now(&tenant.world.clock);
    let end = move |conn: &mut Connection| {
        let (mut rows, mut ended) = (conn.tenant(&id), 0);
        for session in rows.sessions().of_user(&user)? {
            ended += usize::from(rows.sessions().end(&session.id, now, "a test")?);
        }
        Ok(ended)
    };
    assert!(tenant.world.broker.database.write(end).await.unwrap() > 0);
}

/// What is held is worth nothing any more, and neither a second time.
async fn assert_over(app: &TestApplication<'_>, held: &serde_json::Value, first: &str) {
    let token = text(held, "refresh_token");
    assert_eq!(refresh(app, token).refusal().await, first);
    let again = refresh(app, token).refusal().await;
    assert!(again == REVOKED || again == first, "{again}");
    assert_eq!(userinfo(app.tenant, text(held, "access_token")).await.status, 401);
}

#[actix_web::test]
async fn neg_d08_without_offline_access_a_refresh_token_ends_with_its_session() {
    let world = TestBroker::start().await;
    let contoso = world.tenant("contoso").await;
    let wiki = contoso.application_with("wiki", refreshing).await;
    let held = tokens(&wiki, &[]).await;
    end_sessions(&contoso).await;
    assert_over(&wiki, &held, GONE).await;
}

#[actix_web::test]
async fn r13_with_offline_access_it_outlives_the_session() {
    let world = TestBroker::start().await;
    let contoso = world.tenant("contoso").await;
    let wiki = contoso.application_with("wiki", refreshing).await;
    let held = tokens(&wiki, &OFFLINE).await;
    assert_eq!(held["scope"], "openid offline_access");
    end_sessions(&contoso).await;
    world.clock.advance(TimeDelta::days(3));
    let renewed = refresh(&wiki, text(&held, "refresh_token")).tokens().await;
    assert_eq!(userinfo(&contoso, text(&renewed, "access_token")).await.status, 200);
    // And a session that ran out takes nothing away either.
    world.clock.advance(TimeDelta::days(10));
    refresh(&wiki, text(&renewed, "refresh_token")).tokens().await;
}

#[actix_web::test]
async fn neg_d08_nothing_is_renewed_for_a_person_who_was_switched_off() {
    for scope in ["openid", "openid offline_access"] {
        let world = TestBroker::start().await;
        let contoso = world.tenant("contoso").await;
        let wiki = contoso.application_with("wiki", refreshing).await;
        let held = tokens(&wiki, &[("scope", Some(scope))]).await;
        let user = only_user(&contoso).await;
        set_status(&contoso, &user, UserStatus::Inactive).await;
        let refused = refresh(&wiki, text(&held, "refresh_token")).refusal().await;
        assert!(refused == GONE || refused == REVOKED, "{refused}");
        // Switched on again: what was held before stays dead.
        set_status(&contoso, &user, UserStatus::Active).await;
        assert_over(&wiki, &held, REVOKED).await;
    }
}

#[actix_web::test]
async fn neg_d08_nothing_is_renewed_when_the_connector_is_off() {
    for scope in ["openid", "openid offline_access"] {
        let world = TestBroker::start().await;
        let contoso = world.tenant("contoso").await;
        let wiki = contoso.application_with("wiki", refreshing).await;
        let held = tokens(&wiki, &[("scope", Some(scope))]).await;
        contoso.mode(CONNECTOR, ConnectorMode::Off).await;
        assert_over(&wiki, &held, GONE).await;
        contoso.mode(CONNECTOR, ConnectorMode::On).await;
        assert_over(&wiki, &held, REVOKED).await;
    }
}

#[actix_web::test]
async fn neg_d08_a_disabled_application_renews_nothing() {
    let world = TestBroker::start().await;
    let contoso = world.tenant("contoso").await;
    let wiki = contoso.application_with("wiki", refreshing).await;
    let held = tokens(&wiki, &OFFLINE).await;
    disable(&contoso, "wiki").await;
    let refused = refresh(&wiki, text(&held, "refresh_token")).refusal().await;
    assert_eq!(refused, "403 unauthorized_client application.disabled");
}

/// The application accepts the people of another connector only from now on.
async fn close_to_its_connector(app: &TestApplication<'_>) {
    let (tenant, id) = (app.tenant.record.id.clone(), ApplicationId::parse(&*app.id).unwrap());
    let change = move |conn: &mut Connection| {
        let mut rows = conn.tenant(&tenant);
        let mut row = rows.applications().find(&id)?.unwrap();
        row.settings["connectors"] = serde_json::json!(["elsewhere"]);
        let version = row.version;
        rows.applications().update(&row, version)
    };
    app.tenant.world.broker.database.write(change).await.unwrap();
}

#[actix_web::test]
async fn neg_d22_an_application_that_was_closed_to_the_connector_redeems_and_renews_nothing() {
    for scope in ["openid", "openid offline_access"] {
        let world = TestBroker::start().await;
        let contoso = world.tenant("contoso").await;
        let wiki = contoso.application_with("wiki", refreshing).await;
        let held = tokens(&wiki, &[("scope", Some(scope))]).await;
        let unspent = wiki.code("alice", &[("scope", Some(scope))]).await;
        close_to_its_connector(&wiki).await;
        assert_eq!(redeem(&wiki, &unspent).refusal().await, GONE);
        assert_over(&wiki, &held, GONE).await;
    }
}

#[actix_web::test]
async fn neg_d08_idle_and_absolute_ends_to_the_second() {
    let world = TestBroker::start().await;
    let contoso = world.tenant("contoso").await;
    let wiki = contoso
        .application_with("wiki", |new| {
            refreshing(new);
            new.settings.refresh_idle_seconds = Some(100);
            new.settings.refresh_absolute_seconds = Some(250);
        })
        .await;
    let expired = "400 invalid_grant token.refresh_expired";
    let idle = tokens(&wiki, &OFFLINE).await;
    world.clock.advance(TimeDelta::seconds(100));
    assert_eq!(refresh(&wiki, text(&idle, "refresh_token")).refusal().await, expired);
    let mut held = tokens(&wiki, &OFFLINE).await;
    for _ in 0..2 {
        world.clock.advance(TimeDelta::seconds(99));
        held = refresh(&wiki, text(&held, "refresh_token")).tokens().await;
    }
    world.clock.advance(TimeDelta::seconds(51));
    held = refresh(&wiki, text(&held, "refresh_token")).tokens().await;
    world.clock.advance(TimeDelta::seconds(1));
    assert_eq!(refresh(&wiki, text(&held, "refresh_token")).refusal().await, expired);
}

#[actix_web::test]
async fn r13_renewing_counts_as_use_of_the_session() {
    let world = TestBroker::start().await;
    let contoso = world.tenant("contoso").await;
    let wiki = contoso.application_with("wiki", refreshing).await;
    let mut held = tokens(&wiki, &[]).await;
    // Longer than the idle end of a session, shorter than its absolute one.
    for _ in 0..3 {
        world.clock.advance(TimeDelta::hours(7));
        held = refresh(&wiki, text(&held, "refresh_token")).tokens().await;
    }
    world.clock.advance(TimeDelta::hours(4));
    assert_over(&wiki, &held, GONE).await;
}
