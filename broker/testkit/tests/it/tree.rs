//! Looking at the repository: its files and its crates. The rules themselves are in `tidy.rs`.
#![expect(clippy::indexing_slicing, reason = "cargo's JSON: an absent key is null")]

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

/// One source file: its path from the root of the repository, and its text.
pub(crate) struct SourceFile {
    pub(crate) path: String,
    pub(crate) text: String,
}

impl SourceFile {
    pub(crate) fn is_generated(&self) -> bool {
        let first = self.text.lines().next().unwrap_or_default();
        first.contains("Generated from") && first.contains("do not edit")
    }

    /// The text without comment lines, so that a comment may name what code may not.
    pub(crate) fn code(&self) -> String {
        let lines = self.text.lines();
        let code: Vec<&str> = lines.filter(|line| !line.trim_start().starts_with("//")).collect();
        code.join("\n")
    }

    /// Every `crate::x`, also inside `crate::{x, y::z}`.
    pub(crate) fn modules_used(&self) -> Vec<String> {
        let code = self.code();
        let mut used = Vec::new();
        for (at, found) in code.match_indices("crate::") {
            let whole_word = !code[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_');
            if whole_word {
                used.extend(first_segments(&code[at + found.len()..]));
            }
        }
        used
    }
}

fn first_segments(rest: &str) -> Vec<String> {
    let name = |text: &str| {
        let end = text.find(|c: char| !c.is_alphanumeric() && c != '_');
        text[..end.unwrap_or(text.len())].to_owned()
    };
    let Some(group) = rest.strip_prefix('{') else {
        return vec![name(rest)];
    };
    let (mut depth, mut segments, mut start) = (0_usize, Vec::new(), 0);
    for (at, c) in group.char_indices() {
        match c {
            '{' => depth += 1,
            ',' if depth == 0 => {
                segments.push(name(group[start..at].trim_start()));
                start = at + 1;
            }
            '}' if depth == 0 => {
                segments.push(name(group[start..at].trim_start()));
                break;
            }
            '}' => depth -= 1,
            _ => {}
        }
    }
    segments
}

pub(crate) fn root() -> PathBuf {
    // Read when it runs: a target folder that two checkouts share holds one binary for both.
    let here = std::env::var("CARGO_MANIFEST_DIR").unwrap_or_else(|_| ".".into());
    Path::new(&here).join("../..").canonicalize().unwrap()
}

/// All files below a folder whose name ends with `ending`; build output and hidden folders aside.
pub(crate) fn files(folder: &str, ending: &str) -> Vec<SourceFile> {
    let root = root();
    let (mut found, mut folders) = (Vec::new(), vec![root.join(folder)]);
    while let Some(folder) = folders.pop() {
        let Ok(entries) = std::fs::read_dir(&folder) else {
            continue;
        };
        for entry in entries.map(Result::unwrap) {
            let path = entry.path();
            let name = entry.file_name().into_string().unwrap();
            if path.is_dir() {
                if !name.starts_with('.') && name != "target" && name != "node_modules" {
                    folders.push(path);
                }
            } else if name.ends_with(ending) {
                found.push(SourceFile {
                    path: path.strip_prefix(&root).unwrap().display().to_string(),
                    text: std::fs::read_to_string(&path).unwrap(),
                });
            }
        }
    }
    found.sort_by(|a, b| a.path.cmp(&b.path));
    found
}

/// All Rust sources of the broker and of the plugins.
pub(crate) fn rust_sources() -> Vec<SourceFile> {
    let sources: Vec<_> =
        ["broker", "plugins"].into_iter().flat_map(|folder| files(folder, ".rs")).collect();
    assert!(sources.len() > 20, "the tree was not found");
    sources
}

/// One line of a crate's manifest.
pub(crate) struct Dependency {
    pub(crate) from: String,
    pub(crate) to: String,
    pub(crate) dev: bool,
    pub(crate) optional: bool,
    pub(crate) default_features: bool,
    pub(crate) features: Vec<String>,
}

/// Every dependency that our crates declare.
pub(crate) fn dependencies() -> Vec<Dependency> {
    let metadata = cargo_metadata(&["--no-deps"]);
    let mut found = Vec::new();
    for package in list(&metadata["packages"]) {
        for dependency in list(&package["dependencies"]) {
            let features = list(&dependency["features"]);
            found.push(Dependency {
                from: text(&package["name"]),
                to: text(&dependency["name"]),
                dev: dependency["kind"] == "dev",
                optional: dependency["optional"] == true,
                default_features: dependency["uses_default_features"] == true,
                features: features.iter().map(text).collect(),
            });
        }
    }
    found.retain(|dependency| dependency.from != dependency.to);
    found
}

/// The features of a third-party crate that the whole workspace switches on together.
pub(crate) fn resolved_features(crate_name: &str) -> Vec<String> {
    let rustc = Command::new("rustc").arg("-vV").output().unwrap();
    let version = String::from_utf8(rustc.stdout).unwrap();
    let host = version.lines().find_map(|line| line.strip_prefix("host: "));
    let metadata = cargo_metadata(&["--filter-platform", host.unwrap()]);
    let packages = list(&metadata["packages"]);
    let package = packages.iter().find(|package| package["name"] == crate_name);
    let id = &package.unwrap()["id"];
    let nodes = list(&metadata["resolve"]["nodes"]);
    let node = nodes.iter().find(|node| node["id"] == *id).unwrap();
    list(&node["features"]).iter().map(text).collect()
}

fn cargo_metadata(arguments: &[&str]) -> Value {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--offline", "--format-version", "1"])
        .args(arguments)
        .current_dir(root())
        .output()
        .unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "cargo metadata: {errors}");
    serde_json::from_slice(&output.stdout).unwrap()
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map(Vec::as_slice).unwrap_or_default()
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}
