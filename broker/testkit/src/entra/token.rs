//! The token endpoint: codes, refresh tokens and client credentials against tokens.

use actix_web::{HttpRequest, HttpResponse, web};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use super::aadsts::Refusal;
use super::application::AppRegistration;
use super::authorize::{single_tenant, unknown_application};
use super::client_authentication::authenticate;
use super::documents::tenant_not_found;
use super::fault::EntraFault;
use super::id_token;
use super::sign_in::verifier_fits;
use super::world::{Access, Bearer, Fields, Grant, Tenant, World};
use crate::values::random_word;

const HOUR: i64 = 3600;

/// What a grant type needs to know of the request.
struct Asked<'a> {
    world: &'a World,
    tenant: Tenant,
    application: AppRegistration,
    form: &'a Fields,
    version1: bool,
}

pub(super) async fn token(
    world: web::Data<World>,
    request: HttpRequest,
    path: web::Path<String>,
    form: web::Form<Fields>,
) -> HttpResponse {
    let faults = world.enter("token");
    world.with(|state| state.last_token = form.0.clone());
    for fault in faults {
        match fault {
            EntraFault::TokenEndpointDown => return HttpResponse::InternalServerError().finish(),
            EntraFault::TokenEndpointHangs => std::future::pending().await,
            EntraFault::TokenEndpointHtml => {
                return HttpResponse::Ok()
                    .content_type("text/html")
                    .body("<p>Please come back.</p>");
            }
            _ => {}
        }
    }
    match exchange(&world, &request, &path, &form).await {
        Ok(tokens) => HttpResponse::Ok().insert_header(("Cache-Control", "no-store")).json(tokens),
        Err(refusal) => refusal.json(&world),
    }
}

async fn exchange(
    world: &World,
    request: &HttpRequest,
    tenant: &str,
    form: &Fields,
) -> Result<Value, Refusal> {
    let tenant =
        world.with(|state| state.tenant(tenant)).ok_or_else(|| tenant_not_found(tenant))?;
    if let Some(code) = world.with(super::world::State::token_error) {
        return Err(injected(code));
    }
    let address = format!("{}{}", world.base, request.path());
    let application = authenticate(world, request, form, &address, &tenant).await?;
    let at_home = tenant == Tenant::Directory(application.home.clone());
    if !application.is_multi_tenant && !at_home {
        return Err(match &tenant {
            Tenant::Directory(_) => unknown_application(&application.client_id, &tenant),
            _ => single_tenant(&application, &tenant),
        });
    }
    let version1 = !request.path().contains("/v2.0/");
    let asked = Asked { world, tenant, application, form, version1 };
    match form.get("grant_type").map(String::as_str) {
        Some("authorization_code") => by_code(&asked),
        Some("refresh_token") => by_refresh_token(&asked),
        Some("client_credentials") => by_client(&asked),
        Some(_) => Err(Refusal::new(70003)),
        None => Err(missing("grant_type")),
    }
}

fn missing(name: &str) -> Refusal {
    let text = format!("The request body must contain the following parameter: '{name}'.");
    Refusal::saying(900144, text)
}

/// An error on demand, with what Microsoft adds to it.
fn injected(code: u32) -> Refusal {
    let refusal = Refusal::new(code);
    match code {
        50076 | 50079 | 50074 | 50078 | 53000..=53003 => {
            refusal.with_suberror("basic_action").with_claims(
                "{\"access_token\":{\"capolids\":{\"essential\":true,\"values\":[\"mock\"]}}}",
            )
        }
        65001 => refusal.with_error("invalid_grant").with_suberror("consent_required"),
        50173 => refusal.with_suberror("bad_token"),
        _ => refusal,
    }
}

fn by_code(asked: &Asked<'_>) -> Result<Value, Refusal> {
    let code = asked.form.get("code").ok_or_else(|| missing("code"))?;
    let grant = asked.world.with(|state| {
        let grant = state.codes.remove(code);
        match grant {
            Some(grant) => {
                state.used_codes.insert(code.clone());
                Ok(grant)
            }
            None if state.used_codes.contains(code) => Err(Refusal::new(54005)),
            None => Err(Refusal::new(9002313)),
        }
    })?;
    if grant.client_id != asked.application.client_id {
        return Err(Refusal::new(70000));
    }
    if grant.tenant != asked.tenant {
        return Err(Refusal::new(700005));
    }
    if grant.expires_at < asked.world.now() {
        return Err(Refusal::new(70008));
    }
    if asked.form.get("redirect_uri") != Some(&grant.redirect_uri) {
        let shown = asked.form.get("redirect_uri").map(String::as_str).unwrap_or_default();
        let text = format!(
            "The reply address '{shown}' does not match the reply address '{}' provided when \
requesting Authorization code.",
            grant.redirect_uri
        );
        return Err(Refusal::saying(500112, text));
    }
    if !verifier_fits(&grant, asked.form.get("code_verifier")) {
        return Err(Refusal::new(501481));
    }
    delegated(asked, grant)
}

