//! Write a mapping plugin in Rust: implement [`MappingPlugin`], call [`export_plugin!`].
//!
//! Owns: parsing of the configuration, the wasm shell, its bindings and allocator. The logic of a plugin
//! is a plain library, tested natively through [`map_login`] and [`check_config`]; the shell exists for
//! `wasm32` only. [`PreparedPlugin`] is for plugins whose configuration takes long to read.
//! Components are built with `panic = "abort"`: there a panic is a trap (`plugin.trap`), because
//! nothing can unwind. Natively the SDK turns it into `failure { code: "panic" }`.

use std::panic::{AssertUnwindSafe, catch_unwind};

use serde::de::DeserializeOwned;

pub mod contract;
mod request;
pub use contract::mapping::{
    Attribute, Denial, Description, Diagnostic, Failure, Field, Grant, Mapping, MappingDecision,
    MappingRequest, Severity,
};

pub use schemars;

#[cfg(all(target_arch = "wasm32", feature = "allocator"))]
mod allocator;
#[cfg(target_arch = "wasm32")]
#[doc(hidden)]
pub mod shell;

/// One mapping plugin. All functions are pure: same input, same answer.
pub trait MappingPlugin {
    /// The configuration, as the admin writes it in JSON.
    type Rules: DeserializeOwned;

    /// What the plugin says about itself, with the JSON Schema of [`Self::Rules`].
    fn describe() -> Description;

    /// Every finding about a configuration at once. The SDK adds an error if it does not parse as
    /// [`Self::Rules`] although nothing was found here.
    fn check(config: &serde_json::Value) -> Vec<Diagnostic> {
        let _ = config;
        Vec::new()
    }

    /// Decides one sign-in.
    ///
    /// # Errors
    /// A [`Failure`] when the plugin cannot decide; the sign-in is then refused.
    fn map(rules: &Self::Rules, request: &MappingRequest) -> Result<MappingDecision, Failure>;
}

/// A plugin that reads its configuration once: the host keeps what [`Self::prepare`] gives, beside the plugin's
/// digest and the configuration, and hands it to every call. For every configuration and request both ways must
/// decide the same: a native test over your cases with [`map_login`] against [`prepare`] and [`map_prepared`] says so.
pub trait PreparedPlugin: MappingPlugin {
    /// The rules in a form that is quickly read.
    ///
    /// # Errors
    /// What [`MappingPlugin::map`] would fail with for every request.
    fn prepare(rules: &Self::Rules) -> Result<Vec<u8>, Failure>;

    /// Decides one sign-in.
    ///
    /// # Errors
    /// As [`MappingPlugin::map`]; bytes that [`Self::prepare`] did not make are a failure, not a panic.
    fn map_prepared(prepared: &[u8], request: &MappingRequest) -> Result<MappingDecision, Failure>;
}

/// Runs a plugin natively, exactly as the shell does in wasm.
///
/// # Errors
/// The plugin's own failure, or code `config` or `panic`.
pub fn map_login<P: MappingPlugin>(
    config: &str,
    request: &MappingRequest,
) -> Result<MappingDecision, Failure> {
    let rules = rules::<P>(config)?;
    caught(|| P::map(&rules, request))
}

/// Prepares a configuration natively, exactly as the shell does in wasm.
///
/// # Errors
/// The plugin's own failure, or code `config` or `panic`.
pub fn prepare<P: PreparedPlugin>(config: &str) -> Result<Vec<u8>, Failure> {
    let rules = rules::<P>(config)?;
    caught(|| P::prepare(&rules))
}

/// Runs a prepared plugin natively, exactly as the shell does in wasm.
///
/// # Errors
/// The plugin's own failure, or code `panic`.
pub fn map_prepared<P: PreparedPlugin>(
    prepared: &[u8],
    request: &MappingRequest,
) -> Result<MappingDecision, Failure> {
    caught(|| P::map_prepared(prepared, request))
}

fn rules<P: MappingPlugin>(config: &str) -> Result<P::Rules, Failure> {
    serde_json::from_str(or_empty_object(config))
        .map_err(|error| failure("config", error.to_string()))
}

fn caught<T>(work: impl FnOnce() -> Result<T, Failure>) -> Result<T, Failure> {
    catch_unwind(AssertUnwindSafe(work))
        .unwrap_or_else(|_| Err(failure("panic", "the plugin panicked")))
}

/// The JSON Schema of a plugin's rules, as `config_schema` wants it: generate it in a native test, commit
/// it, and let the plugin `include_str!` it.
#[must_use]
pub fn schema_of<Rules: schemars::JsonSchema>() -> String {
    format!("{:#}\n", schemars::schema_for!(Rules).to_value())
}

/// Checks a configuration natively, exactly as the shell does in wasm.
#[must_use]
pub fn check_config<P: MappingPlugin>(config: &str) -> Vec<Diagnostic> {
    let value = match serde_json::from_str(or_empty_object(config)) {
        Ok(value) => value,
        Err(error) => {
            return vec![diagnostic(
                Severity::Error,
                "",
                format!("not JSON: {error}"),
            )];
        }
    };
    let mut found = P::check(&value);
    if !found.iter().any(|one| one.severity == Severity::Error)
        && let Err(error) = serde_json::from_value::<P::Rules>(value)
    {
        found.push(diagnostic(Severity::Error, "", error.to_string()));
    }
    found
}

/// A diagnostic at a JSON pointer into the configuration.
#[must_use]
pub fn diagnostic(severity: Severity, path: &str, message: impl Into<String>) -> Diagnostic {
    Diagnostic {
        severity,
        path: path.to_owned(),
        message: message.into(),
    }
}

/// A failure that no single rule is to blame for.
#[must_use]
pub fn failure(code: &str, message: impl Into<String>) -> Failure {
    Failure {
        code: code.to_owned(),
        message: message.into(),
        path: None,
    }
}

fn or_empty_object(config: &str) -> &str {
    if config.trim().is_empty() {
        "{}"
    } else {
        config
    }
}

/// Exports a [`MappingPlugin`] from a component. Expands to nothing outside `wasm32`.
#[macro_export]
macro_rules! export_plugin {
    ($plugin:ident) => {
        #[cfg(target_arch = "wasm32")]
        mod wasm_shell {
            struct Shell;
            impl $crate::shell::Plugin for Shell {
                type Inner = super::$plugin;
            }
            $crate::shell::mapping::__export_mapping!(Shell with_types_in $crate::shell::mapping);
        }
    };
}

/// Exports a [`PreparedPlugin`] from a component. Expands to nothing outside `wasm32`.
#[macro_export]
macro_rules! export_prepared_plugin {
    ($plugin:ident) => {
        #[cfg(target_arch = "wasm32")]
        mod wasm_shell {
            struct Shell;
            impl $crate::shell::Plugin for Shell {
                type Inner = super::$plugin;
            }
            $crate::shell::prepared::__export_prepared!(Shell with_types_in $crate::shell::prepared);
        }
    };
}

#[cfg(test)]
mod tests;
