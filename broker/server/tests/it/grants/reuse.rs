//! A code or refresh token that comes twice was seen by somebody: all that came of it ends (D4, D8).

use chrono::TimeDelta;
use futures_util::future::join_all;
use symbolon_storage::testing::TestDatabase;

use super::{events, redeem, refresh, refreshing, text};
use crate::downstream::{assert_refused, tokens, userinfo};
use crate::saml_replay::another_node;
use crate::world::TestBroker;

const REUSED: &str = "400 invalid_grant token.refresh_reused";
const REVOKED: &str = "400 invalid_grant token.refresh_revoked";

#[actix_web::test]
async fn neg_d08_a_used_refresh_token_ends_its_family() {
    let world = TestBroker::start().await;
    let contoso = world.tenant("contoso").await;
    let wiki = contoso.application_with("wiki", refreshing).await;
    let first = tokens(&wiki, &[]).await;
    let second = refresh(&wiki, text(&first, "refresh_token")).tokens().await;
    let again = refresh(&wiki, text(&first, "refresh_token")).send().await;
    assert_refused(&contoso, &again, REUSED).await;
    for token in ["refresh_token"].map(|field| text(&second, field)) {
        assert_eq!(refresh(&wiki, token).refusal().await, REVOKED);
    }
    for dead in [&first, &second] {
        assert_eq!(userinfo(&contoso, text(dead, "access_token")).await.status, 401);
    }
    assert_eq!(events(&wiki, "token.reuse_detected", "token.refresh_reused").await, 1);
    // Other authorizations of the same person go on.
    let other = tokens(&wiki, &[]).await;
    refresh(&wiki, text(&other, "refresh_token")).tokens().await;
}

#[actix_web::test]
async fn r13_within_its_grace_an_application_may_lose_an_answer() {
    let world = TestBroker::start().await;
    let contoso = world.tenant("contoso").await;
    let wiki = contoso
        .application_with("wiki", |new| {
            refreshing(new);
            new.settings.refresh_grace_seconds = 10;
        })
        .await;
    let first = tokens(&wiki, &[]).await;
    let lost = refresh(&wiki, text(&first, "refresh_token")).tokens().await;
    world.clock.advance(TimeDelta::seconds(9));
    let second = refresh(&wiki, text(&first, "refresh_token")).tokens().await;
    assert_ne!(lost["refresh_token"], second["refresh_token"]);
    world.clock.advance(TimeDelta::seconds(1));
    assert_eq!(refresh(&wiki, text(&first, "refresh_token")).refusal().await, REUSED);
    assert_eq!(refresh(&wiki, text(&second, "refresh_token")).refusal().await, REVOKED);
}

async fn of_fifty_refreshes_one_wins(database: TestDatabase) {
    let world = TestBroker::start_on(database, &[]).await;
    let contoso = world.tenant("contoso").await;
    let wiki = contoso.application_with("wiki", refreshing).await;
    let first = tokens(&wiki, &[]).await;
    let nodes = [world.url.clone(), format!("http://{}", another_node(&world))];
    let all = (0..50).map(|number: usize| {
        refresh(&wiki, text(&first, "refresh_token")).at(&nodes[number % 2]).send()
    });
    let replies = join_all(all).await;
    let (won, lost): (Vec<_>, Vec<_>) = replies.into_iter().partition(|one| one.status == 200);
    assert_eq!(won.len(), 1);
    for one in lost {
        let line = one.refusal();
        assert!(line == REUSED || line == REVOKED, "{line}");
    }
    // Afterwards the family is dead, the winner's tokens too.
    assert_eq!(refresh(&wiki, &won[0].text("refresh_token")).refusal().await, REVOKED);
    for token in [text(&first, "access_token"), &won[0].text("access_token")] {
        assert_eq!(userinfo(&contoso, token).await.status, 401);
    }
    assert_eq!(events(&wiki, "token.reuse_detected", "token.refresh_reused").await, 1);
}

