//! The modules about UserInfo: by GET, by POST with the token in the header or in the body, signed (BC-08, DY-04).

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use symbolon_identity::keys::SigningAlgorithm;

use crate::downstream::{Reply, part, tokens};
use crate::world::{TestBroker, http, post_form};

#[actix_web::test]
async fn oidcc_userinfo_get_and_post_header_and_post_body() {
    let world = TestBroker::start().await;
    let contoso = world.tenant("contoso").await;
    let wiki = contoso.application("wiki").await;
    let held = tokens(&wiki, &[]).await;
    let token = held["access_token"].as_str().unwrap();
    let url = format!("{}/userinfo", contoso.issuer());
    let ways = [
        http().get(&url).bearer_auth(token),
        http().post(&url).bearer_auth(token),
        post_form(&url, &[("access_token", token)]),
    ];
    let subject = part(held["id_token"].as_str().unwrap(), 1)["sub"].clone();
    for way in ways {
        let reply = Reply::of(way).await;
        assert_eq!((reply.status, reply.header("content-type")), (200, "application/json"));
        assert_eq!(reply.body["sub"], subject);
    }
    let both = post_form(&url, &[("access_token", token)]).bearer_auth(token);
    assert_eq!(Reply::of(both).await.refusal(), "400 invalid_request request.malformed");
}

#[actix_web::test]
async fn oidcc_userinfo_rs256() {
    let world = TestBroker::start().await;
    let contoso = world.tenant("contoso").await;
    let wiki = contoso
        .application_with("wiki", |new| {
            new.settings.userinfo_algorithm = Some(SigningAlgorithm::Rs256);
        })
        .await;
    let held = tokens(&wiki, &[]).await;
    let token = held["access_token"].as_str().unwrap();
    let url = format!("{}/userinfo", contoso.issuer());
    let answer = http().get(&url).bearer_auth(token).send().await.unwrap();
    assert_eq!(answer.headers()["content-type"], "application/jwt");
    let text = answer.text().await.unwrap();
    let (header, claims) = (part(&text, 0), part(&text, 1));
    assert_eq!((&header["alg"], &claims["aud"]), (&"RS256".into(), &"wiki".into()));
    assert_eq!(claims["iss"].as_str(), Some(contoso.issuer().as_str()));
    assert_eq!(claims["sub"], part(held["id_token"].as_str().unwrap(), 1)["sub"]);
    assert!(claims.get("nonce").is_none() && claims["email"] == "alice@contoso.com", "{claims}");
    // It is signed: an RSA signature of 256 bytes.
    let signature = URL_SAFE_NO_PAD.decode(text.rsplit('.').next().unwrap()).unwrap();
    assert_eq!(signature.len(), 256);
}
