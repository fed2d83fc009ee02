//! Families of tokens, tokens of applications, consents, devices, logout messages.

use serde_json::json;
use symbolon_storage::{
    Consent, DeviceAuthorization, DeviceState, LogoutDelivery, RefreshToken, ServiceToken,
    StorageError, TokenFamily,
};

use crate::world::{World, application_id, at, connector_id, on_both, session_id, user_id};

on_both!(
    a_family_is_taken_back_by_what_it_stems_from,
    a_refresh_token_is_spent_once,
    a_service_token_is_taken_back_once,
    a_consent_grows_and_goes,
    a_device_is_decided_upon_once,
    a_logout_message_is_due_until_it_is_delivered,
    a_deleted_application_leaves_nothing_behind,
);

pub(crate) fn token_family(id: &str) -> TokenFamily {
    TokenFamily {
        id: id.to_owned(),
        application_id: application_id("wiki"),
        user_id: user_id("alice"),
        connector_id: connector_id("work"),
        session_id: session_id("s1"),
        offline: false,
        scope: "openid".to_owned(),
        resources: vec!["https://api.example".to_owned()],
        claims: Some(json!({"userinfo": {}})),
        authenticated_at: at(0),
        acr: None,
        amr: vec!["pwd".to_owned()],
        dpop_jkt: None,
        code_hash: Some("code-1".to_owned()),
        created_at: at(0),
        last_used_at: at(0),
        idle_expires_at: at(100),
        expires_at: at(1000),
        revoked_at: None,
        revoked_because: None,
    }
}

pub(crate) fn refresh_token(hash: &str, family: &str) -> RefreshToken {
    RefreshToken {
        token_hash: hash.to_owned(),
        family_id: family.to_owned(),
        created_at: at(0),
        used_at: None,
    }
}

pub(crate) fn service_token(hash: &str) -> ServiceToken {
    ServiceToken {
        token_hash: hash.to_owned(),
        application_id: application_id("wiki"),
        scope: "reports".to_owned(),
        resources: Vec::new(),
        dpop_jkt: Some("thumbprint".to_owned()),
        created_at: at(0),
        expires_at: at(300),
        revoked_at: None,
    }
}

pub(crate) fn consent(scopes: &[&str]) -> Consent {
    Consent {
        user_id: user_id("alice"),
        application_id: application_id("wiki"),
        scopes: scopes.iter().map(|scope| (*scope).to_owned()).collect(),
        created_at: at(0),
        updated_at: at(0),
    }
}

pub(crate) fn device(name: &str) -> DeviceAuthorization {
    DeviceAuthorization {
        device_hash: format!("device-{name}"),
        user_code_hash: format!("user-{name}"),
        application_id: application_id("wiki"),
        scope: "openid".to_owned(),
        resources: Vec::new(),
        state: DeviceState::Pending,
        asked_from: Some("192.0.2.7".to_owned()),
        authorization_grant: None,
        interval_seconds: 5,
        last_polled_at: None,
        created_at: at(0),
        expires_at: at(600),
    }
}

pub(crate) fn logout_delivery(id: &str) -> LogoutDelivery {
    LogoutDelivery {
        id: id.to_owned(),
        application_id: application_id("wiki"),
        session_id: session_id("s1"),
        user_id: user_id("alice"),
        uri: "https://wiki.example/logout".to_owned(),
        created_at: at(0),
        attempts: 0,
        next_attempt_at: at(10),
        expires_at: at(1000),
        delivered_at: None,
        failed_at: None,
        last_error: None,
    }
}

