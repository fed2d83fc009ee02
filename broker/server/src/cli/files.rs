//! Files that hold secrets or rules.

use std::fs::File;
use std::io::{Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

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
#[cfg(feature = "demo")]
pub(crate) fn write_secret(path: &Path, secret: &str) -> anyhow::Result<()> {
    SecretFile::reserve(path)?.keep(secret)
}

/// A file for a secret that is not known yet. Made first, so that no secret is lost because its file could
/// not be made; goes away unless a secret is kept.
pub(super) struct SecretFile {
    file: File,
    path: PathBuf,
    kept: bool,
}

impl SecretFile {
    /// Makes the file, readable by its owner alone. An existing one is not touched.
    pub(super) fn reserve(path: &Path) -> anyhow::Result<Self> {
        let file = File::options().write(true).create_new(true).mode(0o600).open(path);
        let file = file.with_context(|| format!("{} cannot be made", path.display()))?;
        Ok(Self { file, path: path.to_owned(), kept: false })
    }

    /// Writes the secret.
    pub(super) fn keep(mut self, secret: &str) -> anyhow::Result<()> {
        let written = self.file.write_all(secret.as_bytes());
        written.with_context(|| format!("{} cannot be written", self.path.display()))?;
        self.kept = true;
        Ok(())
    }
}

impl Drop for SecretFile {
    fn drop(&mut self) {
        if !self.kept
            && let Err(error) = std::fs::remove_file(&self.path)
        {
            eprintln!("symbolon: the empty file {} stays behind: {error}", self.path.display());
        }
    }
}
