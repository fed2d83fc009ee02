//! What no route answers: 404 and 405, as pages with a trace id.

use actix_web::dev::HttpServiceFactory;
use actix_web::web;
use actix_web::{FromRequest, Handler, HttpRequest, Resource, Responder};
use symbolon_contract::ReasonCode;
use symbolon_identity::downstream::oidc::OauthError;
use symbolon_identity::login::refuse_request;

use crate::app::state;
use crate::errors::PageError;
use crate::extract::visit;

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
}

impl HttpServiceFactory for Methods {
    fn register(self, config: &mut actix_web::dev::AppService) {
        self.0.register(config);
    }
}

pub(super) async fn not_found(request: HttpRequest) -> Result<String, PageError> {
    Err(refused(&request, ReasonCode::RequestNotFound, "no route has this path").await)
}

async fn method_not_allowed(request: HttpRequest) -> Result<String, PageError> {
    let detail = "the path exists, the method is not among its methods";
    Err(refused(&request, ReasonCode::RequestMethodNotAllowed, detail).await)
}

/// Goes to the operator's chain: it concerns no tenant.
async fn refused(request: &HttpRequest, reason: ReasonCode, detail: &str) -> PageError {
    let state = state(request);
    let visit = visit(&state, request);
    let error = OauthError::new(reason, detail);
    let refused = refuse_request(&state.broker, None, &visit, error, None).await;
    PageError::new(&state, None, refused)
}
