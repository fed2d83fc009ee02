//! A version is tried before it counts (WP-79): on samples, on the saved cases, twice for determinism.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use symbolon_contract::{Diagnostic, InvalidId, Severity, TenantId};
use symbolon_storage::MappingVersion;
use thiserror::Error;

use super::ask::{Answer, Purpose, ask_many};
use super::samples::samples;
use super::{Difference, MappingError, MappingInput, Rulebook, Verdict, cases, difference, ready};
use crate::broker::Broker;
use crate::secrets::SecretsError;

/// From this share of the fuel limit on, a version is warned about (WP-58).
const FUEL_WARNING: f64 = 0.5;

/// What came of a trial.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct TrialReport {
    /// The version.
    pub version: i32,
    /// When.
    pub at: DateTime<Utc>,
    /// Whether the version may be activated.
    pub passed: bool,
    /// What stands in the way.
    pub problems: Vec<String>,
    /// Worth knowing, and no obstacle.
    pub warnings: Vec<String>,
    /// What the plugin finds in its configuration.
    pub findings: Vec<Diagnostic>,
    /// The saved cases.
    pub cases: Vec<CaseResult>,
    /// The samples that every version is tried on.
    pub samples: Vec<SampleResult>,
    /// The greatest fuel of a call.
    pub worst_fuel: u64,
    /// The limit of a call.
    pub fuel_limit: u64,
}

/// What came of a saved case.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct CaseResult {
    /// Its name.
    pub name: String,
    /// Whether the version says what is expected.
    pub passed: bool,
    /// From what is expected to what it says.
    pub difference: Option<Difference>,
    /// Fuel of the call; none when there was no decision.
    pub fuel: Option<u64>,
}

/// What came of a sample. Only a crash or a limit stands in the way: a plugin may well refuse somebody who has
/// no e-mail.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct SampleResult {
    /// Its name.
    pub name: String,
    /// What the version says.
    pub verdict: Verdict,
    /// Fuel of the call.
    pub fuel: Option<u64>,
}

/// Why there is no report.
#[derive(Debug, Error)]
pub enum TrialError {
    /// The plugin cannot be asked at all.
    #[error(transparent)]
    Mapping(#[from] MappingError),
    /// A saved case cannot be opened.
    #[error(transparent)]
    Secrets(#[from] SecretsError),
    /// A saved case names what does not exist.
    #[error("{0}")]
    Case(InvalidId),
}

/// Tries a version. Changes nothing.
pub(crate) async fn try_version(
    broker: &Broker,
    tenant: &TenantId,
    (version, rules): (&MappingVersion, &Rulebook),
) -> Result<TrialReport, TrialError> {
    let plugin = &version.plugin_digest;
    ready(broker, tenant, plugin).await?;
    let findings = broker.plugins.check_config(tenant, plugin, &version.configuration).await;
    let mut trial = Trial {
        report: TrialReport {
            version: version.version,
            at: broker.clock.now(),
            passed: false,
            problems: Vec::new(),
            warnings: Vec::new(),
            findings: findings.map_err(MappingError::from)?,
            cases: Vec::new(),
            samples: Vec::new(),
            worst_fuel: 0,
            fuel_limit: broker.plugins.limits().fuel,
        },
        asked: Asked { broker, tenant, version, rules },
    };
    trial.note_findings();
    trial.run_samples().await?;
    trial.run_cases().await?;
    Ok(trial.finish())
}

#[derive(Clone, Copy)]
struct Asked<'a> {
    broker: &'a Broker,
    tenant: &'a TenantId,
    version: &'a MappingVersion,
    rules: &'a Rulebook,
}

impl Asked<'_> {
    async fn about(
        self,
        inputs: &[MappingInput],
    ) -> Result<Vec<Result<Answer, MappingError>>, MappingError> {
        let asked = (self.version, self.rules);
        ask_many(self.broker, self.tenant, asked, (Purpose::Preview, inputs)).await
    }
}

struct Trial<'a> {
    report: TrialReport,
    asked: Asked<'a>,
}

