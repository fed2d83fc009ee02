//! The saved cases of a mapping.

use symbolon_identity::admin::{self, AdminError, CaseSummary, SavedCase};

use super::answer::{Done, Found, List};
use super::body::{Json, NoBody};
use super::call::Call;
use super::mapping_views::PutCase;

pub(super) async fn list(call: Call, _: NoBody) -> Result<Found<List<CaseSummary>>, AdminError> {
    let target = call.mapping_target().await?;
    let cases = admin::list_cases(call.broker(), &call.tenant, &target).await?;
    Ok(Found(cases.into_iter().collect()))
}

pub(super) async fn show(call: Call, _: NoBody) -> Result<Found<SavedCase>, AdminError> {
    let target = call.mapping_target().await?;
    let case = (&target, call.part("case"));
    Ok(Found(admin::read_case(call.broker(), &call.tenant, case).await?))
}

pub(super) async fn put(
    call: Call,
    Json(body): Json<PutCase>,
) -> Result<Found<SavedCase>, AdminError> {
    let target = call.mapping_target().await?;
    let case = (call.part("case"), body.login, body.expected);
    let (broker, caller, tenant) = (call.broker(), &call.caller, &call.tenant);
    Ok(Found(admin::put_case(broker, caller, tenant, &target, case).await?))
}

pub(super) async fn delete(call: Call, _: NoBody) -> Result<Done, AdminError> {
    let target = call.mapping_target().await?;
    let case = (&target, call.part("case"));
    admin::delete_case(call.broker(), &call.caller, &call.tenant, case).await?;
    Ok(Done)
}
