//! The hard wall: with the handle of another tenant nothing is found, nothing is changed.

mod mapping;
mod openid;

use serde_json::json;
use symbolon_contract::{PluginDigest, TenantId};
use symbolon_storage::{
    Application, ApplicationProtocol, ApplicationStatus, AuditFilter, Connection, ConsumeOutcome,
    DataKey, IdentityLink, LoginAttemptRow, NewGrant, NewSingleUse, RoleSource, SealedSecret,
    SeenStranger, SeenUpstream, SigningKey, SigningKeyState, SingleUseKind, StorageError,
    StorageResult, TenantDomain, UserStatus,
};

use crate::api_keys::api_key;
use crate::connector_life::{
    alias, connector_health, connector_version, test_sign_in, upstream_document,
};
use crate::world::{
    World, application_id, at, connector, connector_id, on_both, role_name, session, session_id,
    user, user_id,
};

on_both!(another_tenant_sees_no_row, another_tenant_changes_no_row,);

pub(crate) const ISSUER: &str = "https://upstream.example";

fn digest() -> PluginDigest {
    PluginDigest::parse("a".repeat(64)).unwrap()
}

/// At least one row in every table, all of Contoso.
fn fill(c: &mut Connection, t: &TenantId) -> StorageResult<()> {
    let mut rows = c.tenant(t);
    rows.domains().put(&TenantDomain {
        domain: "contoso.example".to_owned(),
        verified_at: None,
        connector_id: None,
    })?;
    rows.data_keys().insert(&DataKey {
        id: "k".to_owned(),
        wrapped: "w".to_owned(),
        master_key_id: "m".to_owned(),
        created_at: at(0),
    })?;
    rows.secrets().put(&SealedSecret {
        purpose: "p".to_owned(),
        owner: "o".to_owned(),
        sealed: "s".to_owned(),
        hint: None,
        expires_at: None,
        updated_at: at(0),
    })?;
    rows.signing_keys().insert(&SigningKey {
        id: "kid".to_owned(),
        algorithm: "ES256".to_owned(),
        state: SigningKeyState::Active,
        public_jwk: json!({}),
        sealed_private: "s".to_owned(),
        created_at: at(0),
        activated_at: None,
        retired_at: None,
    })?;
    fill_sign_in(c, t)?;
    fill_connector(c, t)?;
    mapping::fill(c, t)?;
    openid::fill(c, t)?;
    fill_people(c, t)
}

fn fill_sign_in(c: &mut Connection, t: &TenantId) -> StorageResult<()> {
    let mut rows = c.tenant(t);
    rows.applications().insert(&Application {
        id: application_id("wiki"),
        display_name: "Wiki".to_owned(),
        protocol: ApplicationProtocol::Openid,
        status: ApplicationStatus::Active,
        settings: json!({}),
        secret_hash: None,
        version: 1,
        created_at: at(0),
        updated_at: at(0),
        registration_hash: None,
        platform: false,
    })?;
    rows.login_attempts().insert(&LoginAttemptRow {
        id: "a".to_owned(),
        browser_hash: "b".to_owned(),
        stage: "begun".to_owned(),
        data: json!({}),
        created_at: at(0),
        expires_at: at(60),
        version: 1,
    })?;
    rows.single_use(SingleUseKind::Invitation).put(&NewSingleUse {
        value_hash: "v".to_owned(),
        payload: json!({}),
        created_at: at(0),
        expires_at: at(60),
    })
}

fn fill_connector(c: &mut Connection, t: &TenantId) -> StorageResult<()> {
    c.operator().insert_callback_alias(&alias("/old/", t, "work"))?;
    let mut rows = c.tenant(t);
    rows.connector_versions().insert(&connector_version("work", 1))?;
    rows.connector_health().put(&connector_health("work"))?;
    rows.upstream_documents().put(&upstream_document("work"))?;
    rows.test_sign_ins().insert(&test_sign_in("test"))?;
    rows.api_keys().insert(&api_key("key"))
}

fn fill_people(c: &mut Connection, t: &TenantId) -> StorageResult<()> {
    let mut rows = c.tenant(t);
    rows.identity_links().insert(&IdentityLink {
        connector_id: connector_id("work"),
        issuer: ISSUER.to_owned(),
        subject: "s".to_owned(),
        user_id: user_id("alice"),
        created_at: at(0),
        last_sign_in_at: Some(at(3)),
        upstream_sub: None,
        groups: None,
        groups_at: None,
    })?;
    let seen = SeenUpstream { mapped_at: Some(at(4)), ..SeenUpstream::default() };
    rows.identity_links().remember(&connector_id("work"), ISSUER, "s", &seen)?;
    let grant = NewGrant {
        role: role_name("member"),
        plugin_digest: Some(digest()),
        mapping_version: Some(1),
        because: None,
        granted_at: at(0),
    };
    rows.grants().replace_from_source(&user_id("alice"), RoleSource::Mapping, "work", &[grant])?;
    rows.sessions().insert(&session("s1", "alice"))?;
    rows.sessions().note(&session_id("s1"), &application_id("wiki"), at(0))?;
    rows.access_requests().note(&SeenStranger {
        connector_id: connector_id("work"),
        issuer: ISSUER.to_owned(),
        subject: "s2".to_owned(),
        email: None,
        display_name: None,
        at: at(0),
    })
}

