//! What is put in comes out, and what must not be put in is refused.

use serde_json::json;
use symbolon_storage::{
    Application, ApplicationProtocol, ApplicationStatus, ConnectorMode, DataKey, LoginAttemptRow,
    SealedSecret, SecretSummary, SeenStranger, SigningKey, SigningKeyState, StorageError,
    TenantDomain,
};

use crate::world::{
    World, application_id, at, connector, connector_id, on_both, role, role_name, tenant, user,
};

on_both!(
    tenants_round_trip,
    a_conflict_leaves_the_transaction_usable,
    the_reserved_operator_id_is_refused,
    a_stale_version_is_refused,
    secrets_and_keys_round_trip,
    a_signing_key_moves_on_from_the_state_that_was_seen,
    applications_and_attempts_round_trip,
    domains_roles_and_connectors_round_trip,
    entra_e80_failures_of_one_browser_are_summed,
    access_requests_count_the_tries,
);

async fn tenants_round_trip(w: World) {
    let found = w.write(|c| c.operator().tenant_by_slug(&tenant("t1", "contoso").slug)).await;
    assert_eq!(found, Some(tenant("t1", "contoso")));
    let by_id = w.write(|c| c.operator().tenant_by_id(&tenant("t2", "x").id)).await;
    assert_eq!(by_id, Some(tenant("t2", "fabrikam")));
    let slugs = w.write(|c| c.operator().list_tenants(Some(&tenant("t1", "x").id), 10)).await;
    assert_eq!(slugs, [tenant("t2", "fabrikam")]);
    assert_eq!(w.write(|c| c.operator().list_tenants(None, 1)).await.len(), 1);
}

async fn a_conflict_leaves_the_transaction_usable(w: World) {
    let refused = w
        .write(|c| {
            let twice = c.operator().insert_tenant(&tenant("t9", "contoso"));
            c.operator().insert_tenant(&tenant("t3", "tailspin"))?;
            Ok(twice)
        })
        .await;
    assert_eq!(refused, Err(StorageError::Conflict { what: "tenants".to_owned() }));
    assert_eq!(w.write(|c| c.operator().list_tenants(None, 10)).await.len(), 3);
}

async fn the_reserved_operator_id_is_refused(w: World) {
    let result =
        w.database().write(|c| c.operator().insert_tenant(&tenant("operator", "op"))).await;
    assert!(matches!(result, Err(StorageError::Other(_))), "{result:?}");
}

async fn a_stale_version_is_refused(w: World) {
    w.populate().await;
    let t = w.contoso.clone();
    w.write(move |c| {
        let mut changed = connector("work");
        changed.mode = ConnectorMode::On;
        c.tenant(&t).connectors().update(&changed, 1)?;
        let stale = c.tenant(&t).connectors().update(&connector("work"), 1);
        assert_eq!(stale, Err(StorageError::StaleVersion));
        let now = c.tenant(&t).connectors().find(&changed.id)?.unwrap();
        assert_eq!((now.mode, now.version), (ConnectorMode::On, 2));

        let mut alice = user("alice");
        alice.email = None;
        c.tenant(&t).users().update(&alice, 1)?;
        assert_eq!(c.tenant(&t).users().update(&alice, 1), Err(StorageError::StaleVersion));
        let now = c.tenant(&t).users().find(&alice.id)?.unwrap();
        assert_eq!((now.email, now.version), (None, 2));

        let stale = c.operator().update_tenant(&tenant("t1", "contoso"), 7);
        assert_eq!(stale, Err(StorageError::StaleVersion));
        let nobody = c.tenant(&t).users().update(&user("nobody"), 1);
        assert_eq!(nobody, Err(StorageError::StaleVersion));
        c.operator().update_tenant(&tenant("t1", "contoso-2"), 1)
    })
    .await;
}

fn data_key(id: &str, seconds: i64) -> DataKey {
    DataKey {
        id: id.to_owned(),
        wrapped: format!("wrapped-{id}"),
        master_key_id: "m1".to_owned(),
        created_at: at(seconds),
    }
}

fn secret(owner: &str, sealed: &str) -> SealedSecret {
    SealedSecret {
        purpose: "connector.secret".to_owned(),
        owner: owner.to_owned(),
        sealed: sealed.to_owned(),
        hint: Some("...xyz".to_owned()),
        expires_at: Some(at(100)),
        updated_at: at(1),
    }
}

