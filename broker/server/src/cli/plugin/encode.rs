//! A core module becomes a component, in this process: authors need no other tool for it (WP-9).

use anyhow::Context;
use wit_component::ComponentEncoder;

/// Encodes and validates. A component stays what it is.
pub(super) fn encode(bytes: Vec<u8>) -> anyhow::Result<Vec<u8>> {
    if is_component(&bytes) {
        return Ok(bytes);
    }
    let mut encoder = ComponentEncoder::default().validate(true).module(&bytes).context(
        "this is no module with the plugin's WIT in it: it must export symbolon:mapping",
    )?;
    encoder.encode().map_err(|error| {
        let text = format!("{error:#}");
        match cause_of_import(&text) {
            Some(cause) => anyhow::Error::msg(format!(
                "the module imports what plugins may not: {text}\n  {cause}"
            )),
            None => error.context("the module cannot become a component"),
        }
    })
}

/// Whether the bytes begin as those of a component do; a core module has version 1 and layer 0.
pub(super) fn is_component(bytes: &[u8]) -> bool {
    bytes.starts_with(b"\0asm\x0d\0\x01\0")
}

/// Which toolchain brings an import, and how it is told not to (WP-118).
pub(super) fn cause_of_import(text: &str) -> Option<&'static str> {
    if text.contains("wasi_snapshot_preview1") || text.contains("wasi:") {
        return Some(
            "WASI comes with the toolchain. Rust: build for wasm32-unknown-unknown, not for a wasi target. \
             JavaScript: `jco componentize --backend qjs --backend-qjs-stub-wasi --backend-qjs-disable-async`. \
             Python: `componentize-py … componentize --stub-wasi`. C: `-nostdlib`, no wasi-libc.",
        );
    }
    if text.contains("__wbindgen") || text.contains("wbg") {
        return Some(
            "wasm-bindgen comes with a crate that expects a browser. Look for it with \
             `cargo tree --target wasm32-unknown-unknown -i wasm-bindgen` and turn its feature off.",
        );
    }
    text.contains("`env`").then_some(
        "An undefined symbol became an import of `env`. Define it; C plugins bring their own malloc and \
         memcpy (see the template's libc.c).",
    )
}

#[cfg(test)]
mod tests {
    use super::{cause_of_import, encode, is_component};

    #[test]
    fn wp118_an_import_is_refused_with_the_name_of_its_cause() {
        for (import, says) in [
            ("wasi:cli/environment@0.2.0", "--stub-wasi"),
            ("module requires an import interface named `wasi_snapshot_preview1`", "-nostdlib"),
            ("`__wbindgen_placeholder__`", "cargo tree"),
            ("module requires an import interface named `env`", "malloc"),
        ] {
            assert!(cause_of_import(import).unwrap().contains(says), "{import}");
        }
        assert_eq!(cause_of_import("something:else/entirely"), None);
    }

    #[test]
    fn wp118_what_is_no_plugin_is_not_encoded() {
        let empty = wat::parse_str("(module)").unwrap();
        assert!(encode(b"no wasm".to_vec()).is_err());
        assert!(is_component(&encode(empty).unwrap()));
    }
}
