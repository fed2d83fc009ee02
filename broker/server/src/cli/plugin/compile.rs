//! `symbolon plugin-compile`: one component in, native code out, under limits (WP-66).

use std::process::ExitCode;

use symbolon_identity::plugins::{ChildLimits, compile_child};

use crate::cli::arguments::CompileArguments;

/// Called before the runtime starts: afterwards this process can open nothing more.
pub(in crate::cli) fn compile(arguments: &CompileArguments) -> ExitCode {
    let default = ChildLimits::default();
    compile_child(&ChildLimits {
        memory_bytes: arguments.memory_bytes.unwrap_or(default.memory_bytes),
        cpu_seconds: arguments.cpu_seconds.unwrap_or(default.cpu_seconds),
    })
}
