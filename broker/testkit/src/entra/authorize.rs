//! The authorization endpoint: who asks, is it well asked, who signs in.

use actix_web::{HttpRequest, HttpResponse, web};

use super::aadsts::Refusal;
use super::answer::{answer, answer_error};
use super::application::AppRegistration;
use super::documents::tenant_not_found;
use super::fault::Shown;
use super::pages;
use super::person::Person;
use super::sign_in::{Decided, sign_in};
use super::world::{Fields, Session, Tenant, Waiting, World};
use crate::values::random_word;

pub(super) const SESSION_COOKIE: &str = "mock_entra_session";

/// A refusal and where it is shown.
pub(super) struct Refused {
    pub(super) refusal: Refusal,
    pub(super) shown: Shown,
}

pub(super) fn on_page(refusal: Refusal) -> Refused {
    Refused { refusal, shown: Shown::OnPage }
}

pub(super) fn at_callback(refusal: Refusal) -> Refused {
    Refused { refusal, shown: Shown::AtCallback }
}

pub(super) async fn from_query(
    world: web::Data<World>,
    request: HttpRequest,
    path: web::Path<String>,
    fields: web::Query<Fields>,
) -> HttpResponse {
    authorize(&world, &request, &path, fields.0)
}

pub(super) async fn from_form(
    world: web::Data<World>,
    request: HttpRequest,
    path: web::Path<String>,
    fields: web::Form<Fields>,
) -> HttpResponse {
    authorize(&world, &request, &path, fields.0)
}

fn authorize(world: &World, request: &HttpRequest, tenant: &str, fields: Fields) -> HttpResponse {
    world.enter("authorize");
    world.with(|state| state.last_authorize = fields.clone());
    let Some(tenant) = world.with(|state| state.tenant(tenant)) else {
        return tenant_not_found(tenant).page(world);
    };
    let waiting = Waiting { tenant, fields };
    match begin(world, request, &waiting) {
        Ok(response) => response,
        Err(refused) => refuse(world, &waiting.fields, &refused),
    }
}

pub(super) fn refuse(world: &World, fields: &Fields, refused: &Refused) -> HttpResponse {
    match refused.shown {
        Shown::OnPage => refused.refusal.page(world),
        Shown::AtCallback => answer_error(world, fields, &refused.refusal),
    }
}

fn begin(world: &World, request: &HttpRequest, waiting: &Waiting) -> Result<HttpResponse, Refused> {
    let Waiting { tenant, fields } = waiting;
    let application = application(world, tenant, fields).map_err(on_page)?;
    redirect_target(&application, fields).map_err(on_page)?;
    if let Some((code, shown)) = world.with(super::world::State::authorize_error) {
        return Err(Refused { refusal: Refusal::new(code), shown });
    }
    check(fields)?;
    if has_prompt(fields, "none") {
        return silently(world, request, waiting);
    }
    let hint = fields.get("login_hint").map(String::as_str);
    if let Some((tid, person)) = world.with(|state| state.automatic_person(tenant, hint)) {
        return finish(world, waiting, &Decided::now(world, tid, person));
    }
    let ticket = random_word();
    let people = world.with(|state| {
        state.waiting.insert(ticket.clone(), waiting.clone());
        let people = state.people_at(tenant);
        let hinted = hint.and_then(|hint| state.hinted(&people, hint));
        (people, hinted.map(|(_, person)| person.id))
    });
    let domains = world.with(|state| {
        let named = |directory: &super::Directory| (directory.id.clone(), directory.clone());
        state.directories.iter().map(named).collect()
    });
    let page = pages::Choice { ticket: &ticket, people: &people.0, hinted: people.1, domains };
    Ok(pages::choose(&application, tenant, &page))
}

/// The person has clicked.
pub(super) async fn decision(world: web::Data<World>, form: web::Form<Fields>) -> HttpResponse {
    world.enter("decision");
    let ticket = form.get("request").cloned().unwrap_or_default();
    let Some(waiting) = world.with(|state| state.waiting.remove(&ticket)) else {
        return Refusal::new(50089).page(&world);
    };
    let declined = form.contains_key("cancel");
    let chosen = form.get("person").cloned().unwrap_or_default();
    let found = world.with(|state| {
        let people = state.people_at(&waiting.tenant);
        people.into_iter().find(|(_, person)| person.id == chosen)
    });
    let outcome = match found {
        Some((tid, person)) => finish(&world, &waiting, &Decided::now(&world, tid, person)),
        None if declined => Err(at_callback(Refusal::new(65004))),
        None => Err(on_page(Refusal::new(50020))),
    };
    outcome.unwrap_or_else(|refused| refuse(&world, &waiting.fields, &refused))
}

fn finish(world: &World, waiting: &Waiting, decided: &Decided) -> Result<HttpResponse, Refused> {
    let signed_in = sign_in(world, waiting, decided)?;
    let values = [("code", signed_in.code.as_str()), ("session_state", &signed_in.session_state)];
    let mut response = answer(&waiting.fields, &values);
    // A cookie that cannot be set costs only the next prompt=none.
    let _ = response.add_cookie(&signed_in.cookie);
    Ok(response)
}

