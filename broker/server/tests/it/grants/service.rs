//! Applications ask in their own name (R-25, RFC 6749 4.4), and nobody takes such a token for a person's (D20).

use symbolon_contract::ApplicationId;
use symbolon_identity::admin::NewApplication;
use symbolon_identity::downstream::{AccessTokenFormat, GrantType};
use symbolon_storage::Connection;

use super::{Ask, ask, text};
use crate::downstream::{assert_refused, disable, part, userinfo};
use crate::world::{TestApplication, TestBroker, TestTenant};

pub(super) fn robot(new: &mut NewApplication) {
    new.settings.grant_types = vec![GrantType::ClientCredentials, GrantType::AuthorizationCode];
    new.settings.service_scopes = vec!["reports.read".into(), "reports.write".into()];
}

fn signed_robot(new: &mut NewApplication) {
    robot(new);
    new.settings.access_token_format = AccessTokenFormat::Jwt;
}

pub(super) fn own<'a>(app: &'a TestApplication<'a>) -> Ask<'a> {
    ask(app, "token").with("grant_type", "client_credentials")
}

async fn rows(tenant: &TestTenant<'_>) -> usize {
    let (id, robot) = (tenant.record.id.clone(), ApplicationId::parse("robot").unwrap());
    let now = symbolon_identity::clock::Clock::now(&tenant.world.clock);
    let count = move |conn: &mut Connection| {
        conn.tenant(&id).service_tokens().revoke_by_application(&robot, now)
    };
    tenant.world.broker.database.write(count).await.unwrap()
}

#[actix_web::test]
async fn r25_an_application_gets_a_token_for_what_it_registered() {
    let world = TestBroker::start().await;
    let contoso = world.tenant("contoso").await;
    let app = contoso.application_with("robot", robot).await;
    let all = own(&app).tokens().await;
    assert_eq!(text(&all, "scope"), "reports.read reports.write");
    assert_eq!((text(&all, "token_type"), &all["expires_in"]), ("Bearer", &3600.into()));
    assert!(all.get("id_token").is_none() && all.get("refresh_token").is_none());
    let one = own(&app).with("scope", "reports.read").tokens().await;
    assert_eq!(text(&one, "scope"), "reports.read");
    for more in ["openid", "reports.read admin", "offline_access", "REPORTS.READ"] {
        let refused = own(&app).with("scope", more).send().await;
        assert_refused(&contoso, &refused, "400 invalid_scope token.scope_invalid").await;
    }
    assert_eq!(rows(&contoso).await, 2);
}

#[actix_web::test]
async fn r25_a_public_or_unregistered_application_gets_none() {
    let world = TestBroker::start().await;
    let contoso = world.tenant("contoso").await;
    let plain = contoso.application("plain").await;
    let refused = "400 unauthorized_client token.grant_not_allowed";
    assert_eq!(own(&plain).refusal().await, refused);
    let app = contoso.application_with("robot", robot).await;
    disable(&contoso, "robot").await;
    let off = own(&app).refusal().await;
    assert_eq!(off, "403 unauthorized_client application.disabled");
}

#[actix_web::test]
async fn rfc9068_a_signed_one_leaves_no_row() {
    let world = TestBroker::start().await;
    let contoso = world.tenant("contoso").await;
    let app = contoso.application_with("robot", signed_robot).await;
    let token = own(&app).tokens().await;
    let (header, claims) =
        (part(text(&token, "access_token"), 0), part(text(&token, "access_token"), 1));
    assert_eq!((&header["typ"], &header["alg"]), (&"at+jwt".into(), &"ES256".into()));
    assert_eq!((&claims["sub"], &claims["client_id"]), (&"robot".into(), &"robot".into()));
    assert_eq!((&claims["iss"], &claims["aud"]), (&claims["aud"], &contoso.issuer().into()));
    assert!(claims.get("sid").is_none() && claims.get("auth_time").is_none(), "{claims}");
    assert_eq!(rows(&contoso).await, 0);
}

#[actix_web::test]
async fn neg_d20_the_token_of_an_application_is_nobodys() {
    let world = TestBroker::start().await;
    let contoso = world.tenant("contoso").await;
    let wiki = contoso.application("wiki").await;
    // Its id is that of a user: nobody may be fooled by that.
    assert!(wiki.log_in("alice").await.outcome().starts_with("signed in"));
    let user = crate::downstream::only_user(&contoso).await;
    for format in [AccessTokenFormat::Opaque, AccessTokenFormat::Jwt] {
        let id = match format {
            AccessTokenFormat::Opaque => user.to_string(),
            AccessTokenFormat::Jwt => "robot".to_owned(),
        };
        let app = contoso
            .application_with(&id, |new| {
                robot(new);
                new.settings.access_token_format = format;
            })
            .await;
        let token = own(&app).tokens().await;
        assert!(!text(&token, "scope").contains("openid"));
        let reply = userinfo(&contoso, text(&token, "access_token")).await;
        assert_refused(&contoso, &reply, "401 invalid_token userinfo.token_invalid").await;
    }
}
