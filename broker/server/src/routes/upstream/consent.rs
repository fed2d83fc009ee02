//! `GET /t/{tenant}/consent/{connector}`: back from Microsoft's page of admin consent (E-14).

use actix_web::HttpResponse;
use actix_web::web::Path;
use symbolon_identity::connectors::UpstreamCallback;
use symbolon_identity::login::consent_reported;

use crate::errors::PageError;
use crate::extract::{AtTenant, QueryFields};
use crate::pages::{ConsentPage, RefusalFacts};
use crate::routes::login::pages::connector_in;
use crate::routes::respond;

pub(super) async fn reported(
    at: AtTenant,
    path: Path<(String, String)>,
    query: QueryFields,
) -> Result<HttpResponse, PageError> {
    let connector = connector_in(&at, &path.into_inner().1).await?;
    let answer = UpstreamCallback::Query(query.0);
    let (broker, tenant, visit) = (&at.state.broker, &at.tenant, &at.visit);
    let reported = consent_reported(broker, tenant, visit, (&connector, &answer)).await;
    let report = match reported {
        Ok(report) => report,
        Err(refused) => return respond::refusal(&at, refused),
    };
    let page = ConsentPage {
        connector: connector.to_string(),
        granted: report.reason.is_none(),
        directory: report.directory,
        refusal: report.reason.map(|reason| RefusalFacts {
            reason: reason.to_string(),
            detail: report.detail,
            cause: reason.entry().cause.to_owned(),
            fix: reason.entry().fix.to_owned(),
        }),
    };
    respond::page(&at.state, &page, &[])
}