async fn a_family_is_taken_back_by_what_it_stems_from(w: World) {
    let t = w.contoso.clone();
    w.write(move |c| {
        let mut rows = c.tenant(&t);
        let mut families = rows.token_families();
        let other_code = |id| TokenFamily { code_hash: None, ..token_family(id) };
        families.insert(&token_family("a"))?;
        families.insert(&other_code("b"))?;
        families.insert(&TokenFamily { offline: true, ..other_code("c") })?;
        families
            .insert(&TokenFamily { application_id: application_id("mail"), ..other_code("d") })?;
        assert_eq!(families.revoke_by_code("code-1", at(1), "replay")?, ["a"]);
        assert!(!families.touch("a", at(2), at(102))? && families.touch("b", at(2), at(102))?);
        let apps = families.applications_of_session(&session_id("s1"))?;
        assert_eq!(apps, [application_id("mail"), application_id("wiki")]);
        let wiki = application_id("wiki");
        assert_eq!(families.revoke_by_session(&session_id("s1"), at(3), "end")?, ["b", "d"]);
        assert_eq!(families.of_user(&user_id("alice"))?.len(), 1, "the offline one lives on");
        let alice = user_id("alice");
        assert_eq!(families.revoke_by_user(&alice, Some(&wiki), at(4), "gone")?, ["c"]);
        assert!(families.revoke_by_user(&alice, None, at(5), "gone")?.is_empty());
        assert!(!families.revoke("b", at(6), "again")?);
        let b = families.find("b")?.unwrap();
        assert_eq!((b.last_used_at, b.revoked_because.as_deref()), (at(2), Some("end")));
        Ok(())
    })
    .await;
}

async fn a_refresh_token_is_spent_once(w: World) {
    let t = w.contoso.clone();
    w.write(move |c| {
        let mut rows = c.tenant(&t);
        rows.token_families().insert(&token_family("f"))?;
        rows.refresh_tokens().insert(&refresh_token("r1", "f"))?;
        rows.refresh_tokens().insert(&refresh_token("r2", "f"))?;
        assert!(rows.refresh_tokens().spend("r1", at(5))?);
        assert!(!rows.refresh_tokens().spend("r1", at(6))?);
        assert_eq!(rows.refresh_tokens().find("r1")?.unwrap().used_at, Some(at(5)));
        assert_eq!(rows.refresh_tokens().forget_used("f", at(5))?, 0);
        assert_eq!(rows.refresh_tokens().forget_used("f", at(6))?, 1);
        assert!(rows.refresh_tokens().find("r2")?.is_some());
        Ok(())
    })
    .await;
}

async fn a_service_token_is_taken_back_once(w: World) {
    let t = w.contoso.clone();
    w.write(move |c| {
        let mut rows = c.tenant(&t);
        let mut tokens = rows.service_tokens();
        tokens.insert(&service_token("a"))?;
        tokens.insert(&service_token("b"))?;
        assert_eq!(tokens.find("a")?, Some(service_token("a")));
        assert!(tokens.revoke("a", at(1))? && !tokens.revoke("a", at(2))?);
        assert_eq!(tokens.revoke_by_application(&application_id("wiki"), at(3))?, 1);
        assert_eq!(tokens.find("b")?.unwrap().revoked_at, Some(at(3)));
        Ok(())
    })
    .await;
}

async fn a_consent_grows_and_goes(w: World) {
    w.populate().await;
    let t = w.contoso.clone();
    w.write(move |c| {
        let (alice, wiki) = (user_id("alice"), application_id("wiki"));
        let mut rows = c.tenant(&t);
        let mut consents = rows.consents();
        consents.put(&consent(&["openid"]))?;
        consents.put(&consent(&["email", "openid"]))?;
        assert_eq!(consents.find(&alice, &wiki)?, Some(consent(&["email", "openid"])));
        assert_eq!(consents.of_user(&alice)?.len(), 1);
        assert!(consents.delete(&alice, &wiki)? && !consents.delete(&alice, &wiki)?);
        Ok(())
    })
    .await;
}

