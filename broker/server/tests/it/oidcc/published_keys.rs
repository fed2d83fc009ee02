//! Keys that an application publishes (DY-09, DY-12), and C22 for them. The modules stand in `dynamic`.

use serde_json::json;
use symbolon_testkit::ApplicationKey;

use super::robot::{BAD_ASSERTION, ES256, publishes, robot};
use crate::downstream::assert_refused;
use crate::world::TestBroker;

#[actix_web::test]
async fn dy_09_the_keys_of_an_application_are_read_once_and_kept() {
    let world = TestBroker::start().await;
    let contoso = world.tenant("contoso").await;
    let robot = robot(&contoso, ES256, publishes).await;
    for _ in 0..3 {
        robot.passes(&robot.assertion(), &[]).await;
    }
    assert_eq!(robot.app.running.keys_asked(), 1);
}

#[actix_web::test]
async fn dy_12_new_keys_of_an_application_are_read_when_an_unknown_kid_arrives() {
    let world = TestBroker::start().await;
    let contoso = world.tenant("contoso").await;
    let mut robot = robot(&contoso, ES256, publishes).await;
    robot.passes(&robot.assertion(), &[]).await;
    let old = robot.assertion();
    robot.key = ApplicationKey::new(ES256).unwrap();
    robot.app.running.publish_keys(Some(robot.key.jwks()));
    world.clock.advance(chrono::TimeDelta::seconds(10));
    robot.passes(&robot.assertion(), &[]).await;
    assert_refused(&contoso, &robot.asks(&old, &[]).await, BAD_ASSERTION).await;
    assert_eq!(robot.app.running.keys_asked(), 2);
}

#[actix_web::test]
async fn neg_c22_invented_kids_do_not_make_us_ask_for_keys_again_and_again() {
    let world = TestBroker::start().await;
    let contoso = world.tenant("contoso").await;
    let robot = robot(&contoso, ES256, publishes).await;
    robot.passes(&robot.assertion(), &[]).await;
    for _ in 0..50 {
        let stranger = ApplicationKey::new(ES256).unwrap();
        let forged = stranger.assertion("robot", &robot.issuer(), robot.now()).unwrap();
        assert_eq!(robot.asks(&forged, &[]).await.refusal(), BAD_ASSERTION);
    }
    assert_eq!(robot.app.running.keys_asked(), 2);
    robot.passes(&robot.assertion(), &[]).await;
}

#[actix_web::test]
async fn an_application_whose_keys_cannot_be_read_is_told_so() {
    let world = TestBroker::start().await;
    let contoso = world.tenant("contoso").await;
    let robot = robot(&contoso, ES256, publishes).await;
    let expected = "401 invalid_client token.application_keys_unavailable";
    for keys in [None, Some(json!({ "keys": [] })), Some(json!("no set"))] {
        robot.app.running.publish_keys(keys);
        assert_refused(&contoso, &robot.asks(&robot.assertion(), &[]).await, expected).await;
        world.clock.advance(chrono::TimeDelta::seconds(10));
    }
    robot.app.running.publish_keys(Some(robot.key.jwks()));
    robot.passes(&robot.assertion(), &[]).await;
}
