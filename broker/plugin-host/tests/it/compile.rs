//! Compilation in a process of its own: this crate's `symbolon-compile-child` is that process.

use std::process::Command;
use std::sync::Arc;

use symbolon_contract::{MappingDecision, ReasonCode};
use symbolon_plugin_host::{Compile, HostOptions, LoadError, LoadSource, PluginHost};

use crate::world::{MISBEHAVING, call, component, limits};

pub(crate) const CHILD: &str = env!("CARGO_BIN_EXE_symbolon-compile-child");

pub(crate) fn child(arguments: &[&str]) -> Compile {
    let arguments = arguments.iter().map(ToString::to_string).collect();
    Compile::Child { executable: CHILD.into(), arguments }
}

fn host(arguments: &[&str]) -> PluginHost {
    let options =
        HostOptions { limits: limits(), compile: child(arguments), ..HostOptions::default() };
    PluginHost::with(options).unwrap()
}

/// Passes the check of bytes and keeps a compiler busy: with many functions for long, with long ones it
/// takes much memory.
pub(crate) fn heavy(functions: usize, lines: usize) -> Arc<[u8]> {
    let body = "(local.set 0 (i64.mul (i64.add (local.get 0) (local.get 1)) (local.get 2)))
        (local.set 1 (i64.rotl (local.get 0) (i64.popcnt (local.get 2))))"
        .repeat(lines);
    let function = format!("(func (param i64 i64 i64) (result i64) {body} (local.get 1))");
    component(&format!(
        r#"(component (core module {}) (instance $i)
            (export "symbolon:mapping/mapper@1.0.0" (instance $i)))"#,
        function.repeat(functions)
    ))
}

#[tokio::test]
async fn wp66_a_plugin_compiled_in_the_child_works() {
    let host = host(&[]);
    for bytes in [MISBEHAVING, PluginHost::bundled().1] {
        let loaded = host.load_as(Arc::from(bytes), Default::default()).await.unwrap();
        assert_eq!(loaded.source, LoadSource::Compiled);
        let report = call(&host, &loaded.digest, "{}", "a").await.unwrap();
        assert!(matches!(report.decision, MappingDecision::Allow(_)));
    }
    let again = host.load_as(Arc::from(MISBEHAVING), Default::default()).await.unwrap();
    assert_eq!(again.source, LoadSource::Memory);
}

#[tokio::test]
async fn wp61_the_child_makes_the_code_that_this_process_makes() {
    let mut fuel = Vec::new();
    for host in [host(&[]), PluginHost::start(limits()).unwrap()] {
        let digest = host.load(Arc::from(MISBEHAVING)).await.unwrap();
        let report = call(&host, &digest, "{}", "a").await.unwrap();
        fuel.push((report.fuel_used, report.peak_memory));
    }
    assert_eq!(fuel[0], fuel[1]);
}

#[tokio::test]
async fn wp56_wp66_a_compiler_out_of_time_is_a_refused_load() {
    let host = host(&["--cpu-seconds=1"]);
    let error = host.load(heavy(700, 300)).await.unwrap_err();
    assert!(error.to_string().contains("used up its CPU time"), "{error}");
    assert_eq!(error.reason(), ReasonCode::PluginCompileFailed);
    host.load(Arc::from(MISBEHAVING)).await.unwrap();
}

#[tokio::test]
async fn wp56_wp66_a_compiler_out_of_memory_is_a_refused_load() {
    let host = host(&["--memory-bytes=60000000"]);
    let error = host.load(heavy(1, 20_000)).await.unwrap_err();
    assert!(matches!(error, LoadError::CompilerStopped { .. }), "{error}");
    assert!(error.to_string().contains("ran out of memory"), "{error}");
    assert_eq!(error.reason(), ReasonCode::PluginCompileFailed);
    host.load(Arc::from(MISBEHAVING)).await.unwrap();
}

#[tokio::test]
async fn wp66_what_the_compiler_says_is_passed_on() {
    let error = host(&["--no-such-argument"]).load(Arc::from(MISBEHAVING)).await.unwrap_err();
    assert_eq!(error.to_string(), "the compiler stopped: it ended with code 64");
}

#[test]
fn wp66_the_child_can_open_no_socket_and_no_file() {
    for attempt in ["--try-socket", "--try-file"] {
        let status = Command::new(CHILD).arg(attempt).env_clear().status().unwrap();
        assert_eq!(status.code(), Some(10), "{attempt}");
    }
}