async fn secrets_and_keys_round_trip(w: World) {
    let t = w.contoso.clone();
    w.write(move |c| {
        let mut rows = c.tenant(&t);
        assert_eq!(rows.data_keys().newest()?, None);
        rows.data_keys().insert(&data_key("k2", 2))?;
        rows.data_keys().insert(&data_key("k1", 1))?;
        assert_eq!(rows.data_keys().newest()?, Some(data_key("k2", 2)));
        assert_eq!(rows.data_keys().find("k1")?, Some(data_key("k1", 1)));
        assert_eq!(rows.data_keys().list()?, [data_key("k1", 1), data_key("k2", 2)]);

        rows.secrets().put(&secret("work", "one"))?;
        rows.secrets().put(&secret("work", "two"))?;
        assert_eq!(rows.secrets().find("connector.secret", "work")?, Some(secret("work", "two")));
        assert!(rows.secrets().set_expiry("connector.secret", "work", Some(at(200)))?);
        assert!(!rows.secrets().set_expiry("connector.secret", "other", Some(at(200)))?);
        let known = SecretSummary {
            owner: "work".to_owned(),
            hint: Some("...xyz".to_owned()),
            expires_at: Some(at(200)),
            updated_at: at(1),
        };
        rows.secrets().put(&secret("work/previous", "one"))?;
        let previous = SecretSummary {
            owner: "work/previous".to_owned(),
            expires_at: Some(at(100)),
            ..known.clone()
        };
        assert_eq!(rows.secrets().list("connector.secret")?, [known, previous]);
        assert!(rows.secrets().delete("connector.secret", "work/previous")?);
        assert!(rows.secrets().set_expiry("connector.secret", "work", None)?);
        let cleared = rows.secrets().find("connector.secret", "work")?;
        assert_eq!(cleared, Some(SealedSecret { expires_at: None, ..secret("work", "two") }));
        assert_eq!(rows.secrets().list("other")?, []);
        assert!(rows.secrets().delete("connector.secret", "work")?);
        assert!(!rows.secrets().delete("connector.secret", "work")?);
        Ok(())
    })
    .await;
}

async fn a_signing_key_moves_on_from_the_state_that_was_seen(w: World) {
    let t = w.contoso.clone();
    let key = SigningKey {
        id: "kid-1".to_owned(),
        algorithm: "ES256".to_owned(),
        state: SigningKeyState::Next,
        public_jwk: json!({"kty": "EC"}),
        sealed_private: "sealed".to_owned(),
        created_at: at(0),
        activated_at: None,
        retired_at: None,
    };
    w.write(move |c| {
        use SigningKeyState::{Active, Next, Retired};
        let mut rows = c.tenant(&t);
        let mut keys = rows.signing_keys();
        keys.insert(&key)?;
        assert!(keys.set_state("kid-1", Next, Active, at(5))?);
        assert!(!keys.set_state("kid-1", Next, Active, at(6))?);
        assert!(keys.set_state("kid-1", Active, Retired, at(7))?);
        let (activated_at, retired_at) = (Some(at(5)), Some(at(7)));
        assert_eq!(keys.list()?, [SigningKey { state: Retired, activated_at, retired_at, ..key }]);
        assert!(keys.delete("kid-1")?);
        assert_eq!(keys.list()?, []);
        Ok(())
    })
    .await;
}

async fn applications_and_attempts_round_trip(w: World) {
    let t = w.contoso.clone();
    let wiki = Application {
        id: application_id("wiki"),
        display_name: "Wiki".to_owned(),
        protocol: ApplicationProtocol::Openid,
        status: ApplicationStatus::Active,
        settings: json!({"redirect_uris": ["https://wiki.example/cb"]}),
        secret_hash: Some("aa".to_owned()),
        version: 1,
        created_at: at(0),
        updated_at: at(1),
        registration_hash: None,
        platform: false,
    };
    let attempt = LoginAttemptRow {
        id: "a1".to_owned(),
        browser_hash: "bb".to_owned(),
        stage: "upstream".to_owned(),
        data: json!({"nonce": "n"}),
        created_at: at(0),
        expires_at: at(600),
        version: 1,
    };
    w.write(move |c| {
        let mut rows = c.tenant(&t);
        rows.applications().insert(&wiki)?;
        assert_eq!(rows.applications().list()?, std::slice::from_ref(&wiki));
        let disabled = Application { status: ApplicationStatus::Disabled, version: 2, ..wiki };
        rows.applications().update(&disabled, 1)?;
        assert_eq!(rows.applications().update(&disabled, 1), Err(StorageError::StaleVersion));
        assert_eq!(rows.applications().find(&disabled.id)?, Some(disabled));

        rows.login_attempts().insert(&attempt)?;
        let next = LoginAttemptRow { stage: "mapped".to_owned(), version: 2, ..attempt };
        rows.login_attempts().update(&next, 1)?;
        assert_eq!(rows.login_attempts().update(&next, 1), Err(StorageError::StaleVersion));
        assert_eq!(rows.login_attempts().find("a1")?, Some(next));
        assert!(rows.login_attempts().delete("a1")?);
        assert_eq!(rows.login_attempts().find("a1")?, None);
        Ok(())
    })
    .await;
}