async fn another_tenant_sees_no_row(w: World) {
    w.populate().await;
    let (t, other) = (w.contoso.clone(), w.fabrikam.clone());
    w.write(move |c| {
        fill(c, &t)?;
        assert_eq!(visible(c, &t)?.iter().filter(|(_, rows)| *rows == 0).count(), 0);
        let seen: Vec<_> = visible(c, &other)?.into_iter().filter(|(_, rows)| *rows > 0).collect();
        assert_eq!(seen, []);
        Ok(())
    })
    .await;
}

/// What each accessor finds, when asked for the rows that Contoso has.
fn visible(c: &mut Connection, t: &TenantId) -> StorageResult<Vec<(&'static str, usize)>> {
    let work = connector_id("work");
    let mut r = c.tenant(t);
    let mut found = vec![
        ("domain", r.domains().find("contoso.example")?.iter().count()),
        ("domains", r.domains().list()?.len()),
        ("data key", r.data_keys().find("k")?.iter().count()),
        ("data keys", r.data_keys().list()?.len()),
        ("newest data key", r.data_keys().newest()?.iter().count()),
        ("secret", r.secrets().find("p", "o")?.iter().count()),
        ("secrets", r.secrets().list("p")?.len()),
        ("signing keys", r.signing_keys().list()?.len()),
        ("connector", r.connectors().find(&work)?.iter().count()),
        ("connectors", r.connectors().list()?.len()),
        ("plugin", r.plugins().find(&crate::library::plugin('c').digest)?.iter().count()),
        ("plugins", r.plugins().list()?.len()),
    ];
    found.extend(visible_connector(c, t)?);
    found.extend(mapping::visible(c, t)?);
    found.extend(openid::visible(c, t)?);
    found.extend(visible_people(c, t)?);
    Ok(found)
}

fn visible_connector(
    c: &mut Connection,
    t: &TenantId,
) -> StorageResult<Vec<(&'static str, usize)>> {
    let (work, rows) = (connector_id("work"), |rows: i64| usize::try_from(rows).unwrap());
    let mut r = c.tenant(t);
    Ok(vec![
        ("connector version", r.connector_versions().find(&work, 1)?.iter().count()),
        ("connector versions", r.connector_versions().list(&work)?.len()),
        ("connector health", r.connector_health().find(&work)?.iter().count()),
        ("connector healths", r.connector_health().list()?.len()),
        ("upstream document", r.upstream_documents().find(&work)?.iter().count()),
        ("callback alias", r.callback_aliases().of(&work)?.iter().count()),
        ("test sign-in", r.test_sign_ins().find("test")?.iter().count()),
        ("api key", r.api_keys().find_by_hash("hash-of-key")?.iter().count()),
        ("api keys", r.api_keys().list()?.len()),
        ("counted links", rows(r.identity_links().count(&work)?)),
        ("last sign-in", r.identity_links().last_sign_in(&work)?.iter().count()),
        ("counted users", rows(r.users().count()?)),
        ("users without a link", rows(r.users().count_without_link_to(&work)?)),
    ])
}

fn visible_people(c: &mut Connection, t: &TenantId) -> StorageResult<Vec<(&'static str, usize)>> {
    let (work, alice, s1) = (connector_id("work"), user_id("alice"), session_id("s1"));
    let mut r = c.tenant(t);
    Ok(vec![
        ("role", r.roles().find(&role_name("member"))?.iter().count()),
        ("roles", r.roles().list()?.len()),
        ("user", r.users().find(&alice)?.iter().count()),
        ("users by e-mail", r.users().find_by_email("alice@contoso.example")?.len()),
        ("users", r.users().list(None, 10)?.len()),
        ("identity link", r.identity_links().find(&work, ISSUER, "s")?.iter().count()),
        ("identity links", r.identity_links().of_user(&alice)?.len()),
        ("grants", r.grants().of_user(&alice)?.len()),
        ("session", r.sessions().find(&s1)?.iter().count()),
        ("session by hash", r.sessions().by_secret_hash("hash-of-s1")?.iter().count()),
        ("sessions", r.sessions().of_user(&alice)?.len()),
        ("session applications", r.sessions().of_session(&s1)?.len()),
        ("application", r.applications().find(&application_id("wiki"))?.iter().count()),
        ("applications", r.applications().list()?.len()),
        ("login attempt", r.login_attempts().find("a")?.iter().count()),
        ("single use", r.single_use(SingleUseKind::Invitation).peek("v")?.iter().count()),
        ("access requests", r.access_requests().list(10)?.len()),
    ])
}

