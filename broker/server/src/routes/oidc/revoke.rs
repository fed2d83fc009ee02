//! `POST /t/{tenant}/revoke` (RFC 7009 2).

use actix_web::{HttpRequest, HttpResponse};
use symbolon_identity::downstream::oidc::revoke;

use super::presented::{ByApplication, refused};
use crate::errors::OauthJsonError;
use crate::extract::{AtTenant, FormFields};

pub(super) async fn revoke(
    at: AtTenant,
    request: HttpRequest,
    form: FormFields,
) -> Result<HttpResponse, OauthJsonError> {
    let asked = ByApplication::new(&at, &request, form);
    match revoke::revoke(&at.state.broker, &at.tenant, &asked.at("revoke")).await {
        Ok(()) => Ok(HttpResponse::Ok().finish()),
        Err(refusal) => Err(refused(&at, refusal).await),
    }
}
