//! `POST /t/{tenant}/token` (RFC 6749 3.2).

use actix_web::http::header::{AUTHORIZATION, CACHE_CONTROL, PRAGMA};
use actix_web::{HttpRequest, HttpResponse};
use symbolon_identity::downstream::oidc::authorize::Parameters;
use symbolon_identity::downstream::oidc::token;
use symbolon_identity::login::refuse_request;

use crate::errors::OauthJsonError;
use crate::extract::{AtTenant, FormFields};

pub(super) async fn token(
    at: AtTenant,
    request: HttpRequest,
    form: FormFields,
) -> Result<HttpResponse, OauthJsonError> {
    let header = request.headers().get(AUTHORIZATION);
    // A header that is no text is an authentication that failed, not one that is missing.
    let header = header.map(|value| value.to_str().unwrap_or("unreadable"));
    let (broker, tenant) = (&at.state.broker, &at.tenant);
    let asked = (&Parameters::new(form.0), &at.visit.trace);
    match token::answer(broker, tenant, asked, header).await {
        Ok(answer) => Ok(HttpResponse::Ok()
            .insert_header((CACHE_CONTROL, "no-store"))
            .insert_header((PRAGMA, "no-cache"))
            .json(answer)),
        Err(refusal) => {
            let (error, application) = (refusal.error, refusal.application);
            let refused = refuse_request(broker, Some(tenant), &at.visit, error, application).await;
            Err(OauthJsonError::token(refused))
        }
    }
}
