//! One version is asked about inputs. No consequences: that is for [`super::run`].

use std::time::Duration;

use symbolon_contract::{Mapping, MappingRequest, TenantId};
use symbolon_plugin_host::CallReport;
use symbolon_storage::MappingVersion;

use super::rulebook::{Judged, Rulebook};
use super::{MappingError, MappingInput, groups, ready, request};
use crate::broker::Broker;

/// Why a version is asked; the plugin is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// Somebody signs in.
    Login,
    /// Claims are released to an application.
    Release,
    /// An admin tries something.
    Preview,
    /// A recorded sign-in is asked about again.
    Replay,
}

impl Purpose {
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Login => "login",
            Self::Release => "release",
            Self::Preview => "preview",
            Self::Replay => "replay",
        }
    }
}

/// A decision that counts, and what it cost.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Answer {
    /// What the plugin allows, judged.
    pub(crate) mapping: Mapping,
    /// What was left out of it and why.
    pub(crate) remarks: Vec<String>,
    /// Fuel used.
    pub(crate) fuel: u64,
    /// Wall-clock time of the call.
    pub(crate) took: Duration,
}

/// Asks one version about one input.
pub(crate) async fn ask(
    broker: &Broker,
    tenant: &TenantId,
    (version, rules): (&MappingVersion, &Rulebook),
    (purpose, input): (Purpose, &MappingInput),
) -> Result<Answer, MappingError> {
    let plugin = &version.plugin_digest;
    ready(broker, tenant, plugin).await?;
    let request = request_for(version, purpose, input);
    let configuration = &version.configuration;
    let report = broker.plugins.map_login(tenant, plugin, configuration, request).await?;
    judged(report, rules, input)
}

/// Asks one version about many inputs, in turns that leave room for the tenant's sign-ins.
pub(crate) async fn ask_many(
    broker: &Broker,
    tenant: &TenantId,
    (version, rules): (&MappingVersion, &Rulebook),
    (purpose, inputs): (Purpose, &[MappingInput]),
) -> Result<Vec<Result<Answer, MappingError>>, MappingError> {
    let plugin = &version.plugin_digest;
    ready(broker, tenant, plugin).await?;
    let requests = inputs.iter().map(|input| request_for(version, purpose, input)).collect();
    let reports =
        broker.plugins.map_batch(tenant, plugin, &version.configuration, requests).await?;
    let judge = |(report, input): (Result<CallReport, _>, &MappingInput)| {
        report.map_err(MappingError::from).and_then(|report| judged(report, rules, input))
    };
    Ok(reports.into_iter().zip(inputs).map(judge).collect())
}

fn request_for(version: &MappingVersion, purpose: Purpose, input: &MappingInput) -> MappingRequest {
    let told = (&version.plugin_digest, version.configuration.as_str());
    let claims = groups::for_plugin(&input.claims, told);
    request::build(purpose.as_str(), input, &claims)
}

fn judged(
    report: CallReport,
    rules: &Rulebook,
    input: &MappingInput,
) -> Result<Answer, MappingError> {
    let (fuel, took) = (report.fuel_used, report.duration);
    let Judged { mapping, remarks } = rules.judge(report.decision, input)?;
    Ok(Answer { mapping, remarks, fuel, took })
}
