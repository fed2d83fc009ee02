//! Recorded sign-ins: what is kept, what there is, and two versions compared on them.

use std::str::FromStr;

use symbolon_contract::UserId;
use symbolon_identity::admin::{self, AdminError, MOST_REPLAYED, OpenedRecord, RecordedQuery};
use symbolon_identity::mapping::{CaseLogin, ReplayReport};
use symbolon_identity::tenants::RecordingSettings;
use symbolon_identity::traces::{RecordedFacts, RecordedOutcome};

use super::answer::{Found, List};
use super::body::{Json, NoBody};
use super::call::Call;
use super::mapping::active_version;
use super::mapping_views::{RecordingChanged, ReplayVersions};

pub(super) async fn list(call: Call, _: NoBody) -> Result<Found<List<RecordedFacts>>, AdminError> {
    let (id, query) = (call.connector()?, query(&call)?);
    let records = admin::list_recorded(call.broker(), &call.tenant, &id, query).await?;
    Ok(Found(records.into_iter().collect()))
}

fn query(call: &Call) -> Result<RecordedQuery, AdminError> {
    Ok(RecordedQuery {
        before: parsed(call, ("before", "a time such as 2030-01-31T12:00:00Z"), FromStr::from_str)?,
        after: parsed(call, ("after", "a time such as 2030-01-31T12:00:00Z"), FromStr::from_str)?,
        user: parsed(call, ("user", "the id of a user"), UserId::parse)?,
        outcome: parsed(call, ("outcome", "`signed_in` or `refused`"), outcome_of)?,
        limit: call.number("limit")?,
    })
}

fn outcome_of(word: &str) -> Result<RecordedOutcome, serde_json::Error> {
    serde_json::from_value(word.into())
}

fn parsed<'a, T, E>(
    call: &'a Call,
    (name, expected): (&str, &str),
    parse: impl FnOnce(&'a str) -> Result<T, E>,
) -> Result<Option<T>, AdminError> {
    let wrong = |_| AdminError::Invalid(vec![format!("{name}: {expected}")]);
    call.query(name).map(parse).transpose().map_err(wrong)
}

pub(super) async fn show(call: Call, _: NoBody) -> Result<Found<OpenedRecord>, AdminError> {
    let id = call.part("record");
    Ok(Found(admin::read_recorded(call.broker(), &call.caller, &call.tenant, id).await?))
}

pub(super) async fn case(call: Call, _: NoBody) -> Result<Found<CaseLogin>, AdminError> {
    let id = call.part("record");
    let input = admin::failing_input(call.broker(), &call.caller, &call.tenant, id).await?;
    Ok(Found(CaseLogin::from(&input)))
}

pub(super) async fn replay(
    call: Call,
    Json(body): Json<ReplayVersions>,
) -> Result<Found<ReplayReport>, AdminError> {
    let connector = call.connector()?;
    let from = match body.from {
        Some(from) => from,
        None => active_version(&call).await?,
    };
    let between = (from, body.to, body.most.unwrap_or(MOST_REPLAYED));
    Ok(Found(admin::replay_mapping(call.broker(), &call.tenant, &connector, between).await?))
}

pub(super) async fn settings(
    call: Call,
    _: NoBody,
) -> Result<Found<RecordingSettings>, AdminError> {
    Ok(Found(call.tenant.settings.recording))
}

pub(super) async fn change_settings(
    call: Call,
    Json(settings): Json<RecordingSettings>,
) -> Result<Found<RecordingChanged>, AdminError> {
    let (broker, caller, tenant) = (call.broker(), &call.caller, &call.tenant);
    let deleted = admin::set_recording(broker, caller, tenant, settings).await?;
    Ok(Found(RecordingChanged { deleted }))
}
