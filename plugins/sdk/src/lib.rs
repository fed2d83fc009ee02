//! Write a mapping plugin in Rust: implement [`MappingPlugin`], call [`export_plugin!`].
//!
//! Owns: parsing of the configuration, the wasm shell, conversions between the WIT types and the
//! contract's. The logic of a plugin is a plain library, tested natively through [`map_login`] and
//! [`check_config`]; the shell exists for `wasm32` only.
//! Components are built with `panic = "abort"`: there a panic is a trap (`plugin.trap`), because
//! nothing can unwind. Natively the SDK turns it into `failure { code: "panic" }`.

use std::panic::{AssertUnwindSafe, catch_unwind};

use serde::de::DeserializeOwned;

pub mod contract;
pub use contract::mapping::{
    Attribute, Denial, Description, Diagnostic, Failure, Field, Grant, Mapping, MappingDecision,
    MappingRequest, Severity,
};

#[cfg(target_arch = "wasm32")]
#[doc(hidden)]
#[path = "shell.rs"]
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

/// Runs a plugin natively, exactly as the shell does in wasm.
///
/// # Errors
/// The plugin's own failure, or code `config` or `panic`.
pub fn map_login<P: MappingPlugin>(
    config: &str,
    request: &MappingRequest,
) -> Result<MappingDecision, Failure> {
    let rules: P::Rules = serde_json::from_str(or_empty_object(config))
        .map_err(|error| failure("config", error.to_string()))?;
    catch_unwind(AssertUnwindSafe(|| P::map(&rules, request)))
        .unwrap_or_else(|_| Err(failure("panic", "the plugin panicked".to_owned())))
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
            $crate::shell::export!(Shell with_types_in $crate::shell);
        }
    };
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Odd;

    impl MappingPlugin for Odd {
        type Rules = serde_json::Map<String, serde_json::Value>;

        fn describe() -> Description {
            unreachable!("not asked for in these tests")
        }

        fn map(_: &Self::Rules, request: &MappingRequest) -> Result<MappingDecision, Failure> {
            assert!(request.subject != "panic", "asked to");
            Ok(MappingDecision::Allow(Mapping::default()))
        }
    }

    fn request(subject: &str) -> MappingRequest {
        MappingRequest {
            purpose: "login".to_owned(),
            connector: "entra".to_owned(),
            kind: "oidc".to_owned(),
            issuer: "https://issuer.example".to_owned(),
            subject: subject.to_owned(),
            now: 0,
            attributes: Vec::new(),
            claims_json: "{}".to_owned(),
            groups: Vec::new(),
            groups_complete: true,
            extra: Vec::new(),
        }
    }

    #[test]
    fn wp65_a_panic_becomes_a_failure_where_unwinding_exists() {
        let refused = map_login::<Odd>("{}", &request("panic")).unwrap_err();
        assert_eq!(refused.code, "panic");
        assert!(
            map_login::<Odd>("", &request("good")).is_ok(),
            "an empty configuration is {{}}"
        );
    }

    #[test]
    fn a_configuration_of_another_shape_is_a_failure_and_a_diagnostic() {
        assert_eq!(
            map_login::<Odd>("[]", &request("good")).unwrap_err().code,
            "config"
        );
        assert_eq!(check_config::<Odd>("[]").len(), 1);
        assert_eq!(check_config::<Odd>("{").len(), 1);
        assert_eq!(check_config::<Odd>("{}"), Vec::new());
    }
}
