//! `symbolon plugin`.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

use super::plugin_remote::RemotePluginCommand;

/// `symbolon plugin`. These commands need no database and no configuration, and only the last ones a server.
#[derive(Debug, Subcommand)]
pub(crate) enum PluginCommand {
    /// Write a new plugin's folder: it builds, and one case passes.
    New(NewPluginArguments),
    /// Build a component: from a plugin's folder with its language's tools, or from a core wasm module.
    Build {
        /// The plugin's folder, or a module that a compiler wrote.
        #[arg(default_value = ".")]
        source: PathBuf,
        /// The component to write; beside the source when not given.
        #[arg(short, long, value_name = "FILE")]
        output: Option<PathBuf>,
    },
    /// Check a component as an upload is checked; exit 1 if it would be refused.
    Check {
        /// The component.
        plugin: PathBuf,
    },
    /// Say what a component is: digest, size, class, contract, what it says about itself.
    Inspect {
        /// The component.
        plugin: PathBuf,
    },
    /// Run the cases of a folder; exit 1 if one decides otherwise than expected.
    Test {
        /// The folder of cases (`cases` when not given) and the component (the only .wasm file beside the
        /// cases when not given). A case is `<case>/login.json`, `<case>/expected.json`, and `config.json`
        /// for it or for all.
        #[arg(num_args = 0..=2, value_name = "CASES|PLUGIN")]
        paths: Vec<PathBuf>,
        /// The component.
        #[arg(long, value_name = "FILE")]
        plugin: Option<PathBuf>,
        /// Write what is decided now to `expected.json`.
        #[arg(long)]
        update: bool,
    },
    /// Map one sign-in and print the decision and what it cost.
    Run {
        /// The component.
        plugin: PathBuf,
        /// The sign-in, as in `login.json` of a case; `-` reads standard input.
        #[arg(long, value_name = "FILE")]
        login: PathBuf,
        /// The plugin's configuration; its own example when not given.
        #[arg(long, value_name = "FILE")]
        rules: Option<PathBuf>,
    },
    /// Measure one sign-in: fuel, microseconds, and the share of an RSA-2048 signature.
    Bench {
        /// The component.
        plugin: PathBuf,
        /// The sign-in, as in `login.json` of a case.
        #[arg(long, value_name = "FILE")]
        login: PathBuf,
        /// The plugin's configuration; its own example when not given.
        #[arg(long, value_name = "FILE")]
        rules: Option<PathBuf>,
        /// How often.
        #[arg(long, default_value_t = 500, value_parser = clap::value_parser!(u32).range(1..=100_000))]
        calls: u32,
    },
    /// Check a component's detached signature (minisign); exit 1 if it does not fit.
    Verify {
        /// The component.
        plugin: PathBuf,
        /// The signature file (`.minisig`).
        signature: PathBuf,
        /// The public key file (`minisign.pub`); repeatable.
        #[arg(long, value_name = "FILE", required = true)]
        key: Vec<PathBuf>,
    },
    /// Write the form of the configuration as admins see it: one HTML file that needs nothing else.
    Form {
        /// The component.
        plugin: PathBuf,
        /// The configuration to show; the plugin's own example when not given.
        #[arg(long, value_name = "FILE")]
        rules: Option<PathBuf>,
        /// The file to write.
        #[arg(short, long, value_name = "FILE", default_value = "form.html")]
        output: PathBuf,
    },
    #[command(flatten)]
    Remote(RemotePluginCommand),
}

/// `symbolon plugin new`.
#[derive(Debug, Args)]
pub(crate) struct NewPluginArguments {
    /// The language.
    pub(crate) language: PluginLanguage,
    /// The plugin's name: a-z, 0-9 and `-`.
    pub(crate) name: String,
    /// Where to write it; a folder of the plugin's name when not given.
    #[arg(long, value_name = "FOLDER")]
    pub(crate) folder: Option<PathBuf>,
    /// Rust only: where the SDK is, a folder or the address of a git repository. When not given, a copy is
    /// written into the plugin's folder.
    #[arg(long, value_name = "SDK")]
    pub(crate) sdk: Option<String>,
}

/// Languages with a template.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum PluginLanguage {
    /// Rust, with the SDK.
    Rust,
    /// JavaScript, on QuickJS.
    #[value(alias = "js")]
    Javascript,
    /// Python; runs in the large class only.
    #[value(alias = "py")]
    Python,
    /// C without a standard library.
    C,
}

/// `symbolon plugin-compile`: how the broker runs itself to compile an uploaded component.
#[derive(Debug, Args)]
pub(crate) struct CompileArguments {
    /// Address space in bytes.
    #[arg(long)]
    pub(crate) memory_bytes: Option<u64>,
    /// Seconds of CPU.
    #[arg(long)]
    pub(crate) cpu_seconds: Option<u64>,
}
