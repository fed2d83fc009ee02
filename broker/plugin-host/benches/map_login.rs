//! A call of the bundled plugin on the sign-in of wasm.md §5 (25 claims, 50 groups), and in the same loop RSA-2048
//! signatures: only the ratio can be compared between machines. `ring`'s signature is the unit of the targets (rule
//! tables at most 0.15, CEL rows at most 0.5), `aws-lc-rs` is what the broker signs with.
//!
//! Each call is a fresh store and instance with all limits set, as at a sign-in; 32 at a time on one thread, so
//! that no hand-over between threads is measured. Times are CPU time of this process, so that a busy machine does not
//! change them much.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a benchmark stops at the first surprise"
)]

use std::sync::Arc;
use std::time::Duration;

use aws_lc_rs::encoding::AsDer as _;
use cpu_time::ProcessTime;
use serde_json::{Value, json};
use symbolon_contract::{Attribute, MappingRequest, PluginDigest, TenantId};
use symbolon_plugin_host::{CallReport, Limits, PluginHost};
use tokio::runtime::Runtime;

const ROUNDS: usize = 200;
const CALLS: u32 = 32;

fn group(n: usize) -> String {
    format!("8f3c1d52-0a4b-4c1e-9d7a-2f6f1b7f{n:04x}")
}

