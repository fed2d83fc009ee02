//! `symbolon plugin new` (WP-117): the worked example under another name.

use std::fs;
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, bail};
use serde_json::json;

use super::template::{self, SDK, SDK_CONTRACT, SDK_MANIFEST, SDK_WORKSPACE};
use crate::cli::arguments::{NewPluginArguments, PluginLanguage};
use crate::cli::print;

/// What the example's manifest says, and where a copy of the SDK lies.
const SDK_IN_EXAMPLE: &str = "{ path = \"../../sdk\" }";
const SDK_IN_FOLDER: &str = "{ path = \"sdk\" }";

pub(super) fn new(arguments: &NewPluginArguments, json: bool) -> anyhow::Result<ExitCode> {
    let NewPluginArguments { language, name, folder, sdk } = arguments;
    check_name(name)?;
    if sdk.is_some() && *language != PluginLanguage::Rust {
        bail!("only Rust plugins have an SDK");
    }
    let folder = folder.clone().unwrap_or_else(|| PathBuf::from(name));
    if fs::read_dir(&folder).is_ok_and(|mut inside| inside.next().is_some()) || folder.is_file() {
        bail!("{} is there already; nothing was written", folder.display());
    }
    let files = contents(*language, name, sdk.as_deref())?;
    for (path, content) in &files {
        write(&folder.join(path), content)?;
    }
    let shown = json!({ "folder": folder, "files": files.len(), "next": next(*language) });
    if json {
        print::object(&shown, true);
    } else {
        println!("wrote {} files to {}\n\nnext:", files.len(), folder.display());
        println!("  cd {}", folder.display());
        for step in next(*language) {
            println!("  {step}");
        }
        println!("  symbolon plugin build");
        println!("  symbolon plugin test");
    }
    Ok(ExitCode::SUCCESS)
}

fn next(language: PluginLanguage) -> &'static [&'static str] {
    match language {
        PluginLanguage::Rust => &["rustup target add wasm32-unknown-unknown", "cargo test"],
        PluginLanguage::Javascript => &["npm install"],
        PluginLanguage::Python => &["pip install -r requirements.txt"],
        PluginLanguage::C => &[],
    }
}

fn check_name(name: &str) -> anyhow::Result<()> {
    let fine =
        |letter: char| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == '-';
    let begins = name.starts_with(|letter: char| letter.is_ascii_lowercase());
    if !begins || name.len() > 50 || name.ends_with('-') || !name.chars().all(fine) {
        bail!("`{name}` is no plugin name: a-z, 0-9 and `-`, a letter first, at most 50");
    }
    Ok(())
}

/// Every file of the new folder.
fn contents(
    language: PluginLanguage,
    name: &str,
    sdk: Option<&str>,
) -> anyhow::Result<Vec<(String, Vec<u8>)>> {
    let mut files = Vec::new();
    for (path, content) in template::files(language) {
        let renamed = std::str::from_utf8(content).map(|text| renamed(text, name));
        let mut content = renamed.map_or_else(|_| content.to_vec(), String::into_bytes);
        if language == PluginLanguage::Rust && *path == "Cargo.toml" {
            content = with_sdk(&String::from_utf8(content)?, sdk)?.into_bytes();
        }
        files.push(((*path).to_owned(), content));
    }
    if language == PluginLanguage::Rust && sdk.is_none() {
        files.extend(sdk_files()?);
    }
    Ok(files)
}

/// The example's name in every spelling that a language asks for.
fn renamed(text: &str, name: &str) -> String {
    let words = || name.split('-').filter(|word| !word.is_empty());
    let capital = |word: &str| {
        let mut letters = word.chars();
        letters.next().map_or_else(String::new, |one| one.to_uppercase().chain(letters).collect())
    };
    let pascal: String = words().map(capital).collect();
    text.replace("seat-planner", name)
        .replace("seat_planner", &name.replace('-', "_"))
        .replace("SeatPlanner", &pascal)
        .replace("Seat planner", &capital(&name.replace('-', " ")))
}

fn with_sdk(manifest: &str, sdk: Option<&str>) -> anyhow::Result<String> {
    let place = match sdk {
        None => SDK_IN_FOLDER.to_owned(),
        Some(address) if address.contains("://") => format!("{{ git = {} }}", json!(address)),
        Some(folder) => {
            let folder =
                Path::new(folder).canonicalize().with_context(|| format!("no SDK at {folder}"))?;
            format!("{{ path = {} }}", json!(folder))
        }
    };
    if !manifest.contains(SDK_IN_EXAMPLE) {
        bail!("the template's manifest names no SDK");
    }
    Ok(manifest.replace(SDK_IN_EXAMPLE, &place))
}