async fn a_device_is_decided_upon_once(w: World) {
    let t = w.contoso.clone();
    w.write(move |c| {
        let mut rows = c.tenant(&t);
        let mut devices = rows.device_authorizations();
        devices.insert(&device("a"))?;
        let same_code = DeviceAuthorization { device_hash: "x".to_owned(), ..device("a") };
        assert!(matches!(devices.insert(&same_code), Err(StorageError::Conflict { .. })));
        let (approve, deny) = (
            (DeviceState::Pending, DeviceState::Approved),
            (DeviceState::Pending, DeviceState::Denied),
        );
        assert!(!devices.advance("device-a", approve, None, at(600))?, "too late");
        assert!(devices.advance("device-a", approve, Some(&json!({"user": "alice"})), at(1))?);
        assert!(!devices.advance("device-a", deny, None, at(2))?);
        devices.note_poll("device-a", at(3), 10)?;
        let found = devices.by_user_code("user-a")?.unwrap();
        assert_eq!((found.state, found.interval_seconds), (DeviceState::Approved, 10));
        assert_eq!(found.last_polled_at, Some(at(3)));
        assert_eq!(found.authorization_grant, Some(json!({"user": "alice"})));
        Ok(())
    })
    .await;
}

async fn a_logout_message_is_due_until_it_is_delivered(w: World) {
    let (t, other) = (w.contoso.clone(), w.fabrikam.clone());
    w.write(move |c| {
        c.tenant(&t).logout_deliveries().insert(&logout_delivery("l1"))?;
        let later = LogoutDelivery { next_attempt_at: at(5), ..logout_delivery("l2") };
        c.tenant(&other).logout_deliveries().insert(&later)?;
        assert!(c.operator().due_logout_deliveries(at(4), 10)?.is_empty());
        let due = c.operator().due_logout_deliveries(at(10), 10)?;
        let due: Vec<_> = due.into_iter().map(|(tenant, one)| (tenant, one.id)).collect();
        assert_eq!(due, [(other.clone(), "l2".to_owned()), (t.clone(), "l1".to_owned())]);
        let done =
            LogoutDelivery { attempts: 1, delivered_at: Some(at(11)), ..logout_delivery("l1") };
        assert!(c.tenant(&t).logout_deliveries().update(&done, 0)?);
        assert!(!c.tenant(&t).logout_deliveries().update(&done, 0)?, "another node was faster");
        assert_eq!(c.operator().due_logout_deliveries(at(20), 10)?.len(), 1);
        let again = LogoutDelivery { attempts: 2, ..logout_delivery("l1") };
        assert!(!c.tenant(&t).logout_deliveries().update(&again, 1)?, "it is delivered");
        assert!(c.tenant(&t).logout_deliveries().undelivered(10)?.is_empty());
        assert_eq!(c.tenant(&other).logout_deliveries().undelivered(10)?.len(), 1);
        assert_eq!(c.tenant(&t).logout_deliveries().of_session(&session_id("s1"))?, [done]);
        Ok(())
    })
    .await;
}

async fn a_deleted_application_leaves_nothing_behind(w: World) {
    w.populate().await;
    let (t, other) = (w.contoso.clone(), w.fabrikam.clone());
    w.write(move |c| {
        let (alice, wiki) = (user_id("alice"), application_id("wiki"));
        let mut rows = c.tenant(&t);
        rows.token_families().insert(&token_family("f"))?;
        rows.consents().put(&consent(&["openid"]))?;
        rows.device_authorizations().insert(&device("d"))?;
        let mut rows = c.tenant(&other);
        assert!(rows.token_families().revoke_by_application(&wiki, at(1), "x")?.is_empty());
        assert_eq!(rows.access_tokens().revoke_by_application(&wiki, at(1))?, 0);
        assert_eq!(rows.consents().forget_application(&wiki)?, 0);
        assert_eq!(rows.device_authorizations().forget_application(&wiki)?, 0);
        let mut rows = c.tenant(&t);
        assert_eq!(rows.token_families().revoke_by_application(&wiki, at(1), "x")?, ["f"]);
        assert_eq!(rows.consents().forget_application(&wiki)?, 1);
        assert!(rows.consents().of_user(&alice)?.is_empty());
        assert_eq!(rows.device_authorizations().forget_application(&wiki)?, 1);
        Ok(())
    })
    .await;
}
