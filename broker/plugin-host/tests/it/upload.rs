//! Bytes that are no usable plugin are refused with the reason, before anything compiles them.

use std::sync::Arc;

use symbolon_contract::ReasonCode;
use symbolon_plugin_host::{Limits, LoadError, PluginHost};

use crate::world::{MISBEHAVING, World, fixture, limits};

async fn refused(bytes: &[u8]) -> LoadError {
    let host = PluginHost::start(limits()).unwrap();
    host.load(Arc::from(bytes)).await.unwrap_err()
}

async fn refused_text(text: &str) -> LoadError {
    refused(&wat::parse_str(text).unwrap()).await
}

#[tokio::test]
async fn wp46_p2_too_many_bytes() {
    let bytes = vec![0; (4 << 20) + 1];
    assert!(matches!(refused(&bytes).await, LoadError::TooLarge { .. }));
}

#[tokio::test]
async fn wp77_not_a_component() {
    for bytes in [&b""[..], b"\0asm", b"#!/bin/sh\n", &wat::parse_str("(module)").unwrap()] {
        assert!(matches!(refused(bytes).await, LoadError::NotAComponent), "{bytes:?}");
    }
}

#[tokio::test]
async fn p13_precompiled_code() {
    let component = wat::parse_str("(component)").unwrap();
    let native = wasmtime::Engine::default().precompile_component(&component).unwrap();
    let error = refused(&native).await;
    assert!(matches!(error, LoadError::Precompiled), "{error}");
}

#[tokio::test]
async fn wp77_damaged_bytes_anywhere() {
    for at in (8..MISBEHAVING.len()).step_by(MISBEHAVING.len() / 25) {
        let cut = refused(&MISBEHAVING[..at]).await;
        assert!(matches!(cut, LoadError::Invalid(_) | LoadError::NoMapper), "cut at {at}: {cut}");
    }
}

#[tokio::test]
async fn p4_wp18_imports_are_named() {
    let wasi = r#"(component (import "wasi:cli/environment@0.2.0" (instance
        (export "get-arguments" (func (result (list string)))))))"#;
    let in_disguise = r#"(component (import "symbolon:mapping/types@1.0.0" (instance
        (export "now" (func (result u64))))))"#;
    for (text, name) in
        [(wasi, "wasi:cli/environment@0.2.0"), (in_disguise, "symbolon:mapping/types@1.0.0")]
    {
        let LoadError::Import(seen) = refused_text(text).await else { panic!("{name}") };
        assert_eq!(seen, name);
    }
}

#[tokio::test]
async fn wp31_other_versions_and_other_components() {
    assert!(matches!(refused_text("(component)").await, LoadError::NoMapper));
    let next =
        r#"(component (instance $i) (export "symbolon:mapping/mapper@2.0.0" (instance $i)))"#;
    let LoadError::UnsupportedVersion(version) = refused_text(next).await else { panic!() };
    assert_eq!(version, "2.0.0");
}

#[tokio::test]
async fn wp32_a_mapper_without_its_functions_is_refused() {
    let empty =
        r#"(component (instance $i) (export "symbolon:mapping/mapper@1.0.0" (instance $i)))"#;
    let error = refused_text(empty).await;
    assert!(matches!(error, LoadError::Link(_)), "{error}");
}

#[tokio::test]
async fn wp63_what_goes_wrong_at_the_start_is_a_refused_upload() {
    for (name, expected) in [
        ("trap-at-start", "failed its trial call: the plugin crashed"),
        ("loop-at-start", "failed its trial call: the plugin used up its fuel of 50000000"),
        ("memory-4-gib", "declares 4294967296 bytes of memory, at most 16777216 are allowed"),
        ("grow-at-start", "wanted more memory than 16777216 bytes"),
        ("wrong-functions", "cannot be started"),
        ("wrong-record", "expected record of 5 fields, found 4"),
    ] {
        let error = refused(&fixture(name)).await;
        assert_eq!(error.reason(), ReasonCode::PluginNotLoadable, "{name}");
        assert!(error.to_string().contains(expected), "{name}: {error}");
    }
}

#[tokio::test]
async fn wp77_too_many_memories_and_tables() {
    for (part, limit) in [("(memory 0)", 8), ("(table 0 funcref)", 16)] {
        let parts = |count: usize| {
            let modules = format!("(core module {part})").repeat(count);
            let mapper = r#"(instance $i) (export "symbolon:mapping/mapper@1.0.0" (instance $i))"#;
            format!("(component {modules} {mapper})")
        };
        let error = refused_text(&parts(limit + 1)).await;
        assert!(matches!(error, LoadError::TooComplex { .. }), "{part}: {error}");
        let error = refused_text(&parts(limit)).await;
        assert!(matches!(error, LoadError::Link(_)), "{part}: {error}");
    }
}

#[tokio::test]
async fn wp77_features_that_plugins_may_not_use() {
    for module in ["(memory i64 1)", "(memory 1 2 shared)", "(type (struct))", "(tag)"] {
        let error = refused_text(&format!("(component (core module {module}))")).await;
        assert!(matches!(error, LoadError::Invalid(_)), "{module}: {error}");
    }
}

#[tokio::test]
async fn p2_a_million_locals() {
    // The validator stops at 50,000, long before anything is compiled.
    let locals = "i32 ".repeat(1_000_000);
    let text = format!("(component (core module (func (local {locals}))))");
    assert!(matches!(refused_text(&text).await, LoadError::Invalid(_)));
}

#[tokio::test]
async fn wp77_too_many_functions() {
    let host = PluginHost::start(Limits { max_functions: 10, ..limits() }).unwrap();
    let error = host.load(Arc::from(MISBEHAVING)).await.unwrap_err();
    assert!(matches!(error, LoadError::TooComplex { what: "functions", .. }), "{error}");
}

#[tokio::test]
async fn a_refused_component_can_be_tried_again_and_hurts_nobody() {
    let world = World::with(limits()).await;
    for _ in 0..2 {
        assert!(world.host.load(Arc::from(&b"rubbish"[..])).await.is_err());
    }
    assert_eq!(world.allowed("anybody").await.grants[0].role, "viewer");
    assert_eq!(world.host.describe(&world.digest).await.unwrap().name, "misbehaving");
}
