//! Compiles one component under limits: what the broker's hidden subcommand does, for the tests of this
//! crate. `--memory-bytes=N` and `--cpu-seconds=N` lower the limits; `--try-socket` and `--try-file` say
//! under the limits whether one can be opened.

use std::net::UdpSocket;
use std::process::ExitCode;

use symbolon_plugin_host::{ChildLimits, compile_child};

fn main() -> ExitCode {
    let mut limits = ChildLimits::default();
    let mut tried = None;
    for argument in std::env::args().skip(1) {
        let (name, value) = argument.split_once('=').unwrap_or((&argument, ""));
        match (name, value.parse()) {
            ("--memory-bytes", Ok(bytes)) => limits.memory_bytes = bytes,
            ("--cpu-seconds", Ok(seconds)) => limits.cpu_seconds = seconds,
            ("--try-socket" | "--try-file", _) => tried = Some(argument),
            _ => return ExitCode::from(64),
        }
    }
    match tried.as_deref() {
        None => compile_child(&limits),
        Some(_) if limits.apply().is_err() => ExitCode::from(65),
        Some("--try-socket") => opened(&UdpSocket::bind("127.0.0.1:0")),
        Some(_) => opened(&std::fs::File::open("/dev/null")),
    }
}

/// 0 if it could be opened, 10 if the limit of open files stood in the way.
fn opened<T>(result: &std::io::Result<T>) -> ExitCode {
    const TOO_MANY_OPEN_FILES: i32 = 24;
    match result {
        Ok(_) => ExitCode::SUCCESS,
        Err(error) if error.raw_os_error() == Some(TOO_MANY_OPEN_FILES) => ExitCode::from(10),
        Err(_) => ExitCode::from(11),
    }
}
