//! The answer of "test connection".

use serde::Serialize;
use symbolon_contract::ReasonCode;

/// One thing that was looked at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ConnectionCheck {
    /// What was looked at, for example `discovery`.
    pub name: &'static str,
    /// The reason code when it failed.
    pub reason: Option<ReasonCode>,
    /// What was seen, for the admin.
    pub detail: String,
}

/// What a test of the connection found. It says what it cannot prove.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ConnectionReport {
    /// The checks in order.
    pub checks: Vec<ConnectionCheck>,
    /// What no test without a person can prove.
    pub unproved: Vec<&'static str>,
}

impl ConnectionReport {
    /// Whether every check passed.
    #[must_use]
    pub fn is_green(&self) -> bool {
        self.checks.iter().all(|check| check.reason.is_none())
    }
}
