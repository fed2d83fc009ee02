//! What the bytes say before anything compiles them, and the two classes of limits.

use std::sync::Arc;

use serde_json::json;
use symbolon_plugin_host::{
    CallError, Class, HostOptions, Limits, LoadError, LoadSource, PluginHost,
};

use crate::world::{MISBEHAVING, call, component, fixture, limits};

/// The bytes, and a section of this size that nobody reads.
fn padded(bytes: &[u8], section: usize) -> Arc<[u8]> {
    let mut padded = bytes.to_vec();
    padded.push(0);
    let mut length = section;
    while length >= 0x80 {
        padded.push(u8::try_from(length & 0x7f).unwrap() | 0x80);
        length >>= 7;
    }
    padded.push(u8::try_from(length).unwrap());
    padded.extend(std::iter::repeat_n(0, section));
    padded.into()
}

fn host() -> PluginHost {
    PluginHost::start(limits()).unwrap()
}

#[test]
fn wp77_an_inspection_says_what_is_inside() {
    let bytes = fixture("prepared");
    let seen = host().inspect(&bytes, Class::Standard).unwrap();
    assert_eq!(
        serde_json::to_value(&seen).unwrap(),
        json!({
            "digest": PluginHost::digest_of(&bytes),
            "bytes": bytes.len(),
            "wit_version": "1.1.0",
            "prepared": true,
            "class": "standard",
            "functions": 6,
            "modules": 1,
            "memories": 1,
            "memory_bytes": 4 << 20,
            "tables": 0,
            "imports": [],
            "extra_exports": [
                "attribute", "mapping-request", "field", "grant", "mapping", "denial",
                "mapping-decision", "failure", "diagnostic", "description",
            ],
        })
    );
}

#[test]
fn wp31_wp77_the_committed_components_are_standard() {
    for bytes in [MISBEHAVING, PluginHost::bundled().1] {
        let seen = host().inspect(bytes, Class::Standard).unwrap();
        assert!(seen.wit_version.starts_with("1."), "{seen:?}");
        assert!(seen.functions > 100 && seen.memories == 1 && seen.modules >= 1, "{seen:?}");
        assert!(seen.extra_exports.is_empty(), "{seen:?}");
        assert_eq!(Class::needed(bytes), Class::Standard);
    }
}

#[test]
fn wp77_an_inspection_compiles_nothing() {
    // Seconds of compiling, and no fitting mapper: neither matters here.
    let text = format!(
        r#"(component (core module {}) (instance $i)
            (export "symbolon:mapping/mapper@1.0.0" (instance $i)))"#,
        "(func)".repeat(40_000)
    );
    let host = host();
    assert_eq!(host.inspect(&component(&text), Class::Standard).unwrap().functions, 40_000);
    assert_eq!(host.loaded_modules(), 0);
}

#[tokio::test]
async fn wp46_a_big_component_needs_the_large_class() {
    let bytes = padded(MISBEHAVING, 5 << 20);
    assert_eq!(Class::needed(&bytes), Class::Large);
    let host = host();
    assert_eq!(host.class_needed(&bytes), Class::Large);
    for refused in [
        host.inspect(&bytes, Class::Standard).unwrap_err(),
        host.load(Arc::clone(&bytes)).await.unwrap_err(),
    ] {
        assert!(matches!(refused, LoadError::TooLarge { limit: 4_194_304, .. }), "{refused}");
    }
    let loaded = host.load_as(bytes, Class::Large).await.unwrap();
    call(&host, &loaded.digest, "{}", "a").await.unwrap();
    let huge = host.inspect(&vec![0; (32 << 20) + 1], Class::Large).unwrap_err();
    assert!(matches!(huge, LoadError::TooLarge { limit: 33_554_432, .. }), "{huge}");
}

#[tokio::test]
async fn wp49_calls_run_under_the_limits_of_the_class() {
    let host = host();
    let bytes: Arc<[u8]> = Arc::from(MISBEHAVING);
    let mut seen = Vec::new();
    for class in [Class::Standard, Class::Large] {
        let loaded = host.load_as(Arc::clone(&bytes), class).await.unwrap();
        let error = call(&host, &loaded.digest, "{}", "memory").await.unwrap_err();
        let CallError::MemoryLimit { limit } = error else { panic!("{error}") };
        seen.push((loaded.source, limit));
    }
    assert_eq!(seen, [(LoadSource::Compiled, 16 << 20), (LoadSource::Memory, 32 << 20)]);
    assert_eq!(host.loaded_modules(), 1);
}

#[tokio::test]
async fn wp49_declared_memory_decides_about_the_class_too() {
    let text = r#"(component (core module (memory 320)) (instance $i)
        (export "symbolon:mapping/mapper@1.0.0" (instance $i)))"#;
    let bytes = component(text);
    assert_eq!(Class::needed(&bytes), Class::Large);
    let refused = host().load(bytes).await.unwrap_err();
    assert!(matches!(refused, LoadError::DeclaredMemory { seen: 20_971_520, .. }), "{refused}");
}

#[test]
fn wp57_operators_set_the_limits_of_both_classes() {
    let large = Limits { memory_bytes: 64 << 20, ..limits() };
    let options = HostOptions {
        limits: Limits { fuel: 7, ..limits() },
        large: Some(large),
        ..HostOptions::default()
    };
    let host = PluginHost::with(options).unwrap();
    assert_eq!(host.limits().fuel, 7);
    assert_eq!(host.limits_of(Class::Large).memory_bytes, 64 << 20);
    let derived = PluginHost::start(Limits { fuel: 7, ..limits() }).unwrap();
    let large = derived.limits_of(Class::Large);
    assert_eq!(
        (large.fuel, large.memory_bytes, large.max_component_bytes),
        (7, 32 << 20, 32 << 20)
    );
}
