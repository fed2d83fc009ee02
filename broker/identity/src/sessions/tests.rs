//! Sessions in a database, under a clock that the tests move.

use chrono::{DateTime, TimeDelta, Utc};
use secrecy::SecretString;
use symbolon_contract::{ApplicationId, ConnectorId, SessionId, UserId};
use symbolon_storage::{Database, User, UserStatus};

use super::*;
use crate::broker::BrokerSettings;
use crate::clock::{Clock as _, ManualClock};
use crate::policy::{
    self, Admission, AdmissionFacts, ApplicationFacts, ConnectorMode, UserStanding,
};
use crate::secrets::tests::{contains, dump, fresh_database, tenant};

const COOKIE: &str = "session-secret-0123456789";

struct World {
    database: Database,
    clock: ManualClock,
    settings: BrokerSettings,
    folder: tempfile::TempDir,
}

impl World {
    async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let database = fresh_database(&folder).await;
        let clock = ManualClock::default();
        let alice = alice(clock.now());
        let written = database.write(move |conn| conn.tenant(&tenant("a")).users().insert(&alice));
        written.await.unwrap();
        Self { database, clock, settings: BrokerSettings::new("https://id.example"), folder }
    }

    async fn open(&self) -> OpenedSession {
        let (now, settings) = (self.clock.now(), self.settings.clone());
        let opened = self.database.write(move |conn| {
            let new = NewSession {
                id: id(),
                authenticated_at: now,
                upstream_sid: None,
                upstream_logout_hint: None,
                upstream_subject: None,
                ends_at_latest: None,
                acr: Some("gold".into()),
                amr: vec!["pwd".into(), "otp".into()],
            };
            let whose = tenant("a");
            open(&mut conn.tenant(&whose), &admission(), new, COOKIE.into(), (now, &settings))
        });
        opened.await.unwrap()
    }

    async fn find(&self, whose: &'static str, cookie: &'static str) -> Option<LiveSession> {
        let (now, settings) = (self.clock.now(), self.settings.clone());
        let found = self.database.write(move |conn| {
            let secret = SecretString::from(cookie);
            find_live(&mut conn.tenant(&tenant(whose)), &secret, now, &settings)
        });
        found.await.unwrap()
    }

    async fn lives(&self) -> bool {
        self.find("a", COOKIE).await.is_some()
    }
}

fn id() -> SessionId {
    SessionId::parse("session-1").unwrap()
}

fn alice(now: DateTime<Utc>) -> User {
    User {
        id: UserId::parse("alice").unwrap(),
        status: UserStatus::Active,
        email: None,
        email_normalised: None,
        email_verified: false,
        display_name: None,
        username: None,
        metadata: serde_json::json!({}),
        version: 1,
        created_at: now,
        updated_at: now,
        last_sign_in_at: None,
    }
}

fn admission() -> Admission {
    let admitted = policy::admit(AdmissionFacts {
        tenant: tenant("a"),
        tenant_active: true,
        connector: ConnectorId::parse("work").unwrap(),
        connector_mode: ConnectorMode::On,
        in_pilot: false,
        application: Some(ApplicationFacts {
            id: ApplicationId::parse("wiki").unwrap(),
            active: true,
            accepts_connector: true,
        }),
        user: UserId::parse("alice").unwrap(),
        user_standing: UserStanding::Active,
        mfa_required: false,
        mfa_proved: false,
    });
    admitted.unwrap()
}

#[tokio::test]
async fn a_session_is_found_by_its_cookie_as_the_admission_made_it() {
    let world = World::new().await;
    let opened = world.open().await;
    assert_eq!(opened.expires_at, world.clock.now() + TimeDelta::hours(24));
    let found = world.find("a", COOKIE).await.unwrap();
    assert_eq!((found.id, found.user.as_str()), (id(), "alice"));
    assert_eq!(found.connector.as_str(), "work");
    assert_eq!(found.authenticated_at, world.clock.now());
    assert_eq!(found.amr, ["pwd", "otp"]);
    assert_eq!(world.find("a", "another").await, None);
    assert!(!contains(&dump(&world.folder), COOKIE.as_bytes()));
}

#[tokio::test]
async fn f2_the_cookie_of_one_tenant_opens_nothing_in_another() {
    let world = World::new().await;
    world.open().await;
    assert_eq!(world.find("b", COOKIE).await, None);
    assert!(world.lives().await);
}

