//! `inspect` and `check`.

use super::{SEATS, Workshop, plugins};

#[test]
fn wp119_a_component_says_what_it_is() {
    let here = Workshop::new();
    let seen = here.json(&format!("plugin inspect {SEATS}"));
    assert_eq!((&seen["class"], &seen["name"]), (&"standard".into(), &"seat-planner".into()));
    assert!(seen["wit_version"].as_str().unwrap().starts_with("1."), "{seen}");
    assert_eq!(seen["config_schema"]["title"], "Seat planner");
    assert_eq!(seen["limits"]["fuel"], 50_000_000);
    let text = here.ok("plugin inspect @dist/examples/c.wasm");
    assert!(text.contains("wit_version") && text.contains("\"departments\""), "{text}");
}

#[test]
fn wp119_what_an_upload_refuses_is_refused_here() {
    let here = Workshop::new();
    assert!(
        here.ok(&format!("plugin check {SEATS}")).contains("would be accepted (standard class)")
    );
    here.write("text.wasm", "hello");
    here.write("module.wasm", wat::parse_str("(module)").unwrap());
    let wasi =
        r#"(component (import "wasi:cli/environment@0.2.0" (instance (export "f" (func)))))"#;
    here.write("wasi.wasm", wat::parse_str(wasi).unwrap());
    here.write("empty.wasm", wat::parse_str("(component)").unwrap());
    for (file, says) in [
        ("text.wasm", "not a WebAssembly component"),
        ("module.wasm", "symbolon plugin build"),
        ("wasi.wasm", "--stub-wasi"),
        ("empty.wasm", "symbolon:mapping/mapper"),
        ("nowhere.wasm", "cannot be read"),
    ] {
        let refusal = here.refused(&format!("plugin check {file}"));
        assert!(refusal.contains(says), "{file}: {refusal}");
    }
    let cut = std::fs::read(plugins("dist/examples/rust.wasm")).unwrap();
    here.write("cut.wasm", &cut[..cut.len() / 2]);
    assert!(here.refused("plugin check cut.wasm").contains("not valid"));
}
