//! Applications that prove themselves by what they sign (R-08, RFC 7523; the statements themselves in `jose`).

use futures_util::future::join_all;
use serde_json::json;
use symbolon_identity::admin::NewApplication;
use symbolon_identity::clock::Clock as _;
use symbolon_identity::downstream::ApplicationAuthentication;
use symbolon_testkit::{ApplicationAlgorithm, ApplicationKey};

use super::service::robot;
use super::{Ask, ask};
use crate::downstream::assert_refused;
use crate::saml_replay::another_node;
use crate::world::{TestApplication, TestBroker};

fn own<'a>(app: &'a TestApplication<'a>) -> Ask<'a> {
    ask(app, "token").with("grant_type", "client_credentials")
}

/// An application that proves itself by this key.
pub(super) fn signing(new: &mut NewApplication, key: &ApplicationKey) {
    robot(new);
    new.settings.authentication = ApplicationAuthentication::PrivateKeyJwt;
    new.settings.jwks = Some(key.jwks());
}

#[actix_web::test]
async fn r08_an_application_proves_itself_by_its_key() {
    let world = TestBroker::start().await;
    let contoso = world.tenant("contoso").await;
    use ApplicationAlgorithm::{EdDsa, Es256, Ps256, Rs256};
    for (number, algorithm) in [Es256, EdDsa, Ps256, Rs256].into_iter().enumerate() {
        let key = ApplicationKey::new(algorithm).unwrap();
        let id = format!("robot-{number}");
        let app = contoso.application_with(&id, |new| signing(new, &key)).await;
        own(&app).signed_by(&key).tokens().await;
        own(&app).signed_by(&key).with("client_id", &id).tokens().await;
        // Its secret, if it had one, is no way round.
        let plain = own(&app).send().await;
        let failed = "401 invalid_client token.client_authentication_failed";
        assert_refused(&contoso, &plain, failed).await;
    }
}

#[actix_web::test]
async fn neg_d10_a_statement_that_does_not_hold_or_comes_twice_is_refused() {
    let world = TestBroker::start().await;
    let contoso = world.tenant("contoso").await;
    let key = ApplicationKey::new(ApplicationAlgorithm::Es256).unwrap();
    let other = ApplicationKey::new(ApplicationAlgorithm::Es256).unwrap();
    let app = contoso.application_with("robot", |new| signing(new, &key)).await;
    let (now, issuer) = (world.clock.now().timestamp(), contoso.issuer());
    let once = key.assertion("robot", &issuer, now).unwrap();
    own(&app).assertion(&once).tokens().await;
    let again = own(&app).assertion(&once).send().await;
    let replayed = "401 invalid_client token.client_assertion_replayed";
    assert_refused(&contoso, &again, replayed).await;
    let year = json!({
        "iss": "robot", "sub": "robot", "aud": issuer, "iat": now, "exp": now + 31_536_000, "jti": "j",
    });
    let none = "eyJhbGciOiJub25lIn0.eyJzdWIiOiJyb2JvdCJ9.";
    let invalid = "401 invalid_client token.client_assertion_invalid";
    let wrong = [
        none.to_owned(),
        key.assertion("robot", "https://evil.example", now).unwrap(),
        other.assertion("robot", &issuer, now).unwrap(),
        key.assertion("robot", &issuer, now - 600).unwrap(),
        key.sign(json!({ "typ": "JWT" }), &year).unwrap(),
    ];
    for assertion in wrong {
        let reply = own(&app).assertion(&assertion).send().await;
        assert_refused(&contoso, &reply, invalid).await;
    }
    let nobody = key.assertion("nobody", &issuer, now).unwrap();
    let unknown = own(&app).assertion(&nobody).send().await;
    assert_refused(&contoso, &unknown, "401 invalid_client token.client_unknown").await;
    let two = own(&app).signed_by(&key).with("client_secret", "x").refusal().await;
    assert_eq!(two, "400 invalid_request token.two_authentications");
    let another = own(&app).signed_by(&key).with("client_id", "other").refusal().await;
    assert_eq!(another, "400 invalid_request token.two_authentications");
}

#[actix_web::test]
async fn neg_d10_of_many_at_once_on_two_nodes_one_statement_proves_one_request() {
    let world = TestBroker::start().await;
    let contoso = world.tenant("contoso").await;
    let key = ApplicationKey::new(ApplicationAlgorithm::Es256).unwrap();
    let app = contoso.application_with("robot", |new| signing(new, &key)).await;
    let assertion = key.assertion("robot", &contoso.issuer(), world.clock.now().timestamp());
    let assertion = assertion.unwrap();
    let nodes = [world.url.clone(), format!("http://{}", another_node(&world))];
    let all = (0..20).map(|n: usize| own(&app).assertion(&assertion).at(&nodes[n % 2]).send());
    let replies = join_all(all).await;
    assert_eq!(replies.iter().filter(|one| one.status == 200).count(), 1);
    let replayed = "401 invalid_client token.client_assertion_replayed";
    assert_eq!(replies.iter().filter(|one| one.refusal() == replayed).count(), 19);
}

#[actix_web::test]
async fn r08_the_registered_way_is_the_only_one() {
    let world = TestBroker::start().await;
    let contoso = world.tenant("contoso").await;
    let failed = "401 invalid_client token.client_authentication_failed";
    for (id, way, header, body) in [
        ("any", ApplicationAuthentication::Secret, true, true),
        ("header", ApplicationAuthentication::SecretBasic, true, false),
        ("body", ApplicationAuthentication::SecretPost, false, true),
    ] {
        let app = contoso
            .application_with(id, |new| {
                robot(new);
                new.settings.authentication = way;
            })
            .await;
        let by_header = own(&app).send().await;
        assert!((by_header.status == 200) == header, "{id} {}", by_header.body);
        let secret = app.secret.clone().unwrap();
        let fields = [
            ("grant_type", "client_credentials"),
            ("client_id", id),
            ("client_secret", secret.as_str()),
        ];
        let by_body = crate::downstream::token_request(&contoso, &fields).await;
        assert!((by_body.status == 200) == body, "{id} {}", by_body.body);
        for refused in [by_header, by_body].iter().filter(|one| one.status != 200) {
            assert_refused(&contoso, refused, failed).await;
        }
    }
}