#[tokio::test]
async fn se1_an_unused_session_ends_after_its_idle_time_to_the_second() {
    let world = World::new().await;
    world.open().await;
    let start = world.clock.now();
    world.clock.set(start + world.settings.session_idle - TimeDelta::seconds(1));
    // Looked at inside a read: find_live would count as use.
    let now = world.clock.now();
    let row = world.database.read(|conn| conn.tenant(&tenant("a")).sessions().find(&id()));
    let row = row.await.unwrap().unwrap();
    assert!(LiveSession::of(row.clone(), now).is_some());
    assert!(LiveSession::of(row, now + TimeDelta::seconds(1)).is_none());
    world.clock.advance(TimeDelta::seconds(1));
    assert!(!world.lives().await);
}

#[tokio::test]
async fn se1_use_keeps_a_session_alive() {
    let world = World::new().await;
    world.open().await;
    for _ in 0..3 {
        world.clock.advance(world.settings.session_idle - TimeDelta::minutes(1));
        assert!(world.lives().await);
    }
    world.clock.advance(world.settings.session_idle);
    assert!(!world.lives().await);
}

#[tokio::test]
async fn use_within_a_minute_costs_no_write() {
    let world = World::new().await;
    world.open().await;
    let start = world.clock.now();
    world.clock.advance(TimeDelta::minutes(1));
    assert!(world.lives().await);
    let row = world.database.read(|conn| conn.tenant(&tenant("a")).sessions().find(&id()));
    assert_eq!(row.await.unwrap().unwrap().last_seen_at, start);
}

#[tokio::test]
async fn se2_no_use_carries_a_session_past_its_absolute_end() {
    let world = World::new().await;
    let opened = world.open().await;
    while world.clock.now() + TimeDelta::hours(1) < opened.expires_at {
        world.clock.advance(TimeDelta::hours(1));
        assert!(world.lives().await, "{}", world.clock.now());
    }
    world.clock.set(opened.expires_at - TimeDelta::seconds(1));
    assert!(world.lives().await);
    world.clock.set(opened.expires_at);
    assert!(!world.lives().await);
}

#[tokio::test]
async fn b39_a_longer_idle_time_than_the_absolute_one_changes_nothing() {
    let mut world = World::new().await;
    world.settings.session_idle = TimeDelta::days(30);
    let opened = world.open().await;
    world.clock.set(opened.expires_at);
    assert!(!world.lives().await);
}

#[tokio::test]
async fn f1_whoever_signs_in_anew_goes_on_with_a_new_secret() {
    let world = World::new().await;
    world.open().await;
    world.clock.advance(TimeDelta::hours(1));
    let (now, settings) = (world.clock.now(), world.settings.clone());
    let renewed = world.database.write(move |conn| {
        let new = NewSession {
            id: id(),
            authenticated_at: now,
            upstream_sid: Some("there".into()),
            upstream_logout_hint: None,
            upstream_subject: None,
            ends_at_latest: None,
            acr: None,
            amr: Vec::new(),
        };
        let whose = tenant("a");
        let rows = &mut conn.tenant(&whose);
        renew(rows, &admission(), new, "another-secret".into(), (now, &settings))
    });
    assert_eq!(renewed.await.unwrap().unwrap().expires_at, now + TimeDelta::hours(24));
    assert!(!world.lives().await, "the old secret is dead");
    let found = world.find("a", "another-secret").await.unwrap();
    assert_eq!((found.id, found.authenticated_at), (id(), now));
}

#[tokio::test]
async fn an_ended_session_stays_ended() {
    let world = World::new().await;
    world.open().await;
    let now = world.clock.now();
    for expected in [true, false] {
        let ended = world
            .database
            .write(move |conn| conn.tenant(&tenant("a")).sessions().end(&id(), now, "logout"));
        assert_eq!(ended.await.unwrap(), expected);
        assert!(!world.lives().await);
    }
}

#[tokio::test]
async fn a_session_that_another_node_ends_between_our_read_and_our_write_is_over() {
    let world = World::new().await;
    world.open().await;
    world.clock.advance(TimeDelta::minutes(5));
    let now = world.clock.now();
    let live = world.database.write(move |conn| {
        let whose = tenant("a");
        let rows = &mut conn.tenant(&whose);
        let row = rows.sessions().find(&id())?.unwrap();
        rows.sessions().end(&id(), now, "another node")?;
        reuse::touch(rows, row, (now, TimeDelta::hours(1)))
    });
    assert_eq!(live.await.unwrap(), None);
}
