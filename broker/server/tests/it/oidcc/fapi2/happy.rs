//! The module of the happy flow, by two applications.

use super::{Bank, bank, succeeds_with};
use crate::downstream::{Reply, part};
use crate::world::{TestBroker, http, parameter};

/// The second names its key by `dpop_jkt` alone and asks with a nonce of 43 characters.
#[actix_web::test]
async fn fapi2_security_profile_final_happy_flow() {
    let world = TestBroker::start().await;
    let contoso = world.tenant("contoso").await;
    let (mut one, mut two) = (bank(&contoso, "bank").await, bank(&contoso, "shop").await);
    let held = one.tokens(&[]).await;
    assert_eq!(one.looked_at(&held).await["nonce"], "nonce-of-the-test");
    let (nonce, jkt) = ("n".repeat(43), two.key.thumbprint().unwrap());
    let change = [("nonce", Some(&*nonce)), ("dpop_jkt", Some(&*jkt))];
    let pushed = two.push(&change).send().await;
    let answer = two.answer(pushed).await;
    assert_eq!(parameter(&answer, "state").as_deref(), Some("state-of-the-test"));
    assert_eq!(succeeds_with(&two, &answer).await["nonce"], nonce);
    assert_eq!(part(held["id_token"].as_str().unwrap(), 0)["alg"], "ES256", "FA-01");
    at_the_resource(&one, &two, held["access_token"].as_str().unwrap()).await;
}

/// A token in the address is none, another application's key opens nothing, and whatever is accepted is answered.
async fn at_the_resource(one: &Bank<'_>, two: &Bank<'_>, token: &str) {
    let url = one.userinfo_url();
    let proof = |bank: &Bank<'_>| bank.key.proof(("GET", &url), Some(token), bank.now()).unwrap();
    let in_query = http().get(format!("{url}?access_token={token}")).header("dpop", proof(one));
    assert!((400..402).contains(&Reply::of(in_query).await.status));
    let bound = |bank: &Bank<'_>| {
        let request = http().get(&url).header("authorization", format!("DPoP {token}"));
        request.header("dpop", proof(bank))
    };
    assert_eq!(Reply::of(bound(two)).await.status, 401, "bound to the other's key");
    for accept in ["application/json; charset=utf-8", "application/json", "*/*"] {
        let reply = Reply::of(bound(one).header("accept", accept)).await;
        assert_eq!((reply.status, reply.body["sub"].is_string()), (200, true), "{accept}");
    }
}
