//! Files that hold secrets or rules.

use std::io::Read;
use std::path::Path;

use anyhow::Context;
use secrecy::SecretString;

/// The text of a file; `-` is standard input.
pub(super) fn read_text(path: &Path) -> anyhow::Result<String> {
    if path == Path::new("-") {
        let mut text = String::new();
        std::io::stdin().read_to_string(&mut text).context("standard input cannot be read")?;
        return Ok(text);
    }
    std::fs::read_to_string(path).with_context(|| format!("{} cannot be read", path.display()))
}

/// A secret from a file: one line, whose end does not count; anything else around it is refused later.
pub(super) fn read_secret(path: &Path) -> anyhow::Result<SecretString> {
    let mut text = read_text(path)?;
    if text.ends_with('\n') {
        text.pop();
    }
    if text.ends_with('\r') {
        text.pop();
    }
    Ok(text.into())
}

/// Writes a secret where only the owner can read it. An existing file is not overwritten.
pub(crate) fn write_secret(path: &Path, secret: &str) -> anyhow::Result<()> {
    use std::io::Write;
    use std::os::unix::fs::OpenOptionsExt;
    let mut file = std::fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)
        .with_context(|| format!("{} cannot be made", path.display()))?;
    file.write_all(secret.as_bytes())
        .with_context(|| format!("{} cannot be written", path.display()))
}