impl Trial<'_> {
    fn note_findings(&mut self) {
        for finding in &self.report.findings {
            let text = format!("{}: {}", finding.path, finding.message);
            match finding.severity {
                Severity::Error => self.report.problems.push(text),
                Severity::Warning => self.report.warnings.push(text),
                Severity::Info => {}
            }
        }
    }

    async fn run_samples(&mut self) -> Result<(), TrialError> {
        let target = &self.asked.version.target();
        let samples = samples();
        let inputs: Result<Vec<_>, _> =
            samples.iter().map(|(_, login)| login.input(target)).collect();
        let inputs = inputs.map_err(TrialError::Case)?;
        let first = self.asked.about(&inputs).await?;
        let second = self.asked.about(&inputs).await?;
        let mut unsteady = BTreeSet::new();
        for (((name, _), answer), again) in samples.into_iter().zip(first).zip(second) {
            let fuel = self.note_fuel(name, &answer);
            if let Err(error) = &answer {
                self.note_failure(name, error);
            }
            let verdict = verdict(&answer);
            if verdict != self::verdict(&again) {
                unsteady.insert(name);
            }
            self.report.samples.push(SampleResult { name: name.to_owned(), verdict, fuel });
        }
        for name in unsteady {
            let text = format!("sample \"{name}\": asked twice, it answers differently");
            self.report.problems.push(text);
        }
        Ok(())
    }

    fn note_failure(&mut self, name: &str, error: &MappingError) {
        let text = format!("sample \"{name}\": {error}");
        if error.counts_towards_quarantine() {
            self.report.problems.push(text);
        } else if error.breaks_the_contract() {
            self.report.warnings.push(text);
        }
    }

    async fn run_cases(&mut self) -> Result<(), TrialError> {
        let target = &self.asked.version.target();
        let saved = cases::all(self.asked.broker, self.asked.tenant, target).await?;
        let inputs: Result<Vec<_>, _> =
            saved.iter().map(|(_, case)| case.login.input(target)).collect();
        let answers = self.asked.about(&inputs.map_err(TrialError::Case)?).await?;
        for ((name, case), answer) in saved.into_iter().zip(answers) {
            let fuel = self.note_fuel(&name, &answer);
            let difference = difference(&case.expected, &verdict(&answer));
            if difference.is_some() {
                self.report.problems.push(format!("case \"{name}\": it says something else"));
            }
            let passed = difference.is_none();
            self.report.cases.push(CaseResult { name, passed, difference, fuel });
        }
        Ok(())
    }

    fn note_fuel(&mut self, name: &str, answer: &Result<Answer, MappingError>) -> Option<u64> {
        let fuel = answer.as_ref().ok()?.fuel;
        self.report.worst_fuel = self.report.worst_fuel.max(fuel);
        if let Some(warning) = fuel_warning(name, (fuel, self.report.fuel_limit)) {
            self.report.warnings.push(warning);
        }
        Some(fuel)
    }

    fn finish(mut self) -> TrialReport {
        self.report.passed = self.report.problems.is_empty();
        self.report
    }
}

fn verdict(answer: &Result<Answer, MappingError>) -> Verdict {
    Verdict::of(answer.as_ref().map(|answer| &answer.mapping))
}

/// WP-58, with the input that caused it.
#[expect(clippy::cast_precision_loss, reason = "a share for people to read")]
fn fuel_warning(name: &str, (fuel, limit): (u64, u64)) -> Option<String> {
    let share = fuel as f64 / limit as f64;
    (share >= FUEL_WARNING).then(|| {
        format!("\"{name}\" takes {:.0} % of the fuel that a sign-in may use", share * 100.0)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wp58_half_of_the_fuel_is_a_warning() {
        assert_eq!(fuel_warning("x", (49, 100)), None);
        let seen = fuel_warning("x", (50, 100)).unwrap();
        assert_eq!(seen, "\"x\" takes 50 % of the fuel that a sign-in may use");
    }
}
