//! DPoP proofs at the token endpoint (FAPI 2.0; FA-10, FA-11), and the module about their `nbf` and `exp`. Those about
//! UserInfo stand in `fapi2/bound`.

use futures_util::future::join_all;
use serde_json::json;
use symbolon_testkit::{ApplicationAlgorithm, ApplicationKey};

use super::robot::{BAD_PROOF, ES256, fapi2, robot};
use crate::world::TestBroker;

#[actix_web::test]
async fn fa_11_what_is_no_proof_is_none_at_the_token_endpoint_either() {
    let world = TestBroker::start().await;
    let contoso = world.tenant("contoso").await;
    let robot = robot(&contoso, ES256, fapi2).await;
    let (now, other) = (robot.now(), ApplicationKey::new(ApplicationAlgorithm::Rs256).unwrap());
    let rs256 = other.proof(("POST", &robot.endpoint()), None, now).unwrap();
    let bad = [
        robot.proving("htm", json!("GET")),
        robot.proving("htu", json!(format!("{}/userinfo", robot.issuer()))),
        robot.proving("iat", json!(now - 3600)),
        robot.proving("iat", json!(now + 3600)),
        robot.proving("jti", json!("")),
        robot.key.sign(json!({ "typ": "JWT", "jwk": robot.key.bare_jwk() }), &json!({})).unwrap(),
        rs256,
        "not a proof".to_owned(),
    ];
    for proof in &bad {
        robot.refused((&robot.assertion(), &[proof]), BAD_PROOF).await;
    }
    robot.refused((&robot.assertion(), &[]), BAD_PROOF).await;
    robot.refused((&robot.assertion(), &[&robot.proof(), &robot.proof()]), BAD_PROOF).await;
}

#[actix_web::test]
async fn fapi2_security_profile_final_check_dpop_proof_nbf_exp() {
    let world = TestBroker::start().await;
    let contoso = world.tenant("contoso").await;
    let robot = robot(&contoso, ES256, fapi2).await;
    let now = robot.now();
    for (claim, seconds, good) in [
        ("exp", 60, true),
        ("nbf", 0, true),
        ("nbf", 10, true),
        ("exp", -1, false),
        ("nbf", 600, false),
    ] {
        let proof = robot.proving(claim, json!(now + seconds));
        match good {
            true => robot.passes(&robot.assertion(), &[&proof]).await,
            false => robot.refused((&robot.assertion(), &[&proof]), BAD_PROOF).await,
        }
    }
}

#[actix_web::test]
async fn fa_11_of_fifty_equal_proofs_at_once_and_one_more_one_counts() {
    let world = TestBroker::start().await;
    let contoso = world.tenant("contoso").await;
    let robot = robot(&contoso, ES256, fapi2).await;
    let proof = robot.proof();
    let statements: Vec<_> = (0..50).map(|_| robot.assertion()).collect();
    let proofs = [proof.as_str()];
    let replies = join_all(statements.iter().map(|one| robot.asks(one, &proofs))).await;
    assert_eq!(replies.iter().filter(|reply| reply.status == 200).count(), 1);
    let replayed = "400 invalid_dpop_proof token.dpop_proof_replayed";
    robot.refused((&robot.assertion(), &[&proof]), replayed).await;
}
