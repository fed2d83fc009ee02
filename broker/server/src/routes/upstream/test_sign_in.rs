//! `GET /t/{tenant}/test-sign-in/{handle}`: an admin opens the link of a test sign-in, once.

use actix_web::HttpResponse;
use actix_web::web::Path;
use symbolon_identity::login::begin_test;

use crate::errors::PageError;
use crate::extract::AtTenant;
use crate::routes::respond;

pub(super) async fn begin(
    at: AtTenant,
    path: Path<(String, String)>,
) -> Result<HttpResponse, PageError> {
    let (broker, tenant, visit) = (&at.state.broker, &at.tenant, &at.visit);
    let outcome = begin_test(broker, tenant, visit, &path.into_inner().1).await;
    respond::outcome(&at, outcome)
}