#[actix_web::test]
async fn neg_d08_of_fifty_at_once_on_two_nodes_one_wins_and_the_family_ends() {
    of_fifty_refreshes_one_wins(TestDatabase::sqlite().await).await;
}

#[actix_web::test]
async fn neg_d08_of_fifty_at_once_one_wins_and_the_family_ends_on_postgresql() {
    if let Some(database) = TestDatabase::postgres().await {
        of_fifty_refreshes_one_wins(database).await;
    }
}

async fn of_fifty_redemptions_one_wins(database: TestDatabase) {
    let world = TestBroker::start_on(database, &[]).await;
    let contoso = world.tenant("contoso").await;
    let wiki = contoso.application_with("wiki", refreshing).await;
    let code = wiki.code("alice", &[]).await;
    let nodes = [world.url.clone(), format!("http://{}", another_node(&world))];
    let all = (0..50).map(|number: usize| redeem(&wiki, &code).at(&nodes[number % 2]).send());
    let replies = join_all(all).await;
    let (won, lost): (Vec<_>, Vec<_>) = replies.into_iter().partition(|one| one.status == 200);
    assert_eq!(won.len(), 1);
    for one in lost {
        assert_eq!(one.refusal(), "400 invalid_grant token.code_reused");
    }
    assert_eq!(userinfo(&contoso, &won[0].text("access_token")).await.status, 401);
    assert_eq!(refresh(&wiki, &won[0].text("refresh_token")).refusal().await, REVOKED);
    assert_eq!(events(&wiki, "token.reuse_detected", "token.code_reused").await, 1);
}

#[actix_web::test]
async fn neg_d04_of_fifty_at_once_on_two_nodes_one_redeems_and_all_of_it_ends() {
    of_fifty_redemptions_one_wins(TestDatabase::sqlite().await).await;
}

#[actix_web::test]
async fn neg_d04_of_fifty_at_once_one_redeems_and_all_of_it_ends_on_postgresql() {
    if let Some(database) = TestDatabase::postgres().await {
        of_fifty_redemptions_one_wins(database).await;
    }
}

#[actix_web::test]
async fn neg_d04_a_code_that_was_spent_is_spent_after_a_restart_too() {
    let world = TestBroker::start().await;
    let contoso = world.tenant("contoso").await;
    let wiki = contoso.application_with("wiki", refreshing).await;
    let code = wiki.code("alice", &[]).await;
    let held = redeem(&wiki, &code).tokens().await;
    let restarted = format!("http://{}", another_node(&world));
    let again = redeem(&wiki, &code).at(&restarted).refusal().await;
    assert_eq!(again, "400 invalid_grant token.code_reused");
    assert_eq!(userinfo(&contoso, text(&held, "access_token")).await.status, 401);
    let renewed = refresh(&wiki, text(&held, "refresh_token")).at(&restarted).refusal().await;
    assert_eq!(renewed, REVOKED);
}

#[actix_web::test]
async fn neg_d04_a_code_that_comes_again_ends_what_came_of_it_now_and_later() {
    for wait in [0, 30] {
        let world = TestBroker::start().await;
        let contoso = world.tenant("contoso").await;
        let wiki = contoso.application_with("wiki", refreshing).await;
        let code = wiki.code("alice", &[]).await;
        let first = redeem(&wiki, &code).tokens().await;
        let renewed = refresh(&wiki, text(&first, "refresh_token")).tokens().await;
        world.clock.advance(TimeDelta::seconds(wait));
        let again = redeem(&wiki, &code).send().await;
        assert_refused(&contoso, &again, "400 invalid_grant token.code_reused").await;
        for dead in [&first, &renewed] {
            assert_eq!(userinfo(&contoso, text(dead, "access_token")).await.status, 401);
        }
        assert_eq!(refresh(&wiki, text(&renewed, "refresh_token")).refusal().await, REVOKED);
    }
}
