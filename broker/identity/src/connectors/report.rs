//! The answer of "test connection".

use std::fmt::Display;

use schemars::JsonSchema;
use serde::Serialize;
use symbolon_contract::ReasonCode;

/// How a check ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum CheckOutcome {
    /// It is as it should be.
    Passed,
    /// Sign-ins work; something beside them does not, or could not be looked at.
    Warning,
    /// Sign-ins will fail.
    Failed,
}

/// One thing that was looked at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ConnectionCheck {
    /// What was looked at, for example `discovery`.
    pub name: &'static str,
    /// How it ended.
    pub outcome: CheckOutcome,
    /// The reason code, unless it passed; its catalogue entry holds cause and fix.
    pub reason: Option<ReasonCode>,
    /// What was seen, for the admin.
    pub detail: String,
    /// What to do, unless it passed.
    pub fix: Option<&'static str>,
}

impl ConnectionCheck {
    /// As it should be.
    #[must_use]
    pub fn passed(name: &'static str, detail: &str) -> Self {
        let detail = detail.to_owned();
        Self { name, outcome: CheckOutcome::Passed, reason: None, detail, fix: None }
    }

    /// Sign-ins work all the same.
    #[must_use]
    pub fn warning(name: &'static str, reason: ReasonCode, detail: &str) -> Self {
        Self { outcome: CheckOutcome::Warning, ..Self::failed(name, reason, &detail) }
    }

    /// Sign-ins will fail.
    #[must_use]
    pub fn failed(name: &'static str, reason: ReasonCode, detail: &dyn Display) -> Self {
        Self {
            name,
            outcome: CheckOutcome::Failed,
            reason: Some(reason),
            detail: detail.to_string(),
            fix: Some(reason.entry().fix),
        }
    }
}

/// What a test of the connection found. It says what it cannot prove.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ConnectionReport {
    /// The sentence of success, where there is success (N32).
    pub summary: Option<String>,
    /// The checks in order.
    pub checks: Vec<ConnectionCheck>,
    /// What no test without a person can prove.
    pub unproved: Vec<&'static str>,
}

impl ConnectionReport {
    /// Whether no check failed.
    #[must_use]
    pub fn is_green(&self) -> bool {
        self.checks.iter().all(|check| check.outcome != CheckOutcome::Failed)
    }

    /// The first check that failed.
    #[must_use]
    pub fn failure(&self) -> Option<&ConnectionCheck> {
        self.checks.iter().find(|check| check.outcome == CheckOutcome::Failed)
    }
}