fn by_refresh_token(asked: &Asked<'_>) -> Result<Value, Refusal> {
    let shown = asked.form.get("refresh_token").ok_or_else(|| missing("refresh_token"))?;
    let grant = asked.world.with(|state| state.refresh_tokens.get(shown).cloned());
    let grant = grant.ok_or_else(|| Refusal::new(9002313))?;
    if grant.client_id != asked.application.client_id {
        return Err(Refusal::new(70000));
    }
    if grant.expires_at < asked.world.now() {
        return Err(Refusal::new(700082));
    }
    delegated(asked, Grant { nonce: None, ..grant })
}

/// Tokens in a person's name.
fn delegated(asked: &Asked<'_>, grant: Grant) -> Result<Value, Refusal> {
    let Asked { world, application, form, .. } = asked;
    let person =
        world.with(|state| state.person(&grant.tid, &grant.oid).map(|(_, person)| person.clone()));
    let person = person.ok_or_else(|| Refusal::new(50173).with_suberror("bad_token"))?;
    if !person.is_enabled() {
        return Err(Refusal::new(50057));
    }
    let scope = grant.scopes.join(" ");
    let access_token = remember(
        world,
        Access {
            tid: grant.tid.clone(),
            client_id: grant.client_id.clone(),
            expires_at: world.now() + HOUR,
            bearer: Bearer::Person { oid: grant.oid.clone(), scopes: grant.scopes.clone() },
        },
    );
    let mut tokens = json!({
        "token_type": "Bearer", "scope": scope, "expires_in": HOUR, "ext_expires_in": HOUR,
        "access_token": access_token,
    });
    let mut put = |name: &str, value: Value| {
        if let Some(fields) = tokens.as_object_mut() {
            fields.insert(name.to_owned(), value);
        }
    };
    let has = |scope: &str| grant.scopes.iter().any(|granted| granted == scope);
    if has("openid") {
        let id_token = id_token::issue(world, application, &grant, asked.version1)
            .map_err(|_| Refusal::new(90033))?;
        put("id_token", json!(id_token));
    }
    if form.get("client_info").is_some_and(|wanted| wanted == "1") {
        let info = json!({"uid": grant.oid, "utid": grant.tid}).to_string();
        put("client_info", json!(URL_SAFE_NO_PAD.encode(info)));
    }
    if has("offline_access") {
        let refresh_token = random_word();
        put("refresh_token", json!(refresh_token));
        let expires_at = world.now() + 90 * 24 * HOUR;
        let grant = Grant { expires_at, ..grant };
        world.with(|state| state.refresh_tokens.insert(refresh_token, grant));
    }
    Ok(tokens)
}

/// A token in the application's own name (G-01): given out even when nothing was permitted.
fn by_client(asked: &Asked<'_>) -> Result<Value, Refusal> {
    let Asked { world, tenant, application, form, .. } = asked;
    let Tenant::Directory(tid) = tenant else {
        return Err(Refusal::new(9001023));
    };
    let scope = form.get("scope").ok_or_else(|| missing("scope"))?;
    let resource = scope.strip_suffix("/.default").ok_or_else(|| Refusal::new(1002012))?;
    let is_graph = resource == world.base || resource.starts_with("https://graph.microsoft.");
    if !is_graph && resource != application.client_id {
        let text = format!(
            "The resource principal named {resource} was not found in the tenant named {tid}."
        );
        return Err(Refusal::saying(500011, text));
    }
    let permissions = world.with(|state| {
        let consent = state.consent_of(tid, &application.client_id);
        consent.map(|consent| consent.application.clone())
    });
    if permissions.is_none() && *tid != application.home {
        return Err(unknown_application(&application.client_id, tenant));
    }
    let access = Access {
        tid: tid.clone(),
        client_id: application.client_id.clone(),
        expires_at: world.now() + HOUR,
        bearer: Bearer::Application { permissions: permissions.unwrap_or_default() },
    };
    let access_token = remember(world, access);
    Ok(json!({"token_type": "Bearer", "expires_in": HOUR, "ext_expires_in": HOUR,
        "access_token": access_token}))
}

fn remember(world: &World, access: Access) -> String {
    let word = format!("mock.{}", random_word());
    world.with(|state| state.access_tokens.insert(word.clone(), access));
    word
}
