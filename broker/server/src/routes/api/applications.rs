//! Applications: listed, registered, shown, changed, switched, deleted.

use serde_json::Value;
use symbolon_identity::admin::{
    self, AdminError, ApplicationChange, CreatedApplication, NewApplication,
};
use symbolon_identity::downstream::OpenidSettings;

use super::answer::{Done, Found, List, Made};
use super::application_views::{
    ApplicationDetails, ApplicationSummary, CreateApplication, RegisteredApplication,
    ReplaceApplication, SwitchApplication,
};
use super::body::{Json, NoBody, in_words};
use super::call::Call;

pub(super) async fn list(
    call: Call,
    _: NoBody,
) -> Result<Found<List<ApplicationSummary>>, AdminError> {
    let applications = admin::list_applications(call.broker(), &call.tenant).await?;
    let summary = |one| ApplicationSummary::of(call.broker(), &call.tenant, one);
    Ok(Found(applications.iter().map(summary).collect()))
}

pub(super) async fn show(call: Call, _: NoBody) -> Result<Found<ApplicationDetails>, AdminError> {
    let id = call.application()?;
    let application = admin::read_application(call.broker(), &call.tenant.id, &id).await?;
    Ok(Found(ApplicationDetails::of(call.broker(), &call.tenant, application)))
}

pub(super) async fn create(
    call: Call,
    Json(body): Json<CreateApplication>,
) -> Result<Made<RegisteredApplication>, AdminError> {
    let new = new(body)?;
    let made = admin::create_application(call.broker(), &call.caller, &call.tenant, new).await?;
    Ok(Made(registered(&call, made)))
}

pub(super) async fn replace(
    call: Call,
    Json(body): Json<ReplaceApplication>,
) -> Result<Found<RegisteredApplication>, AdminError> {
    let id = call.application()?;
    let change = ApplicationChange {
        display_name: body.display_name,
        settings: settings(body.settings)?,
        public: body.public,
        seen_version: Some(body.version),
    };
    let (broker, caller) = (call.broker(), &call.caller);
    let made = admin::replace_application(broker, caller, &call.tenant, (&id, change)).await?;
    Ok(Found(registered(&call, made)))
}

pub(super) async fn forget(call: Call, _: NoBody) -> Result<Done, AdminError> {
    let id = call.application()?;
    admin::delete_application(call.broker(), &call.caller, &call.tenant, &id).await?;
    Ok(Done)
}

pub(super) async fn rotate_secret(
    call: Call,
    _: NoBody,
) -> Result<Found<RegisteredApplication>, AdminError> {
    let id = call.application()?;
    let (broker, caller) = (call.broker(), &call.caller);
    let made = admin::rotate_application_secret(broker, caller, &call.tenant, &id).await?;
    Ok(Found(registered(&call, made)))
}

pub(super) async fn switch(
    call: Call,
    Json(body): Json<SwitchApplication>,
) -> Result<Done, AdminError> {
    let change = (&call.application()?, body.active);
    admin::set_application_active(call.broker(), &call.caller, &call.tenant, change).await?;
    Ok(Done)
}

/// What is to be registered, at a tenant or at the platform.
pub(super) fn new(body: CreateApplication) -> Result<NewApplication, AdminError> {
    Ok(NewApplication {
        display_name: body.display_name.unwrap_or_else(|| body.id.to_string()),
        id: body.id,
        settings: settings(body.settings)?,
        public: body.public,
    })
}

fn registered(call: &Call, made: CreatedApplication) -> RegisteredApplication {
    RegisteredApplication::of(call.broker(), &call.tenant, made)
}

fn settings(sent: Value) -> Result<OpenidSettings, AdminError> {
    serde_json::from_value(sent)
        .map_err(|error| AdminError::Invalid(vec![format!("settings: {}", in_words(&error))]))
}
