//! What the program promised outlives it: it is killed, and the next process keeps the promise.

use chrono::TimeDelta;
use symbolon_identity::clock::{Clock as _, ManualClock, SystemClock};
use symbolon_storage::testing::TestDatabase;

use super::listen::Serving;
use super::{Installation, KEY_2};
use crate::applications_told::untold;
use crate::world::TestBroker;

/// The program on the database of a test's world, with the same master key.
fn serve(here: &Installation, world: &TestBroker) -> Serving {
    let database = world.database.url_text();
    let variables = [
        ("SYMBOLON__HTTP__PUBLIC_URL", world.url.as_str()),
        ("SYMBOLON__DATABASE__URL", database.as_str()),
        ("SYMBOLON__OUTGOING__ALLOW_PRIVATE", "127.0.0.0/8"),
    ];
    Serving::start(here, &variables)
}

#[actix_web::test]
async fn r18_an_application_is_told_though_the_program_was_killed_while_it_was_down() {
    let here = Installation::new();
    here.write("k1.key", KEY_2);
    // The program has the clock of the machine: what was queued a minute ago is due.
    let clock = ManualClock::new(SystemClock.now() - TimeDelta::minutes(1));
    let database = TestDatabase::chosen().await;
    let world = TestBroker::start_as(database, &[], (clock, |settings| settings)).await;
    let contoso = world.tenant("contoso").await;
    let wiki = contoso.told_application("wiki").await;
    untold(&wiki, 503).await;
    let first = serve(&here, &world);
    assert_eq!(wiki.running.told_times(2).await.problems.len(), 2);
    // At once: the message is claimed, and what came of it may not be kept yet.
    first.end();
    wiki.running.answer_logouts_with(None);
    world.clock.set(SystemClock.now());
    world.database.tamper("update logout_deliveries set next_attempt_at = created_at");
    let _second = serve(&here, &world);
    let told = wiki.running.told_times(3).await;
    assert_eq!((told.tokens.len(), told.problems.len()), (1, 2), "{told:?}");
    contoso.all_delivered().await;
}
