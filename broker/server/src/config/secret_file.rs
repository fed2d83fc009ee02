//! Secrets kept in files of their own, as systemd credentials and container secrets do it.

use std::fs::{self, Metadata};
use std::io;
use std::path::Path;

use secrecy::SecretString;

const LARGEST: u64 = 65_536;

/// Why a file with a secret is refused; its content is never repeated.
#[derive(Debug, thiserror::Error)]
pub(super) enum SecretFileError {
    #[error("cannot be read: {0}")]
    Unreadable(#[from] io::Error),
    #[error("can be read by others (mode {mode:o}): chmod 600")]
    TooOpen { mode: u32 },
    #[error("is larger than 64 KiB: not a secret")]
    TooLarge,
    #[error("is empty")]
    Empty,
}

/// Reads a secret, without the line end that editors add.
pub(super) fn read(path: &Path) -> Result<SecretString, SecretFileError> {
    refuse_open_mode(path)?;
    if fs::metadata(path)?.len() > LARGEST {
        return Err(SecretFileError::TooLarge);
    }
    let text = SecretString::from(fs::read_to_string(path)?);
    let trimmed = secrecy::ExposeSecret::expose_secret(&text).trim();
    if trimmed.is_empty() { Err(SecretFileError::Empty) } else { Ok(SecretString::from(trimmed)) }
}

/// Refuses a file that the group or everybody can read.
pub(super) fn refuse_open_mode(path: &Path) -> Result<(), SecretFileError> {
    let mode = permission_bits(&fs::metadata(path)?);
    if mode & 0o077 == 0 { Ok(()) } else { Err(SecretFileError::TooOpen { mode }) }
}

/// Who may do what with a file.
#[cfg(unix)]
pub(crate) fn permission_bits(metadata: &Metadata) -> u32 {
    std::os::unix::fs::PermissionsExt::mode(&metadata.permissions()) & 0o777
}

/// Other systems keep no such bits; their access lists are the operator's business.
#[cfg(not(unix))]
pub(crate) fn permission_bits(_: &Metadata) -> u32 {
    0o600
}
