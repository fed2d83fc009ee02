//! `/t/{tenant}/userinfo` (OpenID Core 5.3, RFC 6750 2, RFC 9449 7).

use actix_web::{HttpRequest, HttpResponse};
use symbolon_identity::downstream::oidc::userinfo::{self, UserinfoAnswer};
use symbolon_identity::login::refuse_request;

use super::presented::ByApplication;
use crate::errors::OauthJsonError;
use crate::extract::{AtTenant, FormFields};

pub(super) async fn by_get(
    at: AtTenant,
    request: HttpRequest,
) -> Result<HttpResponse, OauthJsonError> {
    answer(&at, &ByApplication::new(&at, &request, FormFields::default()), "GET").await
}

pub(super) async fn by_post(
    at: AtTenant,
    request: HttpRequest,
    form: FormFields,
) -> Result<HttpResponse, OauthJsonError> {
    answer(&at, &ByApplication::new(&at, &request, form), "POST").await
}

async fn answer(
    at: &AtTenant,
    asked: &ByApplication,
    method: &str,
) -> Result<HttpResponse, OauthJsonError> {
    let (broker, tenant) = (&at.state.broker, &at.tenant);
    match userinfo::answer(broker, tenant, &asked.at("userinfo"), method).await {
        Ok(UserinfoAnswer::Plain(claims)) => Ok(HttpResponse::Ok().json(claims)),
        Ok(UserinfoAnswer::Signed(token)) => {
            Ok(HttpResponse::Ok().content_type("application/jwt").body(token))
        }
        Err(error) => {
            let refused = refuse_request(broker, Some(tenant), &at.visit, error, None).await;
            Err(OauthJsonError::bearer(refused, asked.is_dpop()))
        }
    }
}
