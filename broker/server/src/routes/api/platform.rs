//! The operator's applications: registered once, offered to tenants. What concerns the application alone is what
//! `applications` does with any, at the reserved tenant that owns these.

use symbolon_contract::TenantSlug;
use symbolon_identity::admin::{self, AdminError};

use super::answer::{Done, Found, List, Made};
use super::application_views::{
    CreateApplication, OfferApplication, PlatformApplicationDetails, PlatformApplicationSummary,
    RegisteredApplication, ReplaceApplication, SwitchApplication,
};
use super::applications;
use super::body::{Json, NoBody};
use super::call::{Call, Platform};

pub(super) async fn list(
    call: Call<Platform>,
    _: NoBody,
) -> Result<Found<List<PlatformApplicationSummary>>, AdminError> {
    let broker = call.broker();
    let applications = admin::list_platform_applications(broker).await?;
    if applications.is_empty() {
        return Ok(Found([].into_iter().collect()));
    }
    let platform = admin::read_platform(broker).await?;
    let summary = |one| PlatformApplicationSummary::of(broker, &platform, one);
    Ok(Found(applications.iter().map(summary).collect()))
}

pub(super) async fn show(
    call: Call<Platform>,
    _: NoBody,
) -> Result<Found<PlatformApplicationDetails>, AdminError> {
    let (broker, id) = (call.broker(), call.application()?);
    let found = admin::read_platform_application(broker, &id).await?;
    let platform = admin::read_platform(broker).await?;
    Ok(Found(PlatformApplicationDetails::of(broker, &platform, found)))
}

pub(super) async fn create(
    call: Call<Platform>,
    Json(body): Json<CreateApplication>,
) -> Result<Made<RegisteredApplication>, AdminError> {
    let (broker, new) = (call.broker(), applications::new(body)?);
    let made = admin::create_platform_application(broker, &call.caller, new).await?;
    let platform = admin::read_platform(broker).await?;
    Ok(Made(RegisteredApplication::of(broker, &platform, made)))
}

pub(super) async fn replace(
    call: Call<Platform>,
    body: Json<ReplaceApplication>,
) -> Result<Found<RegisteredApplication>, AdminError> {
    applications::replace(call.inside().await?, body).await
}

pub(super) async fn forget(call: Call<Platform>, none: NoBody) -> Result<Done, AdminError> {
    applications::forget(call.inside().await?, none).await
}

pub(super) async fn rotate_secret(
    call: Call<Platform>,
    none: NoBody,
) -> Result<Found<RegisteredApplication>, AdminError> {
    applications::rotate_secret(call.inside().await?, none).await
}

pub(super) async fn switch(
    call: Call<Platform>,
    body: Json<SwitchApplication>,
) -> Result<Done, AdminError> {
    applications::switch(call.inside().await?, body).await
}

pub(super) async fn offer(
    call: Call<Platform>,
    Json(body): Json<OfferApplication>,
) -> Result<Done, AdminError> {
    let (broker, id) = (call.broker(), call.application()?);
    let tenant = admin::read_tenant(broker, &body.tenant).await?;
    admin::offer_application(broker, &call.caller, &tenant, (&id, body.connectors)).await?;
    Ok(Done)
}

pub(super) async fn withdraw(call: Call<Platform>, _: NoBody) -> Result<Done, AdminError> {
    let (broker, id) = (call.broker(), call.application()?);
    let tenant = admin::read_tenant(broker, &slug(&call)?).await?;
    admin::withdraw_application(broker, &call.caller, &tenant, &id).await?;
    Ok(Done)
}

/// The tenant of the path. What cannot be a name is no tenant's.
fn slug(call: &Call<Platform>) -> Result<TenantSlug, AdminError> {
    let text = call.part("tenant");
    TenantSlug::parse(text)
        .map_err(|_| AdminError::NotFound { kind: "tenant", id: text.chars().take(64).collect() })
}
