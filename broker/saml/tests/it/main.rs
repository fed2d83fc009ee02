//! The crate as its callers use it, under attack: forged responses in, faults out; honest ones in the same run.
//!
//! Documents are templates under `tests/hostile/`, signed and encrypted here with keys made at run time and with code
//! that shares nothing with the crate ([`forge`]); what must come of each is in `verdicts.json`.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that cannot set its scene has failed"
)]

mod attack_table;
mod built;
mod corpus;
mod forge;
mod honest;
mod lints;
mod metadata_corpora;
