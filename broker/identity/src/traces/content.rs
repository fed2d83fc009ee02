//! What is recorded of one sign-in. Sealed as JSON: the names here are a format on disk.

use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use symbolon_contract::{ConnectorId, Mapping, PluginDigest, ReasonCode, TraceId, UserId};
use symbolon_storage::RecordedOutcome;

use crate::mapping::MappingInput;
use crate::tenants::RecordingKeep;

/// The version of the format that is written.
pub(super) const FORMAT: u16 = 1;

/// A stop of a sign-in, in the order in which it is passed.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Stop {
    /// What the upstream said.
    Upstream,
    /// The same in one vocabulary.
    Normalised,
    /// What the mapping made of it.
    Mapping,
    /// What happened to the user.
    Provisioning,
    /// Whether the person may in.
    Gate,
    /// The session.
    Session,
}

/// What an upstream said besides claims.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct RecordedStatement {
    /// When the person proved themselves.
    pub auth_time: Option<DateTime<Utc>>,
    /// The authentication context.
    pub acr: Option<String>,
    /// The methods.
    pub amr: Vec<String>,
    /// What went wrong without keeping the person out, each with its code.
    pub warnings: Vec<String>,
}

/// How the mapping ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum MappingAnswer {
    /// Fields and roles, as they were judged.
    Mapped(Mapping),
    /// None: the sign-in ended here.
    Refused(RecordedRefusal),
}

/// The mapping.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RecordedMapping {
    /// The plugin, as far as it is known.
    pub plugin: Option<PluginDigest>,
    /// The version of its configuration.
    pub version: Option<i32>,
    /// Fuel that it used.
    #[serde(default)]
    pub fuel: Option<u64>,
    /// What was left out of its answer, and why.
    #[serde(default)]
    pub remarks: Vec<String>,
    /// Why the last good mapping answered instead, if it did.
    #[serde(default)]
    pub last_known_because: Option<ReasonCode>,
    /// How it ended.
    pub answer: MappingAnswer,
}

/// What happened to the user.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Happened {
    /// A new one was made.
    Created,
    /// The identity was linked to one who was there.
    Linked,
    /// A known one was brought up to date.
    Updated,
}

/// The user, and what the sign-in changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RecordedUser {
    /// Who.
    pub id: UserId,
    /// What happened.
    pub happened: Happened,
    /// Roles given.
    pub gained: Vec<String>,
    /// Roles taken.
    pub lost: Vec<String>,
}

/// Why the sign-in ended without a session.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RecordedRefusal {
    /// Where.
    pub stop: Stop,
    /// The catalogue's code.
    pub reason: ReasonCode,
    /// Seen and expected.
    pub detail: String,
}

/// One sign-in, as far as the tenant's settings let it be kept.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct RecordedSignIn {
    /// The version of this format.
    pub format: u16,
    /// What the settings said when it was recorded.
    pub keep: RecordingKeep,
    /// What the upstream said besides claims.
    #[serde(default)]
    pub statement: RecordedStatement,
    /// What the mapping was asked about: any version can be asked the same again.
    #[schemars(with = "serde_json::Value")]
    pub input: MappingInput,
    /// What it answered.
    pub mapping: RecordedMapping,
    /// What happened to the user, if it came that far.
    pub user: Option<RecordedUser>,
    /// Why it ended without a session, if it did.
    pub refusal: Option<RecordedRefusal>,
}

/// What is known of a record without opening it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RecordedFacts {
    /// The record.
    pub id: String,
    /// By which connector.
    pub connector: ConnectorId,
    /// When.
    pub at: DateTime<Utc>,
    /// Ties it to the log and to the audit trail.
    pub trace: TraceId,
    /// Who it was, where it came that far.
    pub user: Option<UserId>,
    /// `signed_in` or `refused`.
    #[schemars(with = "String")]
    pub outcome: RecordedOutcome,
    /// The reason code of a refusal.
    pub reason: Option<String>,
    /// The version of the mapping that decided.
    pub mapping_version: Option<i32>,
    /// When it is forgotten.
    pub expires_at: DateTime<Utc>,
}
