//! `POST /t/{tenant}/device_authorization` (RFC 8628 3.1).

use actix_web::http::header::CACHE_CONTROL;
use actix_web::{HttpRequest, HttpResponse};
use symbolon_identity::downstream::oidc::device;

use super::presented::{ByApplication, refused};
use crate::errors::OauthJsonError;
use crate::extract::{AtTenant, FormFields};

pub(super) async fn begin(
    at: AtTenant,
    request: HttpRequest,
    form: FormFields,
) -> Result<HttpResponse, OauthJsonError> {
    let asked = ByApplication::new(&at, &request, form);
    let presented = asked.at("device_authorization");
    match device::begin(&at.state.broker, &at.tenant, &presented, at.visit.address).await {
        Ok(answer) => {
            Ok(HttpResponse::Ok().insert_header((CACHE_CONTROL, "no-store")).json(answer))
        }
        Err(refusal) => Err(refused(&at, refusal).await),
    }
}
