//! Bodies and answers of plugins, mappings and recorded sign-ins that are the API's own.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use symbolon_contract::{Diagnostic, PluginDigest};
use symbolon_identity::admin::{ActiveRules, MappingSummary, SavedMapping};
use symbolon_identity::mapping::{CaseLogin, Verdict};

/// The mapping that sign-ins run now.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct Mapping {
    /// Its version.
    version: i32,
    /// The plugin.
    plugin: PluginDigest,
    /// Whether it is the bundled one.
    bundled: bool,
    /// Its configuration: for the bundled plugin `mapping-rules.schema.json`.
    rules: Value,
}

impl From<ActiveRules> for Mapping {
    fn from(active: ActiveRules) -> Self {
        Self {
            version: active.version,
            plugin: active.plugin,
            bundled: active.bundled,
            rules: rules_of(active.configuration),
        }
    }
}

/// Rules as JSON. Another plugin's configuration is any text.
fn rules_of(configuration: String) -> Value {
    serde_json::from_str(&configuration).unwrap_or(Value::String(configuration))
}

/// A configuration as it was sent.
pub(super) fn configuration_of(rules: Value) -> String {
    match rules {
        Value::String(text) => text,
        rules => rules.to_string(),
    }
}

/// New rules.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ReplaceMapping {
    /// The plugin's configuration: for the bundled plugin `mapping-rules.schema.json`.
    pub(super) rules: Value,
    /// Why.
    #[serde(default)]
    pub(super) note: Option<String>,
    /// Yes, everybody whom no rule gives a role shall be admin.
    #[serde(default)]
    pub(super) confirm_admin_default: bool,
}

/// The version of the mapping that was made and is active.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct MappingSaved {
    /// Its number.
    pub(super) version: i32,
    /// What the plugin remarks.
    pub(super) findings: Vec<Diagnostic>,
}

/// A version to save. It decides nothing before it is activated.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct SaveVersion {
    /// `bundled` or the digest of a plugin; that of the active version when not given.
    #[serde(default)]
    pub(super) plugin: Option<String>,
    /// The plugin's configuration: for the bundled plugin `mapping-rules.schema.json`.
    pub(super) rules: Value,
    /// Why.
    #[serde(default)]
    pub(super) note: Option<String>,
    /// Yes, everybody whom no rule gives a role shall be admin.
    #[serde(default)]
    pub(super) confirm_admin_default: bool,
}

/// The version that was saved.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct VersionSaved {
    /// Its number.
    version: i32,
    /// Its plugin.
    plugin: PluginDigest,
    /// What the plugin remarks.
    findings: Vec<Diagnostic>,
}

impl From<SavedMapping> for VersionSaved {
    fn from(saved: SavedMapping) -> Self {
        Self { version: saved.version, plugin: saved.plugin, findings: saved.findings }
    }
}

/// A version with its configuration.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct VersionDetails {
    #[serde(flatten)]
    summary: MappingSummary,
    /// Its configuration.
    rules: Value,
}

impl VersionDetails {
    pub(super) fn of(summary: MappingSummary, rules: ActiveRules) -> Self {
        Self { summary, rules: rules_of(rules.configuration) }
    }
}

/// The version that decides now.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct RolledBack {
    /// Its number.
    pub(super) active_version: i32,
}

/// What a retry did.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct Retried {
    /// Whether the plugin was stopped before.
    pub(super) was_quarantined: bool,
}

/// A version to run beside the active one.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct StartShadow {
    /// Its number.
    pub(super) version: i32,
    /// For so many hours, 1 to 720.
    pub(super) hours: u32,
}

/// A case to save.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct PutCase {
    /// What comes in.
    pub(super) login: CaseLogin,
    /// What must come of it; what the active version says now, when not given.
    #[serde(default)]
    pub(super) expected: Option<Verdict>,
}

/// Two versions to compare on recorded sign-ins.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ReplayVersions {
    /// The earlier version; the active one when not given.
    #[serde(default)]
    pub(super) from: Option<i32>,
    /// The later version.
    pub(super) to: i32,
    /// At most so many recorded sign-ins, the newest; 10,000 when not given, and never more.
    #[serde(default)]
    pub(super) most: Option<usize>,
}

/// What a change of the recording did.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct RecordingChanged {
    /// How many records went, because less is kept from now on.
    pub(super) deleted: usize,
}
