//! A fresh call of the bundled plugin on the sign-in of wasm.md §5 (25 claims, 50 groups, 30 group
//! rows), and in the same run one RSA-2048 signature: only their ratio can be compared between machines.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a benchmark stops at the first surprise"
)]

use std::sync::Arc;

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{RSA_PKCS1_SHA256, RsaKeyPair};
use criterion::{Criterion, criterion_group, criterion_main};
use serde_json::json;
use symbolon_contract::{MappingRequest, TenantId};
use symbolon_plugin_host::{Limits, PluginHost};

fn group(n: usize) -> String {
    format!("8f3c1d52-0a4b-4c1e-9d7a-2f6f1b7f{n:04x}")
}

fn request() -> MappingRequest {
    let mut claims = json!({
        "aud": "6731de76-14a6-49ae-97bc-6eba6914391e", "ver": "2.0", "iat": 1_750_000_000,
        "iss": "https://login.microsoftonline.com/9122040d-6c67-4c5b-b112-36a304b66dad/v2.0",
        "email": "adele.vance@contoso.example", "name": "Adele Vance", "given_name": "Adele",
        "family_name": "Vance", "preferred_username": "adele.vance@contoso.example",
        "department": "Retail", "jobTitle": "Retail Manager", "officeLocation": "18/2111",
        "groups": (0..50).map(group).collect::<Vec<_>>(),
    });
    for n in claims.as_object().map_or(0, serde_json::Map::len)..25 {
        claims[format!("extension_{n}")] = json!(format!("value number {n}"));
    }
    MappingRequest {
        purpose: "login".to_owned(),
        connector: "entra".to_owned(),
        kind: "entra".to_owned(),
        issuer: "https://login.microsoftonline.com/9122040d/v2.0".to_owned(),
        subject: "9122040d.00000000-0000-0000-66f3-3332eca7ea81".to_owned(),
        now: 1_750_000_000,
        attributes: Vec::new(),
        claims_json: claims.to_string(),
        groups: (0..50).map(group).collect(),
        groups_complete: true,
        extra: Vec::new(),
    }
}

fn rules() -> String {
    let row = |n: usize| json!({"group": group(n + 30), "role": format!("role-{n}")});
    json!({
        "sync_fields": ["*"],
        "assign_role_by_group": true,
        "group_roles": (0..30).map(row).collect::<Vec<_>>(),
    })
    .to_string()
}

fn benchmark(criterion: &mut Criterion) {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let host = PluginHost::start(Limits::default()).unwrap();
    let tenant = TenantId::parse("contoso").unwrap();
    let digest = runtime.block_on(host.load(Arc::from(PluginHost::bundled().1))).unwrap();
    let (request, rules) = (request(), rules());
    let report =
        runtime.block_on(host.map_login(&tenant, &digest, &rules, request.clone())).unwrap();
    println!("fuel {}, memory {} bytes", report.fuel_used, report.peak_memory);

    let mut group = criterion.benchmark_group("map_login");
    group.bench_function("bundled_fresh", |bench| {
        bench.iter(|| {
            runtime.block_on(host.map_login(&tenant, &digest, &rules, request.clone())).unwrap()
        });
    });
    let key = RsaKeyPair::generate(KeySize::Rsa2048).unwrap();
    let random = SystemRandom::new();
    let mut signature = vec![0; key.public_modulus_len()];
    group.bench_function("rsa_2048_signature", |bench| {
        bench.iter(|| key.sign(&RSA_PKCS1_SHA256, &random, b"one ID token", &mut signature));
    });
    group.finish();
}

criterion_group!(benches, benchmark);
criterion_main!(benches);
