//! Across tenants: leases, key rotation, clearing up.

use chrono::TimeDelta;
use serde_json::json;
use symbolon_contract::TenantId;
use symbolon_storage::{
    AccessToken, Application, ApplicationProtocol, ApplicationStatus, DataKey, DeviceAuthorization,
    LoginAttemptRow, LogoutDelivery, NewSingleUse, PLATFORM_TENANT, ServiceToken, Session,
    SingleUseKind, Swept, TenantDomain, TestSignIn, TokenFamily,
};

use crate::openid::{device, logout_delivery, refresh_token, service_token, token_family};
use crate::world::{
    World, application_id, at, connector, connector_id, on_both, session, session_id, tenant,
    tenant_id, user, user_id,
};

on_both!(
    a_lease_has_one_holder_at_a_time,
    of_parallel_nodes_one_gets_the_lease,
    data_keys_of_all_tenants_are_rewrapped_page_by_page,
    only_what_is_over_is_swept,
    the_platform_finds_tenants_by_domain_and_by_what_is_offered_to_them,
);

async fn a_lease_has_one_holder_at_a_time(w: World) {
    w.write(|c| {
        let mut operator = c.operator();
        assert!(operator.take_lease("sweep", "a", at(0), at(10))?);
        assert!(!operator.take_lease("sweep", "b", at(9), at(19))?);
        assert!(operator.take_lease("other", "b", at(9), at(19))?);
        assert!(operator.take_lease("sweep", "a", at(9), at(19))?);
        assert!(operator.take_lease("sweep", "b", at(19), at(29))?);
        assert!(!operator.release_lease("sweep", "a")?);
        assert!(operator.release_lease("sweep", "b")?);
        assert!(operator.take_lease("sweep", "a", at(20), at(30))?);
        Ok(())
    })
    .await;
}

async fn of_parallel_nodes_one_gets_the_lease(w: World) {
    let nodes = (0..10).map(|n| {
        let database = w.database().clone();
        tokio::spawn(async move {
            let holder = format!("node-{n}");
            database.write(move |c| c.operator().take_lease("x", &holder, at(0), at(9))).await
        })
    });
    let mut holders = 0;
    for node in nodes.collect::<Vec<_>>() {
        holders += u32::from(node.await.unwrap().unwrap());
    }
    assert_eq!(holders, 1);
}

async fn the_platform_finds_tenants_by_domain_and_by_what_is_offered_to_them(w: World) {
    let (t1, t2) = (w.contoso.clone(), w.fabrikam.clone());
    w.write(move |c| {
        c.operator().insert_tenant(&tenant(PLATFORM_TENANT, "platform-1"))?;
        let listed = c.operator().list_tenants(None, 10)?;
        assert_eq!(
            listed.iter().map(|one| one.id.clone()).collect::<Vec<_>>(),
            [&t1, &t2].map(Clone::clone)
        );
        for (owner, domain, verified_at) in [
            (&t1, "contoso.example", Some(at(1))),
            (&t2, "contoso.example", None),
            (&t1, "x.example", None),
        ] {
            let row = TenantDomain { domain: domain.to_owned(), verified_at, connector_id: None };
            c.tenant(owner).domains().put(&row)?;
        }
        assert_eq!(c.operator().owners_of_domain("contoso.example")?, std::slice::from_ref(&t1));
        assert_eq!(c.operator().owners_of_domain("x.example")?, []);
        let mut row = Application {
            id: application_id("desk"),
            display_name: "Desk".to_owned(),
            protocol: ApplicationProtocol::Openid,
            status: ApplicationStatus::Active,
            settings: json!({}),
            secret_hash: None,
            version: 1,
            created_at: at(0),
            updated_at: at(0),
            registration_hash: None,
            platform: false,
        };
        c.tenant(&t1).applications().insert(&row)?;
        row.platform = true;
        c.tenant(&t2).applications().insert(&row)?;
        c.tenant(&tenant_id(PLATFORM_TENANT)).applications().insert(&row)?;
        assert_eq!(c.operator().offered_to(&application_id("desk"))?, [t2]);
        assert_eq!(c.operator().offered_to(&application_id("wiki"))?, []);
        Ok(())
    })
    .await;
}

async fn data_keys_of_all_tenants_are_rewrapped_page_by_page(w: World) {
    let (t1, t2) = (w.contoso.clone(), w.fabrikam.clone());
    let key = |id: &str| DataKey {
        id: id.to_owned(),
        wrapped: "old".to_owned(),
        master_key_id: "m1".to_owned(),
        created_at: at(0),
    };
    let (a, b) = (key("a"), key("b"));
    w.write(move |c| {
        c.tenant(&t2).data_keys().insert(&a)?;
        c.tenant(&t1).data_keys().insert(&b)?;
        c.tenant(&t1).data_keys().insert(&a)?;
        let mut after: Option<(TenantId, String)> = None;
        let mut seen = Vec::new();
        loop {
            let from = after.as_ref().map(|(tenant, id)| (tenant, id.as_str()));
            let Some((tenant, key)) = c.operator().list_data_keys(from, 1)?.pop() else {
                break;
            };
            assert!(c.operator().rewrap(&tenant, &key.id, "new", "m2")?);
            seen.push(format!("{tenant}/{}", key.id));
            after = Some((tenant, key.id));
        }
        assert_eq!(seen, ["t1/a", "t1/b", "t2/a"]);
        assert!(!c.operator().rewrap(&t2, "b", "new", "m2")?);
        let found = c.tenant(&t2).data_keys().find("a")?;
        let wrapped = DataKey { wrapped: "new".to_owned(), master_key_id: "m2".to_owned(), ..a };
        assert_eq!(found, Some(wrapped));
        Ok(())
    })
    .await;
}

