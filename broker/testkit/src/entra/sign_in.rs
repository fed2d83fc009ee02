//! A person signs in: may they, and what does the code stand for?

use actix_web::cookie::Cookie;
use serde_json::Value;

use super::aadsts::Refusal;
use super::authorize::{Refused, SESSION_COOKIE, at_callback, on_page};
use super::clock::new_guid;
use super::person::Person;
use super::world::{Fields, Grant, Session, Waiting, World};
use crate::values::{random_word, sha256_base64url};

const TEN_MINUTES: i64 = 600;
const OPENID_SCOPES: &[&str] = &["openid", "profile", "email", "offline_access"];

/// Who it is, and since when.
pub(super) struct Decided {
    tid: String,
    person: Person,
    auth_time: i64,
    sid: String,
    is_silent: bool,
}

impl Decided {
    /// They have just proved who they are.
    pub(super) fn now(world: &World, tid: String, person: Person) -> Self {
        Self { tid, person, auth_time: world.now(), sid: new_guid(), is_silent: false }
    }

    /// Their browser was here before.
    pub(super) fn again(session: Session, person: Person) -> Self {
        let Session { tid, sid, auth_time, .. } = session;
        Self { tid, person, auth_time, sid, is_silent: true }
    }
}

pub(super) struct SignedIn {
    pub(super) code: String,
    pub(super) session_state: String,
    pub(super) cookie: Cookie<'static>,
}

/// Checks the person, then gives a code.
pub(super) fn sign_in(
    world: &World,
    waiting: &Waiting,
    decided: &Decided,
) -> Result<SignedIn, Refused> {
    let fields = &waiting.fields;
    let client_id = fields.get("client_id").cloned().unwrap_or_default();
    check_person(world, &client_id, decided)?;
    let scopes = scopes(world, &client_id, &decided.tid, fields)?;
    let acrs = acrs(fields, decided)?;
    let (code, cookie) = (random_word(), random_word());
    let field = |name: &str| fields.get(name).cloned();
    world.with(|state| {
        let grant = Grant {
            tenant: waiting.tenant.clone(),
            client_id: client_id.clone(),
            redirect_uri: field("redirect_uri").unwrap_or_default(),
            tid: decided.tid.clone(),
            oid: decided.person.id.clone(),
            sid: decided.sid.clone(),
            auth_time: decided.auth_time,
            expires_at: world.now() + TEN_MINUTES,
            nonce: field("nonce"),
            code_challenge: field("code_challenge"),
            is_plain_challenge: field("code_challenge_method").as_deref() != Some("S256"),
            scopes,
            acrs,
            asked_claims: asked_claims(fields),
        };
        state.codes.insert(code.clone(), grant);
        let mut applications: std::collections::BTreeSet<String> = state
            .sessions
            .values()
            .filter(|session| session.sid == decided.sid)
            .flat_map(|session| session.applications.clone())
            .collect();
        applications.insert(client_id);
        let session = Session {
            tid: decided.tid.clone(),
            oid: decided.person.id.clone(),
            sid: decided.sid.clone(),
            auth_time: decided.auth_time,
            applications,
        };
        state.sessions.insert(cookie.clone(), session);
    });
    let cookie = Cookie::build(SESSION_COOKIE, cookie).path("/").http_only(true).finish();
    Ok(SignedIn { code, session_state: decided.sid.clone(), cookie })
}

/// May this person in at all? Microsoft says no on its own page.
fn check_person(world: &World, client_id: &str, decided: &Decided) -> Result<(), Refused> {
    let Decided { tid, person, .. } = decided;
    if let Some(code) = person.refused {
        return Err(on_page(Refusal::new(code)));
    }
    if !person.is_enabled() {
        return Err(on_page(Refusal::new(50057)));
    }
    let is_assigned = world.with(|state| {
        let assigned = state.application(client_id)?.assigned.clone()?;
        let groups = state.directory(tid)?.direct_groups(&person.id);
        Some(assigned.contains(&person.id) || groups.iter().any(|group| assigned.contains(group)))
    });
    if is_assigned == Some(false) {
        return Err(on_page(Refusal::new(50105)));
    }
    Ok(())
}

/// What was asked for, if it was consented to.
fn scopes(
    world: &World,
    client_id: &str,
    tid: &str,
    fields: &Fields,
) -> Result<Vec<String>, Refused> {
    let granted = world.with(|state| state.consent_of(tid, client_id).cloned());
    let granted = granted.ok_or_else(|| on_page(Refusal::new(65001)))?;
    let asked = fields.get("scope").map(String::as_str).unwrap_or_default();
    let mut scopes = Vec::new();
    for scope in asked.split_whitespace() {
        let short = scope.rsplit('/').next().unwrap_or(scope);
        if short == ".default" {
            scopes.extend(granted.delegated.iter().cloned());
        } else if OPENID_SCOPES.contains(&short) || granted.delegated.contains(short) {
            scopes.push(short.to_owned());
        } else {
            return Err(on_page(Refusal::new(65001)));
        }
    }
    Ok(scopes)
}

/// What the `claims` parameter says of the ID token (OpenID Connect Core 5.5).
fn id_token_claims(fields: &Fields) -> Value {
    let claims = fields.get("claims").map_or("{}", String::as_str);
    let claims: Value = serde_json::from_str(claims).unwrap_or_default();
    claims.get("id_token").cloned().unwrap_or_default()
}

fn asked_claims(fields: &Fields) -> Vec<String> {
    let claims = id_token_claims(fields);
    claims.as_object().map(|claims| claims.keys().cloned().collect()).unwrap_or_default()
}

/// The authentication contexts that were asked for by `claims`, if the person does MFA (E-45).
fn acrs(fields: &Fields, decided: &Decided) -> Result<Vec<String>, Refused> {
    let claims = id_token_claims(fields);
    let asked = claims.get("acrs");
    let one = asked.and_then(|asked| asked.get("value")).and_then(Value::as_str);
    let many = asked.and_then(|asked| asked.get("values")).and_then(Value::as_array);
    let values: Vec<String> = one
        .into_iter()
        .chain(many.into_iter().flatten().filter_map(Value::as_str))
        .map(str::to_owned)
        .collect();
    if values.is_empty() || decided.person.does_mfa {
        return Ok(values);
    }
    if decided.is_silent {
        return Err(at_callback(Refusal::new(50076).with_suberror("basic_action")));
    }
    Ok(Vec::new())
}

/// Whether the verifier fits the challenge (RFC 7636 section 4.6).
pub(super) fn verifier_fits(grant: &Grant, verifier: Option<&String>) -> bool {
    let shown = match verifier {
        Some(verifier) if !grant.is_plain_challenge => Some(sha256_base64url(verifier)),
        other => other.cloned(),
    };
    shown == grant.code_challenge
}
