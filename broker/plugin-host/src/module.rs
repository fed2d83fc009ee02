//! A compiled plugin, tried once before anybody may call it (WP-32).

use symbolon_contract::{Description, Severity};
use wasmtime::Engine;
use wasmtime::component::Component;

use crate::call::Caller;
use crate::class::Class;
use crate::error::{CallError, LoadError};
use crate::limits::Limits;
use crate::options::Inspection;
use crate::output::cleaned;
use crate::v1::Plugin;

pub(crate) struct Module {
    plugin: Plugin,
    pub(crate) description: Description,
    pub(crate) class: Class,
}

impl Module {
    /// Instantiates, and calls `describe` and `check-config`: a record of another shape shows nowhere
    /// earlier.
    pub(crate) fn link(
        engine: &Engine,
        component: &Component,
        limits: &Limits,
        checked: &Inspection,
    ) -> Result<Self, LoadError> {
        let link = |error: wasmtime::Error| LoadError::Link(cleaned(&format!("{error:#}"), 500));
        let plugin = Plugin::link(engine, component, checked.prepared).map_err(link)?;
        let caller = Caller { engine, limits, plugin: &plugin };
        let description = caller.describe().map_err(LoadError::Trial)?;
        let findings =
            caller.check_config(&description.example_config).map_err(LoadError::Trial)?;
        if let Some(error) = findings.into_iter().find(|one| one.severity == Severity::Error) {
            return Err(LoadError::ExampleConfig(format!("{} {}", error.path, error.message)));
        }
        if plugin.prepares() {
            caller.prepare(&description.example_config).map_err(|error| match error {
                CallError::Failed(failure) => LoadError::ExampleConfig(failure.message),
                other => LoadError::Trial(other),
            })?;
        }
        Ok(Self { plugin, description, class: checked.class })
    }

    /// The same code under another class.
    pub(crate) fn with_class(&self, class: Class) -> Self {
        Self { plugin: self.plugin.clone(), description: self.description.clone(), class }
    }

    pub(crate) fn caller<'a>(&'a self, engine: &'a Engine, limits: &'a Limits) -> Caller<'a> {
        Caller { engine, limits, plugin: &self.plugin }
    }
}
