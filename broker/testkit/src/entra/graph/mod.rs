//! Microsoft Graph, as far as a sign-in broker asks it: `/v1.0/...` on the mock's own origin.
//!
//! | file | holds |
//! |---|---|
//! | `access` | who asks, and may they |
//! | `objects` | people and groups as JSON, lists, `$filter` |
//! | `membership` | `memberOf`, `getMemberGroups` and their like |
//! | `delta` | `/users/delta`, `/groups/delta` |
//! | `paging` | pages and the links between them |

mod access;
mod delta;
mod membership;
mod objects;
pub(super) mod paging;

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use serde_json::{Value, json};

use super::Directory;
use super::clock::{graph_time, new_guid};
use super::fault::GraphFault;
use super::world::{Access, Bearer, Fields, World};
use access::bearer;

/// A refusal of Graph: status, code, message.
pub(super) type GraphError = (StatusCode, &'static str, String);

type Answer = Result<Value, GraphError>;

/// One authorized request.
pub(super) struct Asked<'a> {
    pub(super) world: &'a World,
    pub(super) access: Access,
    pub(super) directory: Directory,
    pub(super) query: Fields,
    pub(super) body: Value,
    pub(super) is_eventual: bool,
}

impl Asked<'_> {
    /// A system query option, with or without its dollar sign.
    pub(super) fn option(&self, name: &str) -> Option<&str> {
        let found = self.query.get(&format!("${name}")).or_else(|| self.query.get(name));
        found.map(String::as_str)
    }

    /// The person whose token this is.
    pub(super) fn me(&self) -> Result<&super::Person, GraphError> {
        let Bearer::Person { oid, .. } = &self.access.bearer else {
            let text = "/me request is only valid with delegated authentication flow.";
            return Err((StatusCode::BAD_REQUEST, "BadRequest", text.to_owned()));
        };
        self.directory.find(oid).ok_or_else(|| not_found(oid))
    }
}

pub(super) fn not_found(id: &str) -> GraphError {
    let text = format!(
        "Resource '{id}' does not exist or one of its queried reference-property objects are not present."
    );
    (StatusCode::NOT_FOUND, "Request_ResourceNotFound", text)
}

pub(super) fn bad_request(text: &str) -> GraphError {
    (StatusCode::BAD_REQUEST, "Request_BadRequest", text.to_owned())
}

/// Everything under `/v1.0/`.
pub(super) async fn graph(
    world: web::Data<World>,
    request: HttpRequest,
    path: web::Path<String>,
    query: web::Query<Fields>,
    body: web::Bytes,
) -> HttpResponse {
    world.enter("graph");
    let path = path.into_inner();
    let method = request.method().as_str().to_owned();
    let mut line = format!("{method} /v1.0/{path}");
    if !request.query_string().is_empty() {
        line = format!("{line}?{}", request.query_string());
    }
    let fault = world.with(|state| {
        state.graph_requests.push(line);
        let hit = state.graph_faults.iter_mut().find_map(|(part, fault, times)| {
            (path.contains(part.trim_matches('/')) && times.take()).then(|| fault.clone())
        });
        state.graph_faults.retain(|(.., times)| *times != super::fault::Times::Next(0));
        hit
    });
    if let Some(response) = disturb(&world, fault, &path).await {
        return response;
    }
    match answer(&world, &request, (&method, &path), (query.0, &body)) {
        Ok(Value::Null) => HttpResponse::NoContent().finish(),
        Ok(value) => HttpResponse::Ok().insert_header(("request-id", new_guid())).json(value),
        Err(error) => refuse(&world, &error),
    }
}

fn answer(
    world: &World,
    request: &HttpRequest,
    (method, path): (&str, &str),
    (query, body): (Fields, &[u8]),
) -> Answer {
    let access = bearer(world, request)?;
    let directory = world
        .with(|state| state.directory(&access.tid).cloned())
        .ok_or_else(|| not_found(&access.tid))?;
    let is_eventual = request
        .headers()
        .get("ConsistencyLevel")
        .is_some_and(|level| level.as_bytes().eq_ignore_ascii_case(b"eventual"));
    let body = serde_json::from_slice(body).unwrap_or_default();
    let asked = Asked { world, access, directory, query, body, is_eventual };
    route(&asked, method, path)
}

