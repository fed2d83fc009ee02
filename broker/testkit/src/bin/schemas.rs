//! `make schemas`: writes every generated file that is out of date, and says which.

use std::path::Path;
use std::process::ExitCode;

use symbolon_testkit::catalogue::generated_files;

fn main() -> ExitCode {
    match run(Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../..")
        .as_path())
    {
        Ok(written) => {
            println!("{written} generated file(s) changed");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn run(root: &Path) -> Result<usize, Box<dyn std::error::Error>> {
    let mut written = 0;
    for (path, text) in generated_files(root)? {
        let target = root.join(path);
        if std::fs::read_to_string(&target).is_ok_and(|found| found == text) {
            continue;
        }
        if let Some(folder) = target.parent() {
            std::fs::create_dir_all(folder)?;
        }
        std::fs::write(&target, text)?;
        println!("wrote {path}");
        written += 1;
    }
    Ok(written)
}
