//! One component per released version of the contract, kept for ever (WP-34).

use std::path::{Path, PathBuf};
use std::sync::Arc;

use symbolon_contract::{MappingDecision, Severity};
use symbolon_plugin_host::{Class, PluginHost};

use crate::world::{limits, request, tenant};

fn archive() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../plugins/dist/contract")
}

pub(crate) fn rust_1_0_0() -> Arc<[u8]> {
    std::fs::read(archive().join("1.0.0/rust.wasm")).unwrap().into()
}

#[tokio::test]
async fn wp34_components_of_every_released_version_still_work() {
    let host = PluginHost::start(limits()).unwrap();
    let mut versions = Vec::new();
    for folder in std::fs::read_dir(archive()).unwrap() {
        let folder = folder.unwrap();
        let version = folder.file_name().into_string().unwrap();
        for file in std::fs::read_dir(folder.path()).unwrap() {
            let path = file.unwrap().path();
            let bytes: Arc<[u8]> = std::fs::read(&path).unwrap().into();
            let seen = host.inspect(&bytes, Class::Standard).unwrap();
            assert_eq!(seen.wit_version, version, "{path:?}");
            works(&host, bytes, &path).await;
        }
        versions.push(version);
    }
    assert!(versions.contains(&"1.0.0".to_owned()), "{versions:?}");
}

async fn works(host: &PluginHost, bytes: Arc<[u8]>, path: &Path) {
    let digest = host.load(bytes).await.unwrap();
    let description = host.describe(&digest).await.unwrap();
    assert!(!description.name.is_empty(), "{path:?}");
    let config = &description.example_config;
    let found = host.check_config(&tenant(), &digest, config).await.unwrap();
    assert!(found.iter().all(|one| one.severity != Severity::Error), "{path:?}: {found:?}");
    let report = host.map_login(&tenant(), &digest, config, request("a")).await.unwrap();
    assert!(matches!(report.decision, MappingDecision::Allow(_)), "{path:?}");
}
