//! What no route answers: 404 and 405, as pages with a trace id.

use actix_web::dev::HttpServiceFactory;
use actix_web::http::Method;
use actix_web::web::{self, Payload};
use actix_web::{FromRequest, Handler, HttpRequest, HttpResponse, Resource, Responder};
use symbolon_contract::{ConnectorId, ReasonCode};
use symbolon_identity::downstream::oidc::OauthError;
use symbolon_identity::login::{AliasLookup, find_callback_alias, flow, refuse_request};
use symbolon_identity::tenants::TenantRecord;

use super::respond;
use crate::app::state;
use crate::errors::PageError;
use crate::extract::{FormFields, visit};

/// A resource whose other methods answer 405.
pub(super) fn resource(path: &str) -> Methods {
    Methods(web::resource(path.to_owned()).default_service(web::to(method_not_allowed)))
}

/// A resource under construction.
pub(super) struct Methods(Resource);

impl Methods {
    /// Answers GET.
    pub(super) fn get<F, Args>(self, handler: F) -> Self
    where
        F: Handler<Args>,
        Args: FromRequest + 'static,
        F::Output: Responder + 'static,
    {
        Self(self.0.route(web::get().to(handler)))
    }

    /// Answers POST.
    pub(super) fn post<F, Args>(self, handler: F) -> Self
    where
        F: Handler<Args>,
        Args: FromRequest + 'static,
        F::Output: Responder + 'static,
    {
        Self(self.0.route(web::post().to(handler)))
    }

    /// Answers PUT.
    pub(super) fn put<F, Args>(self, handler: F) -> Self
    where
        F: Handler<Args>,
        Args: FromRequest + 'static,
        F::Output: Responder + 'static,
    {
        Self(self.0.route(web::put().to(handler)))
    }

    /// Answers DELETE.
    pub(super) fn delete<F, Args>(self, handler: F) -> Self
    where
        F: Handler<Args>,
        Args: FromRequest + 'static,
        F::Output: Responder + 'static,
    {
        Self(self.0.route(web::delete().to(handler)))
    }
}

impl HttpServiceFactory for Methods {
    fn register(self, config: &mut actix_web::dev::AppService) {
        self.0.register(config);
    }
}

/// No route has this path; a connector's old callback path may be it (B8).
pub(super) async fn not_found(request: HttpRequest, payload: Payload) -> Answer {
    let state = state(&request);
    let detail = match find_callback_alias(&state.broker, request.path()).await {
        Ok(AliasLookup::Found(tenant, connector)) => {
            return alias(&request, payload, (tenant, &connector)).await;
        }
        Ok(AliasLookup::Near { path, differs_by }) => format!(
            "no route has this path; the callback path {path} differs from it by {differs_by}"
        ),
        Ok(AliasLookup::Unknown) => "no route has this path".to_owned(),
        Err(error) => format!("no route has this path; callback paths: {error}"),
    };
    Err(refused(&request, ReasonCode::RequestNotFound, &detail).await.into())
}

const OTHER_METHOD: &str = "the path exists, the method is not among its methods";

type Answer = Result<HttpResponse, actix_web::Error>;

/// On to the connector's own callback, where the cookies are: they belong to the tenant's path.
async fn alias(
    request: &HttpRequest,
    payload: Payload,
    (tenant, connector): (TenantRecord, &ConnectorId),
) -> Answer {
    let callback = format!("/t/{}/callback/{connector}", tenant.slug);
    match *request.method() {
        Method::GET => Ok(respond::see_other(&match request.query_string() {
            "" => callback,
            query => format!("{callback}?{query}"),
        })),
        Method::POST => {
            let form = FormFields::from_request(request, &mut payload.into_inner()).await?;
            let state = state(request);
            let visit = visit(&state, request);
            match flow::hold_callback(&state.broker, &tenant, &visit, &form.0).await {
                Ok(handle) => Ok(respond::see_other(&format!("{callback}?held={handle}"))),
                Err(refused) => Err(PageError::new(&state, Some(&tenant), refused).into()),
            }
        }
        _ => Err(refused(request, ReasonCode::RequestMethodNotAllowed, OTHER_METHOD).await.into()),
    }
}

async fn method_not_allowed(request: HttpRequest) -> Result<String, PageError> {
    Err(refused(&request, ReasonCode::RequestMethodNotAllowed, OTHER_METHOD).await)
}

/// Goes to the operator's chain: it concerns no tenant.
async fn refused(request: &HttpRequest, reason: ReasonCode, detail: &str) -> PageError {
    let state = state(request);
    let visit = visit(&state, request);
    let error = OauthError::new(reason, detail);
    let refused = refuse_request(&state.broker, None, &visit, error, None).await;
    PageError::new(&state, None, refused)
}
