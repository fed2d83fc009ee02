//! What plugins cost in memory: 1,000 tenants on the bundled plugin, and 1,000 distinct plugins (one component with
//! another custom section each), with all of them in memory and with the default of 128; and how long the first call
//! of one takes whose code lies in the cache folder (WP-75: at most 50 ms at p99).
//!
//! `cargo bench -p symbolon-plugin-host --bench memory`, number of distinct plugins as argument (1000).
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a benchmark stops at the first surprise"
)]

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use aws_lc_rs::hmac;
use secrecy::SecretBox;
use symbolon_contract::{Attribute, MappingRequest, TenantId};
use symbolon_plugin_host::{CacheFolder, HostOptions, Limits, LoadSource, PluginHost};

const PLUGIN: &[u8] = include_bytes!("../../../plugins/dist/examples/rust.wasm");
const TENANTS: usize = 1_000;
const KEY: [u8; 32] = [7; 32];

fn request() -> MappingRequest {
    MappingRequest {
        purpose: "login".to_owned(),
        connector: "entra".to_owned(),
        kind: "oidc".to_owned(),
        issuer: "https://issuer.example".to_owned(),
        subject: "adele".to_owned(),
        now: 1_750_000_000,
        attributes: vec![Attribute {
            name: "email".to_owned(),
            values: vec!["adele@contoso.example".to_owned()],
        }],
        claims_json: r#"{"email": "adele@contoso.example", "name": "Adele"}"#.to_owned(),
        groups: Vec::new(),
        groups_complete: true,
        extra: Vec::new(),
    }
}

/// Resident memory in MiB (Linux).
fn resident() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kib = line.and_then(|line| line.split_whitespace().next()?.parse::<f64>().ok());
    kib.unwrap_or_default() / 1024.0
}

/// The component with a custom section of its own, so that its digest is another.
fn distinct(number: usize) -> Arc<[u8]> {
    let content = format!("\x05bench{number:08}");
    let mut bytes = PLUGIN.to_vec();
    bytes.push(0);
    bytes.push(u8::try_from(content.len()).unwrap());
    bytes.extend_from_slice(content.as_bytes());
    bytes.into()
}

fn host(folder: &Path, loaded_modules: usize) -> PluginHost {
    let cache =
        CacheFolder::new(folder.to_owned(), "bench".to_owned(), SecretBox::new(Box::new(KEY)));
    let limits = Limits { loaded_modules, ..Limits::default() };
    PluginHost::with(HostOptions { limits, cache: Some(cache), ..HostOptions::default() }).unwrap()
}

async fn one_module_for_all(folder: &Path) {
    let host = host(folder, 128);
    let config = |tenant: usize| format!(r#"{{"default_role": "role-{tenant}"}}"#);
    let call = async |tenant: usize| {
        let digest = host.load(Arc::from(PluginHost::bundled().1)).await.unwrap();
        let name = TenantId::parse(format!("tenant-{tenant}")).unwrap();
        host.map_login(&name, &digest, &config(tenant), request()).await.unwrap();
    };
    let before = resident();
    call(0).await;
    let one = resident();
    for tenant in 1..TENANTS {
        call(tenant).await;
    }
    println!(
        "{TENANTS} tenants on the bundled plugin: {} module in memory; {before:.0} MiB before it was loaded, \
         {one:.0} MiB with one tenant, {:.0} MiB with all",
        host.loaded_modules(),
        resident(),
    );
}

/// Native code of all of them. A custom section changes the digest and nothing of the code, so the first is
/// compiled and the others are that file under another name, with the tag of the cache folder (which lies under
/// a key of this program). If the host did not take them as its own, `cold` would say so.
async fn compile(folder: &Path, plugins: usize) {
    let host = host(folder, 1);
    let first = host.load(distinct(0)).await.unwrap().to_string();
    let files = std::fs::read_dir(folder).unwrap();
    let names = files.map(|file| file.unwrap().file_name().into_string().unwrap());
    let name = names.into_iter().find(|name| name.starts_with(&first)).unwrap();
    let file = std::fs::read(folder.join(&name)).unwrap();
    let (_, code) = file.split_at(32);
    let key = hmac::Key::new(hmac::HMAC_SHA256, &KEY);
    for number in 1..plugins {
        let digest = PluginHost::digest_of(&distinct(number)).to_string();
        let name = name.replace(&first, &digest);
        let tag = tag(&key, &name, code);
        std::fs::write(folder.join(&name), [tag.as_ref(), code].concat()).unwrap();
    }
    println!("one plugin: {} KiB of native code", code.len() / 1024);
}

fn tag(key: &hmac::Key, name: &str, code: &[u8]) -> hmac::Tag {
    let mut context = hmac::Context::with_key(key);
    for part in [name.as_bytes(), b"\0", code] {
        context.update(part);
    }
    context.sign()
}
/// Loads each from the folder and calls it; the time of both together.
async fn cold(folder: &Path, (plugins, capacity): (usize, usize)) {
    let host = host(folder, capacity);
    let tenant = TenantId::parse("contoso").unwrap();
    let before = resident();
    let mut times = Vec::new();
    for number in 0..plugins {
        let component = distinct(number);
        let start = Instant::now();
        let loaded = host.load_as(component, symbolon_plugin_host::Class::Standard).await.unwrap();
        host.map_login(&tenant, &loaded.digest, "{}", request()).await.unwrap();
        times.push(start.elapsed());
        assert_eq!(loaded.source, LoadSource::Cache);
    }
    let after = resident();
    let all: Duration = times.iter().sum();
    times.sort();
    let at = |percent: usize| times[(times.len() * percent / 100).min(times.len() - 1)];
    println!(
        "{plugins} distinct plugins, room for {capacity}: {} modules in memory, {before:.0} -> {after:.0} MiB; first \
         call from the cache folder p50 {:.2?}, p99 {:.2?}, slowest {:.2?}, all {all:.2?}",
        host.loaded_modules(),
        at(50),
        at(99),
        at(100),
    );
}

#[tokio::main]
async fn main() {
    let plugins =
        std::env::args().skip(1).find_map(|argument| argument.parse().ok()).unwrap_or(1_000);
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    one_module_for_all(folder).await;
    compile(folder, plugins).await;
    cold(folder, (plugins, 128)).await;
    cold(folder, (plugins, plugins)).await;
}
