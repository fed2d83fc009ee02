//! `make schemas`: writes every generated file that is out of date, and says which.
//! With `--check` it writes nothing and fails when one is.

use std::path::Path;
use std::process::ExitCode;

use symbolon_testkit::catalogue::generated_files;

fn main() -> ExitCode {
    let check = std::env::args().nth(1).as_deref() == Some("--check");
    // Read when it runs: one target folder may serve several checkouts.
    let here = std::env::var("CARGO_MANIFEST_DIR").unwrap_or_else(|_| "broker/testkit".to_owned());
    match run(&Path::new(&here).join("../.."), check) {
        Ok(0) => ExitCode::SUCCESS,
        Ok(_) if !check => ExitCode::SUCCESS,
        Ok(stale) => {
            eprintln!("{stale} generated file(s) out of date: run `make schemas`");
            ExitCode::FAILURE
        }
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

/// The number of files that were out of date.
fn run(root: &Path, check: bool) -> Result<usize, Box<dyn std::error::Error>> {
    let mut stale = 0;
    for (path, text) in generated_files(root)? {
        let target = root.join(path);
        if std::fs::read_to_string(&target).is_ok_and(|found| found == text) {
            continue;
        }
        stale += 1;
        if check {
            println!("out of date: {path}");
            continue;
        }
        if let Some(folder) = target.parent() {
            std::fs::create_dir_all(folder)?;
        }
        std::fs::write(&target, text)?;
        println!("wrote {path}");
    }
    Ok(stale)
}
