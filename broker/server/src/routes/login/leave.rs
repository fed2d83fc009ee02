//! `GET /t/{tenant}/login/{connector}?attempt=…`: off to the upstream. A link, so that no form's redirect
//! leaves our origin (FE-CSP-2).

use actix_web::HttpResponse;
use actix_web::web::Path;
use symbolon_identity::login::flow;

use super::pages::connector_in;
use crate::errors::PageError;
use crate::extract::{AtTenant, QueryFields};
use crate::routes::respond;

pub(super) async fn leave(
    at: AtTenant,
    path: Path<(String, String)>,
    query: QueryFields,
) -> Result<HttpResponse, PageError> {
    let connector = connector_in(&at, &path.into_inner().1).await?;
    let attempt = query.get("attempt").unwrap_or_default();
    let (broker, tenant, visit) = (&at.state.broker, &at.tenant, &at.visit);
    let outcome = flow::leave(broker, tenant, visit, (attempt, &connector)).await;
    respond::outcome(&at, outcome)
}
