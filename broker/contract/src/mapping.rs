//! The mapping contract in Rust: mirrors the WIT package `symbolon:mapping@1.0.0` in `schemas/wit`.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// One named, multi-valued attribute of the flat view.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Attribute {
    /// The claim or attribute name.
    pub name: String,
    /// Its values in order.
    pub values: Vec<String>,
}

/// Everything a mapping plugin may know about one sign-in. It holds no secret, token, cookie or address.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct MappingRequest {
    /// `login`, `preview` or `replay`; an open set.
    pub purpose: String,
    /// The connector's id.
    pub connector: String,
    /// The connector's kind: `oidc`, `entra` or `saml`.
    pub kind: String,
    /// The verified issuer.
    pub issuer: String,
    /// The verified, issuer-scoped subject. A plugin cannot change whom it names.
    pub subject: String,
    /// Seconds since the epoch: the only clock there is.
    pub now: u64,
    /// Scalars and lists of scalars, flattened.
    pub attributes: Vec<Attribute>,
    /// The full nested truth as JSON.
    pub claims_json: String,
    /// Group identifiers.
    pub groups: Vec<String>,
    /// False when the group list is known to be incomplete.
    pub groups_complete: bool,
    /// Room to grow without a new major version.
    pub extra: Vec<(String, String)>,
}

/// A user field that the mapping sets. No values clears it; a field that is absent is left alone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Field {
    /// `email`, `display_name`, `username` or `metadata.<name>`.
    pub name: String,
    /// The values; most fields take the first.
    pub values: Vec<String>,
}

/// A role that the mapping grants.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Grant {
    /// A role of the tenant's catalogue.
    pub role: String,
    /// Why, for the audit trail.
    pub because: Option<String>,
}

/// What a mapping allows.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Mapping {
    /// Fields to set or clear.
    pub fields: Vec<Field>,
    /// Roles to hold; what the same source gave before and does not give now is taken away.
    pub grants: Vec<Grant>,
    /// Remarks for the trace.
    pub notes: Vec<String>,
}

/// The mapping refuses the sign-in. This is a decision, not an error.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Denial {
    /// A code of the plugin's own choosing.
    pub code: String,
    /// Shown to the person as text.
    pub message: String,
}

/// The answer of a mapping plugin. Closed for ever: no third case will be added.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum MappingDecision {
    /// Go on, with these fields and roles.
    Allow(Mapping),
    /// Refuse this person.
    Deny(Denial),
}

/// The plugin could not decide.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Failure {
    /// A code of the plugin's own choosing; the SDK uses `panic` and `config`.
    pub code: String,
    /// For the admin, never for the person who signs in.
    pub message: String,
    /// A JSON pointer into the plugin's configuration, where one rule is to blame.
    pub path: Option<String>,
}

/// How bad a diagnostic is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// The configuration cannot be used.
    Error,
    /// It can be used, but probably does not do what was meant.
    Warning,
    /// Worth knowing.
    Info,
}

/// One finding of `check-config`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Diagnostic {
    /// How bad it is.
    pub severity: Severity,
    /// A JSON pointer into the configuration.
    pub path: String,
    /// What is wrong and how to mend it.
    pub message: String,
}

/// What a plugin says about itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Description {
    /// Short name.
    pub name: String,
    /// Version of the plugin (not of the contract).
    pub version: String,
    /// One sentence.
    pub summary: String,
    /// JSON Schema of its configuration, from which the form is drawn.
    pub config_schema: String,
    /// A configuration that passes its own check.
    pub example_config: String,
}