fn route(asked: &Asked<'_>, method: &str, path: &str) -> Answer {
    let segments: Vec<&str> = path.split('/').filter(|segment| !segment.is_empty()).collect();
    match (method, segments.as_slice()) {
        ("GET", ["me"]) => objects::me(asked),
        ("GET", ["me", "memberOf", kind @ ..]) => {
            membership::list(asked, None, false, (path, !kind.is_empty()))
        }
        ("GET", ["me", "transitiveMemberOf", kind @ ..]) => {
            membership::list(asked, None, true, (path, !kind.is_empty()))
        }
        ("GET", ["users", id, "memberOf", kind @ ..]) => {
            membership::list(asked, Some(id), false, (path, !kind.is_empty()))
        }
        ("GET", ["users", id, "transitiveMemberOf", kind @ ..]) => {
            membership::list(asked, Some(id), true, (path, !kind.is_empty()))
        }
        ("POST", ["me", "getMemberGroups"]) => membership::ids(asked, None, false),
        ("POST", ["me", "getMemberObjects"]) => membership::ids(asked, None, true),
        ("POST", ["users", id, "getMemberGroups"]) => membership::ids(asked, Some(id), false),
        ("POST", ["users", id, "getMemberObjects"]) => membership::ids(asked, Some(id), true),
        ("GET", ["users", "delta" | "delta()"]) => delta::delta(asked, "users/delta"),
        ("GET", ["groups", "delta" | "delta()"]) => delta::delta(asked, "groups/delta"),
        ("GET", ["users"]) => objects::users(asked),
        ("GET", ["users", id]) => objects::user(asked, id),
        ("GET", ["groups"]) => objects::groups(asked),
        ("GET", ["groups", id]) => objects::group(asked, id),
        ("GET", ["groups", id, "members" | "transitiveMembers", ..]) => {
            membership::members(asked, id, path)
        }
        ("POST", ["directoryObjects", "getByIds"]) => objects::by_ids(asked),
        ("GET", ["directory", "deletedItems", id]) => objects::deleted(asked, id),
        ("GET", ["organization"]) => objects::organization(asked),
        ("GET", [application]) => match quoted(application, "applications(appId='") {
            Some(id) => objects::application(asked, id),
            None => Err(unknown_segment(path)),
        },
        _ => Err(unknown_segment(path)),
    }
}

fn quoted<'a>(segment: &'a str, before: &str) -> Option<&'a str> {
    segment.strip_prefix(before)?.strip_suffix("')")
}

fn unknown_segment(path: &str) -> GraphError {
    let text = format!("Resource not found for the segment '{path}'.");
    (StatusCode::BAD_REQUEST, "BadRequest", text)
}

/// The answer that a fault asks for; `None` lets the honest one pass.
async fn disturb(world: &World, fault: Option<GraphFault>, path: &str) -> Option<HttpResponse> {
    let (status, code, text) = match fault? {
        GraphFault::Slow(time) => {
            actix_web::rt::time::sleep(time).await;
            return None;
        }
        GraphFault::Hangs => std::future::pending().await,
        GraphFault::Html => {
            return Some(HttpResponse::Ok().content_type("text/html").body("<p>Hello</p>"));
        }
        GraphFault::TooManyRequests(seconds) => {
            return Some(later(world, StatusCode::TOO_MANY_REQUESTS, "TooManyRequests", seconds));
        }
        GraphFault::Unavailable(seconds) => {
            return Some(later(
                world,
                StatusCode::SERVICE_UNAVAILABLE,
                "ServiceUnavailable",
                seconds,
            ));
        }
        GraphFault::Gone => {
            let to = format!("{}/v1.0/{path}?$deltatoken=", world.base);
            let body = body(
                world,
                "resyncRequired",
                "Resync required. Replace any local items with the server's version.",
            );
            return Some(HttpResponse::Gone().insert_header(("Location", to)).json(body));
        }
        GraphFault::Broken => {
            (StatusCode::INTERNAL_SERVER_ERROR, "InternalServerError", "Something went wrong.")
        }
        GraphFault::Unauthorized => (
            StatusCode::UNAUTHORIZED,
            "InvalidAuthenticationToken",
            "Access token validation failure.",
        ),
        GraphFault::Forbidden => {
            (StatusCode::FORBIDDEN, "Authorization_RequestDenied", access::DENIED)
        }
        GraphFault::ResultTooLarge => (
            StatusCode::BAD_REQUEST,
            "Directory_ResultSizeLimitExceeded",
            "The size of the result exceeds the limit.",
        ),
        GraphFault::NotFound => {
            (StatusCode::NOT_FOUND, "Request_ResourceNotFound", "Resource does not exist.")
        }
        GraphFault::SyncStateNotFound => (
            StatusCode::BAD_REQUEST,
            "syncStateNotFound",
            "The sync state generation is not found; please issue a full sync.",
        ),
    };
    Some(refuse(world, &(status, code, text.to_owned())))
}

fn later(world: &World, status: StatusCode, code: &str, seconds: u32) -> HttpResponse {
    HttpResponse::build(status).insert_header(("Retry-After", seconds.to_string())).json(body(
        world,
        code,
        "Please retry after some time.",
    ))
}

fn refuse(world: &World, (status, code, text): &GraphError) -> HttpResponse {
    let mut response = HttpResponse::build(*status);
    if *status == StatusCode::UNAUTHORIZED {
        response.insert_header(("WWW-Authenticate", "Bearer realm=\"\""));
    }
    response.json(body(world, code, text))
}

fn body(world: &World, code: &str, text: &str) -> Value {
    let id = new_guid();
    json!({"error": {"code": code, "message": text, "innerError": {
        "date": graph_time(world.now()).trim_end_matches('Z'), "request-id": id,
        "client-request-id": id,
    }}})
}