/// The application, if it may be used at this path.
fn application(
    world: &World,
    tenant: &Tenant,
    fields: &Fields,
) -> Result<AppRegistration, Refusal> {
    let missing = "The request body must contain the following parameter: 'client_id'.";
    let id = fields.get("client_id").ok_or_else(|| Refusal::saying(900144, missing.to_owned()))?;
    let found = world.with(|state| state.application(id).cloned());
    let application = found.ok_or_else(|| unknown_application(id, tenant))?;
    let at_home = *tenant == Tenant::Directory(application.home.clone());
    if !application.is_multi_tenant && !at_home {
        return Err(match tenant {
            Tenant::Directory(_) => unknown_application(id, tenant),
            _ => single_tenant(&application, tenant),
        });
    }
    if !application.is_enabled {
        return Err(Refusal::saying(
            7000112,
            format!("Application '{id}'({}) is disabled.", application.name),
        ));
    }
    Ok(application)
}

pub(super) fn unknown_application(id: &str, tenant: &Tenant) -> Refusal {
    Refusal::saying(
        700016,
        format!(
            "Application with identifier '{id}' was not found in the directory '{}'. This can happen \
if the application has not been installed by the administrator of the tenant or consented to by any \
user in the tenant. You may have sent your authentication request to the wrong tenant.",
            tenant.path()
        ),
    )
}

pub(super) fn single_tenant(application: &AppRegistration, tenant: &Tenant) -> Refusal {
    Refusal::saying(
        50194,
        format!(
            "Application '{}'({}) is not configured as a multi-tenant application. Usage of the \
/{} endpoint is not supported for such apps created after '10/15/2018'. Use a tenant-specific \
endpoint or configure the application to be multi-tenant.",
            application.client_id,
            application.name,
            tenant.path()
        ),
    )
}

/// Nothing may be sent to a redirect URI that is not registered (RFC 6749 section 4.1.2.1).
fn redirect_target(application: &AppRegistration, fields: &Fields) -> Result<(), Refusal> {
    if application.redirect_uris.is_empty() {
        return Err(Refusal::new(900971));
    }
    let uri = fields.get("redirect_uri").map(String::as_str).unwrap_or_default();
    if application.redirects_to(uri) {
        return Ok(());
    }
    Err(Refusal::saying(
        50011,
        format!(
            "The redirect URI '{uri}' specified in the request does not match the redirect URIs \
configured for the application '{}'. Make sure the redirect URI sent in the request matches one \
added to your application in the Azure portal.",
            application.client_id
        ),
    ))
}

fn check(fields: &Fields) -> Result<(), Refused> {
    let field = |name: &str| fields.get(name).map(String::as_str);
    match field("response_type") {
        Some("code") => {}
        None => return Err(missing("response_type")),
        Some(kind) if kind.contains("id_token") => return Err(on_page(Refusal::new(700054))),
        Some(_) => {
            return Err(at_callback(Refusal::new(70000).with_error("unsupported_response_type")));
        }
    }
    if field("scope").unwrap_or_default().trim().is_empty() {
        return Err(missing("scope"));
    }
    if let Some(challenge) = field("code_challenge") {
        if !matches!(field("code_challenge_method"), None | Some("S256" | "plain")) {
            return Err(invalid("code_challenge_method is neither S256 nor plain"));
        }
        if !(43..=128).contains(&challenge.len()) {
            return Err(at_callback(Refusal::new(501491)));
        }
    }
    if !matches!(field("response_mode"), None | Some("query" | "form_post")) {
        return Err(invalid("response_mode"));
    }
    let known = ["login", "none", "consent", "select_account"];
    let mut prompts = field("prompt").unwrap_or_default().split_whitespace();
    if !prompts.all(|prompt| known.contains(&prompt)) {
        return Err(invalid("prompt"));
    }
    if has_prompt(fields, "select_account") && fields.contains_key("login_hint") {
        return Err(invalid("'login_hint' together with 'prompt=select_account'"));
    }
    Ok(())
}

fn missing(name: &str) -> Refused {
    let text = format!("The request body must contain the following parameter: '{name}'.");
    at_callback(Refusal::saying(900144, text))
}

fn invalid(what: &str) -> Refused {
    let text = format!("The authentication service request isn't valid: {what}.");
    at_callback(Refusal::saying(90023, text))
}

fn has_prompt(fields: &Fields, wanted: &str) -> bool {
    fields.get("prompt").is_some_and(|prompt| prompt.split(' ').any(|word| word == wanted))
}

/// `prompt=none`: only a session of this browser, fresh enough for `max_age`, helps.
fn silently(
    world: &World,
    request: &HttpRequest,
    waiting: &Waiting,
) -> Result<HttpResponse, Refused> {
    let session: Option<Session> = request
        .cookie(SESSION_COOKIE)
        .and_then(|cookie| world.with(|state| state.sessions.get(cookie.value()).cloned()));
    let max_age = waiting.fields.get("max_age").and_then(|age| age.parse::<i64>().ok());
    let fresh =
        session.filter(|session| max_age.is_none_or(|age| world.now() - session.auth_time <= age));
    let decided = fresh.and_then(|session| {
        let person: Option<Person> = world.with(|state| {
            let people = state.people_at(&waiting.tenant);
            let is_theirs =
                |(tid, person): &(String, Person)| *tid == session.tid && person.id == session.oid;
            people.into_iter().find(is_theirs).map(|(_, person)| person)
        });
        person.map(|person| Decided::again(session, person))
    });
    match decided {
        Some(decided) => finish(world, waiting, &decided),
        None => Err(at_callback(Refusal::new(50058))),
    }
}
