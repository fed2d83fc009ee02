//! `/authorize`: which tenant, and then that tenant's own authorization endpoint.

use actix_web::{HttpRequest, HttpResponse};
use symbolon_identity::downstream::oidc::authorize::Parameters;
use symbolon_identity::login::platform::{Entrance, ORGANISATION, TENANT, find_tenant};
use symbolon_identity::tenants::TenantRecord;
use url::Url;
use url::form_urlencoded::Serializer;

use super::super::authorize::authorize;
use crate::extract::{AtTenant, FormFields, QueryFields, at_platform, at_platform_for};
use crate::pages::{FindTenantPage, HiddenField, LeavingPage};
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
        Ok(Entrance::Lead(tenant)) => lead(&at, &tenant, pairs),
        Ok(Entrance::Ask { application, typed }) => {
            let page = FindTenantPage {
                application_name: application,
                action: PATH.to_owned(),
                fields: without_answers(pairs)
                    .map(|(name, value)| HiddenField::new(name, value))
                    .collect(),
                typed,
            };
            Ok(respond::page(&at.state, &page, &[])?)
        }
        Err(refused) => Ok(respond::refusal(&at, refused)?),
    }
}

/// A page that leads on, because a form's redirect may not leave our origin (H-05).
fn lead(
    at: &AtTenant,
    tenant: &TenantRecord,
    pairs: Vec<(String, String)>,
) -> Result<HttpResponse, actix_web::Error> {
    let said = pairs.iter().find(|(name, _)| name == ORGANISATION).map(|(_, value)| value.clone());
    let hinted = pairs.iter().any(|(name, value)| name == "login_hint" && !value.is_empty());
    let mut query = Serializer::new(String::new());
    query.extend_pairs(without_answers(pairs)).append_pair(TENANT, tenant.slug.as_str());
    if let Some(email) = said.filter(|said| said.contains('@') && !hinted) {
        query.append_pair("login_hint", email.trim());
    }
    let mut href: Url = at.state.settings.http.public_url.as_url().clone();
    href.set_path(PATH);
    href.set_query(Some(&query.finish()));
    let page = LeavingPage { connector_name: tenant.display_name.clone(), href };
    Ok(respond::page(&at.state, &page, &[])?)
}

/// The application's own request.
fn without_answers(pairs: Vec<(String, String)>) -> impl Iterator<Item = (String, String)> {
    pairs.into_iter().filter(|(name, _)| name != ORGANISATION && name != TENANT)
}
