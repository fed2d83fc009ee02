//! Processor time and memory of a process, from /proc (Linux only; nothing elsewhere).

use std::time::Duration;

/// Linux counts processor time in hundredths of a second for user space.
const TICKS_PER_SECOND: f64 = 100.0;

/// What a process has used so far.
#[derive(Clone, Copy, Debug)]
pub struct Usage {
    ticks: u64,
    /// Resident memory.
    pub resident_mib: f64,
}

impl Usage {
    /// Reads a process; without an id, this one.
    #[must_use]
    pub fn of(process: Option<u32>) -> Option<Self> {
        let folder = process.map_or_else(|| "/proc/self".to_owned(), |id| format!("/proc/{id}"));
        let stat = std::fs::read_to_string(format!("{folder}/stat")).ok()?;
        let status = std::fs::read_to_string(format!("{folder}/status")).ok()?;
        let resident = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
        let kibibytes: f64 = resident.split_whitespace().next()?.parse().ok()?;
        Some(Self { ticks: ticks(&stat)?, resident_mib: kibibytes / 1024.0 })
    }

    /// Processor time between two readings.
    #[must_use]
    pub fn between(before: Option<&Self>, after: Option<&Self>) -> Option<Duration> {
        let used = u32::try_from(after?.ticks.checked_sub(before?.ticks)?).ok()?;
        Some(Duration::from_secs_f64(f64::from(used) / TICKS_PER_SECOND))
    }

    /// The share of the whole machine between two readings, from 0 to 1.
    #[must_use]
    pub fn share(before: Option<&Self>, after: Option<&Self>, elapsed: Duration) -> Option<f64> {
        let used = Self::between(before, after)?;
        let cores = u32::try_from(std::thread::available_parallelism().ok()?.get()).ok()?;
        Some(used.as_secs_f64() / elapsed.as_secs_f64() / f64::from(cores))
    }
}

/// utime + stime: fields 14 and 15; the name in field 2 may hold spaces and brackets.
fn ticks(stat: &str) -> Option<u64> {
    let (_, rest) = stat.rsplit_once(')')?;
    let mut fields = rest.split_whitespace().skip(11);
    let user: u64 = fields.next()?.parse().ok()?;
    let system: u64 = fields.next()?.parse().ok()?;
    Some(user + system)
}

#[cfg(test)]
mod tests {
    use super::ticks;

    #[test]
    fn a_name_with_brackets_does_not_shift_the_fields() {
        let stat = "7 (a) b (c)) S 1 7 7 0 -1 0 0 0 0 0 120 30 0 0 20 0";
        assert_eq!(ticks(stat), Some(150));
    }
}
