//! Applications are told that a session ended until they take it, by whichever node (Back-Channel Logout 1.0; R-18).

use std::collections::BTreeSet;
use std::sync::Arc;

use chrono::TimeDelta;
use symbolon_contract::{ApplicationId, ConnectorId, SessionId};
use symbolon_identity::plugins::Compile;
use symbolon_identity::{Broker, jobs};
use symbolon_server::startup::build_broker_at;
use symbolon_storage::{Connection, TokenFamily, UserStatus};
use url::Url;

use crate::downstream::{only_user, set_status};
use crate::world::{CONNECTOR, TestApplication, TestBroker, TestTenant, settings};

/// Another node on the same database and clock.
fn another_node(world: &TestBroker) -> Broker {
    let settings = settings(&world.url, &world.database, &[]);
    let (database, clock) = (world.database.database().clone(), Arc::new(world.clock.clone()));
    build_broker_at(&settings, database, clock, Compile::InProcess).unwrap()
}

/// Alice signed in at an application that answers so, and out again.
pub(crate) async fn untold(wiki: &TestApplication<'_>, status: u16) {
    wiki.running.answer_logouts_with(Some(status));
    let before = wiki.running.told().problems.len();
    let mut browser = wiki.log_in("alice").await.browser;
    wiki.end_session(&mut browser, &[]).await;
    let seen = wiki.running.told_times(before + 1).await;
    assert_eq!((seen.tokens.len(), seen.problems.len()), (0, before + 1));
    waiting(wiki.tenant, 1).await;
}

/// Waits until the attempt that nobody waits for is kept.
async fn waiting(tenant: &TestTenant<'_>, attempts: i32) {
    let kept = async {
        while !tenant
            .undelivered()
            .await
            .iter()
            .all(|one| one.attempts >= attempts && one.problem.is_some())
        {
            tokio::task::yield_now().await;
        }
    };
    actix_web::rt::time::timeout(std::time::Duration::from_secs(30), kept).await.unwrap();
}

#[actix_web::test]
async fn r18_an_application_that_was_down_is_told_when_it_is_up_also_after_a_restart() {
    let world = TestBroker::start().await;
    let contoso = world.tenant("contoso").await;
    let wiki = contoso.told_application("wiki").await;
    untold(&wiki, 503).await;
    let kept = contoso.undelivered().await.remove(0);
    assert_eq!(kept.problem.as_deref(), Some("it answered with status 503"));
    // Not before it is due, whoever asks.
    jobs::deliver_logouts(&world.broker).await;
    assert_eq!(wiki.running.told().problems.len(), 1);
    wiki.running.answer_logouts_with(None);
    world.clock.advance(TimeDelta::seconds(10));
    // A process that knows nothing but the database.
    jobs::deliver_logouts(&another_node(&world)).await;
    let told = wiki.running.told();
    assert_eq!((told.tokens.len(), told.problems.len()), (1, 1), "{told:?}");
    assert_eq!(
        told.tokens[0]["iat"],
        world.broker.clock.now().timestamp(),
        "a token of this moment"
    );
    assert!(contoso.undelivered().await.is_empty());
    let row = contoso.events_when("session.logout_told", 1).await.remove(0);
    assert_eq!((&row["details"]["attempts"], &row["session_id"]), (&2.into(), &wiki.sid().into()));
}

#[actix_web::test]
async fn r18_many_nodes_deliver_each_message_once() {
    const MESSAGES: usize = 6;
    let world = TestBroker::start().await;
    let contoso = world.tenant("contoso").await;
    let wiki = contoso.told_application("wiki").await;
    for _ in 0..MESSAGES {
        untold(&wiki, 503).await;
    }
    wiki.running.answer_logouts_with(None);
    world.clock.advance(TimeDelta::seconds(10));
    let nodes = [another_node(&world), another_node(&world), another_node(&world)];
    let all = nodes.each_ref().map(jobs::deliver_logouts);
    futures_util::future::join_all(all).await;
    let told = wiki.running.told();
    let sessions: BTreeSet<_> =
        told.tokens.iter().filter_map(|token| token["sid"].as_str()).collect();
    assert_eq!((told.tokens.len(), sessions.len()), (MESSAGES, MESSAGES), "{told:?}");
    assert_eq!(told.problems.len(), MESSAGES, "only those of the time when it was down");
}

