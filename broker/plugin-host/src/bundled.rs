//! The plugin that every tenant has, and the digest that names any plugin.

use std::sync::LazyLock;

use aws_lc_rs::digest::{SHA256, digest};
use symbolon_contract::PluginDigest;

static COMPONENT: &[u8] = include_bytes!("../../../plugins/dist/default-mapper.wasm");
static DIGEST: LazyLock<PluginDigest> = LazyLock::new(|| digest_of(COMPONENT));

pub(crate) fn bundled() -> (&'static PluginDigest, &'static [u8]) {
    (&DIGEST, COMPONENT)
}

/// SHA-256 in lower-case hexadecimal.
pub(crate) fn digest_of(bytes: &[u8]) -> PluginDigest {
    let hash = digest(&SHA256, bytes);
    let hex: String = hash.as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
    #[expect(clippy::expect_used, reason = "32 bytes are 64 hexadecimal characters")]
    PluginDigest::parse(hex).expect("a SHA-256 is a plugin digest")
}
