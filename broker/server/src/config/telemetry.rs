//! `[telemetry]`: what is logged, and in which form.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use tracing_subscriber::EnvFilter;

use super::problems::Problems;

/// What is logged, and in which form.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct TelemetrySettings {
    /// Lines for people or for machines.
    pub log_format: LogFormat,
    /// Which events are logged: a level, or `target=level` pairs separated by commas.
    pub filter: String,
}

/// The form of a log line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", try_from = "String")]
#[schemars(!try_from)]
pub enum LogFormat {
    /// One readable line an event, coloured on a terminal unless `NO_COLOR` is set.
    Text,
    /// One JSON object an event.
    Json,
}

/// Some other word than the two forms.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected \"text\" or \"json\"")]
pub struct InvalidLogFormat;

impl TryFrom<String> for LogFormat {
    type Error = InvalidLogFormat;
    fn try_from(text: String) -> Result<Self, InvalidLogFormat> {
        match text.as_str() {
            "text" => Ok(Self::Text),
            "json" => Ok(Self::Json),
            _ => Err(InvalidLogFormat),
        }
    }
}

impl Default for TelemetrySettings {
    fn default() -> Self {
        Self { log_format: LogFormat::Text, filter: "info".to_owned() }
    }
}

impl TelemetrySettings {
    pub(super) fn validate(&self, problems: &mut Problems) {
        problems.require(
            EnvFilter::builder().parse(&self.filter).is_ok(),
            "telemetry.filter",
            "expected a level (error, warn, info, debug, trace) or target=level pairs",
        );
    }
}