async fn another_tenant_changes_no_row(w: World) {
    w.populate().await;
    let (t, other) = (w.contoso.clone(), w.fabrikam.clone());
    w.write(move |c| {
        fill(c, &t)?;
        c.tenant(&t).audit().append(|seq, _| audit_event(seq))?;
        let before = visible(c, &t)?;
        let (work, alice, s1) = (connector_id("work"), user_id("alice"), session_id("s1"));
        let mut r = c.tenant(&other);
        assert_eq!(r.connectors().update(&connector("work"), 1), Err(StorageError::StaleVersion));
        assert_eq!(r.users().update(&user("alice"), 1), Err(StorageError::StaleVersion));
        assert!(!r.users().set_status(&alice, UserStatus::Deactivated, at(1))?);
        assert!(!r.secrets().delete("p", "o")?);
        assert!(!r.signing_keys().delete("kid")?);
        let retired = SigningKeyState::Retired;
        assert!(!r.signing_keys().set_state("kid", SigningKeyState::Active, retired, at(1))?);
        assert!(!r.identity_links().touch(&work, ISSUER, "s", at(1))?);
        let nothing = r.grants().replace_from_source(&alice, RoleSource::Mapping, "work", &[])?;
        assert_eq!(nothing.removed, []);
        assert!(!r.sessions().touch(&s1, at(1), at(2))?);
        assert!(!r.sessions().end(&s1, at(1), "x")?);
        assert_eq!(r.sessions().end_by_upstream_sid(&work, "up-1", at(1), "x")?, []);
        assert!(!r.connector_versions().set_tested(&work, 1, at(1), "passed")?);
        assert!(!r.test_sign_ins().finish("test", "sealed")?);
        assert!(!r.api_keys().revoke("key", at(1))?);
        assert!(!r.api_keys().touch("key", at(1))?);
        let seen = SeenUpstream {
            upstream_sub: Some("x"),
            groups: Some((&[], at(1))),
            mapped_at: Some(at(1)),
        };
        assert!(!r.identity_links().remember(&work, ISSUER, "s", &seen)?);
        assert!(!r.login_attempts().note_failure("a")?);
        assert_eq!(r.login_attempts().recent_failures("b", at(0))?, 0);
        assert!(!r.secrets().set_expiry("p", "o", None)?);
        assert_eq!(r.audit().count_since("x.y", &work, at(0))?, 0);
        assert_eq!(r.audit().last_of("x.y", &work)?, None);
        assert!(!r.sessions().renew(&session("s1", "mallory"))?);
        assert!(!r.login_attempts().delete("a")?);
        let taken = r.single_use(SingleUseKind::Invitation).consume("v", at(1))?;
        assert_eq!(taken, ConsumeOutcome::Unknown);
        assert!(!r.access_requests().delete(&work, ISSUER, "s2")?);
        assert_eq!(r.audit().list(&ALL)?, []);
        assert_eq!(r.audit().last()?, None);

        assert_eq!(visible(c, &t)?, before);
        assert_eq!(c.tenant(&t).sessions().find(&s1)?, Some(session("s1", "alice")));
        assert_eq!(c.tenant(&t).users().find(&alice)?, Some(user("alice")));
        assert_eq!(c.tenant(&t).audit().count_since("x.y", &work, at(0))?, 1);
        assert_eq!(c.tenant(&t).api_keys().list()?, [api_key("key")]);
        assert_eq!(c.tenant(&t).test_sign_ins().find("test")?, Some(test_sign_in("test")));
        Ok(())
    })
    .await;
}

const ALL: AuditFilter = AuditFilter {
    after_seq: None,
    before_seq: None,
    event_type: None,
    newest_first: false,
    limit: 10,
};

fn audit_event(seq: i64) -> symbolon_storage::NewAuditEvent {
    symbolon_storage::NewAuditEvent {
        id: format!("e{seq}"),
        time: at(0),
        event_type: "x.y".to_owned(),
        outcome: "success".to_owned(),
        reason: Some("some.reason".to_owned()),
        connector_id: Some(connector_id("work")),
        application_id: None,
        actor: json!({}),
        target: json!({}),
        details: json!({}),
        trace_id: symbolon_contract::TraceId::parse("0".repeat(32)).unwrap(),
        session_id: None,
        hash: "h".to_owned(),
    }
}
