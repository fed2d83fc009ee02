//! Writes every document of `tests/hostile/` with signatures made for this run, for readers other than the tests:
//! `NUMBER-FILE`, and `NAME.pem` for the certificate of each key that signs. Own keys, so each run differs.
//!
//! `cargo run -p symbolon-saml --example write_hostile -- FOLDER`
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "as in the tests: a scene that cannot be set is the end"
)]

use std::fs;
use std::path::PathBuf;

#[expect(dead_code, reason = "judging them is the tests' work")]
#[path = "../tests/it/corpus.rs"]
mod corpus;
#[expect(dead_code, reason = "judging them is the tests' work")]
#[path = "../tests/it/forge/mod.rs"]
mod forge;

fn main() {
    let to = PathBuf::from(std::env::args().nth(1).expect("a folder"));
    fs::create_dir_all(&to).unwrap();
    for (number, row) in corpus::ROWS.iter().enumerate() {
        fs::write(to.join(format!("{number:03}-{}", row.file)), row.document()).unwrap();
    }
    for name in ["idp", "other", "weak", "ec"] {
        fs::write(to.join(format!("{name}.pem")), forge::named(name).certificate().to_pem())
            .unwrap();
    }
}