#[actix_web::test]
async fn r18_we_give_up_after_two_refusals_or_a_day_and_say_so() {
    let world = TestBroker::start().await;
    let contoso = world.tenant("contoso").await;
    let wiki = contoso.told_application("wiki").await;
    untold(&wiki, 400).await;
    world.clock.advance(TimeDelta::seconds(10));
    jobs::deliver_logouts(&world.broker).await;
    let row = contoso.events_when("session.logout_not_told", 1).await.remove(0);
    assert_eq!(row["outcome"], "failure");
    assert_eq!(row["details"]["problem"], "it answered with status 400");
    assert_eq!(contoso.undelivered().await[0].next_attempt_at, None);
    untold(&wiki, 500).await;
    for _ in 0..30 {
        world.clock.advance(TimeDelta::hours(1));
        jobs::deliver_logouts(&world.broker).await;
    }
    let seen = wiki.running.told().problems.len();
    let rows = contoso.events_when("session.logout_not_told", 2).await;
    assert_eq!(rows.len(), 2);
    assert!((10..25).contains(&seen), "{seen} attempts in all");
}

#[actix_web::test]
async fn neg_r18_a_logout_address_that_points_inwards_is_never_asked() {
    let world = TestBroker::start().await;
    let contoso = world.tenant("contoso").await;
    let wiki = contoso
        .application_with("wiki", |new| {
            let inwards = Url::parse("https://169.254.169.254/latest").unwrap();
            new.settings.backchannel_logout_uri = Some(inwards);
        })
        .await;
    let mut browser = wiki.log_in("alice").await.browser;
    wiki.end_session(&mut browser, &[]).await;
    waiting(&contoso, 1).await;
    let problem = contoso.undelivered().await.remove(0).problem.unwrap();
    assert!(problem.contains("private or reserved"), "{problem}");
}

#[actix_web::test]
async fn r18_whoever_is_switched_off_is_out_everywhere_also_of_what_outlived_the_session() {
    let world = TestBroker::start().await;
    let contoso = world.tenant("contoso").await;
    let (wiki, mail) =
        (contoso.told_application("wiki").await, contoso.told_application("mail").await);
    wiki.log_in("alice").await;
    let user = only_user(&contoso).await;
    let (id, now) = (contoso.record.id.clone(), world.broker.clock.now());
    let family = TokenFamily {
        id: "family".into(),
        application_id: ApplicationId::parse("mail").unwrap(),
        user_id: user.clone(),
        connector_id: ConnectorId::parse(CONNECTOR).unwrap(),
        session_id: SessionId::parse("over-long-ago").unwrap(),
        offline: true,
        scope: "openid offline_access".into(),
        resources: Vec::new(),
        claims: None,
        authenticated_at: now,
        acr: None,
        amr: Vec::new(),
        dpop_jkt: None,
        code_hash: None,
        created_at: now,
        last_used_at: now,
        idle_expires_at: now + TimeDelta::days(30),
        expires_at: now + TimeDelta::days(90),
        revoked_at: None,
        revoked_because: None,
    };
    let owner = id.clone();
    let kept = move |conn: &mut Connection| conn.tenant(&owner).token_families().insert(&family);
    world.broker.database.write(kept).await.unwrap();
    set_status(&contoso, &user, UserStatus::Inactive).await;
    assert_eq!(wiki.running.told_times(1).await.tokens[0]["sid"], wiki.sid().as_str());
    assert_eq!(mail.running.told_times(1).await.tokens[0]["sid"], "over-long-ago");
    let find = move |conn: &mut Connection| conn.tenant(&id).token_families().find("family");
    let family = world.broker.database.read(find).await.unwrap().unwrap();
    assert_eq!(family.revoked_because.as_deref(), Some("the user was switched off"));
}
