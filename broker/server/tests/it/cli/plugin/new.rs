//! `new`.

use super::{Workshop, plugins};

#[test]
fn wp117_each_language_starts_with_a_case_that_passes() {
    for (language, component) in
        [("rust", "rust"), ("js", "javascript"), ("c", "c"), ("python", "c")]
    {
        let here = Workshop::new();
        let text = here.ok(&format!("plugin new {language} desk-finder"));
        assert!(text.contains("symbolon plugin build"), "{text}");
        let component = plugins(&format!("dist/examples/{component}.wasm"));
        std::fs::copy(component, here.path("desk-finder/desk-finder.wasm")).unwrap();
        let rows = here.json("plugin test desk-finder/cases");
        assert_eq!(rows[0]["result"], "as expected", "{language}: {rows}");
    }
}

#[test]
fn wp117_nothing_is_overwritten() {
    let here = Workshop::new();
    here.write("taken/file", "mine");
    assert!(here.refused("plugin new c taken").contains("there already"));
    assert!(here.refused("plugin new c ok --folder taken").contains("there already"));
    assert!(here.refused("plugin new c ../up").contains("no plugin name"));
    assert!(here.refused("plugin new c ok --sdk sdk").contains("only Rust"));
    assert_eq!(std::fs::read_dir(here.path("taken")).unwrap().count(), 1);
    assert_eq!(here.run("plugin new cobol x").status, 2);
}

#[test]
fn wp117_a_rust_plugin_brings_its_sdk_or_names_one() {
    let here = Workshop::new();
    here.ok("plugin new rust with-copy");
    assert!(here.read("with-copy/Cargo.toml").contains("symbolon-plugin-sdk = { path = \"sdk\" }"));
    assert!(here.path("with-copy/sdk/src/contract/mapping.rs").is_file());
    here.ok("plugin new rust elsewhere --sdk https://git.example/symbolon");
    assert!(
        here.read("elsewhere/Cargo.toml").contains("{ git = \"https://git.example/symbolon\" }")
    );
    assert!(!here.path("elsewhere/sdk").exists());
}
