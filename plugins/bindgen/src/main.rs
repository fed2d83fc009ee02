//! `cargo run -p symbolon-bindgen`: rewrites the bindings of the SDK.

use anyhow::{Context as _, Result};

fn main() -> Result<()> {
    for file in symbolon_bindgen::bindings()? {
        std::fs::write(&file.path, file.text)
            .with_context(|| format!("writing {}", file.path.display()))?;
    }
    Ok(())
}
