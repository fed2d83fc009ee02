//! What is kept beside a connector: versions, health, old callback paths, test sign-ins.

use serde_json::json;
use symbolon_contract::TenantId;
use symbolon_storage::{
    CallbackAlias, Connector, ConnectorHealth, ConnectorVersion, HealthState, StorageError,
    TestSignIn, UpstreamDocument,
};

use crate::world::{World, at, connector, connector_id, on_both};

on_both!(
    feat_b18_each_version_is_kept_with_its_test,
    feat_b18_the_row_tells_which_version_is_in_force,
    feat_n72_health_is_one_row_a_connector,
    feat_b8_an_old_path_leads_to_one_connector,
    feat_n34_a_test_sign_in_is_finished_once,
    saml_me8_the_last_copy_of_an_upstream_document_is_one_row,
);

pub(crate) fn connector_version(id: &str, version: i32) -> ConnectorVersion {
    ConnectorVersion {
        connector_id: connector_id(id),
        version,
        settings: json!({"issuer": format!("https://upstream.example/{version}")}),
        author: "admin".to_owned(),
        note: Some("new address".to_owned()),
        created_at: at(i64::from(version)),
        tested_at: None,
        test_outcome: None,
    }
}

pub(crate) fn connector_health(id: &str) -> ConnectorHealth {
    ConnectorHealth {
        connector_id: connector_id(id),
        state: HealthState::Unknown,
        checked_at: None,
        report: None,
        credential_checked_at: None,
        credential_expires_at: None,
        warned_days: None,
        last_error: None,
        last_success_at: None,
    }
}

pub(crate) fn alias(path: &str, tenant: &TenantId, connector: &str) -> CallbackAlias {
    CallbackAlias {
        path: path.to_owned(),
        tenant_id: tenant.clone(),
        connector_id: connector_id(connector),
        created_at: at(0),
    }
}

pub(crate) fn test_sign_in(id: &str) -> TestSignIn {
    TestSignIn {
        id: id.to_owned(),
        connector_id: connector_id("work"),
        result: None,
        created_at: at(0),
        expires_at: at(600),
    }
}

async fn feat_b18_each_version_is_kept_with_its_test(w: World) {
    w.populate().await;
    let t = w.contoso.clone();
    w.write(move |c| {
        let mut rows = c.tenant(&t);
        rows.connectors().insert(&connector("home"))?;
        let mut versions = rows.connector_versions();
        let work = connector_id("work");
        versions.insert(&connector_version("home", 1))?;
        versions.insert(&connector_version("work", 1))?;
        versions.insert(&connector_version("work", 2))?;
        let taken = versions.insert(&connector_version("work", 2));
        assert_eq!(taken, Err(StorageError::Conflict { what: "connector_versions".to_owned() }));
        assert!(versions.set_tested(&work, 2, at(8), "failed")?);
        assert!(versions.set_tested(&work, 2, at(9), "passed")?);
        assert!(!versions.set_tested(&work, 3, at(9), "passed")?);
        let tested = ConnectorVersion {
            tested_at: Some(at(9)),
            test_outcome: Some("passed".to_owned()),
            ..connector_version("work", 2)
        };
        assert_eq!(versions.find(&work, 2)?, Some(tested.clone()));
        assert_eq!(versions.find(&work, 3)?, None);
        assert_eq!(versions.list(&work)?, [tested, connector_version("work", 1)]);
        Ok(())
    })
    .await;
    let t = w.contoso.clone();
    let orphan = w
        .database()
        .write(move |c| c.tenant(&t).connector_versions().insert(&connector_version("none", 1)));
    assert!(matches!(orphan.await, Err(StorageError::Other(_))));
}

async fn feat_b18_the_row_tells_which_version_is_in_force(w: World) {
    w.populate().await;
    let t = w.contoso.clone();
    w.write(move |c| {
        let mut rows = c.tenant(&t);
        let renamed = Connector { display_name: "Renamed".to_owned(), ..connector("work") };
        rows.connectors().update(&renamed, 1)?;
        let changed = Connector { settings_version: 2, ..renamed.clone() };
        rows.connectors().update(&changed, 2)?;
        assert_eq!(rows.connectors().list()?, [Connector { version: 3, ..changed }]);
        Ok(())
    })
    .await;
}

