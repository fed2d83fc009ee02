//! `GET /t/{tenant}/login`: the way in, for an attempt or for the tenant's own page.

use actix_web::HttpResponse;
use symbolon_identity::login::flow;

use crate::errors::PageError;
use crate::extract::{AtTenant, QueryFields};
use crate::routes::respond;

pub(super) async fn page(at: AtTenant, query: QueryFields) -> Result<HttpResponse, PageError> {
    at.report_other_host();
    let (broker, tenant, visit) = (&at.state.broker, &at.tenant, &at.visit);
    let outcome = match query.get("attempt") {
        Some(attempt) => {
            flow::login_page(broker, tenant, visit, (attempt, query.get("email"))).await
        }
        None => flow::open_portal(broker, tenant, visit).await,
    };
    respond::outcome(&at, outcome)
}