/// The SDK as it stands alone: its manifest without the workspace, the contract's file beside its own.
fn sdk_files() -> anyhow::Result<Vec<(String, Vec<u8>)>> {
    let mut files = vec![
        ("sdk/Cargo.toml".to_owned(), sdk_manifest()?.into_bytes()),
        (SDK_CONTRACT.0.to_owned(), SDK_CONTRACT.1.to_vec()),
    ];
    for (path, content) in SDK {
        let content = match *path {
            "sdk/src/contract.rs" => beside(std::str::from_utf8(content)?).into_bytes(),
            _ => content.to_vec(),
        };
        files.push(((*path).to_owned(), content));
    }
    Ok(files)
}

/// In the repository the contract's file is the broker's; here it lies where Rust looks for it.
fn beside(text: &str) -> String {
    let kept = text.lines().filter(|line| !line.starts_with("#[path"));
    kept.map(|line| format!("{line}\n")).collect()
}

/// What the manifest inherits from its workspace is written out.
fn sdk_manifest() -> anyhow::Result<String> {
    let mut manifest: toml::Table = SDK_MANIFEST.parse()?;
    let workspace: toml::Table = SDK_WORKSPACE.parse()?;
    let workspace = workspace.get("workspace").context("no workspace")?;
    if let Some(lints) = workspace.get("lints") {
        manifest.insert("lints".to_owned(), lints.clone());
    }
    for table in ["package", "dependencies"] {
        let inherited = workspace.get(table).and_then(toml::Value::as_table);
        let own = manifest.get_mut(table).and_then(toml::Value::as_table_mut);
        if let (Some(inherited), Some(own)) = (inherited, own) {
            inherit(own, inherited);
        }
    }
    let dependencies = workspace.get("dependencies").and_then(toml::Value::as_table);
    let targets = manifest.get_mut("target").and_then(toml::Value::as_table_mut);
    for (_, target) in targets.into_iter().flatten() {
        let own = target.get_mut("dependencies").and_then(toml::Value::as_table_mut);
        if let (Some(inherited), Some(own)) = (dependencies, own) {
            inherit(own, inherited);
        }
    }
    Ok(toml::to_string(&manifest)?)
}

fn inherit(own: &mut toml::Table, inherited: &toml::Table) {
    for (key, value) in own {
        let asks = value.get("workspace").and_then(toml::Value::as_bool) == Some(true);
        if let (true, Some(theirs)) = (asks, inherited.get(key)) {
            *value = theirs.clone();
        }
    }
}

fn write(path: &Path, content: &[u8]) -> anyhow::Result<()> {
    let failed = || format!("{} cannot be written", path.display());
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).with_context(failed)?;
    }
    let mode = if path.extension().is_some_and(|last| last == "sh") { 0o777 } else { 0o666 };
    let file = fs::File::options().write(true).create_new(true).mode(mode).open(path);
    file.and_then(|mut file| file.write_all(content)).with_context(failed)
}

#[cfg(test)]
mod tests {
    use super::*;

    const LANGUAGES: [PluginLanguage; 4] = [
        PluginLanguage::Rust,
        PluginLanguage::Javascript,
        PluginLanguage::Python,
        PluginLanguage::C,
    ];

    #[test]
    fn wp117_nothing_of_the_examples_name_is_left() {
        for language in LANGUAGES {
            for (path, content) in contents(language, "desk-finder-2", None).unwrap() {
                let text = String::from_utf8_lossy(&content).to_lowercase();
                for left in ["seat-planner", "seat_planner", "seatplanner", "seat planner"] {
                    assert!(!text.contains(left), "{language:?} {path} still says {left}");
                }
            }
        }
    }

    #[test]
    fn wp117_the_sdk_stands_alone() {
        let files = sdk_files().unwrap();
        let text = |path: &str| {
            let found = files.iter().find(|(name, _)| name == path).unwrap();
            String::from_utf8(found.1.clone()).unwrap()
        };
        assert!(!text("sdk/Cargo.toml").contains("workspace"), "{}", text("sdk/Cargo.toml"));
        for (path, content) in &files {
            assert!(!String::from_utf8_lossy(content).contains("../"), "{path} points outside");
        }
    }

    #[test]
    fn wp117_an_sdk_elsewhere_is_named_in_the_manifest() {
        let manifest = format!("symbolon-plugin-sdk = {SDK_IN_EXAMPLE}");
        let git = with_sdk(&manifest, Some("https://git.example/symbolon")).unwrap();
        assert_eq!(git, "symbolon-plugin-sdk = { git = \"https://git.example/symbolon\" }");
        assert!(with_sdk(&manifest, Some("no/such/folder")).is_err());
        assert_eq!(with_sdk(&manifest, None).unwrap(), "symbolon-plugin-sdk = { path = \"sdk\" }");
    }

    #[test]
    fn wp117_a_name_must_fit_every_language() {
        for name in ["", "-a", "a-", "A", "a b", "1a", "a/b", "ä", &"a".repeat(51)] {
            assert!(check_name(name).is_err(), "{name}");
        }
        assert!(check_name("desk-finder-2").is_ok());
    }
}
