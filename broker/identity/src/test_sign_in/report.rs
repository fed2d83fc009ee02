//! The report of a test sign-in.

use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use symbolon_contract::{ConnectorId, ReasonCode, UserId};

use super::{ShownClaim, Statement};
use crate::connectors::saml::reason_of;

/// How a test sign-in ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// The person would come in.
    Passed,
    /// The upstream vouched for the person; our own rules would refuse them.
    Refused,
    /// The upstream did not vouch for anybody.
    Failed,
}

/// Why the person would not come in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct TestRefusal {
    /// The catalogue's code.
    pub reason: ReasonCode,
    /// What was seen and expected.
    pub detail: String,
    /// What it comes from.
    pub cause: String,
    /// What to do.
    pub fix: String,
}

/// What would happen to the user.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", tag = "would")]
pub enum Fate {
    /// A new user.
    Create,
    /// A known one.
    SignIn {
        /// Who.
        user: UserId,
    },
    /// A known one, found by a proved e-mail.
    Link {
        /// Who.
        user: UserId,
    },
    /// None.
    Refuse,
}

impl Fate {
    /// For the page and the command line.
    #[must_use]
    pub fn in_words(&self) -> String {
        match self {
            Self::Create => "a new user would be created".to_owned(),
            Self::SignIn { user } => format!("would sign in as user {user}"),
            Self::Link { user } => format!("would be linked to user {user}"),
            Self::Refuse => "would be refused".to_owned(),
        }
    }
}

/// A role that the mapping gives.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ShownRole {
    /// Its name.
    pub role: String,
    /// The rule that gave it.
    pub because: Option<String>,
}

/// Something to mend although people come in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct TestWarning {
    /// The catalogue's code, where there is one.
    pub reason: Option<ReasonCode>,
    /// What was seen.
    pub detail: String,
}

/// One rule of the protocol, and how it ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ShownCheck {
    /// Its name, for example `audience`.
    pub name: String,
    /// Whether it holds.
    pub passed: bool,
    /// What was seen: untrusted text.
    pub seen: String,
    /// What was expected.
    pub expected: String,
    /// What to do, when it does not hold.
    pub fix: Option<String>,
}

impl ShownCheck {
    pub(crate) fn of(check: &symbolon_saml::response::Check) -> Self {
        let fix = check.fault.map(|fault| reason_of(fault).entry().fix.to_owned());
        Self {
            name: check.name.to_owned(),
            passed: check.fault.is_none(),
            seen: check.seen.clone(),
            expected: check.expected.clone(),
            fix,
        }
    }
}

/// Everything that a test sign-in found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct TestReport {
    /// The test.
    pub id: String,
    /// The connector that was tested.
    pub connector: ConnectorId,
    /// The version of its settings.
    pub settings_version: i32,
    /// How it ended.
    pub verdict: Verdict,
    /// Why the person would not come in.
    pub refusal: Option<TestRefusal>,
    /// When it ended.
    pub finished_at: DateTime<Utc>,
    /// When this report is forgotten.
    pub expires_at: DateTime<Utc>,
    /// From the moment the person was sent away.
    pub duration_ms: i64,
    /// Where the upstream sends people back.
    pub redirect_uri: String,
    /// Whether it did: no test without a person can prove that (W-4).
    pub redirect_uri_proved: bool,
    /// Whether this test counts as the green test of the settings.
    pub settings_tested: bool,
    /// Rules that were judged one by one, where the protocol has them so (SAML).
    #[serde(default)]
    pub checks: Vec<ShownCheck>,
    /// What the upstream said.
    pub statement: Option<Statement>,
    /// Fields that the mapping sets.
    pub fields: Vec<ShownClaim>,
    /// Roles that the mapping gives.
    pub roles: Vec<ShownRole>,
    /// What would happen to the user.
    pub user: Option<Fate>,
    /// What to mend all the same.
    pub warnings: Vec<TestWarning>,
}

impl TestReport {
    /// The person would not come in.
    pub fn refuse(&mut self, reason: ReasonCode, detail: String) {
        let entry = reason.entry();
        let vouched = self.statement.is_some();
        self.verdict = if vouched { Verdict::Refused } else { Verdict::Failed };
        self.refusal = Some(TestRefusal {
            reason,
            detail,
            cause: entry.cause.to_owned(),
            fix: entry.fix.to_owned(),
        });
    }

    /// The verdict in words.
    #[must_use]
    pub fn in_words(&self) -> &'static str {
        match self.verdict {
            Verdict::Passed => "The test sign-in succeeded",
            Verdict::Refused => "The upstream vouched for you, but you would be refused",
            Verdict::Failed => "The test sign-in failed",
        }
    }
}
