//! Starts the compiling process, feeds it, and says how it ended.

use std::path::Path;
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::process::{Child, Command};
use tokio::time::timeout;

use super::{OwnCode, child};
use crate::error::LoadError;
use crate::output::cleaned;

/// The limits of CPU time and memory end a busy child; this ends one that waits.
pub(super) const WALL_CLOCK: Duration = Duration::from_secs(120);
/// Native code is about four times as big as the component; the large class allows 32 MiB.
const MOST_CODE: u64 = 256 << 20;
const MOST_COMPLAINT: u64 = 2_000;

/// Runs the child on one component. Dropping the future kills the child.
pub(super) async fn compile(
    executable: &Path,
    arguments: &[String],
    component: &[u8],
    wall_clock: Duration,
) -> Result<OwnCode, LoadError> {
    let mut child = Command::new(executable)
        .args(arguments)
        .env_clear()
        .current_dir("/")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .map_err(|error| LoadError::CompilerMissing(error.to_string()))?;
    let Ok(ended) = timeout(wall_clock, talk(&mut child, component)).await else {
        return Err(stopped(&format!("it took longer than {wall_clock:?}")));
    };
    let (status, code, complaint) =
        ended.map_err(|error| LoadError::CompilerMissing(error.to_string()))?;
    if status.success() {
        return Ok(OwnCode(code));
    }
    let complaint = cleaned(String::from_utf8_lossy(&complaint).trim(), 500);
    if status.code() == Some(i32::from(child::REFUSED)) {
        return Err(LoadError::Compile(complaint));
    }
    Err(stopped(&format!("{} {complaint}", how_it_ended(status))))
}

async fn talk(
    child: &mut Child,
    component: &[u8],
) -> std::io::Result<(ExitStatus, Vec<u8>, Vec<u8>)> {
    let missing = || std::io::Error::other("the compiler has no pipe");
    let mut stdin = child.stdin.take().ok_or_else(missing)?;
    let stdout = child.stdout.take().ok_or_else(missing)?;
    let stderr = child.stderr.take().ok_or_else(missing)?;
    let feed = async move {
        // A child that died does not read; its status says why.
        let _ = stdin.write_all(component).await;
    };
    let (mut code, mut complaint) = (Vec::new(), Vec::new());
    // Both ends are dropped when their cap is met: a child that goes on writing ends by itself.
    let answer = async { stdout.take(MOST_CODE).read_to_end(&mut code).await };
    let complain = async { stderr.take(MOST_COMPLAINT).read_to_end(&mut complaint).await };
    let ((), answered, complained) = tokio::join!(feed, answer, complain);
    answered?;
    complained?;
    Ok((child.wait().await?, code, complaint))
}

fn stopped(why: &str) -> LoadError {
    LoadError::CompilerStopped { why: why.trim().to_owned() }
}

/// In words: an admin reads this beside the plugin.
fn how_it_ended(status: ExitStatus) -> String {
    use std::os::unix::process::ExitStatusExt as _;

    match (status.signal(), status.code()) {
        (Some(6), _) => "it ran out of memory, or crashed (signal 6)".to_owned(),
        (Some(24), _) => "it used up its CPU time (signal 24)".to_owned(),
        (Some(9), _) => "it was killed (signal 9)".to_owned(),
        (Some(signal), _) => format!("it crashed (signal {signal})"),
        (None, Some(code)) => format!("it ended with code {code}"),
        (None, None) => "it ended without a code".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn run(executable: &str, arguments: &[&str], wall_clock: Duration) -> LoadError {
        let arguments: Vec<String> = arguments.iter().map(ToString::to_string).collect();
        let done = compile(Path::new(executable), &arguments, b"x", wall_clock).await;
        done.map(|code| code.0).unwrap_err()
    }

    #[tokio::test]
    async fn wp66_a_child_that_waits_is_ended_by_the_clock() {
        let error = run("/bin/sh", &["-c", "sleep 600"], Duration::from_millis(50)).await;
        assert!(error.to_string().contains("longer than 50ms"), "{error}");
    }

    #[tokio::test]
    async fn wp66_how_a_child_ended_is_said_and_its_text_is_cleaned() {
        let script = "printf 'a\\033[31mb\\n' >&2; exit 7";
        let error = run("/bin/sh", &["-c", script], WALL_CLOCK).await;
        assert_eq!(error.to_string(), "the compiler stopped: it ended with code 7 a\u{fffd}[31mb");
        let error = run("/bin/sh", &["-c", "kill -XCPU $$"], WALL_CLOCK).await;
        assert!(error.to_string().contains("used up its CPU time"), "{error}");
    }

    #[tokio::test]
    async fn wp66_the_child_sees_no_environment_and_no_folder_of_ours() {
        let script = "echo \"$CARGO_MANIFEST_DIR:$PWD\" >&2; exit 9";
        let error = run("/bin/sh", &["-c", script], WALL_CLOCK).await;
        assert!(error.to_string().ends_with("code 9 :/"), "{error}");
    }

    #[tokio::test]
    async fn wp68_a_compiler_that_is_not_there_is_no_fault_of_the_plugin() {
        let error = run("/nowhere/compiler", &[], WALL_CLOCK).await;
        assert_eq!(error.reason(), symbolon_contract::ReasonCode::ServerInternal, "{error}");
    }
}
