//! `/t/{tenant}/authorize`, by URL or posted form (OpenID Core 3.1.2.1).

use actix_web::HttpResponse;
use symbolon_identity::downstream::oidc::authorize::Parameters;
use symbolon_identity::login::flow;

use crate::errors::PageError;
use crate::extract::{AtTenant, FormFields, QueryFields};
use crate::routes::respond;

pub(super) async fn by_url(at: AtTenant, query: QueryFields) -> Result<HttpResponse, PageError> {
    authorize(&at, query.0).await
}

pub(super) async fn by_form(at: AtTenant, form: FormFields) -> Result<HttpResponse, PageError> {
    authorize(&at, form.0).await
}

pub(super) async fn authorize(
    at: &AtTenant,
    pairs: Vec<(String, String)>,
) -> Result<HttpResponse, PageError> {
    at.report_other_host();
    let parameters = Parameters::new(pairs);
    let outcome = flow::authorize(&at.state.broker, &at.tenant, &at.visit, &parameters).await;
    respond::outcome(at, outcome)
}
