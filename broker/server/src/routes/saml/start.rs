//! `GET /t/{tenant}/saml/{connector}/start?waiting=…`: a sign-in that the identity provider began is bound to this
//! browser, and goes on where the connector says.

use actix_web::HttpResponse;
use actix_web::web::Path;
use symbolon_identity::login;

use crate::errors::PageError;
use crate::extract::{AtTenant, QueryFields};
use crate::routes::login::pages::connector_in;
use crate::routes::respond;

pub(super) async fn pick_up(
    at: AtTenant,
    path: Path<(String, String)>,
    query: QueryFields,
) -> Result<HttpResponse, PageError> {
    let connector = connector_in(&at, &path.into_inner().1).await?;
    let handle = query.get("waiting").unwrap_or_default();
    let (broker, tenant, visit) = (&at.state.broker, &at.tenant, &at.visit);
    let outcome = login::pick_up(broker, tenant, visit, (&connector, handle)).await;
    respond::outcome(&at, outcome)
}
