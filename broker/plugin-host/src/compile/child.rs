//! The process that compiles one component and ends (WP-66, WP-67). wasmtime does not treat denial of
//! service while compiling as a vulnerability, so it happens where it hurts nobody.

use std::io::{self, Read, Write};
use std::process::ExitCode;

use rlimit::{Resource, setrlimit};

use crate::engine::compiler_engine;
use crate::output::cleaned;

/// The compiler refused the component; standard error says why.
pub(super) const REFUSED: u8 = 2;
/// Nothing was compiled, and it is not the component's fault.
const FAILED: u8 = 3;

/// What the compiling process may use (WP-56). It can only be lowered from here on.
#[derive(Debug, Clone)]
pub struct ChildLimits {
    /// Address space in bytes (`RLIMIT_AS`).
    pub memory_bytes: u64,
    /// Seconds of CPU (`RLIMIT_CPU`).
    pub cpu_seconds: u64,
}

impl Default for ChildLimits {
    fn default() -> Self {
        Self { memory_bytes: 1 << 30, cpu_seconds: 60 }
    }
}

impl ChildLimits {
    /// Limits this process for the rest of its life. Afterwards no file and no socket can be opened.
    ///
    /// # Errors
    /// When the system refuses a limit.
    pub fn apply(&self) -> io::Result<()> {
        // One more second to the hard limit: the signal of the soft one says what happened.
        setrlimit(Resource::CPU, self.cpu_seconds, self.cpu_seconds.saturating_add(1))?;
        setrlimit(Resource::AS, self.memory_bytes, self.memory_bytes)?;
        setrlimit(Resource::CORE, 0, 0)?;
        setrlimit(Resource::FSIZE, 0, 0)?;
        setrlimit(Resource::NOFILE, 3, 3)
    }
}

/// Reads a component on standard input, writes its native code on standard output. The hidden
/// subcommand calls this first of all, before a runtime, a log or a file exists.
#[must_use]
pub fn compile_child(limits: &ChildLimits) -> ExitCode {
    match run(limits) {
        Ok(()) => ExitCode::SUCCESS,
        Err((code, why)) => {
            // Nobody may be reading any more; the exit code remains.
            let _ = writeln!(io::stderr(), "{}", cleaned(&why, 500));
            ExitCode::from(code)
        }
    }
}

fn run(limits: &ChildLimits) -> Result<(), (u8, String)> {
    let failed = |error: io::Error| (FAILED, error.to_string());
    let engine = compiler_engine().map_err(|error| (FAILED, error.to_string()))?;
    limits.apply().map_err(failed)?;
    let mut component = Vec::new();
    // A part of the address space: the rest is for the compiler.
    let most = limits.memory_bytes / 4;
    io::stdin().take(most).read_to_end(&mut component).map_err(failed)?;
    if u64::try_from(component.len()).is_ok_and(|seen| seen >= most) {
        return Err((FAILED, format!("the component does not fit into {most} bytes")));
    }
    let code =
        engine.precompile_component(&component).map_err(|error| (REFUSED, format!("{error:#}")))?;
    io::stdout().write_all(&code).and_then(|()| io::stdout().flush()).map_err(failed)
}
