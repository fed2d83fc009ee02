//! A compiled plugin, tried once before anybody may call it (WP-32).

use symbolon_contract::{Description, Severity};
use wasmtime::Engine;
use wasmtime::component::{Component, Linker};

use crate::call::{Caller, Guest};
use crate::error::LoadError;
use crate::inspect::inspect;
use crate::limits::Limits;
use crate::v1::MappingPluginPre;

pub(crate) struct Module {
    plugin: MappingPluginPre<Guest>,
    pub(crate) description: Description,
}

impl Module {
    /// Checks, compiles, instantiates, and calls `describe` and `check-config`: a record of another
    /// shape shows nowhere earlier. Takes from 0.1 s to some seconds of CPU.
    pub(crate) fn build(engine: &Engine, limits: &Limits, bytes: &[u8]) -> Result<Self, LoadError> {
        inspect(bytes, limits)?;
        let compile = |error: wasmtime::Error| LoadError::Compile(format!("{error:#}"));
        let component = Component::new(engine, bytes).map_err(compile)?;
        let linked = Linker::new(engine).instantiate_pre(&component).map_err(compile)?;
        let plugin = MappingPluginPre::new(linked).map_err(compile)?;
        let caller = Caller { engine, limits, plugin: &plugin };
        let description = caller.describe().map_err(LoadError::Trial)?;
        let findings =
            caller.check_config(&description.example_config).map_err(LoadError::Trial)?;
        if let Some(error) = findings.into_iter().find(|one| one.severity == Severity::Error) {
            return Err(LoadError::ExampleConfig(format!("{} {}", error.path, error.message)));
        }
        Ok(Self { plugin, description })
    }

    pub(crate) fn caller<'a>(&'a self, engine: &'a Engine, limits: &'a Limits) -> Caller<'a> {
        Caller { engine, limits, plugin: &self.plugin }
    }
}
