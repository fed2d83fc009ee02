//! The same for what belongs to the OpenID Provider: families, tokens, consents, devices, logout messages.

use symbolon_contract::TenantId;
use symbolon_storage::{Connection, DeviceState, StorageResult};

use crate::openid::{consent, device, logout_delivery, refresh_token, service_token, token_family};
use crate::world::{World, application_id, at, on_both, session_id, user_id};

on_both!(another_tenant_changes_no_token,);

pub(super) fn fill(c: &mut Connection, t: &TenantId) -> StorageResult<()> {
    let mut rows = c.tenant(t);
    rows.token_families().insert(&token_family("f"))?;
    rows.refresh_tokens().insert(&refresh_token("r", "f"))?;
    rows.service_tokens().insert(&service_token("s"))?;
    rows.consents().put(&consent(&["openid"]))?;
    rows.device_authorizations().insert(&device("d"))?;
    rows.logout_deliveries().insert(&logout_delivery("l"))
}

pub(super) fn visible(
    c: &mut Connection,
    t: &TenantId,
) -> StorageResult<Vec<(&'static str, usize)>> {
    let (alice, wiki, s1) = (user_id("alice"), application_id("wiki"), session_id("s1"));
    let mut r = c.tenant(t);
    Ok(vec![
        ("family", r.token_families().find("f")?.iter().count()),
        ("families", r.token_families().of_user(&alice)?.len()),
        ("applications", r.token_families().applications_of_session(&s1)?.len()),
        ("refresh token", r.refresh_tokens().find("r")?.iter().count()),
        ("service token", r.service_tokens().find("s")?.iter().count()),
        ("consent", r.consents().find(&alice, &wiki)?.iter().count()),
        ("consents", r.consents().of_user(&alice)?.len()),
        ("device", r.device_authorizations().find("device-d")?.iter().count()),
        ("device by code", r.device_authorizations().by_user_code("user-d")?.iter().count()),
        ("logout messages", r.logout_deliveries().of_session(&s1)?.len()),
    ])
}

async fn another_tenant_changes_no_token(w: World) {
    w.populate().await;
    let (t, other) = (w.contoso.clone(), w.fabrikam.clone());
    w.write(move |c| {
        fill(c, &t)?;
        let all = |c: &mut Connection| -> StorageResult<_> {
            let mut r = c.tenant(&t);
            let tokens = (r.token_families().find("f")?, r.refresh_tokens().find("r")?);
            let service = r.service_tokens().find("s")?;
            let device = r.device_authorizations().find("device-d")?;
            Ok((tokens, service, device, r.logout_deliveries().of_session(&session_id("s1"))?))
        };
        let (before, seen) = (all(c)?, visible(c, &t)?);
        let (alice, wiki) = (user_id("alice"), application_id("wiki"));
        let mut r = c.tenant(&other);
        assert!(!r.token_families().touch("f", at(1), at(2))?);
        assert!(!r.token_families().revoke("f", at(1), "x")?);
        assert!(r.token_families().revoke_by_code("code-1", at(1), "x")?.is_empty());
        assert!(r.token_families().revoke_by_session(&session_id("s1"), at(1), "x")?.is_empty());
        assert!(r.token_families().revoke_by_user(&alice, None, at(1), "x")?.is_empty());
        assert!(!r.refresh_tokens().spend("r", at(1))?);
        assert_eq!(r.refresh_tokens().forget_used("f", at(9))?, 0);
        assert!(!r.service_tokens().revoke("s", at(1))?);
        assert_eq!(r.service_tokens().revoke_by_application(&wiki, at(1))?, 0);
        assert!(!r.consents().delete(&alice, &wiki)?);
        let approve = (DeviceState::Pending, DeviceState::Approved);
        assert!(!r.device_authorizations().advance("device-d", approve, None, at(1))?);
        r.device_authorizations().note_poll("device-d", at(1), 9)?;
        assert!(!r.logout_deliveries().update(&logout_delivery("l"), 0)?);
        assert!(!r.applications().delete(&wiki)?);
        assert_eq!((all(c)?, visible(c, &t)?), (before, seen));
        Ok(())
    })
    .await;
}
