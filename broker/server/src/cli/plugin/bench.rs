//! `symbolon plugin bench` (WP-121): the ratio to a signature, taken in the same loop, holds on any machine.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use anyhow::Context;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{RSA_PKCS1_SHA256, RsaKeyPair};
use serde_json::json;

use super::cases;
use super::loaded::LoadedPlugin;
use super::run::micros;
use crate::cli::{files, print};

/// What a token's signature is made over, by size.
const SIGNED: [u8; 1_000] = [b'x'; 1_000];

pub(super) async fn bench(
    plugin: &Path,
    (login, rules): (&Path, Option<PathBuf>),
    calls: u32,
    json: bool,
) -> anyhow::Result<ExitCode> {
    let plugin = LoadedPlugin::open(plugin).await?;
    let rules = plugin.rules(rules)?;
    let request =
        cases::request(&files::read_text(login)?).with_context(|| login.display().to_string())?;
    let key = RsaKeyPair::generate(KeySize::Rsa2048).context("no RSA key can be made")?;
    let first = plugin.map(&rules, request.clone()).await?;
    sign(&key)?;
    let (mut mapping, mut signing) = (Vec::new(), Vec::new());
    for _ in 0..calls {
        mapping.push(plugin.map(&rules, request.clone()).await?.duration);
        signing.push(sign(&key)?);
    }
    mapping.sort();
    signing.sort();
    let (map, rsa) = (at(&mapping, 50), at(&signing, 50));
    let ratio = map.as_secs_f64() / rsa.as_secs_f64().max(f64::MIN_POSITIVE);
    let shown = json!({
        "fuel": first.fuel_used,
        "fuel_share": format!("{:.2} %", first.fuel_ratio() * 100.0),
        "prepare_fuel": first.prepare_fuel,
        "memory_bytes": first.peak_memory,
        "calls": calls,
        "median_micros": micros(map),
        "p99_micros": micros(at(&mapping, 99)),
        "rsa_2048_micros": micros(rsa),
        "rsa_ratio": (ratio * 1_000.0).round() / 1_000.0,
    });
    print::object(&shown, json);
    if cfg!(debug_assertions) {
        eprintln!(
            "warning: this program was built without optimisation; only fuel is as it should be"
        );
    }
    if first.fuel_ratio() >= 0.5 {
        eprintln!("warning: this sign-in uses more than half of the fuel limit");
    }
    Ok(ExitCode::SUCCESS)
}

/// One signature as the server makes it for RS256.
fn sign(key: &RsaKeyPair) -> anyhow::Result<Duration> {
    let mut signature = vec![0; key.public_modulus_len()];
    let start = Instant::now();
    key.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), &SIGNED, &mut signature)
        .context("the signature failed")?;
    Ok(start.elapsed())
}

/// A percentile of sorted times.
fn at(sorted: &[Duration], percent: usize) -> Duration {
    let last = sorted.len().saturating_sub(1);
    sorted.get(last * percent / 100).copied().unwrap_or_default()
}
