//! `/authorize`: which tenant, and then that tenant's own authorization endpoint.

use actix_web::{HttpRequest, HttpResponse};
use symbolon_identity::downstream::oidc::authorize::Parameters;
use symbolon_identity::login::platform::{Entrance, ORGANISATION, find_tenant};

use super::super::authorize::authorize;
use super::question;
use crate::extract::{FormFields, QueryFields, at_platform, at_platform_for};
use crate::routes::respond;

const PATH: &str = "/authorize";

pub(super) async fn by_url(
    request: HttpRequest,
    query: QueryFields,
) -> Result<HttpResponse, actix_web::Error> {
    enter(&request, query.0).await
}

pub(super) async fn by_form(
    request: HttpRequest,
    form: FormFields,
) -> Result<HttpResponse, actix_web::Error> {
    enter(&request, form.0).await
}

async fn enter(
    request: &HttpRequest,
    pairs: Vec<(String, String)>,
) -> Result<HttpResponse, actix_web::Error> {
    let at = at_platform(request, None).await?;
    let parameters = Parameters::new(pairs.clone());
    match find_tenant(&at.state.broker, &at.tenant, &at.visit, &parameters).await {
        Ok(Entrance::At(tenant)) => Ok(authorize(&at_platform_for(request, tenant), pairs).await?),
        Ok(Entrance::Lead(tenant)) => {
            Ok(question::lead(&at, (PATH, with_login_hint(pairs)), &tenant)?)
        }
        Ok(Entrance::Ask { application, typed }) => {
            Ok(question::ask(&at, (PATH, pairs), (application, typed))?)
        }
        Err(refused) => Ok(respond::refusal(&at, refused)?),
    }
}

/// An address that the person typed is a hint for the tenant's own page too, unless the application gave one.
fn with_login_hint(mut pairs: Vec<(String, String)>) -> Vec<(String, String)> {
    let said = pairs.iter().find(|(name, value)| name == ORGANISATION && value.contains('@'));
    let said = said.map(|(_, value)| value.trim().to_owned());
    let hinted = pairs.iter().any(|(name, value)| name == "login_hint" && !value.is_empty());
    pairs.extend(said.filter(|_| !hinted).map(|email| ("login_hint".to_owned(), email)));
    pairs
}
