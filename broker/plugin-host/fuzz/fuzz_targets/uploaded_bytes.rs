//! What somebody uploads: `inspect` says what it is, or why it is refused. What passes is compiled, tried and
//! called, as far as it is small.
#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use symbolon_plugin_host::{Class, LoadError, PluginHost};
use symbolon_plugin_host_fuzz::{Fuzzed, clean_end, clean_findings, deceives, request};

/// Bigger ones take the compiler too long to learn much.
const COMPILED: usize = 32 << 10;

static WORLD: LazyLock<Fuzzed> = LazyLock::new(Fuzzed::start);

fuzz_target!(|bytes: &[u8]| {
    let needed = Class::needed(bytes);
    assert_eq!(WORLD.host.class_needed(bytes), needed);
    let large = WORLD.host.inspect(bytes, Class::Large);
    match WORLD.host.inspect(bytes, Class::Standard) {
        Ok(seen) => {
            assert_eq!((needed, seen.bytes), (Class::Standard, bytes.len()));
            assert_eq!(seen.digest, PluginHost::digest_of(bytes));
            assert!(seen.wit_version.starts_with("1."), "{}", seen.wit_version);
            for name in seen.imports.iter().chain(&seen.extra_exports) {
                assert!(!deceives(name) && name.len() <= 200, "{name:?}");
            }
            assert!(large.is_ok(), "the large class takes all that the standard class takes");
            if bytes.len() <= COMPILED {
                compile(bytes);
            }
        }
        Err(error) => {
            refused(&error);
            assert!(large.is_err() || needed == Class::Large, "{error}");
        }
    }
});

fn compile(bytes: &[u8]) {
    match WORLD.load(bytes) {
        Ok(digest) => {
            clean_end(&WORLD.map(&digest, "{}", request()));
            if let Ok(findings) = WORLD.check(&digest, "[]") {
                clean_findings(&findings);
            }
        }
        Err(error) => refused(&error),
    }
}

fn refused(error: &LoadError) {
    let text = error.to_string();
    assert!(!deceives(&text) && text.len() <= 10_000, "{text:?}");
    let own = matches!(
        error,
        LoadError::Stopped | LoadError::CompilerMissing(_) | LoadError::CompilerStopped { .. }
    );
    assert!(!own, "{error:?}");
}
