//! Discovery in all its forms (E-02, E-03), key sets (E-04, E-05), and MSAL's instance discovery.

use actix_web::{HttpRequest, HttpResponse, web};
use serde_json::{Value, json};

use super::aadsts::Refusal;
use super::fault::EntraFault;
use super::world::{Fields, PERSONAL_DIRECTORY, Tenant, World, personal_key};
use crate::keys::SigningKey;

pub(super) fn tenant_not_found(name: &str) -> Refusal {
    Refusal::saying(
        90002,
        format!(
            "Tenant '{name}' not found. Check to make sure you have the correct tenant ID and are \
signing into the correct cloud. Check with your subscription administrator, this may happen if \
there are no active subscriptions for the tenant."
        ),
    )
}

pub(super) async fn discovery(
    world: web::Data<World>,
    request: HttpRequest,
    path: web::Path<String>,
    fields: web::Query<Fields>,
) -> HttpResponse {
    let faults = world.enter("discovery");
    if faults.contains(&EntraFault::DiscoveryDown) {
        return HttpResponse::ServiceUnavailable().finish();
    }
    let name = path.into_inner();
    let Some(tenant) = world.with(|state| state.tenant(&name)) else {
        return tenant_not_found(&name).with_error("invalid_tenant").json(&world);
    };
    let version1 = !request.path().contains("/v2.0/");
    let appid = fields.get("appid").map(String::as_str);
    let mut document = document(&world, &tenant, version1, appid);
    for fault in faults {
        let (field, value) = match fault {
            EntraFault::DiscoveryGraphHost(host) => ("msgraph_host", host),
            EntraFault::DiscoveryIssuer(issuer) => ("issuer", issuer),
            EntraFault::DiscoveryTokenEndpoint(url) => ("token_endpoint", url),
            _ => continue,
        };
        if let Some(fields) = document.as_object_mut() {
            fields.insert(field.to_owned(), json!(value));
        }
    }
    HttpResponse::Ok().insert_header(("Cache-Control", "max-age=86400, private")).json(document)
}

fn document(world: &World, tenant: &Tenant, version1: bool, appid: Option<&str>) -> Value {
    let here = format!("{}/{}", world.base, tenant.path());
    let (oauth2, keys, issuer) = if version1 {
        ("oauth2", "discovery/keys", world.issuer_version1(tenant.in_issuer()))
    } else {
        ("oauth2/v2.0", "discovery/v2.0/keys", world.issuer(tenant.in_issuer()))
    };
    let appid = appid.map(|id| format!("?appid={id}")).unwrap_or_default();
    let region = matches!(tenant, Tenant::Directory(_)).then_some("EU");
    json!({
        "token_endpoint": format!("{here}/{oauth2}/token"),
        "token_endpoint_auth_methods_supported":
            ["client_secret_post", "private_key_jwt", "client_secret_basic"],
        "jwks_uri": format!("{here}/{keys}{appid}"),
        "response_modes_supported": ["query", "fragment", "form_post"],
        "subject_types_supported": ["pairwise"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "response_types_supported": ["code", "id_token", "code id_token", "id_token token"],
        "scopes_supported": ["openid", "profile", "email", "offline_access"],
        "issuer": issuer,
        "request_uri_parameter_supported": false,
        "userinfo_endpoint": format!("{}/oidc/userinfo", world.base),
        "authorization_endpoint": format!("{here}/{oauth2}/authorize"),
        "device_authorization_endpoint": format!("{here}/{oauth2}/devicecode"),
        "http_logout_supported": true,
        "frontchannel_logout_supported": true,
        "end_session_endpoint": format!("{here}/{oauth2}/logout"),
        "claims_supported": ["sub", "iss", "cloud_instance_name", "cloud_instance_host_name",
            "cloud_graph_host_name", "msgraph_host", "aud", "exp", "iat", "auth_time", "acr",
            "nonce", "preferred_username", "name", "tid", "ver", "at_hash", "c_hash", "email"],
        "kerberos_endpoint": format!("{here}/kerberos"),
        "tenant_region_scope": region,
        "cloud_instance_name": world.host(),
        "cloud_graph_host_name": "graph.windows.net",
        "msgraph_host": world.host(),
        "rbac_url": "https://pas.windows.net",
    })
}

pub(super) async fn keys(
    world: web::Data<World>,
    path: web::Path<String>,
    fields: web::Query<Fields>,
) -> HttpResponse {
    let faults = world.enter("keys");
    if faults.contains(&EntraFault::KeysDown) {
        return HttpResponse::ServiceUnavailable().finish();
    }
    let name = path.into_inner();
    let Some(tenant) = world.with(|state| state.tenant(&name)) else {
        return tenant_not_found(&name).with_error("invalid_tenant").json(&world);
    };
    let Ok(personal) = personal_key() else {
        return HttpResponse::InternalServerError().finish();
    };
    let mut issuer = world.issuer(tenant.in_issuer());
    let personal_issuer = world.issuer(PERSONAL_DIRECTORY);
    for fault in faults {
        match fault {
            EntraFault::KeyIssuer(other) => issuer = other,
            EntraFault::KeyIssuerPersonal => issuer.clone_from(&personal_issuer),
            _ => {}
        }
    }
    let own = fields.get("appid");
    let mut keys: Vec<Value> = world.with(|state| {
        let own = own.and_then(|appid| state.own_keys.get(appid));
        state.keys.iter().chain(own).map(|key| public(key, &issuer)).collect()
    });
    keys.push(public(&personal, &personal_issuer));
    HttpResponse::Ok().json(json!({"keys": keys}))
}

/// A key as Microsoft shows it: an issuer, a thumbprint, no `alg`.
fn public(key: &SigningKey, issuer: &str) -> Value {
    let mut public = key.public();
    if let Some(fields) = public.as_object_mut() {
        fields.remove("alg");
        fields.insert("x5t".to_owned(), json!(key.kid));
        fields.insert("issuer".to_owned(), json!(issuer));
    }
    public
}

/// Which hosts belong together: asked by MSAL before anything else.
pub(super) async fn instance(world: web::Data<World>, fields: web::Query<Fields>) -> HttpResponse {
    world.enter("instance_discovery");
    let asked = fields.get("authorization_endpoint").map(String::as_str).unwrap_or_default();
    let tenant = url::Url::parse(asked)
        .ok()
        .and_then(|url| url.path_segments()?.next().map(str::to_owned))
        .unwrap_or_else(|| "common".to_owned());
    let host = world.host();
    HttpResponse::Ok().json(json!({
        "tenant_discovery_endpoint":
            format!("{}/{tenant}/v2.0/.well-known/openid-configuration", world.base),
        "api-version": "1.1",
        "metadata": [{"preferred_network": host, "preferred_cache": host, "aliases": [host]}],
    }))
}
