//! Times and identifiers in the forms Microsoft writes them.

use chrono::{DateTime, SecondsFormat, Utc};

fn moment(seconds: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(seconds, 0).unwrap_or_default()
}

/// `2026-11-22T09:12:03Z`
pub(super) fn graph_time(seconds: i64) -> String {
    moment(seconds).to_rfc3339_opts(SecondsFormat::Secs, true)
}

/// `2026-11-22 09:12:03Z`, as in error answers.
pub(super) fn error_time(seconds: i64) -> String {
    moment(seconds).format("%Y-%m-%d %H:%M:%SZ").to_string()
}

/// The form of the HTTP `Date` header (RFC 9110 section 5.6.7).
pub(super) fn http_time(seconds: i64) -> String {
    moment(seconds).format("%a, %d %b %Y %H:%M:%S GMT").to_string()
}

/// A GUID that always belongs to the same words.
pub(super) fn guid_of(words: &str) -> String {
    let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, words.as_bytes());
    let hex: String = digest.as_ref().iter().take(16).map(|byte| format!("{byte:02x}")).collect();
    let part = |from: usize, to: usize| hex.get(from..to).unwrap_or_default();
    format!("{}-{}-4{}-8{}-{}", part(0, 8), part(8, 12), part(13, 16), part(17, 20), part(20, 32))
}

/// A new GUID.
pub(super) fn new_guid() -> String {
    guid_of(&crate::values::random_word())
}
