//! What is said at the end.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use serde::Serialize;

use crate::process::Usage;

/// The figures of one measurement.
#[derive(Debug, Serialize)]
pub struct Report {
    /// What was done; the other figures call it a sign-in, whatever it was.
    pub operation: String,
    /// At how many tenants, in turn.
    pub tenants: usize,
    /// Sign-ins at the same time.
    pub workers: usize,
    /// The measured time.
    pub seconds: f64,
    /// Whole sign-ins.
    pub sign_ins: usize,
    /// Whole sign-ins a second.
    pub sign_ins_per_second: f64,
    /// Half of the sign-ins took no longer.
    pub p50_ms: f64,
    /// 95 of 100.
    pub p95_ms: f64,
    /// 99 of 100.
    pub p99_ms: f64,
    /// The slowest.
    pub max_ms: f64,
    /// Failed sign-ins by kind.
    pub errors: BTreeMap<String, u64>,
    /// This process's share of all cores, the demo provider in it included.
    pub generator_cpu_share: Option<f64>,
    /// The watched broker's share of all cores.
    pub broker_cpu_share: Option<f64>,
    /// Processor time of the watched broker for each sign-in.
    pub broker_ms_per_sign_in: Option<f64>,
    /// What one signature costs on this machine.
    pub signature_ms: Option<f64>,
    /// The share of the broker's processor time that is one signature.
    pub signature_share: Option<f64>,
    /// The watched broker's resident memory at the end.
    pub broker_resident_mib: Option<f64>,
}

impl Report {
    /// Computes the figures from the times of the successful sign-ins.
    #[must_use]
    pub fn new(
        workers: usize,
        elapsed: Duration,
        mut microseconds: Vec<u64>,
        errors: BTreeMap<String, u64>,
    ) -> Self {
        microseconds.sort_unstable();
        let seconds = elapsed.as_secs_f64();
        Self {
            operation: String::new(),
            tenants: 1,
            workers,
            seconds,
            sign_ins: microseconds.len(),
            sign_ins_per_second: as_f64(microseconds.len()) / seconds,
            p50_ms: percentile(&microseconds, 50),
            p95_ms: percentile(&microseconds, 95),
            p99_ms: percentile(&microseconds, 99),
            max_ms: percentile(&microseconds, 100),
            errors,
            generator_cpu_share: None,
            broker_cpu_share: None,
            broker_ms_per_sign_in: None,
            signature_ms: None,
            signature_share: None,
            broker_resident_mib: None,
        }
    }

    /// Milliseconds of processor time for each whole sign-in between two readings.
    #[must_use]
    pub fn cpu_each(&self, before: Option<Usage>, after: Option<Usage>) -> Option<f64> {
        let used = Usage::between(before.as_ref(), after.as_ref())?;
        (self.sign_ins > 0).then(|| used.as_secs_f64() * 1000.0 / as_f64(self.sign_ins))
    }
}

fn as_f64(count: usize) -> f64 {
    f64::from(u32::try_from(count).unwrap_or(u32::MAX))
}

/// Nearest rank: the smallest value that this share of all values does not exceed.
fn percentile(sorted: &[u64], share: usize) -> f64 {
    let rank = (sorted.len() * share).div_ceil(100).max(1);
    let microseconds = sorted.get(rank - 1).copied().unwrap_or_default();
    f64::from(u32::try_from(microseconds).unwrap_or(u32::MAX)) / 1000.0
}

impl fmt::Display for Report {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            out,
            "{:.1} sign-ins/s ({} in {:.1} s, {} workers)",
            self.sign_ins_per_second, self.sign_ins, self.seconds, self.workers
        )?;
        writeln!(
            out,
            "p50 {:.1} ms, p95 {:.1} ms, p99 {:.1} ms, max {:.1} ms",
            self.p50_ms, self.p95_ms, self.p99_ms, self.max_ms
        )?;
        let percent = |share: f64| format!("{:.0} %", share * 100.0);
        if let Some(share) = self.generator_cpu_share {
            writeln!(out, "generator (with its provider): {} of all cores", percent(share))?;
        }
        if let (Some(share), Some(memory)) = (self.broker_cpu_share, self.broker_resident_mib) {
            let each = self.broker_ms_per_sign_in.unwrap_or_default();
            writeln!(
                out,
                "broker: {} of all cores, {each:.2} ms of processor time a sign-in, {memory:.0} MiB resident",
                percent(share)
            )?;
        }
        if let (Some(signature), Some(share)) = (self.signature_ms, self.signature_share) {
            let share = percent(share);
            writeln!(out, "signature: {signature:.3} ms, {share} of the broker's time for each")?;
        }
        write!(out, "errors: {}", self.errors.values().sum::<u64>())?;
        for (kind, count) in &self.errors {
            write!(out, "\n  {count} x {kind}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::percentile;

    #[test]
    fn percentiles_take_the_nearest_rank() {
        let values: Vec<u64> = (1..=200).map(|value| value * 1000).collect();
        assert_eq!(percentile(&values, 50).to_string(), "100");
        assert_eq!(percentile(&values, 99).to_string(), "198");
        assert_eq!(percentile(&values, 100).to_string(), "200");
        assert_eq!(percentile(&[], 95).to_string(), "0");
        assert_eq!(percentile(&[7000], 50).to_string(), "7");
    }
}
