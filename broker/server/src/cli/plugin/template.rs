//! The templates of `symbolon plugin new`: the worked example in each language, and the Rust SDK. The one
//! table of their files; a test compares it with the folders.

use crate::cli::arguments::PluginLanguage;

/// A path in the new folder, and what stands there.
pub(super) type TemplateFile = (&'static str, &'static [u8]);

macro_rules! example {
    ($language:literal: $($path:literal),* $(,)?) => {
        &[$(($path, include_bytes!(
            concat!("../../../../../plugins/examples/", $language, "/", $path)
        ) as &[u8])),*]
    };
}

const RUST: &[TemplateFile] = example!("rust":
    ".gitignore",
    "README.md",
    "Cargo.toml",
    "cases/config.json",
    "cases/retail/expected.json",
    "cases/retail/login.json",
    "rules.schema.json",
    "src/lib.rs",
    "src/rules.rs",
    "tests/cases.rs",
);

const JAVASCRIPT: &[TemplateFile] = example!("javascript":
    ".gitignore",
    "README.md",
    "cases/config.json",
    "cases/retail/expected.json",
    "cases/retail/login.json",
    "mapper.js",
    "package.json",
    "wit/mapping.wit",
);

const PYTHON: &[TemplateFile] = example!("python":
    ".gitignore",
    "README.md",
    "app.py",
    "build.sh",
    "cases/config.json",
    "cases/retail/expected.json",
    "cases/retail/login.json",
    "requirements.txt",
    "wit/mapping.wit",
);

const C: &[TemplateFile] = example!("c":
    ".gitignore",
    "README.md",
    "build.sh",
    "cases/config.json",
    "cases/retail/expected.json",
    "cases/retail/login.json",
    "inc/stdlib.h",
    "inc/string.h",
    "json.c",
    "json.h",
    "libc.c",
    "mapping_plugin.c",
    "mapping_plugin.h",
    "mapping_plugin_component_type.o",
    "plug.c",
    "wit/mapping.wit",
);

/// The files of a language's template.
pub(super) fn files(language: PluginLanguage) -> &'static [TemplateFile] {
    match language {
        PluginLanguage::Rust => RUST,
        PluginLanguage::Javascript => JAVASCRIPT,
        PluginLanguage::Python => PYTHON,
        PluginLanguage::C => C,
    }
}

macro_rules! sdk {
    ($($path:literal),* $(,)?) => {
        &[$((concat!("sdk/", $path), include_bytes!(
            concat!("../../../../../plugins/sdk/", $path)
        ) as &[u8])),*]
    };
}

/// The SDK, which is in no registry: a copy goes into the plugin's folder.
pub(super) const SDK: &[TemplateFile] = sdk!(
    "src/allocator.rs",
    "src/bindings/mapping.rs",
    "src/bindings/prepared.rs",
    "src/contract.rs",
    "src/lib.rs",
    "src/request.rs",
    "src/shell.rs",
    "src/tests.rs",
);

/// The contract's types, which the SDK shares with the broker.
pub(super) const SDK_CONTRACT: TemplateFile =
    ("sdk/src/contract/mapping.rs", include_bytes!("../../../../contract/src/mapping.rs"));

/// The SDK's manifest outside its workspace; the versions are those of the workspace.
pub(super) const SDK_MANIFEST: &str = include_str!("../../../../../plugins/sdk/Cargo.toml");
/// Where those versions stand.
pub(super) const SDK_WORKSPACE: &str = include_str!("../../../../../plugins/Cargo.toml");

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::path::{Path, PathBuf};

    use super::*;

    /// What a build leaves in the folders, and what belongs to the repository alone.
    const NOT_OURS: [&str; 7] = [
        "target",
        "node_modules",
        "__pycache__",
        "wit_world",
        "Cargo.lock",
        "package-lock.json",
        "corpus.rs",
    ];

    fn walk(folder: &Path, root: &Path, found: &mut BTreeSet<String>) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path: PathBuf = entry.unwrap().path();
            let name = path.file_name().unwrap().to_str().unwrap();
            if NOT_OURS.contains(&name) || name.ends_with(".wasm") {
                continue;
            }
            if path.is_dir() {
                walk(&path, root, found);
            } else {
                found.insert(path.strip_prefix(root).unwrap().to_str().unwrap().to_owned());
            }
        }
    }

    #[test]
    fn wp117_every_file_of_the_examples_is_in_the_templates() {
        let plugins = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../plugins");
        for (folder, files) in [
            ("examples/rust", RUST),
            ("examples/javascript", JAVASCRIPT),
            ("examples/python", PYTHON),
            ("examples/c", C),
        ] {
            let mut found = BTreeSet::new();
            walk(&plugins.join(folder), &plugins.join(folder), &mut found);
            let listed = files.iter().map(|(path, _)| (*path).to_owned()).collect();
            assert_eq!(found, listed, "{folder}");
        }
        let mut found = BTreeSet::from(["Cargo.toml".to_owned()]);
        walk(&plugins.join("sdk/src"), &plugins.join("sdk"), &mut found);
        let mut listed: BTreeSet<String> =
            SDK.iter().map(|(path, _)| path.trim_start_matches("sdk/").to_owned()).collect();
        listed.insert("Cargo.toml".to_owned());
        assert_eq!(found, listed, "sdk");
    }
}