async fn domains_roles_and_connectors_round_trip(w: World) {
    w.populate().await;
    let t = w.contoso.clone();
    w.write(move |c| {
        let mut rows = c.tenant(&t);
        let mut domain = TenantDomain {
            domain: "contoso.example".to_owned(),
            verified_at: None,
            connector_id: Some(connector_id("work")),
        };
        rows.domains().put(&domain)?;
        domain.verified_at = Some(at(3));
        domain.connector_id = None;
        rows.domains().put(&domain)?;
        assert_eq!(rows.domains().find("contoso.example")?, Some(domain.clone()));
        assert_eq!(rows.domains().list()?, [domain]);

        assert_eq!(rows.roles().list()?, [role("admin"), role("member")]);
        assert_eq!(rows.roles().find(&role_name("admin"))?, Some(role("admin")));
        assert_eq!(rows.connectors().list()?, [connector("work")]);
        assert_eq!(rows.connectors().find(&connector_id("work"))?, Some(connector("work")));
        Ok(())
    })
    .await;
}

async fn entra_e80_failures_of_one_browser_are_summed(w: World) {
    let (t, other) = (w.contoso.clone(), w.fabrikam.clone());
    let attempt = |id: &str, browser: &str, seconds| LoginAttemptRow {
        id: id.to_owned(),
        browser_hash: browser.to_owned(),
        stage: "upstream".to_owned(),
        data: json!({}),
        created_at: at(seconds),
        expires_at: at(seconds + 600),
        version: 1,
    };
    let mine = [attempt("a1", "b", 0), attempt("a2", "b", 100), attempt("a3", "c", 100)];
    let same = attempt("a1", "b", 100);
    w.write(move |c| {
        c.tenant(&other).login_attempts().insert(&same)?;
        c.tenant(&other).login_attempts().note_failure("a1")?;
        let mut rows = c.tenant(&t);
        let mut attempts = rows.login_attempts();
        for row in &mine {
            attempts.insert(row)?;
        }
        assert_eq!(attempts.recent_failures("b", at(0))?, 0);
        for id in ["a1", "a2", "a2", "a3"] {
            assert!(attempts.note_failure(id)?);
        }
        assert!(!attempts.note_failure("a4")?);
        // A change of the attempt itself neither loses the count nor is lost by it.
        attempts.update(&mine[1], 1)?;
        assert_eq!(attempts.recent_failures("b", at(0))?, 3);
        assert_eq!(attempts.recent_failures("b", at(100))?, 2);
        assert_eq!(attempts.recent_failures("b", at(101))?, 0);
        assert_eq!(attempts.recent_failures("d", at(0))?, 0);
        Ok(())
    })
    .await;
}

async fn access_requests_count_the_tries(w: World) {
    let t = w.contoso.clone();
    let seen = |name: &str, seconds| SeenStranger {
        connector_id: connector_id("work"),
        issuer: "https://upstream.example".to_owned(),
        subject: "s9".to_owned(),
        email: None,
        display_name: Some(name.to_owned()),
        at: at(seconds),
    };
    let (first, second) = (seen("Eve", 1), seen("Eve B.", 2));
    w.write(move |c| {
        let mut rows = c.tenant(&t);
        let mut requests = rows.access_requests();
        requests.note(&first)?;
        requests.note(&second)?;
        let listed = requests.list(10)?;
        let [row] = listed.as_slice() else { panic!("{listed:?}") };
        assert_eq!((row.times, row.first_seen_at, row.last_seen_at), (2, at(1), at(2)));
        assert_eq!(row.display_name.as_deref(), Some("Eve B."));
        assert!(requests.delete(&row.connector_id, &row.issuer, &row.subject)?);
        assert_eq!(requests.list(10)?, []);
        Ok(())
    })
    .await;
}
