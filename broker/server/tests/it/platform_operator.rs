//! What the operator does with the applications of the platform, and what of it tenants feel.

use secrecy::ExposeSecret;
use symbolon_identity::admin;
use symbolon_testkit::Browser;

use crate::downstream::Reply;
use crate::world::{TestBroker, caller, http};

async fn userinfo(issuer: &str, token: &str) -> Reply {
    Reply::of(http().get(format!("{issuer}/userinfo")).bearer_auth(token)).await
}

#[actix_web::test]
async fn the_operators_changes_reach_every_tenant_and_tenants_only_switch_their_own() {
    let world = TestBroker::start().await;
    let (contoso, fabrikam) = (world.tenant("contoso").await, world.tenant("fabrikam").await);
    let mut desk = world.desk(&[&contoso, &fabrikam], |_| ()).await;
    let (broker, platform) = (&world.broker, admin::read_platform(&world.broker).await.unwrap());
    let switch = |tenant, active| {
        let id = desk.id.clone();
        async move {
            admin::set_application_active(broker, &caller(), tenant, (&id, active)).await.unwrap()
        }
    };
    let works = |code: String| code.contains('~');
    switch(&contoso.record, false).await;
    assert!(
        !works(desk.code("alice", "contoso").await) && works(desk.code("alice", "fabrikam").await)
    );
    let rotated =
        admin::rotate_application_secret(broker, &caller(), &platform, &desk.id).await.unwrap();
    let code = desk.code("alice", "fabrikam").await;
    assert_eq!(
        desk.redeem_at(&world.url, &code).await.1["error"],
        "invalid_client",
        "the old secret"
    );
    desk.secret = rotated.secret.unwrap().expose_secret().to_owned();
    assert_eq!(desk.redeem_at(&world.url, &code).await.0, 200);
    assert!(!works(desk.code("alice", "contoso").await), "the tenant's own choice stays");
    switch(&platform, false).await;
    assert!(!works(desk.code("alice", "fabrikam").await));
    switch(&platform, true).await;
    assert!(works(desk.code("alice", "contoso").await), "the operator switches everywhere");
    for tenant in [&contoso, &fabrikam] {
        let deleted = admin::delete_application(broker, &caller(), &tenant.record, &desk.id).await;
        assert!(matches!(deleted, Err(admin::AdminError::NotFound { .. })), "{deleted:?}");
    }
    admin::delete_application(broker, &caller(), &platform, &desk.id).await.unwrap();
    assert!(!works(desk.code("alice", "fabrikam").await));
    assert!(admin::list_applications(broker, &contoso.record).await.unwrap().is_empty());
}

#[actix_web::test]
async fn what_was_withdrawn_is_refused_at_once_and_stays_so_after_another_offer() {
    let world = TestBroker::start().await;
    let contoso = world.tenant("contoso").await;
    let desk = world.desk(&[&contoso], |_| ()).await;
    let held = desk.tokens("alice", "contoso").await;
    let token = held["access_token"].as_str().unwrap();
    assert_eq!(userinfo(&world.url, token).await.status, 200);
    let (broker, record) = (&world.broker, &contoso.record);
    admin::withdraw_application(broker, &caller(), record, &desk.id).await.unwrap();
    assert_eq!(userinfo(&world.url, token).await.status, 401);
    let twice = admin::withdraw_application(broker, &caller(), record, &desk.id).await;
    assert!(matches!(twice, Err(admin::AdminError::NotFound { .. })), "{twice:?}");
    desk.offer(&contoso).await;
    assert_eq!(userinfo(&world.url, token).await.status, 401, "a new offer revives nothing");
    desk.tokens("alice", "contoso").await;
    let listed = admin::list_platform_applications(broker).await.unwrap();
    assert_eq!(listed[0].offered_to, std::slice::from_ref(&contoso.record.slug));
}

#[actix_web::test]
async fn before_the_first_application_there_is_no_platform() {
    let world = TestBroker::start().await;
    let contoso = world.tenant("contoso").await;
    for path in ["authorize?client_id=desk", "jwks", ".well-known/openid-configuration", "userinfo"]
    {
        let reply = Reply::of(http().get(format!("{}/{path}", world.url))).await;
        assert_eq!(reply.status, 404, "{path}");
    }
    let desk = world.desk(&[&contoso], |_| ()).await;
    let tenants = admin::list_tenants(&world.broker, None, 10).await.unwrap();
    assert_eq!(tenants.len(), 1, "the platform is in no list");
    let reserved = admin::read_platform(&world.broker).await.unwrap();
    let page =
        Browser::new().unwrap().get(&format!("{}/t/{}/login", world.url, reserved.slug)).await;
    assert_eq!(page.unwrap().status(), 404);
    assert!(admin::read_tenant(&world.broker, &reserved.slug).await.is_err());
    assert!(desk.code("alice", reserved.slug.as_str()).await.contains("tenant.not_offered"));
}