/// One row of each kind that ends at the given second.
fn put_until(
    c: &mut symbolon_storage::Connection,
    t: &TenantId,
    name: &str,
    seconds: i64,
) -> symbolon_storage::StorageResult<()> {
    let mut rows = c.tenant(t);
    rows.single_use(SingleUseKind::UpstreamState).put(&NewSingleUse {
        value_hash: name.to_owned(),
        payload: json!(null),
        created_at: at(0),
        expires_at: at(seconds),
    })?;
    rows.login_attempts().insert(&LoginAttemptRow {
        id: name.to_owned(),
        browser_hash: String::new(),
        stage: "begun".to_owned(),
        data: json!({}),
        created_at: at(0),
        expires_at: at(seconds),
        version: 1,
    })?;
    rows.access_tokens().insert(&AccessToken {
        token_hash: name.to_owned(),
        application_id: application_id("wiki"),
        user_id: user_id("alice"),
        session_id: None,
        scope: String::new(),
        code_hash: None,
        created_at: at(0),
        expires_at: at(seconds),
        revoked_at: None,
        family_id: None,
        resources: None,
        dpop_jkt: None,
        claims: None,
    })?;
    let until = at(seconds);
    rows.service_tokens().insert(&ServiceToken { expires_at: until, ..service_token(name) })?;
    rows.token_families().insert(&TokenFamily { expires_at: until, ..token_family(name) })?;
    rows.refresh_tokens().insert(&refresh_token(name, name))?;
    rows.device_authorizations()
        .insert(&DeviceAuthorization { expires_at: until, ..device(name) })?;
    rows.logout_deliveries()
        .insert(&LogoutDelivery { expires_at: until, ..logout_delivery(name) })?;
    rows.test_sign_ins().insert(&TestSignIn {
        id: name.to_owned(),
        connector_id: connector_id("work"),
        result: None,
        created_at: at(0),
        expires_at: at(seconds),
    })?;
    rows.sessions().insert(&Session { expires_at: at(seconds), ..session(name, "alice") })?;
    rows.sessions().note(&session_id(name), &application_id("wiki"), at(0))
}

async fn only_what_is_over_is_swept(w: World) {
    w.populate().await;
    let (t, other) = (w.contoso.clone(), w.fabrikam.clone());
    w.write(move |c| {
        c.tenant(&other).users().insert(&user("alice"))?;
        c.tenant(&other).connectors().insert(&connector("work"))?;
        put_until(c, &t, "old-1", 10)?;
        put_until(c, &t, "old-2", 20)?;
        put_until(c, &t, "young", 5000)?;
        // The same key in another tenant, still alive.
        put_until(c, &other, "old-1", 5000)?;
        c.tenant(&t).sessions().end(&session_id("young"), at(20), "signed_out")?;

        let hour = TimeDelta::hours(1);
        let swept = c.operator().sweep_expired(at(20), hour, 100)?;
        let expected = Swept {
            single_use: 2,
            login_attempts: 2,
            access_tokens: 2,
            service_tokens: 2,
            token_families: 2,
            device_authorizations: 2,
            logout_deliveries: 2,
            test_sign_ins: 2,
            sessions: 0,
        };
        assert_eq!(swept, expected);
        assert_eq!(c.operator().sweep_expired(at(3600 + 20), hour, 2)?.sessions, 2);
        assert_eq!(c.operator().sweep_expired(at(3600 + 20), hour, 2)?.sessions, 1);
        assert_eq!(c.operator().sweep_expired(at(3600 + 20), hour, 2)?, Swept::default());

        let alive = session_id("old-1");
        assert!(c.tenant(&other).sessions().find(&alive)?.is_some());
        assert_eq!(c.tenant(&other).sessions().of_session(&alive)?.len(), 1);
        assert!(c.tenant(&other).login_attempts().find("old-1")?.is_some());
        assert!(c.tenant(&t).login_attempts().find("young")?.is_some());
        assert!(c.tenant(&other).test_sign_ins().find("old-1")?.is_some());
        assert!(c.tenant(&t).test_sign_ins().find("old-1")?.is_none());
        assert!(c.tenant(&t).test_sign_ins().find("young")?.is_some());
        assert!(c.tenant(&t).refresh_tokens().find("old-1")?.is_none());
        assert!(c.tenant(&other).refresh_tokens().find("old-1")?.is_some());
        Ok(())
    })
    .await;
}
