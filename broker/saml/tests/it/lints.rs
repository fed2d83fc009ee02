//! This crate has its own table of lints, for one line in it.

use std::path::Path;

#[test]
fn lints_are_those_of_the_workspace_but_for_unsafe_code() {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let table = |path: &str| -> toml::Table {
        std::fs::read_to_string(here.join(path)).unwrap().parse().unwrap()
    };
    let mut workspace = table("../../Cargo.toml")["workspace"]["lints"].clone();
    assert_eq!(workspace["rust"]["unsafe_code"].as_str(), Some("forbid"));
    workspace["rust"]["unsafe_code"] = "deny".into();
    assert_eq!(table("Cargo.toml")["lints"], workspace);
}

#[test]
fn native_code_has_one_door() {
    let mut doors = Vec::new();
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("src")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if std::fs::read_to_string(&path).unwrap().contains("unsafe {") {
                doors.push(path.file_name().unwrap().to_owned());
            }
        }
    }
    assert_eq!(doors, ["native.rs"]);
}
