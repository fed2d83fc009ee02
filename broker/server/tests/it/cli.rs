//! The program itself, run in a folder of its own: what a person types, what comes back, with which status.
//!
//! Owns: [`Installation`], which runs the binary and sees to it that no run ever prints a secret.

mod api_key;
mod application;
mod by_hand;
mod configuration;
mod data;
mod entra;
mod explain;
mod import;
mod journey;
mod killed;
mod listen;
mod mapping;
mod platform;
mod plugin;
mod saml;
mod secrets;
mod upkeep;

use std::fs;
use std::io::Write as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use serde_json::Value;
use tempfile::TempDir;

pub(crate) const PROGRAM: &str = env!("CARGO_BIN_EXE_symbolon");
const KEY_1: &str = "q83vEjRWeJCrze8SNFZ4kKvN7xI0VniQq83vEjRWeJA=";
const KEY_2: &str = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
const UPSTREAM_SECRET: &str = "hush-7Vq~upstream";

/// One folder of compiled plugins for all installations: their master key is the same, so the plugin that comes with
/// the program is compiled once and not once a test.
const CONFIGURATION: &str = concat!(
    r#"
[http]
listen = "127.0.0.1:0"
public_url = "https://login.example.com"

[database]
url = "sqlite:symbolon.sqlite"

[plugins]
cache_folder = ""#,
    env!("CARGO_TARGET_TMPDIR"),
    r#"/compiled-by-the-program"

[secrets.keys]
k1_file = "k1.key"
"#
);

/// A folder with a configuration, and whatever the commands leave there.
struct Installation {
    folder: TempDir,
}

/// How a run ended.
#[derive(Debug)]
struct Run {
    status: i32,
    stdout: String,
    stderr: String,
}

impl Installation {
    /// Configuration and master key, no database yet.
    fn new() -> Self {
        let installation = Self { folder: TempDir::new().unwrap() };
        installation.write("symbolon.toml", CONFIGURATION);
        installation.write("k1.key", KEY_1);
        installation.write("upstream.secret", UPSTREAM_SECRET);
        installation
    }

    /// A migrated database with the tenant `contoso`.
    fn with_tenant() -> Self {
        let installation = Self::new();
        installation.ok("migrate");
        installation.ok("tenant create contoso");
        installation
    }

    /// Beside the tenant, a connector `work` and an application `wiki`.
    fn complete() -> Self {
        let installation = Self::with_tenant();
        installation.ok(CREATE_CONNECTOR);
        installation.ok(
            "application create contoso wiki --redirect-uri https://wiki.example/cb --secret-out s",
        );
        installation
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap()
    }

    /// Writes a file that only its owner can read.
    fn write(&self, name: &str, text: &str) {
        fs::write(self.path(name), text).unwrap();
        fs::set_permissions(self.path(name), fs::Permissions::from_mode(0o600)).unwrap();
    }

    /// A command that sees nothing of our own environment.
    fn command(&self, program: &str) -> Command {
        let mut command = Command::new(program);
        command.env_clear().current_dir(self.folder.path());
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    /// Runs a command that ends by itself; no master key or upstream secret may be in what it prints.
    fn finish(mut command: Command, stdin: &str) -> Run {
        let mut child = command.spawn().unwrap();
        // A program that does not read closes the pipe.
        let _ = child.stdin.take().unwrap().write_all(stdin.as_bytes());
        let output = child.wait_with_output().unwrap();
        let run = Run {
            status: output.status.code().unwrap(),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        };
        for secret in [UPSTREAM_SECRET, KEY_1, KEY_2] {
            assert!(!run.stdout.contains(secret) && !run.stderr.contains(secret), "{run:?}");
        }
        assert!(!run.stderr.contains("panicked"), "{run:?}");
        run
    }

    /// Words are separated by blanks.
    fn run_with(&self, words: &str, variables: &[(&str, &str)], stdin: &str) -> Run {
        let mut command = self.command(PROGRAM);
        command.args(["--config", "symbolon.toml"]).args(words.split_whitespace());
        command.envs(variables.iter().copied());
        Self::finish(command, stdin)
    }

    fn run(&self, words: &str) -> Run {
        self.run_with(words, &[], "")
    }

    /// Runs what must succeed.
    fn ok(&self, words: &str) -> String {
        let run = self.run(words);
        assert_eq!(run.status, 0, "{words}: {run:?}");
        run.stdout
    }

    /// Runs what must succeed with `--json`.
    fn json(&self, words: &str) -> Value {
        let text = self.ok(&format!("{words} --json"));
        serde_json::from_str(&text).map_err(|error| format!("{words}: {error}: {text}")).unwrap()
    }

    /// Runs what must be refused: nothing on standard output, a reason on standard error.
    fn refused(&self, status: i32, words: &str) -> String {
        let run = self.run(words);
        assert_eq!((run.status, run.stdout.as_str()), (status, ""), "{words}: {run:?}");
        run.stderr
    }
}

const CREATE_CONNECTOR: &str = "connector create contoso work --issuer https://idp.contoso.example \
     --client-id symbolon --client-secret-file upstream.secret";
