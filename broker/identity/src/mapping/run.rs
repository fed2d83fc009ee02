//! One mapping of one sign-in, with everything that follows from it.

use symbolon_contract::{Mapping, RoleName, TenantId, TraceId};
use symbolon_storage::MappingTarget;

use super::active::{ActiveMapping, active_mapping, find};
use super::ask::{Answer, Purpose, ask};
use super::verdict::Verdict;
use super::{
    Answered, MappingError, MappingInput, MappingOutcome, consequences, last_known, shadow,
};
use crate::broker::Broker;

/// Runs the active version on one sign-in. Failures are counted and answered by the tenant's policy, and a
/// shadow version runs beside.
pub(crate) async fn run(
    broker: &Broker,
    tenant: &TenantId,
    input: &MappingInput,
    trace: &TraceId,
) -> Result<MappingOutcome, MappingError> {
    let target = MappingTarget::connector(&input.connector);
    let active = active_mapping(broker, tenant, &target).await?;
    let answer = match consequences::stopped(&active) {
        Some(stopped) => Err(stopped),
        None => {
            let asked = (&active.version, &active.rules);
            let answer = ask(broker, tenant, asked, (Purpose::Login, input)).await;
            let error = answer.as_ref().err();
            consequences::count(broker, tenant, &active, (input, error), trace).await;
            answer
        }
    };
    let live = Verdict::of(answer.as_ref().map(|answer| &answer.mapping));
    shadow::run_beside(broker, tenant, &active, (input, live), trace);
    match answer {
        Ok(answer) => Ok(outcome(answer, &active)),
        Err(error) if error.may_be_answered() => {
            let because = (input, error.reason());
            let known = last_known::answer(broker, tenant, &active, because).await?;
            known.ok_or(error)
        }
        Err(error) => Err(error),
    }
}

/// Asks the active version about one sign-in that is only tried: nothing follows from it.
pub(crate) async fn preview(
    broker: &Broker,
    tenant: &TenantId,
    input: &MappingInput,
) -> Result<MappingOutcome, MappingError> {
    let target = MappingTarget::connector(&input.connector);
    let active = active_mapping(broker, tenant, &target).await?;
    if let Some(stopped) = consequences::stopped(&active) {
        return Err(stopped);
    }
    let asked = (&active.version, &active.rules);
    let answer = ask(broker, tenant, asked, (Purpose::Preview, input)).await?;
    Ok(outcome(answer, &active))
}

fn outcome(answer: Answer, active: &ActiveMapping) -> MappingOutcome {
    MappingOutcome {
        mapping: answer.mapping,
        plugin: active.version.plugin_digest.clone(),
        version: active.version.version,
        answered: Answered::Now,
        remarks: answer.remarks,
        fuel: answer.fuel,
    }
}

/// Asks the mapping of an application what is released to it. `None` when it has none: the scopes decide.
pub(crate) async fn release(
    broker: &Broker,
    tenant: &TenantId,
    (target, also): (&MappingTarget, &[RoleName]),
    input: &MappingInput,
    trace: &TraceId,
) -> Result<Option<Mapping>, MappingError> {
    let (of, whose, also) = (tenant.clone(), target.clone(), also.to_vec());
    let active = broker.database.read(move |conn| find(&mut conn.tenant(&of), &whose, &also));
    let Some(active) = active.await? else {
        return Ok(None);
    };
    if let Some(stopped) = consequences::stopped(&active) {
        return Err(stopped);
    }
    let asked = (&active.version, &active.rules);
    let answer = ask(broker, tenant, asked, (Purpose::Release, input)).await;
    let error = answer.as_ref().err();
    consequences::count(broker, tenant, &active, (input, error), trace).await;
    let live = Verdict::of(answer.as_ref().map(|answer| &answer.mapping));
    shadow::run_beside(broker, tenant, &active, (input, live), trace);
    Ok(Some(answer?.mapping))
}
