//! An attempt goes into the database and comes back, moves on once, and belongs to one browser and tenant.

use chrono::TimeDelta;
use symbolon_contract::ApplicationId;
use symbolon_storage::Database;

use super::*;
use crate::downstream::RedirectUri;
use crate::downstream::oidc::authorize::{Prompt, ResponseMode};
use crate::secrets::tests::{contains, dump, fresh_database, tenant};

const COOKIE: &str = "browser-secret-of-alice-0123456789abcdefghi";

fn asked() -> AuthorizationRequest {
    AuthorizationRequest {
        application: ApplicationId::parse("wiki").unwrap(),
        redirect_uri: RedirectUri::parse("https://wiki.example/cb?x=1").unwrap(),
        redirect_uri_was_sent: true,
        state: Some("st\"ate \u{e9}".into()),
        response_mode: ResponseMode::FormPost,
        scopes: vec!["openid".into(), "email".into()],
        nonce: Some("n".into()),
        code_challenge: Some("c".into()),
        prompt: Prompt { login: true, ..Prompt::default() },
        max_age: Some(0),
        login_hint: Some("alice@contoso.example".into()),
        id_token_hint: None,
        acr_values: vec!["gold".into()],
        ui_locales: Some("de".into()),
        connector_hint: Some("work".into()),
        resources: vec!["https://api.example".into()],
        claims: None,
        dpop_jkt: None,
        pushed: None,
    }
}

fn start() -> DateTime<Utc> {
    DateTime::from_timestamp(1_800_000_000, 0).unwrap()
}

fn attempt(id: &str, request: LoginRequest) -> LoginAttempt {
    LoginAttempt {
        id: id.to_owned(),
        browser_hash: browser_hash(&COOKIE.into()),
        request,
        stage: LoginStage::Choosing,
        last_failure: None,
        created_at: start(),
        expires_at: start() + TimeDelta::minutes(15),
        version: 1,
    }
}

fn at_upstream() -> LoginStage {
    LoginStage::AtUpstream(Leg {
        connector: ConnectorId::parse("work").unwrap(),
        started_at: start() + TimeDelta::milliseconds(1234),
        wishes: UpstreamWishes {
            login_hint: Some("alice".into()),
            fresh_sign_in: true,
            max_age: Some(60),
            ..UpstreamWishes::default()
        },
    })
}

async fn find(database: &Database, whose: &'static str, id: &'static str) -> Option<LoginAttempt> {
    let found =
        database.read(move |conn| LoginAttempt::find(&mut conn.tenant(&tenant(whose)), id)).await;
    found.unwrap()
}

#[tokio::test]
async fn an_attempt_comes_back_as_it_went_in_at_every_stage() {
    let folder = tempfile::tempdir().unwrap();
    let database = fresh_database(&folder).await;
    let requests =
        [("openid", LoginRequest::Openid(Box::new(asked()))), ("portal", LoginRequest::Portal)];
    for (id, request) in requests {
        let mut kept = attempt(id, request);
        let row = kept.clone();
        let written = database.write(move |conn| row.insert(&mut conn.tenant(&tenant("a"))));
        written.await.unwrap();
        assert_eq!(find(&database, "a", id).await, Some(kept.clone()));
        for stage in [at_upstream(), LoginStage::Done] {
            let mut moving = kept.clone();
            kept = database
                .write(move |conn| {
                    moving.advance(&mut conn.tenant(&tenant("a")), stage)?;
                    Ok(moving)
                })
                .await
                .unwrap();
            assert_eq!(find(&database, "a", id).await, Some(kept.clone()));
        }
        assert_eq!(kept.version, 3);
    }
}

#[tokio::test]
async fn h08_another_tenant_does_not_find_it() {
    let folder = tempfile::tempdir().unwrap();
    let database = fresh_database(&folder).await;
    let row = attempt("x", LoginRequest::Portal);
    let written = database.write(move |conn| row.insert(&mut conn.tenant(&tenant("a"))));
    written.await.unwrap();
    assert!(find(&database, "a", "x").await.is_some());
    assert_eq!(find(&database, "b", "x").await, None);
    assert_eq!(find(&database, "a", "y").await, None);
}

#[tokio::test]
async fn of_two_that_move_it_on_one_is_late() {
    let folder = tempfile::tempdir().unwrap();
    let database = fresh_database(&folder).await;
    let row = attempt("x", LoginRequest::Portal);
    let (mut first, mut second) = (row.clone(), row.clone());
    let late = database
        .write(move |conn| {
            let whose = tenant("a");
            let mut rows = conn.tenant(&whose);
            row.insert(&mut rows)?;
            first.advance(&mut rows, at_upstream())?;
            Ok(second.advance(&mut rows, LoginStage::Done))
        })
        .await
        .unwrap();
    assert_eq!(late, Err(StorageError::StaleVersion));
    let found = find(&database, "a", "x").await.unwrap();
    assert_eq!(found.stage, at_upstream());
}

#[tokio::test]
async fn h08_the_database_holds_nothing_that_finishes_a_trip() {
    let folder = tempfile::tempdir().unwrap();
    let database = fresh_database(&folder).await;
    let mut row = attempt("x", LoginRequest::Portal);
    row.stage = at_upstream();
    let written = database.write(move |conn| row.insert(&mut conn.tenant(&tenant("a"))));
    written.await.unwrap();
    let LoginStage::AtUpstream(stored) = at_upstream() else { unreachable!("made so above") };
    let trip = leg(&COOKIE.into(), "state-1", "https://b/cb".into(), &stored);
    let bytes = dump(&folder);
    assert!(contains(&bytes, browser_hash(&COOKIE.into()).as_bytes()));
    for secret in [COOKIE, &trip.nonce, &trip.code_verifier] {
        assert!(!contains(&bytes, secret.as_bytes()), "{secret}");
    }
}

#[test]
fn only_the_browser_that_began_it_owns_it() {
    let kept = attempt("x", LoginRequest::Portal);
    assert!(kept.belongs_to(Some(&COOKIE.into())));
    assert!(!kept.belongs_to(Some(&"another".into())));
    assert!(!kept.belongs_to(Some(&kept.browser_hash.as_str().into())));
    assert!(!kept.belongs_to(Some(&"".into())));
    assert!(!kept.belongs_to(None));
}

#[test]
fn only_a_value_that_we_could_have_made_counts_as_login_cookie() {
    let made = crate::entropy::secret_text(&crate::entropy::InsecureSeededEntropy::new(1), 32);
    assert!(is_browser_secret(&made.clone().into()));
    for bad in ["", "short", &format!("{made}A"), &"*".repeat(43), &"\u{e9}".repeat(21)] {
        assert!(!is_browser_secret(&bad.into()), "{bad}");
    }
}

#[test]
fn nonce_and_verifier_differ_by_purpose_state_and_browser() {
    let (alice, eve) = (SecretString::from("a"), SecretString::from("e"));
    let nonce = derive(&alice, "nonce", "s1");
    assert_eq!(nonce.len(), 43);
    for other in
        [derive(&alice, "pkce", "s1"), derive(&alice, "nonce", "s2"), derive(&eve, "nonce", "s1")]
    {
        assert_ne!(nonce, other);
    }
    assert_eq!(nonce, derive(&alice, "nonce", "s1"));
}