async fn feat_n72_health_is_one_row_a_connector(w: World) {
    w.populate().await;
    let t = w.contoso.clone();
    w.write(move |c| {
        let mut rows = c.tenant(&t);
        rows.connectors().insert(&connector("home"))?;
        let mut health = rows.connector_health();
        let work = connector_id("work");
        assert_eq!(health.find(&work)?, None);
        let full = ConnectorHealth {
            state: HealthState::Disconnected,
            checked_at: Some(at(1)),
            report: Some(json!({"checks": [{"name": "discovery", "ok": true}]})),
            credential_checked_at: Some(at(2)),
            credential_expires_at: Some(at(3)),
            warned_days: Some(30),
            last_error: Some(json!({"code": "entra.secret_expired"})),
            last_success_at: Some(at(4)),
            ..connector_health("work")
        };
        health.put(&connector_health("work"))?;
        health.put(&full)?;
        assert_eq!(health.find(&work)?, Some(full.clone()));
        health.put(&connector_health("home"))?;
        assert_eq!(health.list()?, [connector_health("home"), full]);
        health.put(&connector_health("work"))?;
        assert_eq!(health.find(&work)?, Some(connector_health("work")));
        Ok(())
    })
    .await;
}

pub(crate) fn upstream_document(id: &str) -> UpstreamDocument {
    UpstreamDocument {
        connector_id: connector_id(id),
        settings_version: 1,
        content: Some(json!({ "entity_id": "https://idp.example" })),
        fetched_at: Some(at(1)),
        valid_until: Some(at(100)),
        checked_at: at(1),
        failure: None,
    }
}

async fn saml_me8_the_last_copy_of_an_upstream_document_is_one_row(w: World) {
    w.populate().await;
    let t = w.contoso.clone();
    w.write(move |c| {
        let mut rows = c.tenant(&t);
        let mut documents = rows.upstream_documents();
        let work = connector_id("work");
        assert_eq!(documents.find(&work)?, None);
        documents.put(&upstream_document("work"))?;
        let failed = UpstreamDocument {
            checked_at: at(5),
            failure: Some(json!({ "reason": "net.timed_out" })),
            ..upstream_document("work")
        };
        documents.put(&failed)?;
        assert_eq!(documents.find(&work)?, Some(failed));
        Ok(())
    })
    .await;
}

async fn feat_b8_an_old_path_leads_to_one_connector(w: World) {
    w.populate().await;
    let (t, other) = (w.contoso.clone(), w.fabrikam.clone());
    w.write(move |c| {
        const OLD: &str = "/oauth/complete/azuread-oauth2/";
        c.tenant(&other).connectors().insert(&connector("work"))?;
        c.operator().insert_callback_alias(&alias(OLD, &t, "work"))?;
        let conflict = Err(StorageError::Conflict { what: "callback_aliases".to_owned() });
        assert_eq!(c.operator().insert_callback_alias(&alias(OLD, &other, "work")), conflict);
        assert_eq!(c.operator().insert_callback_alias(&alias("/b/", &t, "work")), conflict);
        c.operator().insert_callback_alias(&alias("/a/", &other, "work"))?;

        let work = connector_id("work");
        assert_eq!(c.operator().find_callback_alias(OLD)?, Some((t.clone(), work.clone())));
        let cut = OLD.trim_end_matches('/');
        assert_eq!(c.operator().find_callback_alias(cut)?, None);
        let listed = c.operator().list_callback_aliases()?;
        assert_eq!(listed, [alias("/a/", &other, "work"), alias(OLD, &t, "work")]);
        assert_eq!(c.tenant(&t).callback_aliases().of(&work)?.as_deref(), Some(OLD));
        assert_eq!(c.tenant(&other).callback_aliases().of(&work)?.as_deref(), Some("/a/"));
        assert!(c.operator().delete_callback_alias(OLD)?);
        assert!(!c.operator().delete_callback_alias(OLD)?);
        assert_eq!(c.tenant(&t).callback_aliases().of(&work)?, None);
        Ok(())
    })
    .await;
}

async fn feat_n34_a_test_sign_in_is_finished_once(w: World) {
    w.populate().await;
    let t = w.contoso.clone();
    w.write(move |c| {
        let mut rows = c.tenant(&t);
        let mut tests = rows.test_sign_ins();
        tests.insert(&test_sign_in("a"))?;
        assert_eq!(tests.find("a")?, Some(test_sign_in("a")));
        assert!(tests.finish("a", "sealed")?);
        assert!(!tests.finish("a", "other")?);
        assert!(!tests.finish("b", "sealed")?);
        let done = TestSignIn { result: Some("sealed".to_owned()), ..test_sign_in("a") };
        assert_eq!(tests.find("a")?, Some(done));
        Ok(())
    })
    .await;
}
