//! The modules about client assertions at the token endpoint (FAPI 2.0; FA-02, FA-03), DY-14 and D10.

use futures_util::future::join_all;
use serde_json::json;
use symbolon_testkit::{ApplicationAlgorithm, ApplicationKey};

use super::robot::{BAD_ASSERTION, ES256, TYPE, fapi2, robot};
use crate::downstream::{Reply, assert_refused};
use crate::world::{TestBroker, post_form};

#[actix_web::test]
async fn dy_14_a_statement_may_name_the_issuer_a_list_of_it_or_the_endpoint() {
    let world = TestBroker::start().await;
    let contoso = world.tenant("contoso").await;
    let robot = robot(&contoso, ES256, |_| ()).await;
    robot.passes(&robot.assertion(), &[]).await;
    for aud in [json!([robot.issuer()]), json!(robot.endpoint())] {
        robot.passes(&robot.asserting("aud", aud), &[]).await;
    }
}

#[actix_web::test]
async fn fapi2_security_profile_final_ensure_client_assertion_in_token_endpoint() {
    let world = TestBroker::start().await;
    let contoso = world.tenant("contoso").await;
    let robot = robot(&contoso, ES256, fapi2).await;
    robot.passes(&robot.assertion(), &[&robot.proof()]).await;
    let fields = [("grant_type", "client_credentials"), ("client_id", "robot")];
    let request = post_form(&robot.endpoint(), &fields).header("dpop", robot.proof());
    let expected = "401 invalid_client token.client_authentication_failed";
    assert_refused(&contoso, &Reply::of(request).await, expected).await;
}

#[actix_web::test]
async fn fapi2_security_profile_final_ensure_signed_client_assertion_with_rs256_fails() {
    let world = TestBroker::start().await;
    let contoso = world.tenant("contoso").await;
    let robot = robot(&contoso, ApplicationAlgorithm::Rs256, fapi2).await;
    let key = ApplicationKey::new(ES256).unwrap();
    let proof = key.proof(("POST", &robot.endpoint()), None, robot.now()).unwrap();
    let reply = robot.asks(&robot.assertion(), &[&proof]).await;
    assert_refused(&contoso, &reply, BAD_ASSERTION).await;
    assert!(reply.text("error_description").contains("RS256"), "{}", reply.body);
}

#[actix_web::test]
async fn fapi2_security_profile_final_ensure_client_assertion_with_exp_is_5_minutes_in_past_fails()
{
    let world = TestBroker::start().await;
    let contoso = world.tenant("contoso").await;
    let robot = robot(&contoso, ES256, fapi2).await;
    let old = robot.asserting("exp", json!(robot.now() - 300));
    robot.refused((&old, &[&robot.proof()]), BAD_ASSERTION).await;
    let year = robot.asserting("exp", json!(robot.now() + 365 * 24 * 3600));
    robot.refused((&year, &[&robot.proof()]), BAD_ASSERTION).await;
}

#[actix_web::test]
async fn fapi2_security_profile_final_ensure_client_assertion_with_wrong_aud_fails() {
    let world = TestBroker::start().await;
    let contoso = world.tenant("contoso").await;
    let robot = robot(&contoso, ES256, fapi2).await;
    let issuer = robot.issuer();
    for aud in [
        json!("https://other.example"),
        json!([issuer]),
        json!(robot.endpoint()),
        json!(format!("{issuer}/par")),
        json!(null),
    ] {
        let statement = robot.asserting("aud", aud);
        robot.refused((&statement, &[&robot.proof()]), BAD_ASSERTION).await;
    }
}

#[actix_web::test]
async fn fapi2_security_profile_final_ensure_client_assertion_with_no_sub_fails() {
    let world = TestBroker::start().await;
    let contoso = world.tenant("contoso").await;
    let robot = robot(&contoso, ES256, fapi2).await;
    for (claim, value) in [("sub", json!(null)), ("iss", json!(null)), ("iss", json!("other"))] {
        let statement = robot.asserting(claim, value);
        robot.refused((&statement, &[&robot.proof()]), BAD_ASSERTION).await;
    }
}

#[actix_web::test]
async fn fa_03_a_clock_that_is_a_little_ahead_does_not_matter() {
    let world = TestBroker::start().await;
    let contoso = world.tenant("contoso").await;
    let robot = robot(&contoso, ES256, fapi2).await;
    for claim in ["nbf", "iat"] {
        let ahead = robot.asserting(claim, json!(robot.now() + 8));
        robot.passes(&ahead, &[&robot.proof()]).await;
        let far = robot.asserting(claim, json!(robot.now() + 61));
        robot.refused((&far, &[&robot.proof()]), BAD_ASSERTION).await;
    }
}

#[actix_web::test]
async fn neg_d10_of_fifty_equal_statements_at_once_and_one_more_one_counts() {
    let world = TestBroker::start().await;
    let contoso = world.tenant("contoso").await;
    let robot = robot(&contoso, ES256, |_| ()).await;
    let statement = robot.assertion();
    let replies = join_all((0..50).map(|_| robot.asks(&statement, &[]))).await;
    assert_eq!(replies.iter().filter(|reply| reply.status == 200).count(), 1);
    let replayed = "401 invalid_client token.client_assertion_replayed";
    assert_refused(&contoso, &robot.asks(&statement, &[]).await, replayed).await;
    robot.passes(&robot.assertion(), &[]).await;
}

#[actix_web::test]
async fn neg_d10_two_proofs_of_who_asks_and_statements_for_another_tenant_are_refused() {
    let world = TestBroker::start().await;
    let (contoso, fabrikam) = (world.tenant("contoso").await, world.tenant("fabrikam").await);
    let robot = robot(&contoso, ES256, |_| ()).await;
    let statement = robot.assertion();
    let fields = [
        ("grant_type", "client_credentials"),
        ("client_assertion_type", TYPE),
        ("client_assertion", statement.as_str()),
    ];
    let twice = post_form(&robot.endpoint(), &fields).basic_auth("robot", Some("secret"));
    let expected = "400 invalid_request token.two_authentications";
    assert_refused(&contoso, &Reply::of(twice).await, expected).await;
    let there = post_form(&format!("{}/token", fabrikam.issuer()), &fields);
    let expected = "401 invalid_client token.client_unknown";
    assert_refused(&fabrikam, &Reply::of(there).await, expected).await;
}
