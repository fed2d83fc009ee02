//! The committed components belong to the sources beside them (WP-126, WP-127). Needs no toolchain.

use std::path::{Path, PathBuf};

use symbolon_plugin_host::PluginHost;

/// As in `plugins/build.sh`.
const INPUTS: [&str; 10] = [
    "broker/contract/src/mapping.rs",
    "plugins/Cargo.lock",
    "plugins/Cargo.toml",
    "plugins/build.sh",
    "plugins/componentize",
    "plugins/default-mapper/Cargo.toml",
    "plugins/default-mapper/schema",
    "plugins/default-mapper/src",
    "plugins/misbehaving",
    "plugins/sdk",
];

fn root() -> PathBuf {
    let here = std::env::var("CARGO_MANIFEST_DIR").unwrap_or_else(|_| ".".into());
    Path::new(&here).join("../..")
}

fn files(path: &Path, found: &mut Vec<PathBuf>) {
    if path.is_file() {
        if path.file_name().is_none_or(|name| name != "tests.rs") {
            found.push(path.to_owned());
        }
    } else {
        for entry in std::fs::read_dir(path).unwrap() {
            files(&entry.unwrap().path(), found);
        }
    }
}

fn inputs_hash() -> String {
    let root = root();
    let mut found = Vec::new();
    for input in INPUTS.into_iter().chain(["schemas/wit/symbolon-mapping-1.1.0"]) {
        files(&root.join(input), &mut found);
    }
    let line = |path: &PathBuf| {
        let name = path.strip_prefix(&root).unwrap().to_str().unwrap().to_owned();
        (name, PluginHost::digest_of(&std::fs::read(path).unwrap()))
    };
    let mut lines: Vec<_> = found.iter().map(line).collect();
    lines.sort();
    let list: String = lines.iter().map(|(name, hash)| format!("{hash}  {name}\n")).collect();
    PluginHost::digest_of(list.as_bytes()).to_string()
}

fn build_info() -> toml::Table {
    let text = std::fs::read_to_string(root().join("plugins/dist/BUILDINFO.toml")).unwrap();
    text.parse().unwrap()
}

#[test]
fn wp127_the_components_are_built_from_these_sources() {
    let recorded = build_info()["inputs"].as_str().unwrap().to_owned();
    assert!(inputs_hash() == recorded, "plugin source changed, run plugins/build.sh");
}

#[test]
fn wp126_the_components_are_the_recorded_ones() {
    let info = build_info();
    for (name, digest) in info["components"].as_table().unwrap() {
        let bytes = std::fs::read(root().join(format!("plugins/dist/{name}.wasm"))).unwrap();
        assert_eq!(PluginHost::digest_of(&bytes).as_str(), digest.as_str().unwrap(), "{name}");
    }
}

#[test]
fn wp126_the_components_name_no_folder_of_the_machine_that_built_them() {
    let dist = root().join("plugins/dist");
    for name in ["default-mapper", "misbehaving"] {
        let bytes = std::fs::read(dist.join(format!("{name}.wasm"))).unwrap();
        let text = String::from_utf8_lossy(&bytes);
        for folder in ["/root/", "/home/", "/Users/", ".cargo/registry", "/tmp/"] {
            assert!(!text.contains(folder), "{name} contains {folder}");
        }
    }
}
