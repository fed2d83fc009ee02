//! `symbolon plugin build` (WP-118): the language's own tools, then the component encoding in this process.

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};

use anyhow::{Context, bail};
use serde_json::{Value, json};
use symbolon_identity::plugins::{Limits, PluginHost};

use super::encode::encode;
use super::loaded::{read, refused};
use crate::cli::print;

const TARGET: &str = "wasm32-unknown-unknown";

pub(super) fn build(
    source: &Path,
    output: Option<PathBuf>,
    json: bool,
) -> anyhow::Result<ExitCode> {
    let (bytes, beside) = if source.is_dir() { in_folder(source)? } else { of_module(source)? };
    let component = encode(bytes)?;
    let host = PluginHost::start(Limits::default())?;
    let class = host.class_needed(&component);
    let inspection = host.inspect(&component, class).map_err(refused)?;
    let output = output.unwrap_or(beside);
    std::fs::write(&output, &component)
        .with_context(|| format!("{} cannot be written", output.display()))?;
    let shown = json!({
        "component": output,
        "digest": inspection.digest,
        "bytes": inspection.bytes,
        "class": inspection.class,
        "wit_version": inspection.wit_version,
    });
    print::object(&shown, json);
    Ok(ExitCode::SUCCESS)
}

fn of_module(source: &Path) -> anyhow::Result<(Vec<u8>, PathBuf)> {
    Ok((read(source)?, source.with_extension("component.wasm")))
}

/// The language is told by the file that its tools ask for.
fn in_folder(folder: &Path) -> anyhow::Result<(Vec<u8>, PathBuf)> {
    let has = |file: &str| folder.join(file).is_file();
    if has("Cargo.toml") {
        return rust(folder);
    }
    let folder = folder.canonicalize()?;
    let name = folder.file_name().unwrap_or(OsStr::new("plugin")).to_owned();
    let component = folder.join(&name).with_extension("wasm");
    if has("package.json") {
        let words = "--no-install jco componentize mapper.js --wit wit -n mapping-plugin --backend qjs \
                     --backend-qjs-stub-wasi --backend-qjs-disable-async -o";
        tool(&folder, OsString::from("npx"), words, &component, "`npm install` brings jco")?;
    } else if has("app.py") {
        let words = "-d wit -w mapping-plugin componentize --stub-wasi app -o";
        let hint = "`pip install -r requirements.txt` brings componentize-py";
        tool(&folder, named("COMPONENTIZE_PY", "componentize-py"), words, &component, hint)?;
    } else if has("plug.c") {
        c(&folder, &component)?;
    } else {
        bail!(
            "{} holds no plugin: no Cargo.toml, package.json, app.py or plug.c",
            folder.display()
        );
    }
    Ok((read(&component)?, component))
}

fn tool(
    folder: &Path,
    program: OsString,
    words: &str,
    output: &Path,
    hint: &str,
) -> anyhow::Result<()> {
    let mut command = Command::new(program);
    command.current_dir(folder).args(words.split_whitespace()).arg(output);
    finish(command, hint)
}

/// A program that the environment may name.
fn named(variable: &str, usual: &str) -> OsString {
    std::env::var_os(variable).unwrap_or_else(|| OsString::from(usual))
}

/// Builds without a standard library.
fn c(folder: &Path, output: &Path) -> anyhow::Result<()> {
    let mut sources = std::fs::read_dir(folder)?
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<Result<Vec<_>, _>>()?;
    sources.retain(|path| {
        let last = path.extension().and_then(OsStr::to_str);
        matches!(last, Some("c" | "o"))
    });
    sources.sort();
    let words = "--target=wasm32 -Os -nostdlib -mbulk-memory -I inc -Wl,--no-entry,-s";
    let compiler = std::env::var_os("CLANG").unwrap_or_else(|| named("CC", "clang"));
    let mut command = Command::new(compiler);
    command.current_dir(folder).args(words.split_whitespace()).args(sources).arg("-o").arg(output);
    finish(command, "clang with wasm-ld is needed; CLANG or CC may name it")
}

/// Builds the package and takes the module that cargo names.
fn rust(folder: &Path) -> anyhow::Result<(Vec<u8>, PathBuf)> {
    let mut command = Command::new(named("CARGO", "cargo"));
    command.current_dir(folder).args(["build", "--release", "--target", TARGET]);
    command.arg("--message-format=json-render-diagnostics").stdout(Stdio::piped());
    let output = command.stderr(Stdio::inherit()).output();
    let output = output.context("cargo does not start; rustup.rs brings it")?;
    if !output.status.success() {
        bail!("cargo could not build the plugin{}", missing_target(folder));
    }
    let modules = String::from_utf8_lossy(&output.stdout).lines().rev().find_map(module);
    let module =
        modules.context("the package builds no module: its lib needs crate-type cdylib")?;
    let name =
        module.file_stem().unwrap_or(OsStr::new("plugin")).to_string_lossy().replace('_', "-");
    Ok((read(&module)?, folder.join(name).with_extension("wasm")))
}

/// The wasm module in one message of cargo's.
fn module(message: &str) -> Option<PathBuf> {
    let message: Value = serde_json::from_str(message).ok()?;
    let files = message.get("filenames")?.as_array()?;
    let wasm = files.iter().filter_map(Value::as_str).find(|file| file.ends_with(".wasm"));
    wasm.map(PathBuf::from)
}

/// Says so if the compiler has no standard library for the target: the usual reason.
fn missing_target(folder: &Path) -> String {
    let mut command = Command::new(named("RUSTC", "rustc"));
    command.current_dir(folder).args(["--print", "target-libdir", "--target", TARGET]);
    let libdir =
        command.output().map(|output| String::from_utf8_lossy(&output.stdout).into_owned());
    match libdir {
        Ok(path) if Path::new(path.trim()).is_dir() => String::new(),
        _ => format!(": the target {TARGET} is missing\n  run: rustup target add {TARGET}"),
    }
}

fn finish(mut command: Command, hint: &str) -> anyhow::Result<()> {
    let program = command.get_program().to_string_lossy().into_owned();
    // What the tool says goes to standard error: standard output is ours, and may be JSON.
    let output = command.stdout(std::io::stderr()).status();
    let status = output.with_context(|| format!("{program} does not start; {hint}"))?;
    if !status.success() {
        bail!("{program} could not build the plugin; {hint}");
    }
    Ok(())
}