fn request() -> MappingRequest {
    let mut claims = json!({
        "aud": "6731de76-14a6-49ae-97bc-6eba6914391e", "ver": "2.0", "iat": 1_750_000_000, "acct": 0,
        "iss": "https://login.microsoftonline.com/9122040d-6c67-4c5b-b112-36a304b66dad/v2.0",
        "email": "adele.vance@contoso.example", "name": "Adele Vance", "given_name": "Adele",
        "family_name": "Vance", "preferred_username": "adele.vance@contoso.example", "xms_edov": true,
        "department": "Retail", "jobTitle": "Retail Manager", "officeLocation": "18/2111",
        "address": { "city": "Bern", "country": "CH" }, "roles": ["Survey.Read"],
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
        attributes: claims.as_object().unwrap().iter().filter_map(flat).collect(),
        claims_json: claims.to_string(),
        groups: (0..50).map(group).collect(),
        groups_complete: true,
        extra: Vec::new(),
    }
}

/// As the broker does it.
fn flat((name, value): (&String, &Value)) -> Option<Attribute> {
    let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let values = match value {
        Value::Object(_) => return None,
        Value::Array(rows) => rows.iter().map(text).collect(),
        scalar => vec![text(scalar)],
    };
    Some(Attribute { name: name.clone(), values })
}

/// 12 field rows of which 2 are nested, 30 group rows of which 20 fit.
fn tables() -> String {
    let from = [
        ("email", "email"),
        ("name", "display_name"),
        ("preferred_username", "username"),
        ("department", "metadata.department"),
        ("jobTitle", "metadata.job_title"),
        ("officeLocation", "metadata.office"),
        ("address.city", "metadata.city"),
        ("address.country", "metadata.country"),
        ("given_name", "metadata.given"),
        ("family_name", "metadata.family"),
        ("extension_20", "metadata.ext"),
        ("iss", "metadata.issuer"),
    ];
    let fields = from.map(|(from, to)| json!({ "from": from, "to": to }));
    let row = |n: usize| json!({ "group": group(n + 30), "role": format!("role-{n}") });
    json!({
        "attributes": fields,
        "sync_fields": ["*"],
        "assign_role_by_group": true,
        "group_roles": (0..30).map(row).collect::<Vec<_>>(),
    })
    .to_string()
}

/// 12 expression fields, 1 refusal, 30 role expressions.
fn expressions() -> String {
    let fields = [
        ("claims.email", "email"),
        ("claims.given_name + ' ' + claims.family_name", "display_name"),
        ("claims.preferred_username", "username"),
        ("claims.department", "metadata.department"),
        ("has(claims.jobTitle) ? claims.jobTitle : 'none'", "metadata.job_title"),
        ("claims.officeLocation.split('/')[0]", "metadata.building"),
        ("claims.address.city", "metadata.city"),
        ("claims.address.country == 'CH' ? 'Switzerland' : 'abroad'", "metadata.country"),
        ("claims.given_name.lowerAscii()", "metadata.given"),
        ("claims.family_name.upperAscii()", "metadata.family"),
        ("claims.roles.filter(r, r.endsWith('.Read'))", "metadata.roles"),
        ("{'Retail': 'store', 'Engineering': 'builder'}[claims.department]", "metadata.seat"),
    ];
    let fields = fields.map(|(expression, to)| json!({ "expression": expression, "to": to }));
    let row = |n: usize| {
        let group = group(n + 30);
        let when = match n % 3 {
            0 => format!("'{group}' in groups"),
            1 => format!("'{group}' in groups && claims.acct == 0"),
            _ => format!("claims.department == 'Retail' && '{group}' in groups"),
        };
        json!({ "when": when, "role": format!("role-{n}") })
    };
    json!({
        "attributes": fields,
        "sync_fields": ["*"],
        "assign_role_by_group": true,
        "group_roles": (0..30).map(row).collect::<Vec<_>>(),
        "deny": [{ "when": "claims.acct == 1 && !claims.xms_edov", "code": "guest", "message": "No guests." }],
    })
    .to_string()
}

struct Bench {
    runtime: Runtime,
    host: PluginHost,
    tenant: TenantId,
    digest: PluginDigest,
}

impl Bench {
    fn calls(&self, rules: &str) -> (Duration, CallReport) {
        let requests = vec![request(); CALLS as usize];
        let started = ProcessTime::now();
        let batch = self.host.map_batch(&self.tenant, &self.digest, rules, requests);
        let mut reports = self.runtime.block_on(batch).unwrap();
        (started.elapsed() / CALLS, reports.swap_remove(0).unwrap())
    }
}

fn signatures(mut sign: impl FnMut()) -> Duration {
    let started = ProcessTime::now();
    for _ in 0..4 {
        sign();
    }
    started.elapsed() / 4
}

fn median(mut times: Vec<Duration>) -> f64 {
    times.sort();
    times[times.len() / 2].as_secs_f64() * 1e6
}

fn main() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    // Only the clock is generous: a busy machine is no endless loop.
    let limits = Limits { epoch_timeout: Duration::from_secs(60), ..Limits::default() };
    let host = PluginHost::start(limits).unwrap();
    // Another component than the bundled one: `cargo bench ... -- other.wasm`.
    let other = std::env::args().skip(1).find(|argument| !argument.starts_with("--"));
    let component = other.map(|path| std::fs::read(path).unwrap());
    let component = component.unwrap_or_else(|| PluginHost::bundled().1.to_vec());
    let digest = runtime.block_on(host.load(Arc::from(component))).unwrap();
    let tenant = TenantId::parse("contoso").unwrap();
    let bench = Bench { runtime, host, tenant, digest };

    let key = aws_lc_rs::rsa::KeyPair::generate(aws_lc_rs::rsa::KeySize::Rsa2048).unwrap();
    let der = key.as_der().unwrap();
    let unit = ring::rsa::KeyPair::from_pkcs8(der.as_ref()).unwrap();
    let mut signature = vec![0; key.public_modulus_len()];
    let random = aws_lc_rs::rand::SystemRandom::new();
    let ring_random = ring::rand::SystemRandom::new();

    let cases = [("rule tables", tables()), ("CEL rows", expressions())];
    let mut calls = [Vec::new(), Vec::new()];
    let (mut by_ring, mut by_aws) = (Vec::new(), Vec::new());
    for (name, rules) in &cases {
        let first = bench.calls(rules).1;
        println!(
            "{name}: fuel {} (+ {} once, to prepare), memory {} KiB, {:?}",
            first.fuel_used,
            first.prepare_fuel.unwrap_or_default(),
            first.peak_memory / 1024,
            first.decision
        );
    }
    for _ in 0..ROUNDS {
        for ((_, rules), times) in cases.iter().zip(&mut calls) {
            times.push(bench.calls(rules).0);
        }
        let pkcs1 = &ring::signature::RSA_PKCS1_SHA256;
        by_ring.push(signatures(|| {
            unit.sign(pkcs1, &ring_random, b"ID token", &mut signature).unwrap();
        }));
        let pkcs1 = &aws_lc_rs::signature::RSA_PKCS1_SHA256;
        by_aws.push(signatures(|| key.sign(pkcs1, &random, b"ID token", &mut signature).unwrap()));
    }
    let (by_ring, by_aws) = (median(by_ring), median(by_aws));
    println!("RSA-2048 signature: ring {by_ring:.1} us, aws-lc-rs {by_aws:.1} us");
    for ((name, _), times) in cases.iter().zip(calls) {
        let call = median(times);
        println!(
            "{name}: {call:.1} us = {:.3} of ring's, {:.3} of aws-lc-rs's",
            call / by_ring,
            call / by_aws
        );
    }
}
