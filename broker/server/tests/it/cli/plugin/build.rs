//! `build`: the tools of the languages are played by scripts, the encoding is real.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use super::{Workshop, plugins};

/// A core module as a C compiler writes it: it has the plugin's WIT, and traps when it is called.
fn core_module(import: &str) -> Vec<u8> {
    let module = format!(
        r#"(module {import}
          (memory (export "memory") 1)
          (func (export "symbolon:mapping/mapper@1.0.0#describe") (result i32) unreachable)
          (func (export "symbolon:mapping/mapper@1.0.0#check-config") (param i32 i32) (result i32) unreachable)
          (func (export "symbolon:mapping/mapper@1.0.0#map-login") (param i32) (result i32) unreachable)
          (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) unreachable))"#
    );
    let mut bytes = wat::parse_str(module).unwrap();
    bytes.extend(wit_section());
    bytes
}

/// The custom section in which wit-bindgen says what a module implements.
fn wit_section() -> Vec<u8> {
    let object = fs::read(plugins("examples/c/mapping_plugin_component_type.o")).unwrap();
    let mut at = 8;
    while at < object.len() {
        let start = at;
        let (size, begin) = leb(&object, at + 1);
        at = begin + size;
        let name = leb(&object, begin).1;
        if object[start] == 0 && object[name..at].starts_with(b"component-type") {
            return object[start..at].to_vec();
        }
    }
    unreachable!("the committed object has a component-type section")
}

fn leb(bytes: &[u8], mut at: usize) -> (usize, usize) {
    let (mut value, mut shift) = (0, 0);
    loop {
        value |= usize::from(bytes[at] & 0x7f) << shift;
        shift += 7;
        at += 1;
        if bytes[at - 1] & 0x80 == 0 {
            return (value, at);
        }
    }
}

fn script(here: &Workshop, name: &str, text: &str) {
    here.write(name, format!("#!/bin/sh\n{text}\n"));
    fs::set_permissions(here.path(name), fs::Permissions::from_mode(0o755)).unwrap();
}

#[test]
fn wp9_a_core_module_becomes_a_component_without_other_tools() {
    let here = Workshop::new();
    here.write("plug.wasm", core_module(""));
    let built = here.json("plugin build plug.wasm");
    assert_eq!((&built["wit_version"], &built["class"]), (&"1.0.0".into(), &"standard".into()));
    assert_eq!(built["component"], "plug.component.wasm");
    // It traps when it is asked what it is, as an upload would find out.
    assert!(here.refused("plugin check plug.component.wasm").contains("trial"));
    here.ok("plugin build plug.component.wasm -o again.wasm");
    assert_eq!(
        fs::read(here.path("again.wasm")).unwrap(),
        fs::read(here.path("plug.component.wasm")).unwrap()
    );
}

#[test]
fn wp118_an_import_is_refused_with_its_cause() {
    let here = Workshop::new();
    let wasi =
        r#"(import "wasi_snapshot_preview1" "random_get" (func (param i32 i32) (result i32)))"#;
    let env = r#"(import "env" "malloc" (func (param i32) (result i32)))"#;
    for (import, says) in [(wasi, "wasm32-unknown-unknown"), (env, "undefined symbol")] {
        here.write("plug.wasm", core_module(import));
        let refusal = here.refused("plugin build plug.wasm");
        assert!(refusal.contains(says), "{import}: {refusal}");
    }
    here.write("text.wasm", "no module");
    assert!(here.refused("plugin build text.wasm").contains("symbolon:mapping"));
    assert!(here.refused("plugin build .").contains("holds no plugin"));
}

#[test]
fn wp118_a_rust_folder_is_built_by_cargo() {
    let here = Workshop::new();
    here.write("desk/Cargo.toml", "[package]\nname = \"desk-finder\"\n");
    here.write("desk_finder.wasm", core_module(""));
    let module = here.path("desk_finder.wasm");
    let artifact =
        format!(r#"echo '{{"reason":"compiler-artifact","filenames":["{}"]}}'"#, module.display());
    script(&here, "cargo", &artifact);
    let run = |cargo: &str| {
        let mut command = here.command("plugin build desk");
        command.env("CARGO", here.path(cargo)).env("RUSTC", here.path("rustc")).output().unwrap()
    };
    let done = run("cargo");
    assert!(done.status.success(), "{done:?}");
    assert!(here.path("desk/desk-finder.wasm").is_file());
    // Without the target the usual mistake is named.
    script(&here, "broken", "echo 'error[E0463]' >&2; exit 101");
    script(&here, "rustc", "echo /nowhere/lib/rustlib/wasm32-unknown-unknown/lib");
    let refused = run("broken");
    let text = String::from_utf8(refused.stderr).unwrap();
    assert_eq!(refused.status.code(), Some(1));
    assert!(text.contains("rustup target add wasm32-unknown-unknown"), "{text}");
}

#[test]
fn wp118_the_tools_of_other_languages_are_called_as_documented() {
    for (language, tool) in [("js", "npx"), ("python", "componentize-py"), ("c", "clang")] {
        let here = Workshop::new();
        here.write("core.wasm", core_module(""));
        here.ok(&format!("plugin new {language} desk"));
        let core = here.path("core.wasm");
        // The last argument is the file to write.
        let text = format!(
            "echo \"$@\" >&2; for last; do :; done; /bin/cp '{}' \"$last\"; echo noise",
            core.display()
        );
        script(&here, &format!("bin/{tool}"), &text);
        let mut command = here.command("plugin build desk --json");
        let done = command.env("PATH", here.path("bin")).output().unwrap();
        let said = String::from_utf8(done.stderr).unwrap();
        assert!(done.status.success(), "{language}: {said}");
        let shown: serde_json::Value = serde_json::from_slice(&done.stdout).unwrap();
        assert_eq!(shown["wit_version"], "1.0.0");
        assert!(said.contains("noise"), "{said}");
        let flag = match language {
            "js" => "--backend-qjs-stub-wasi",
            "python" => "--stub-wasi",
            _ => "-nostdlib",
        };
        assert!(said.contains(flag), "{said}");
        // Without the tool, what brings it is said.
        here.write("nothing/here", "");
        let mut command = here.command("plugin build desk");
        let bare = command.env("PATH", here.path("nothing")).output().unwrap();
        let said = String::from_utf8(bare.stderr).unwrap();
        assert!(bare.status.code() == Some(1) && said.contains("does not start"), "{said}");
    }
}
