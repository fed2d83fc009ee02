//! Answers that go back to the application: admin consent, codes, errors; and logout.

use actix_web::cookie::Cookie;
use actix_web::{HttpRequest, HttpResponse, web};

use super::aadsts::Refusal;
use super::authorize::{SESSION_COOKIE, unknown_application};
use super::documents::tenant_not_found;
use super::fault::EntraFault;
use super::pages;
use super::world::{Fields, Session, State, Tenant, World};
use crate::values::form_body;

/// Sends values to the redirect URI in the response mode that was asked for, with `state`.
pub(super) fn answer(fields: &Fields, values: &[(&str, &str)]) -> HttpResponse {
    let mut values = values.to_vec();
    if let Some(state) = fields.get("state") {
        values.push(("state", state));
    }
    let target = fields.get("redirect_uri").map(String::as_str).unwrap_or_default();
    if fields.get("response_mode").map(String::as_str) == Some("form_post") {
        return pages::form_post(target, &values);
    }
    redirect(target, &values)
}

pub(super) fn answer_error(world: &World, fields: &Fields, refusal: &Refusal) -> HttpResponse {
    let description = refusal.spoken(world).description;
    let address = format!("{}/error?code={}", world.base, refusal.code);
    let mut values = vec![
        ("error", refusal.error),
        ("error_description", description.as_str()),
        ("error_uri", address.as_str()),
    ];
    if let Some(suberror) = refusal.suberror {
        values.push(("error_subcode", suberror));
    }
    answer(fields, &values)
}

fn redirect(target: &str, values: &[(&str, &str)]) -> HttpResponse {
    let separator = if target.contains('?') { '&' } else { '?' };
    let to = format!("{target}{separator}{}", form_body(values.iter().copied()));
    HttpResponse::Found().insert_header(("Location", to)).finish()
}

/// The admin consent endpoint (E-14): the admin of this mock always agrees, unless told otherwise.
pub(super) async fn admin_consent(
    world: web::Data<World>,
    path: web::Path<String>,
    fields: web::Query<Fields>,
) -> HttpResponse {
    let faults = world.enter("adminconsent");
    let name = path.into_inner();
    let Some(tenant) = world.with(|state| state.tenant(&name)) else {
        return tenant_not_found(&name).page(&world);
    };
    let field = |name: &str| fields.get(name).map(String::as_str).unwrap_or_default();
    let found = world.with(|state| state.application(field("client_id")).cloned());
    let Some(application) = found else {
        return unknown_application(field("client_id"), &tenant).page(&world);
    };
    if !application.redirects_to(field("redirect_uri")) {
        return Refusal::new(50011).page(&world);
    }
    if faults.contains(&EntraFault::AdminConsentDenied) {
        let refusal = Refusal::new(65004).with_error("permission_denied");
        return answer_error(&world, &query_mode(&fields), &refusal);
    }
    let tid = match tenant {
        Tenant::Directory(id) => id,
        _ => application.home.clone(),
    };
    world.with(|state| state.consent(&tid, &application));
    let scope = format!("{}/.default", world.base);
    let values = [("tenant", tid.as_str()), ("admin_consent", "True"), ("scope", scope.as_str())];
    answer(&query_mode(&fields), &values)
}

fn query_mode(fields: &Fields) -> Fields {
    let mut fields = fields.clone();
    fields.remove("response_mode");
    fields
}

/// The end session endpoint (E-60). Applications with a front-channel logout URL are told by
/// frames of the page, which then goes on to `post_logout_redirect_uri`.
pub(super) async fn logout(
    world: web::Data<World>,
    request: HttpRequest,
    fields: web::Query<Fields>,
) -> HttpResponse {
    world.enter("logout");
    let cookie = request.cookie(SESSION_COOKIE);
    let hint = fields.get("logout_hint").map(String::as_str);
    let (frames, target) = world.with(|state| {
        let mut frames = Vec::new();
        let session = cookie.and_then(|cookie| state.sessions.remove(cookie.value()));
        let hinted = hint.into_iter().flat_map(|hint| hinted(state, hint));
        let ended: Vec<Session> = session.into_iter().chain(hinted).collect();
        for session in ended {
            for client_id in &session.applications {
                frames.extend(state.front_channel_logout_url(client_id, &session.sid));
            }
            state.sessions.retain(|_, other| other.sid != session.sid);
        }
        frames.sort();
        frames.dedup();
        let asked = fields.get("post_logout_redirect_uri");
        let target = asked.filter(|uri| {
            state.applications.iter().any(|application| application.redirects_to(uri))
        });
        (frames, target.cloned())
    });
    let target = target.map(|target| match fields.get("state") {
        Some(value) => {
            let separator = if target.contains('?') { '&' } else { '?' };
            format!("{target}{separator}{}", form_body([("state", value.as_str())]))
        }
        None => target,
    });
    let mut response = match target {
        Some(target) if frames.is_empty() => {
            HttpResponse::Found().insert_header(("Location", target)).finish()
        }
        target => pages::signed_out(&frames, target.as_deref()),
    };
    let mut gone = Cookie::build(SESSION_COOKIE, "").path("/").finish();
    gone.make_removal();
    // A cookie that stays names a session that is gone.
    let _ = response.add_cookie(&gone);
    response
}

/// Sessions of the person whose `login_hint` claim this is.
fn hinted(state: &State, hint: &str) -> Vec<Session> {
    let is_theirs = |session: &&Session| {
        state
            .person(&session.tid, &session.oid)
            .is_some_and(|(_, person)| person.login_hint() == hint)
    };
    state.sessions.values().filter(is_theirs).cloned().collect()
}

impl State {
    /// What Microsoft's page would GET when this session ends: `sid` and nothing else (E-61).
    pub(super) fn front_channel_logout_url(&self, client_id: &str, sid: &str) -> Option<String> {
        let url = self.application(client_id)?.logout_url.clone()?;
        let separator = if url.contains('?') { '&' } else { '?' };
        Some(format!("{url}{separator}{}", form_body([("sid", sid)])))
    }
}
