//! The chain is checked: a row that was changed, removed, inserted or moved is named (S7).

use symbolon_storage::{AuditEvent, GENESIS_HASH};

use super::record::{content_of, hash};

/// The first row that does not fit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChainFault {
    /// Its place.
    pub seq: i64,
    /// What is wrong with it.
    pub problem: &'static str,
}

/// Checks rows in the order of their places. `previous` is the last row of the page before, if any.
///
/// # Errors
/// The first [`ChainFault`].
pub fn verify_chain(previous: Option<&AuditEvent>, rows: &[AuditEvent]) -> Result<(), ChainFault> {
    let mut seq = previous.map_or(0, |row| row.seq);
    let mut link = previous.map_or(GENESIS_HASH, |row| row.hash.as_str());
    for row in rows {
        let fault = |problem| Err(ChainFault { seq: row.seq, problem });
        if row.seq != seq + 1 {
            return fault("a row before it is missing");
        }
        if row.prev_hash != link {
            return fault("it does not follow the row before it");
        }
        if row.hash != hash(row.seq, link, &content_of(row)) {
            return fault("its content was changed");
        }
        (seq, link) = (row.seq, &row.hash);
    }
    Ok(())
}
