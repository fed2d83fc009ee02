//! How a handler becomes a route. Key, query, body, use case and answer come in this order for all of them,
//! so that no handler can forget one, and what the table says of a handler is what the compiler knows of it.

use std::borrow::Cow;
use std::future::Future;

use actix_web::http::Method;
use actix_web::http::header::ALLOW;
use actix_web::web::{self, Payload};
use actix_web::{HttpRequest, HttpResponse, Resource, Route};
use schemars::{Schema, SchemaGenerator};
use symbolon_contract::{ReasonCode, TraceId};
use symbolon_identity::admin::{self, AdminError, ApiScope};

use super::answer::Answer;
use super::body::RequestBody;
use super::call::{Call, Place};
use crate::app::state;
use crate::errors::ProblemJson;
use crate::extract::visit;

type MakeSchema = fn(&mut SchemaGenerator) -> Option<Schema>;

/// A parameter of the query.
#[derive(Debug, Clone, Copy)]
pub(super) struct Parameter {
    pub(super) name: &'static str,
    pub(super) about: &'static str,
    pub(super) required: bool,
}

/// One method of a path.
pub(super) struct Endpoint {
    pub(super) method: Method,
    pub(super) id: String,
    pub(super) about: &'static str,
    pub(super) scope: ApiScope,
    pub(super) query: &'static [Parameter],
    pub(super) body: MakeSchema,
    pub(super) body_type: &'static str,
    pub(super) headers: &'static [Parameter],
    pub(super) status: u16,
    pub(super) media_type: Option<&'static str>,
    pub(super) answer: MakeSchema,
    route: Route,
}

impl Endpoint {
    /// An endpoint whose query holds `query` and nothing else.
    pub(super) fn new<P, F, Fut, B, A>(
        (method, id, about): (Method, &'static str, &'static str),
        scope: ApiScope,
        query: &'static [Parameter],
        handler: F,
    ) -> Self
    where
        P: Place,
        F: Fn(Call<P>, B) -> Fut + Copy + 'static,
        Fut: Future<Output = Result<A, AdminError>> + 'static,
        B: RequestBody,
        A: Answer + 'static,
    {
        let route = web::method(method.clone()).to(
            move |request: HttpRequest, payload: Payload| async move {
                let (scope, query) = (scope, query);
                match run(&request, payload, (scope, query), handler).await {
                    Ok(answer) => answer.into_response(),
                    Err(problem) => problem.into_response(),
                }
            },
        );
        Self {
            method,
            id: id.to_owned(),
            about,
            scope,
            query,
            body: B::schema,
            body_type: B::MEDIA_TYPE,
            headers: B::HEADERS,
            status: A::STATUS.as_u16(),
            media_type: A::MEDIA_TYPE,
            answer: A::schema,
            route,
        }
    }

    /// The same for something else, so that its name differs.
    pub(super) fn named(mut self, suffix: &str) -> Self {
        self.id.push_str(suffix);
        self
    }
}

async fn run<P, F, Fut, B, A>(
    request: &HttpRequest,
    payload: Payload,
    (scope, query): (ApiScope, &[Parameter]),
    handler: F,
) -> Result<A, ProblemJson>
where
    P: Place,
    F: Fn(Call<P>, B) -> Fut,
    Fut: Future<Output = Result<A, AdminError>>,
    B: RequestBody,
{
    let call = Call::<P>::accept(request, scope).await?;
    let trace = trace(request);
    call.check_query(query).map_err(|error| ProblemJson::of(error, trace.clone()))?;
    let limit = B::limit(&call, state(request).settings.limits.request_bytes);
    let body = B::read(request, payload, limit).await;
    let body =
        body.map_err(|problem| ProblemJson::new(problem.reason, &problem.detail, trace.clone()))?;
    // Boxed, because a use case holds a whole transaction's worth of state.
    let changes = request.method() != Method::GET;
    let (broker, caller, tenant) =
        (call.broker().clone(), call.caller.clone(), call.tenant.tenant().cloned());
    match Box::pin(handler(call, body)).await {
        Ok(answer) => Ok(answer),
        Err(error) => {
            if changes {
                admin::note_refused_change(&broker, &caller, tenant.as_ref(), &error).await;
            }
            Err(ProblemJson::of(error, trace))
        }
    }
}

/// The endpoints of a path, below that of the tenant or the platform.
pub(super) struct Group {
    pub(super) path: Cow<'static, str>,
    pub(super) endpoints: Vec<Endpoint>,
}

impl Group {
    /// As actix has it; other methods answer 405.
    pub(super) fn into_resource(self) -> Resource {
        let allowed: Vec<&str> = self.endpoints.iter().map(|one| one.method.as_str()).collect();
        let allowed = allowed.join(", ");
        let resource = web::resource(self.path.as_ref()).default_service(web::to(
            move |request: HttpRequest| method_not_allowed(request, allowed.clone()),
        ));
        self.endpoints.into_iter().fold(resource, |resource, one| resource.route(one.route))
    }
}

/// No endpoint has this path.
pub(super) async fn not_found(request: HttpRequest) -> HttpResponse {
    let detail = "no endpoint has this path";
    ProblemJson::new(ReasonCode::RequestNotFound, detail, trace(&request)).into_response()
}

async fn method_not_allowed(request: HttpRequest, allowed: String) -> HttpResponse {
    let detail = format!("this path answers {allowed}");
    let problem = ProblemJson::new(ReasonCode::RequestMethodNotAllowed, &detail, trace(&request));
    let mut response = problem.into_response();
    if let Ok(value) = allowed.parse() {
        response.headers_mut().insert(ALLOW, value);
    }
    response
}

fn trace(request: &HttpRequest) -> TraceId {
    visit(&state(request), request).trace
}
