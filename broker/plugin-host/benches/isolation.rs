//! How much one tenant's plugin slows another's calls (security X10): tenant A signs in at a steady pace on the
//! bundled plugin while tenant B rests, and while B drives everything that `plugins/misbehaving` can do in a closed
//! loop. Rest and attack take turns within one run, because only their ratio can be compared between machines; the
//! bar is 1.5 at p99. The second line is the same without the slow lane: what turns alone would do.
//!
//! `cargo bench -p symbolon-plugin-host --bench isolation`, seconds of each kind as argument (20).
#![expect(clippy::unwrap_used, reason = "a benchmark stops at the first surprise")]

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use symbolon_contract::{MappingRequest, PluginDigest, TenantId};
use symbolon_plugin_host::{CallError, Limits, PluginHost};
use tokio::task::JoinSet;

const MISBEHAVING: &[u8] = include_bytes!("../../../plugins/dist/misbehaving.wasm");
const RULES: &str = include_str!("../../../plugins/default-mapper/schema/example.json");
/// A call every so often: what one busy tenant does.
const PACE: Duration = Duration::from_millis(5);
const ATTACKERS: usize = 8;
const BEHAVIOURS: [&str; 21] = [
    "loop",
    "memory",
    "memory-fill",
    "recurse",
    "trap",
    "panic",
    "huge-output",
    "many-roles",
    "flood-of-roles",
    "many-fields",
    "many-notes",
    "long-value",
    "unknown-role",
    "tenant-name",
    "control-characters",
    "control-in-field",
    "reserved-field",
    "failure",
    "deny",
    "counter",
    "wrong-prepared",
];

fn request(subject: &str) -> MappingRequest {
    MappingRequest {
        purpose: "login".to_owned(),
        connector: "entra".to_owned(),
        kind: "oidc".to_owned(),
        issuer: "https://issuer.example".to_owned(),
        subject: subject.to_owned(),
        now: 1_750_000_000,
        attributes: Vec::new(),
        claims_json:
            r#"{"email": "adele@contoso.example", "email_verified": true, "name": "Adele"}"#
                .to_owned(),
        groups: (0..50).map(|n| format!("8f3c1d52-0a4b-4c1e-9d7a-2f6f1b7f{n:04x}")).collect(),
        groups_complete: true,
        extra: Vec::new(),
    }
}

struct Bench {
    host: PluginHost,
    good: PluginDigest,
    bad: PluginDigest,
}

impl Bench {
    async fn start(limits: Limits) -> Arc<Self> {
        let host = PluginHost::start(limits).unwrap();
        let good = host.load(Arc::from(PluginHost::bundled().1)).await.unwrap();
        let bad = host.load(Arc::from(MISBEHAVING)).await.unwrap();
        Arc::new(Self { host, good, bad })
    }

    /// Microseconds of each of A's calls. None may fail.
    async fn steady(&self, time: Duration) -> Vec<u64> {
        let tenant = TenantId::parse("contoso").unwrap();
        let mut pace = tokio::time::interval(PACE);
        let until = Instant::now() + time;
        let mut times = Vec::new();
        while Instant::now() < until {
            pace.tick().await;
            let start = Instant::now();
            let end = self.host.map_login(&tenant, &self.good, RULES, request("adele")).await;
            if let Err(error) = end {
                println!("a sign-in of A failed: {error}");
            }
            times.push(u64::try_from(start.elapsed().as_micros()).unwrap());
        }
        times
    }

    async fn attack(&self, next: &AtomicUsize, stop: &AtomicBool) -> BTreeMap<String, usize> {
        let tenant = TenantId::parse("fabrikam").unwrap();
        let mut ends = BTreeMap::new();
        while !stop.load(Ordering::Relaxed) {
            let number = next.fetch_add(1, Ordering::Relaxed) % BEHAVIOURS.len();
            let subject = BEHAVIOURS.get(number).copied().unwrap_or_default();
            let end = self.host.map_login(&tenant, &self.bad, "{}", request(subject)).await;
            let end = end.map_or_else(
                |error: CallError| error.reason().as_str().to_owned(),
                |_| "answered".to_owned(),
            );
            *ends.entry(end).or_default() += 1;
        }
        ends
    }
}

async fn attacked(
    bench: &Arc<Bench>,
    time: Duration,
    ends: &mut BTreeMap<String, usize>,
) -> Vec<u64> {
    let (next, stop) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicBool::new(false)));
    let mut attackers = JoinSet::new();
    for _ in 0..ATTACKERS {
        let (bench, next, stop) = (Arc::clone(bench), Arc::clone(&next), Arc::clone(&stop));
        attackers.spawn(async move { bench.attack(&next, &stop).await });
    }
    let times = bench.steady(time).await;
    stop.store(true, Ordering::Relaxed);
    while let Some(seen) = attackers.join_next().await {
        for (end, count) in seen.unwrap() {
            *ends.entry(end).or_default() += count;
        }
    }
    times
}

fn percentile(times: &mut [u64], percent: usize) -> f64 {
    times.sort_unstable();
    let at = (times.len() * percent / 100).min(times.len() - 1);
    times.get(at).map_or(0.0, |micros| f64::from(u32::try_from(*micros).unwrap()) / 1000.0)
}

async fn compare(name: &str, limits: Limits, seconds: u64) {
    let bench = Bench::start(limits).await;
    let (mut rest, mut attack, mut ends) = (Vec::new(), Vec::new(), BTreeMap::new());
    bench.steady(Duration::from_secs(1)).await;
    for _ in 0..seconds {
        rest.extend(bench.steady(Duration::from_secs(1)).await);
        attack.extend(attacked(&bench, Duration::from_secs(1), &mut ends).await);
    }
    for percent in [50, 99] {
        let (rest, attack) = (percentile(&mut rest, percent), percentile(&mut attack, percent));
        println!(
            "{name}: p{percent} {rest:.2} ms at rest, {attack:.2} ms under attack: {:.2}x",
            attack / rest
        );
    }
    println!("{name}: {} calls each; the attacker's calls ended as {ends:?}", rest.len());
}

#[tokio::main]
async fn main() {
    let seconds = std::env::args().skip(1).find_map(|argument| argument.parse().ok()).unwrap_or(20);
    compare("as shipped", Limits::default(), seconds).await;
    let endless = Duration::from_secs(1_000_000);
    let without = Limits { cpu_burst: endless, cpu_per_second: endless, ..Limits::default() };
    compare("without the slow lane", without, seconds).await;
}
