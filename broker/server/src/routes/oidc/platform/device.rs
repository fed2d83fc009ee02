//! `/device_authorization` and `/device`: a device waits at the platform until a person says of which tenant they are;
//! then that tenant's own page of devices answers.

use actix_web::{HttpRequest, HttpResponse};
use symbolon_identity::downstream::oidc::authorize::Parameters;
use symbolon_identity::login::platform::{Entrance, find_tenant_of_device};

use super::super::{device, device_authorization};
use super::question;
use crate::extract::{AtTenant, FormFields, QueryFields, at_platform, at_platform_for};
use crate::routes::respond;

const PATH: &str = "/device";

pub(super) async fn begin(
    request: HttpRequest,
    form: FormFields,
) -> Result<HttpResponse, actix_web::Error> {
    let at = at_platform(&request, None).await?;
    Ok(device_authorization::begin(at, request, form).await?)
}

pub(super) async fn page(
    request: HttpRequest,
    query: QueryFields,
) -> Result<HttpResponse, actix_web::Error> {
    match enter(&request, &query.0).await? {
        Ok(at) => Ok(device::page(at, query).await?),
        Err(question) => Ok(question),
    }
}

pub(super) async fn decide(
    request: HttpRequest,
    form: FormFields,
) -> Result<HttpResponse, actix_web::Error> {
    match enter(&request, &form.0).await? {
        Ok(at) => Ok(device::decide(at, request, form).await?),
        Err(question) => Ok(question),
    }
}

/// The tenant, or the question which it is.
async fn enter(
    request: &HttpRequest,
    pairs: &[(String, String)],
) -> Result<Result<AtTenant, HttpResponse>, actix_web::Error> {
    let at = at_platform(request, None).await?;
    let parameters = Parameters::new(pairs.to_vec());
    let code = pairs.iter().filter(|(name, _)| name == "user_code").cloned();
    let asked = (PATH, code.collect());
    let answer =
        match find_tenant_of_device(&at.state.broker, &at.tenant, &at.visit, &parameters).await {
            Ok(Entrance::At(tenant)) => return Ok(Ok(at_platform_for(request, tenant))),
            Ok(Entrance::Lead(tenant)) => question::lead(&at, asked, &tenant)?,
            Ok(Entrance::Ask { application, typed }) => {
                question::ask(&at, asked, (application, typed))?
            }
            Err(refused) => respond::refusal(&at, refused)?,
        };
    Ok(Err(answer))
}
